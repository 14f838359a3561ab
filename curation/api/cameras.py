"""Cameras: who films, and what is true of all they film."""

import re
from http import HTTPStatus
from typing import Any

from django.db.models import ProtectedError, QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
    extend_schema_view,
)
from rest_framework import mixins, serializers

from curation.api.errors import Problem, Refused
from curation.api.resource import Resource
from curation.models import Camera
from curation.services.cameras import change_attributes

MAX_ATTRIBUTES = 50
GATE = OpenApiExample(
    "A gate outdoors",
    value={"name": "gate", "attributes": {"location": "north gate", "angle_deg": 30, "indoor": False}},
)


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {"oneOf": [{"type": "string"}, {"type": "number"}, {"type": "boolean"}]},
        "example": {"location": "north gate", "indoor": False},
    }
)
class AttributesField(serializers.JSONField):
    """A flat map of tag name to text, number or yes/no."""

    def to_internal_value(self, data: Any) -> dict[str, str | int | float | bool]:
        if not isinstance(data, dict) or len(data) > MAX_ATTRIBUTES:
            raise serializers.ValidationError(f'Give at most {MAX_ATTRIBUTES} attributes, as {{"indoor": false}}.')
        for name, value in data.items():
            if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name):
                raise serializers.ValidationError(f"{name[:80]!r}: use lower-case letters, digits and '_' in names.")
            if not isinstance(value, str | int | float | bool) or (isinstance(value, str) and len(value) > 200):
                raise serializers.ValidationError(f"{name}: the value must be a short text, a number, true or false.")
        return data


class CameraSerializer(serializers.ModelSerializer[Camera]):
    attributes = AttributesField(required=False, default=dict, help_text="Become tags of every frame of the camera.")

    class Meta:
        model = Camera
        fields = ["id", "name", "attributes", "created_at"]
        read_only_fields = ["created_at"]

    def validate_name(self, name: str) -> str:
        if self.instance is not None and self.instance.name != name:
            raise serializers.ValidationError("A camera's name is a folder in the storage and cannot change.")
        return name


class CameraFilters(filters.FilterSet):  # type: ignore[misc]
    name = filters.CharFilter(help_text="The exact name.")


@extend_schema_view(
    list=extend_schema(summary="List cameras"),
    retrieve=extend_schema(summary="Show a camera"),
    create=extend_schema(summary="Add a camera", examples=[GATE]),
    update=extend_schema(
        summary="Replace a camera's attributes", description="The tags of its frames change with them.", examples=[GATE]
    ),
    partial_update=extend_schema(summary="Change a camera's attributes"),
    destroy=extend_schema(
        summary="Remove a camera that has no videos",
        responses={204: None, 409: OpenApiResponse(Problem, description="It has videos.")},
    ),
)
class CameraViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    Resource[Camera],
):
    """Fixed cameras. A camera that an upload names is made if it is not there."""

    queryset: QuerySet[Camera] = Camera.objects.order_by("id")
    serializer_class = CameraSerializer
    filterset_class = CameraFilters

    def perform_update(self, serializer: serializers.BaseSerializer[Camera]) -> None:
        assert isinstance(serializer.instance, Camera)
        attributes = serializer.validated_data.get("attributes", serializer.instance.attributes)
        serializer.instance = change_attributes(camera=serializer.instance, attributes=attributes)

    def perform_destroy(self, instance: Camera) -> None:
        try:
            instance.delete()
        except ProtectedError as error:
            detail = f"The camera {instance.name} has videos or frames; remove those first."
            raise Refused(HTTPStatus.CONFLICT, {"detail": detail, "code": "in_use"}) from error
