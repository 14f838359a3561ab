"""Projects on Label Studio servers that batches can be sent to."""

from http import HTTPStatus

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.request import Request
from rest_framework.response import Response

from activelearning.api.connection_fields import LabelProjectSerializer, NewLabelProjectSerializer
from activelearning.api.connections import THEIRS
from activelearning.api.resource import Resource
from activelearning.models import LabelProject
from activelearning.services.connections import find_connection
from activelearning.services.label_projects import adopt_project, new_project
from curation.api.errors import Problem
from curation.api.paging import NewestFirst

MADE = OpenApiExample(
    "A new project",
    value={"connection": "ours", "title": "night", "classes": ["person", "jacket"], "factors": ["weather"]},
    request_only=True,
)
ADOPTED = OpenApiExample(
    "One that is there", value={"connection": "ours", "number": 12, "classes": ["person"]}, request_only=True
)


class LabelProjectFilters(filters.FilterSet):  # type: ignore[misc]
    connection = filters.CharFilter("connection__name", help_text="Name of the connection.")


@extend_schema_view(
    list=extend_schema(summary="List label projects, newest first"),
    retrieve=extend_schema(summary="Show a label project"),
)
class LabelProjectViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Resource[LabelProject]):
    """What a project's labelling configuration offers is what a batch can ask for."""

    queryset: QuerySet[LabelProject] = LabelProject.objects.select_related("connection").order_by("-id")
    serializer_class = LabelProjectSerializer
    filterset_class = LabelProjectFilters
    pagination_class = NewestFirst
    http_method_names = ["get", "post", "head"]

    @extend_schema(
        summary="Make a label project, or use one that is there",
        description="With `title`, one is made there, whose configuration asks for boxes of the classes and for "
        "values of the factors. With `number`, one that is there is used, if its configuration offers them; asked "
        "again, its configuration is read anew.",
        request=NewLabelProjectSerializer,
        responses={
            201: LabelProjectSerializer,
            404: OpenApiResponse(Problem, description="There is no such connection."),
            409: OpenApiResponse(Problem, description="The project does not fit (`misfit`); the message says all why."),
            502: THEIRS,
        },
        examples=[MADE, ADOPTED],
    )
    def create(self, request: Request) -> Response:
        new = NewLabelProjectSerializer(data=request.data)
        new.is_valid(raise_exception=True)
        asked = dict(new.validated_data)
        asked["connection"] = find_connection(asked["connection"])
        project = new_project(**asked) if "title" in asked else adopt_project(**asked)
        return Response(self.get_serializer(project).data, status=HTTPStatus.CREATED)
