"""Intervals: the stretches that a stage found interesting."""

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers

from curation.api.resource import Resource
from curation.models import Interval


class IntervalSerializer(serializers.ModelSerializer[Interval]):
    video = serializers.IntegerField(source="run.video_id", read_only=True)

    class Meta:
        model = Interval
        fields = ["id", "run", "video", "stage", "start_s", "end_s", "peak_s", "peak_score"]


class IntervalFilters(filters.FilterSet):  # type: ignore[misc]
    run = filters.NumberFilter(help_text="Id of the run.")
    video = filters.NumberFilter("run__video", help_text="Id of the video, over all its runs.")
    stage = filters.CharFilter(help_text="Name of the stage.")


@extend_schema_view(
    list=extend_schema(summary="List intervals"),
    retrieve=extend_schema(summary="Show an interval"),
)
class IntervalViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Resource[Interval]):
    """Stretches `[start_s, end_s)` in seconds from the start of the video, after the stage's smoothing."""

    queryset: QuerySet[Interval] = Interval.objects.select_related("run").order_by("id")
    serializer_class = IntervalSerializer
    filterset_class = IntervalFilters
