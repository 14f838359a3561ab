"""Addresses below /api/v1/ at which there is nothing: JSON like every other answer, and only to those who may look."""

from typing import Any

from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from curation.api.resource import Guarded
from curation.api.roles import Role


class NothingView(Guarded):
    schema = None  # type: ignore[assignment]
    write_role = Role.VIEWER

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise NotFound("There is nothing at this address. See /api/docs/ for what there is.")
