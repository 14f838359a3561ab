"""Detections: objects that a stage saw in kept frames."""

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers

from curation.api.resource import Resource
from curation.models import Detection


class BoxSerializer(serializers.ModelSerializer[Detection]):
    """A detection inside its frame."""

    box = serializers.SerializerMethodField(help_text="[x1, y1, x2, y2] in pixels of the upright frame.")

    class Meta:
        model = Detection
        fields = ["id", "run", "stage", "label", "score", "box"]

    def get_box(self, detection: Detection) -> list[float]:
        return [detection.x1, detection.y1, detection.x2, detection.y2]


class DetectionSerializer(BoxSerializer):
    video = serializers.IntegerField(source="frame.video_id", read_only=True)

    class Meta(BoxSerializer.Meta):
        fields = [*BoxSerializer.Meta.fields, "frame", "video"]


class DetectionFilters(filters.FilterSet):  # type: ignore[misc]
    frame = filters.NumberFilter(help_text="Id of the frame.")
    run = filters.NumberFilter(help_text="Id of the run.")
    video = filters.NumberFilter("frame__video", help_text="Id of the video.")
    stage = filters.CharFilter(help_text="Name of the stage.")
    label = filters.CharFilter(help_text="The exact class, for instance person.")
    min_score = filters.NumberFilter("score", lookup_expr="gte", help_text="0 to 1.")


@extend_schema_view(
    list=extend_schema(summary="List detections"),
    retrieve=extend_schema(summary="Show a detection"),
)
class DetectionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Resource[Detection]):
    """Boxes with their class and score. `search/?like_box=ID` finds boxes that look like one."""

    queryset: QuerySet[Detection] = Detection.objects.select_related("frame").order_by("id")
    serializer_class = DetectionSerializer
    filterset_class = DetectionFilters
