"""Who the caller is."""

from typing import Any

from django.contrib.auth.models import User
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from curation.api.resource import Guarded
from curation.api.roles import Role, role_of


class MeSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    username = serializers.CharField()
    role = serializers.ChoiceField(choices=[role.name.lower() for role in Role if role])
    is_staff = serializers.BooleanField(help_text="May open the admin pages.")


class MeView(Guarded):
    """Who am I, and what may I do?"""

    http_method_names = ["get", "head"]

    @extend_schema(summary="Who am I?", responses=MeSerializer)
    def get(self, request: Request) -> Response:
        user = request.user
        assert isinstance(user, User)
        me = {"id": user.pk, "username": user.get_username(), "role": role_of(user).name.lower()}
        return Response({**me, "is_staff": user.is_staff})
