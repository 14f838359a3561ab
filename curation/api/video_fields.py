"""A video as JSON, and what its actions ask for."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from curation.api.floats import FiniteFloat
from curation.api.upload_fields import CameraNameField
from curation.models import Video

MAX_POINTS = 5000
MAX_S = 10_000_000


class VideoSerializer(serializers.ModelSerializer[Video]):
    camera = serializers.CharField(source="camera.name", read_only=True)

    class Meta:
        model = Video
        fields = [
            "id",
            "sha256",
            "camera",
            "name",
            "size_bytes",
            "status",
            "error",
            "container",
            "codec",
            "width_px",
            "height_px",
            "rotation_deg",
            "fps",
            "duration_s",
            "has_audio",
            "header_frames",
            "decoded_frames",
            "decode_errors",
            "recorded_at",
            "created_at",
        ]


class RegisterSerializer(serializers.Serializer[Any]):
    key = serializers.CharField(max_length=512, help_text="Key in the storage, for instance incoming/gate.mp4.")
    camera = CameraNameField(help_text="Name of the camera; made if it is not there.")
    recorded_at = serializers.DateTimeField(required=False, allow_null=True, help_text="When the footage begins.")


class SignalsQuery(serializers.Serializer[Any]):
    run = serializers.IntegerField(
        required=False, min_value=1, max_value=1 << 62, help_text="Id of one of the video's runs; else the newest."
    )
    start_s = FiniteFloat(default=0.0, min_value=0, max_value=MAX_S)
    end_s = FiniteFloat(required=False, min_value=0, max_value=MAX_S, help_text="The video's end if left out.")
    points = serializers.IntegerField(default=500, min_value=1, max_value=MAX_POINTS)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "end_s" in attrs and attrs["end_s"] <= attrs["start_s"]:
            raise serializers.ValidationError({"end_s": ["It must be after start_s."]})
        return attrs


class SignalsSerializer(serializers.Serializer[Any]):
    run = serializers.IntegerField()
    signals = serializers.SerializerMethodField(help_text="pts_s, and for each signal its least and greatest values.")

    @extend_schema_field(
        {
            "type": "object",
            "properties": {"pts_s": {"type": "array", "items": {"type": "number"}}},
            "additionalProperties": True,
            "example": {"pts_s": [0.0, 0.5], "score": {"min": [0.0, 0.1], "max": [0.2, 0.9]}},
        }
    )
    def get_signals(self, found: dict[str, Any]) -> dict[str, Any]:
        signals: dict[str, Any] = found["signals"]
        return signals
