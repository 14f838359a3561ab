"""Tasks: one frame each that people are asked to label, and what they said."""

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.request import Request
from rest_framework.response import Response

from activelearning.api.label_batch_fields import LabelTaskSerializer, WholeLabelTaskSerializer
from activelearning.api.resource import Resource
from activelearning.models import LabelTask


class LabelTaskFilters(filters.FilterSet):  # type: ignore[misc]
    batch = filters.NumberFilter(help_text="Id of the batch.")
    frame = filters.NumberFilter(help_text="Id of the frame.")
    state = filters.ChoiceFilter(choices=LabelTask.State.choices)


@extend_schema_view(list=extend_schema(summary="List tasks, by rising id"))
class LabelTaskViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Resource[LabelTask]):
    """A frame is in one open task at most."""

    queryset: QuerySet[LabelTask] = LabelTask.objects.select_related("predicted_by").order_by("id")
    serializer_class = LabelTaskSerializer
    filterset_class = LabelTaskFilters
    http_method_names = ["get", "head"]

    @extend_schema(
        summary="Show a task",
        description="With its pre-annotation and every answer, deleted ones too.",
        responses=WholeLabelTaskSerializer,
    )
    def retrieve(self, request: Request, pk: int) -> Response:
        return Response(WholeLabelTaskSerializer(self.get_object()).data)
