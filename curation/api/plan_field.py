"""A sampling plan in a request."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from curation.api.cascade_text import MAX_TEXT_CHARS, check_yaml, yaml_of


@extend_schema_field(
    {
        "oneOf": [{"type": "string", "maxLength": MAX_TEXT_CHARS}, {"type": "object", "additionalProperties": True}],
        "example": {"query": "camera:gate", "size": 500, "seed": 7},
    }
)
class PlanField(serializers.Field[Any, Any, Any, Any]):
    """A plan as YAML text or as JSON; gives harmless YAML text."""

    def to_internal_value(self, data: Any) -> str:
        if isinstance(data, dict):
            return check_yaml(yaml_of(data))
        if not isinstance(data, str) or len(data) > MAX_TEXT_CHARS:
            raise serializers.ValidationError(f"Give YAML of at most {MAX_TEXT_CHARS} letters, or the same as JSON.")
        if "\0" in data:
            raise serializers.ValidationError("A text holds the character NUL, which cannot be stored.")
        return check_yaml(data)

    def to_representation(self, value: Any) -> Any:
        return value
