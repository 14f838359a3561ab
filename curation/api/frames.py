"""Frames: kept pictures with their tags, boxes and signed links."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from curation.api.detections import BoxSerializer
from curation.api.filtering import MomentFilter
from curation.api.resource import Resource
from curation.api.tag_edits import WRONG, ChangesSerializer
from curation.models import Detection, Frame
from curation.services.filtering import condition, parse_query
from curation.services.pictures import picture_url
from curation.services.tag_edits import edit_tags

THUMBNAIL_WIDTH_PX = 320
SHOWN = ("camera", Prefetch("detections", Detection.objects.order_by("frame_id", "-score", "id")))
"""What a page of frames shows beside the frames: two queries, however many frames."""
ONE = OpenApiExample(
    "A frame",
    value={
        "id": 81,
        "video": 3,
        "camera": "gate",
        "pts_us": 12_480_000,
        "pts_s": 12.48,
        "recorded_at": "2026-03-01T21:04:12.480Z",
        "width_px": 1280,
        "height_px": 720,
        "tags": {"lighting": "dark", "people": 1, "has_people": True, "location": "north gate"},
        "evidence": {"lighting": {"source": "tagger", "by": "exposure", "confidence": 1.0}},
        "uniqueness": 0.0312,
        "typicality": 4.81,
        "outlier_score": 0.27,
        "duplicate_of": None,
        "detections": [
            {"id": 9, "run": 5, "stage": "people", "label": "person", "score": 0.91, "box": [412.0, 88.5, 530.0, 402.0]}
        ],
        "picture": "https://winnow.example.org/api/v1/media/frames/81:1uXyZa:c2lnbmF0dXJl",
        "thumbnail": "https://winnow.example.org/api/v1/media/frames/81-320:1uXyZa:c2lnbmF0dXJl",
    },
    response_only=True,
)


class FrameSerializer(serializers.ModelSerializer[Frame]):
    camera = serializers.CharField(source="camera.name", read_only=True)
    pts_s = serializers.FloatField(read_only=True, help_text="Seconds from the start of the video.")
    tags = serializers.DictField(read_only=True, help_text="The effective value of each factor.")
    evidence = serializers.DictField(read_only=True, help_text="Where each value came from, and how sure it is.")
    detections = BoxSerializer(many=True, read_only=True)
    picture = serializers.SerializerMethodField(help_text="Signed link to the JPEG; it expires, and needs no log-in.")
    thumbnail = serializers.SerializerMethodField(help_text=f"The same, {THUMBNAIL_WIDTH_PX} pixels wide.")

    class Meta:
        model = Frame
        fields = [
            "id",
            "video",
            "camera",
            "pts_us",
            "pts_s",
            "recorded_at",
            "width_px",
            "height_px",
            "tags",
            "evidence",
            "uniqueness",
            "typicality",
            "outlier_score",
            "duplicate_of",
            "detections",
            "picture",
            "thumbnail",
        ]

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_picture(self, frame: Frame) -> str:
        return self._absolute(picture_url(frame))

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_thumbnail(self, frame: Frame) -> str:
        return self._absolute(picture_url(frame, width_px=THUMBNAIL_WIDTH_PX))

    def _absolute(self, url: str) -> str:
        request = self.context.get("request")
        absolute: str = request.build_absolute_uri(url) if request else url
        return absolute


class FrameFilters(filters.FilterSet):  # type: ignore[misc]
    video = filters.NumberFilter(help_text="Id of the video.")
    camera = filters.CharFilter("camera__name", help_text="Name of the camera.")
    run = filters.NumberFilter(method="kept_by", help_text="Id of a run that keeps the frame.")
    recorded_from = MomentFilter("recorded_at", "gte", help_text="At or after this moment.")
    recorded_before = MomentFilter("recorded_at", "lt", help_text="Before this moment.")
    query = filters.CharFilter(
        method="matching", max_length=2000, help_text="As in search: `people:>0 AND lighting:dark`."
    )

    def kept_by(self, frames: QuerySet[Frame], name: str, value: Any) -> QuerySet[Frame]:
        return frames.filter(keeps__run=value)  # a run keeps a frame once, so no row comes twice

    def matching(self, frames: QuerySet[Frame], name: str, value: str) -> QuerySet[Frame]:
        return frames.filter(condition(parse_query(value)))


@extend_schema_view(
    list=extend_schema(summary="List frames", examples=[ONE]),
    retrieve=extend_schema(summary="Show a frame", examples=[ONE]),
)
class FrameViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Resource[Frame]):
    """Kept frames in the order in which they were kept. For likeness and scores, use search."""

    queryset: QuerySet[Frame] = Frame.objects.order_by("id").prefetch_related(*SHOWN)
    serializer_class = FrameSerializer
    filterset_class = FrameFilters

    @extend_schema(
        summary="Edit a frame's tags",
        description="A person's word stands over rules, models and cameras; null takes it back. It is written down as "
        "a tag edit.",
        request=ChangesSerializer,
        responses={200: FrameSerializer, 400: WRONG},
    )
    @action(detail=True, methods=["patch"])
    def tags(self, request: Request, pk: int) -> Response:
        said = ChangesSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        edit_tags(frames=[self.get_object().pk], **said.validated_data, user=request.user)
        return Response(self.get_serializer(self.get_object()).data)
