"""What all resources share. It is said here once, so that no resource can forget to ask for a role."""

from collections.abc import Sequence
from typing import Any, TypeVar

from django.db.models import Model
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from curation.api.errors import translated
from curation.api.filtering import StrictFilters
from curation.api.paging import ById
from curation.api.parsers import StrictJSON
from curation.api.roles import HasRole, Role
from curation.api.schema import WinnowSchema

M = TypeVar("M", bound=Model)


class Guarded(APIView):
    """A view that needs a role, takes strict JSON, gives JSON, and answers errors of services properly."""

    permission_classes = [HasRole]
    renderer_classes = [JSONRenderer]
    parser_classes: Sequence[type[BaseParser]] = [StrictJSON]
    metadata_class = None  # OPTIONS would describe serializers a second time; the OpenAPI schema does that
    schema = WinnowSchema()
    write_role = Role.CURATOR

    def handle_exception(self, exc: Exception) -> Response:
        return super().handle_exception(translated(exc))


class Resource(Guarded, GenericViewSet[M]):
    """A list and its items, filtered by an allow-list and paged by cursor."""

    filter_backends: Sequence[Any] = [StrictFilters]
    pagination_class = ById
    lookup_value_converter = "int"
    http_method_names = ["get", "post", "put", "patch", "delete", "head"]
