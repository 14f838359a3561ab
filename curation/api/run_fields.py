"""A run as JSON, and what it takes to ask for one."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from curation.api.parsers import check_plain
from curation.core.errors import SpecError
from curation.core.params import parse_text
from curation.models import Run, Video
from curation.services.cascades import find

MAX_OVERRIDES = 100


class ProgressSerializer(serializers.Serializer[Any]):
    share_done = serializers.FloatField(help_text="0 to 1.")
    speed_x = serializers.FloatField(allow_null=True, help_text="Times real time.")
    left_s = serializers.FloatField(allow_null=True, help_text="Seconds to go, if that can be told.")
    stage = serializers.CharField(help_text="The stage at work.")


class RecipeSerializer(serializers.ModelSerializer[Run]):
    """All that made a run: the same recipe over the same video gives the same rows."""

    spec = serializers.DictField(read_only=True, help_text="The cascade with this run's own settings.")
    weights = serializers.DictField(read_only=True, help_text="Model -> SHA-256 of its file.")

    class Meta:
        model = Run
        fields = ["spec", "spec_sha256", "weights", "code_version", "chunk_s"]


class RunSerializer(serializers.ModelSerializer[Run]):
    cascade = serializers.CharField(source="cascade.__str__", read_only=True, help_text="name@version")
    video_name = serializers.CharField(source="video.name", read_only=True)
    progress = serializers.SerializerMethodField()
    recipe = serializers.SerializerMethodField(help_text="What made it; null in lists.")
    stages = serializers.ListField(
        child=serializers.DictField(), read_only=True, help_text="For each stage: frames in and out, seconds of CPU."
    )

    class Meta:
        model = Run
        fields = [
            "id",
            "video",
            "video_name",
            "cascade",
            "status",
            "error",
            "progress",
            "stages",
            "frames_kept",
            "created_at",
            "started_at",
            "finished_at",
            "recipe",
        ]

    @extend_schema_field(ProgressSerializer(allow_null=True))
    def get_progress(self, run: Run) -> dict[str, Any] | None:
        progress = self.context["progress"].get(run.pk)
        return asdict(progress) if progress else None

    @extend_schema_field(RecipeSerializer(allow_null=True))
    def get_recipe(self, run: Run) -> dict[str, Any] | None:
        return None if self.context["brief"] else RecipeSerializer(run).data


class NewRunSerializer(serializers.Serializer[Any]):
    video = serializers.PrimaryKeyRelatedField(queryset=Video.objects.all(), help_text="Id of the video.")
    cascade = serializers.RegexField(
        r"^[\w-]{1,80}(@[0-9]{1,9})?$", help_text="name (its newest version) or name@version."
    )
    overrides = serializers.ListField(
        child=serializers.CharField(max_length=500),
        max_length=MAX_OVERRIDES,
        default=list,
        help_text="STAGE.PARAM=VALUE",
    )

    def validate_cascade(self, name: str) -> Any:
        try:
            return find(name)
        except SpecError as error:
            raise serializers.ValidationError(str(error)) from error

    def validate_overrides(self, overrides: list[str]) -> list[str]:
        for setting in overrides:
            check_plain(parse_text(setting.partition("=")[2]))
        return overrides
