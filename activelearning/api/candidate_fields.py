"""What candidates and seeds look like from outside: with the frame, links to its picture, and why."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from activelearning.models import Candidate, Seed
from curation.models import Frame
from curation.services.pictures import picture_url

THUMBNAIL_WIDTH_PX = 640
"""Wide enough that a box of a far person can be seen."""


class ChosenFrameSerializer(serializers.ModelSerializer[Frame]):
    camera = serializers.CharField(source="camera.name", read_only=True)
    video_name = serializers.CharField(source="video.name", read_only=True)
    picture = serializers.SerializerMethodField(help_text="Signed link to the JPEG; it expires, and needs no log-in.")
    thumbnail = serializers.SerializerMethodField(help_text="The same, smaller.")

    class Meta:
        model = Frame
        fields = [
            "id", "camera", "video", "video_name", "pts_us", "recorded_at", "width_px", "height_px", "tags", "picture",
            "thumbnail",
        ]  # fmt: skip
        extra_kwargs = {"pts_us": {"help_text": "Microseconds into the video."}}

    @extend_schema_field(serializers.URLField())
    def get_picture(self, frame: Frame) -> str:
        return self._absolute(picture_url(frame))

    @extend_schema_field(serializers.URLField())
    def get_thumbnail(self, frame: Frame) -> str:
        return self._absolute(picture_url(frame, width_px=THUMBNAIL_WIDTH_PX))

    def _absolute(self, path: str) -> str:
        found: str = self.context["request"].build_absolute_uri(path)
        return found


class ReasonSerializer(serializers.Serializer[Any]):
    """What does not apply is left out."""

    sampler = serializers.CharField(required=False, help_text="Which way of looking proposed it: see strategies/.")
    text = serializers.CharField(help_text="In a sentence.")
    score = serializers.FloatField(required=False, help_text="0 to 1.")
    scenario = serializers.CharField(required=False)
    seed = serializers.IntegerField(required=False, help_text="Id of the seed that it is like: see seeds/.")
    similarity = serializers.FloatField(required=False, help_text="To the seed: cosine.")
    box = serializers.ListField(
        child=serializers.FloatField(), min_length=4, max_length=4, required=False,
        help_text="What in the frame it is about: [x1, y1, x2, y2] in pixels.",
    )  # fmt: skip


class CandidateSerializer(serializers.ModelSerializer[Candidate]):
    reasons = serializers.SerializerMethodField(help_text="Why it was chosen, the weightiest first.")
    frame = ChosenFrameSerializer(read_only=True)

    class Meta:
        model = Candidate
        fields = ["id", "rank", "arm", "score", "reasons", "is_dropped", "note", "frame"]

    @extend_schema_field(ReasonSerializer(many=True))
    def get_reasons(self, candidate: Candidate) -> list[dict[str, Any]]:
        return list(candidate.reasons)


class SeedSerializer(serializers.ModelSerializer[Seed]):
    box = serializers.SerializerMethodField(
        help_text="[x1, y1, x2, y2] in pixels of the upright frame; null means the whole frame."
    )
    frame = ChosenFrameSerializer(read_only=True)

    class Meta:
        model = Seed
        fields = ["id", "scenario", "kind", "label", "score", "box", "frame"]

    @extend_schema_field(
        serializers.ListField(child=serializers.FloatField(), min_length=4, max_length=4, allow_null=True)
    )
    def get_box(self, seed: Seed) -> list[float] | None:
        corners = (seed.x1, seed.y1, seed.x2, seed.y2)
        found = [corner for corner in corners if corner is not None]
        return found if len(found) == len(corners) else None
