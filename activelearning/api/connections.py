"""Connections to Label Studio: entered by admins, looked at, changed, removed."""

from http import HTTPStatus

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from activelearning.api.connection_fields import (
    ChangedConnectionSerializer,
    ConnectionSerializer,
    HealthSerializer,
    NewConnectionSerializer,
    ProjectThereSerializer,
)
from activelearning.api.resource import Resource
from activelearning.models import Connection
from activelearning.services.connection_health import check_connection
from activelearning.services.connections import add_connection, edit_connection, remove_connection
from activelearning.services.label_projects import projects_there
from curation.api.errors import Problem
from curation.api.paging import NewestFirst
from curation.api.roles import Role

ONE = OpenApiExample(
    "A server with a personal access token",
    value={"name": "ours", "url": "https://label.example.org", "token": "eyJ…"},
    request_only=True,
)
CONFLICT = OpenApiResponse(
    Problem,
    description="The name is taken (`exists`), batches went there (`in_use`), or the token is needed (`no_token`).",
)
THEIRS = OpenApiResponse(Problem, description="The server cannot be asked; `code` and the message say why.")


class ConnectionFilters(filters.FilterSet):  # type: ignore[misc]
    name = filters.CharFilter(help_text="The exact name.")


@extend_schema_view(
    list=extend_schema(summary="List connections to Label Studio"),
    retrieve=extend_schema(summary="Show a connection to Label Studio"),
)
class ConnectionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Resource[Connection]):
    """A token is stored encrypted, and no answer holds it. Writing needs the role admin."""

    queryset: QuerySet[Connection] = Connection.objects.order_by("-id")
    serializer_class = ConnectionSerializer
    filterset_class = ConnectionFilters
    pagination_class = NewestFirst
    write_role = Role.ADMIN
    http_method_names = ["get", "post", "patch", "delete", "head"]

    @extend_schema(
        summary="Enter a connection to Label Studio",
        description="It is looked at once: `health` says whether it works.",
        request=NewConnectionSerializer,
        responses={201: ConnectionSerializer, 409: CONFLICT},
        examples=[ONE],
    )
    def create(self, request: Request) -> Response:
        new = NewConnectionSerializer(data=request.data)
        new.is_valid(raise_exception=True)
        connection = add_connection(**new.validated_data, user=request.user)
        check_connection(connection)
        return Response(self.get_serializer(connection).data, status=HTTPStatus.CREATED)

    @extend_schema(
        summary="Change a connection to Label Studio",
        description="What is left out stays. It is looked at once more.",
        request=ChangedConnectionSerializer,
        responses={200: ConnectionSerializer, 409: CONFLICT},
    )
    def partial_update(self, request: Request, pk: int) -> Response:
        said = ChangedConnectionSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        connection = edit_connection(self.get_object(), **said.validated_data)
        check_connection(connection)
        return Response(self.get_serializer(connection).data)

    @extend_schema(
        summary="Forget a connection to Label Studio",
        description="With its token. Nothing is deleted on the server. One that batches went to stays.",
        responses={204: None, 409: CONFLICT},
    )
    def destroy(self, request: Request, pk: int) -> Response:
        remove_connection(self.get_object())
        return Response(status=HTTPStatus.NO_CONTENT)

    @extend_schema(
        summary="Look whether a connection works",
        description="Asks the server, and says what stands in the way: token kind, version, network, pictures.",
        request=None,
        responses={200: HealthSerializer},
    )
    @action(detail=True, methods=["post"], filter_backends=[])
    def check(self, request: Request, pk: int) -> Response:
        return Response(check_connection(self.get_object()))

    @extend_schema(
        summary="List the projects on a server",
        description="Those that the connection's account sees, at most 500.",
        responses={200: ProjectThereSerializer(many=True), 502: THEIRS},
    )
    @action(detail=True, methods=["get"], filter_backends=[], pagination_class=None)
    def projects(self, request: Request, pk: int) -> Response:
        return Response(ProjectThereSerializer(projects_there(self.get_object()), many=True).data)
