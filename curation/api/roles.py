"""Who may do what: three roles, which are Django groups of the same names."""

from enum import IntEnum

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AbstractUser, AnonymousUser
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView


class Role(IntEnum):
    """A role can do all that the ones below it can. A user in none of the groups can do nothing."""

    NONE = 0
    VIEWER = 1
    CURATOR = 2
    ADMIN = 3


def role_of(user: AbstractBaseUser | AnonymousUser) -> Role:
    """Tell a user's highest role; a superuser is an admin. One query."""
    if not isinstance(user, AbstractUser) or not user.is_active:
        return Role.NONE
    if user.is_superuser:
        return Role.ADMIN
    names = set(user.groups.values_list("name", flat=True))
    return max((role for role in Role if role.name.lower() in names), default=Role.NONE)


class HasRole(BasePermission):
    """Reading needs a viewer; anything else the view's `write_role`."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not request.user.is_authenticated:
            return False
        needed: Role = Role.VIEWER if request.method in SAFE_METHODS else getattr(view, "write_role", Role.CURATOR)
        self.message = f"This needs the role {needed.name.lower()}. An admin gives roles by adding you to that group."
        return role_of(request.user) >= needed
