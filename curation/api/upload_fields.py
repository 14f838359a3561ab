"""An upload as JSON, and what it takes to begin, to send a part and to finish."""

from typing import Any

from rest_framework import serializers

from curation.models import Camera, Upload
from curation.services.upload_limits import limits

MAX_BYTES = 1 << 60


class CameraNameField(serializers.CharField):
    """A camera's name; a camera that is not there yet is made."""

    def __init__(self, **options: Any) -> None:
        field = Camera._meta.get_field("name")
        validators = [v for v in field.validators if getattr(v, "regex", None)]
        super().__init__(max_length=field.max_length, **options)
        self.validators.extend(validators)


class Sha256Field(serializers.RegexField):
    def __init__(self, **options: Any) -> None:
        super().__init__(r"^[0-9a-fA-F]{64}$", error_messages={"invalid": "Give 64 hexadecimal digits."}, **options)


class UploadSerializer(serializers.ModelSerializer[Upload]):
    part_bytes = serializers.SerializerMethodField(help_text="The largest part that is taken.")

    class Meta:
        model = Upload
        fields = [
            "id",
            "name",
            "purpose",
            "camera",
            "recorded_at",
            "size_bytes",
            "sha256",
            "received_bytes",
            "part_bytes",
            "state",
            "error",
            "video",
            "file",
            "expires_at",
            "created_at",
        ]

    def get_part_bytes(self, upload: Upload) -> int:
        return limits().part_bytes


class NewUploadSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=1000, help_text="Only its last part is kept, without odd characters.")
    purpose = serializers.ChoiceField(
        Upload.Purpose.choices,
        default=Upload.Purpose.FOOTAGE,
        help_text="`footage` becomes a video; `import` is a file that POST imports/ can name.",
    )
    camera = CameraNameField(required=False, help_text="Name of the camera; made if it is not there. Footage needs it.")
    size_bytes = serializers.IntegerField(min_value=1, max_value=MAX_BYTES)
    recorded_at = serializers.DateTimeField(required=False, allow_null=True, help_text="When the footage begins.")
    sha256 = Sha256Field(required=False, help_text="Of the whole file; here or when finishing.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["purpose"] == Upload.Purpose.FOOTAGE and not attrs.get("camera"):
            raise serializers.ValidationError({"camera": ["Footage needs the name of the camera that took it."]})
        return attrs


class PartSerializer(serializers.Serializer[Any]):
    offset = serializers.IntegerField(min_value=0, max_value=MAX_BYTES)
    length_bytes = serializers.IntegerField(
        min_value=0, max_value=MAX_BYTES, error_messages={"required": "Send a Content-Length."}
    )
    sha256 = Sha256Field(required=False)


class FinishSerializer(serializers.Serializer[Any]):
    sha256 = Sha256Field(required=False, help_text="Of the whole file, if it was not given before.")
