"""Cascades: named, versioned lists of stages."""

from http import HTTPStatus
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from curation.api.cascade_text import MAX_TEXT_CHARS, check_yaml, yaml_of
from curation.api.errors import Problem
from curation.api.parsers import CascadeYAML, StrictJSON
from curation.api.resource import Resource
from curation.api.weights import check_models, known_models
from curation.models import Cascade
from curation.services.cascades import save_cascade

YAML_EXAMPLE = OpenApiExample(
    "As YAML in JSON",
    value={"text": "name: night\nstages:\n- kind: motion\n  fps: 5\n"},
    request_only=True,
    media_type="application/json",
)
JSON_EXAMPLE = OpenApiExample(
    "As JSON",
    value={"spec": {"name": "night", "stages": [{"kind": "motion", "fps": 5}]}},
    request_only=True,
    media_type="application/json",
)


class CascadeSerializer(serializers.ModelSerializer[Cascade]):
    reference = serializers.CharField(source="__str__", read_only=True, help_text="name@version, as a run names it.")
    spec = serializers.DictField(read_only=True, help_text="Stages in order, what to keep, and how to tag.")

    class Meta:
        model = Cascade
        fields = ["id", "reference", "name", "version", "spec", "created_at"]


class NewCascadeSerializer(serializers.Serializer[Any]):
    """One of the two."""

    text = serializers.CharField(required=False, max_length=MAX_TEXT_CHARS, help_text="YAML.")
    spec = serializers.DictField(required=False, help_text="The same as JSON.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("text" in attrs) == ("spec" in attrs):
            raise serializers.ValidationError("Give either `text` (YAML) or `spec` (JSON).")
        return {"text": check_yaml(attrs.get("text") or yaml_of(attrs.get("spec")))}


class CascadeFilters(filters.FilterSet):  # type: ignore[misc]
    name = filters.CharFilter(help_text="The exact name; all its versions.")


@extend_schema_view(
    list=extend_schema(summary="List cascades"),
    retrieve=extend_schema(summary="Show a cascade"),
)
class CascadeViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Resource[Cascade]):
    """A version never changes: another spec under the same name is the next version."""

    queryset: QuerySet[Cascade] = Cascade.objects.order_by("id")
    serializer_class = CascadeSerializer
    filterset_class = CascadeFilters
    parser_classes = [StrictJSON, CascadeYAML]

    @extend_schema(
        summary="Store a cascade, or its next version",
        description="A stage, kind or parameter that is not known is refused with a list of the valid ones. The same "
        "spec again answers the version that has it. Naming a model that no stored cascade names needs the role "
        "admin, since model files can hold code.",
        request={"application/json": NewCascadeSerializer, "application/yaml": {"type": "string"}},
        responses={
            201: CascadeSerializer,
            200: OpenApiResponse(CascadeSerializer, description="This version was there already."),
            400: OpenApiResponse(Problem, description="The spec is not valid; the message lists what would be."),
        },
        examples=[YAML_EXAMPLE, JSON_EXAMPLE],
    )
    def create(self, request: Request) -> Response:
        new = NewCascadeSerializer(data=request.data)
        new.is_valid(raise_exception=True)
        with transaction.atomic():
            before = set(Cascade.objects.values_list("pk", flat=True))
            known = known_models()
            cascade = save_cascade(text=new.validated_data["text"])
            check_models(cascade.spec, known=known, user=request.user)  # refusing rolls the new version back
        status = HTTPStatus.OK if cascade.pk in before else HTTPStatus.CREATED
        return Response(self.get_serializer(cascade).data, status=status)
