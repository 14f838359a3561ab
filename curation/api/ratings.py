"""Ratings: what each frame is like beside the others, and the near-duplicates of one."""

from functools import partial
from http import HTTPStatus
from typing import Any

from django.db import transaction
from django.db.models import prefetch_related_objects
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from curation.api.errors import Problem
from curation.api.frames import SHOWN, FrameSerializer
from curation.api.jobs import JobSerializer
from curation.api.resource import Guarded
from curation.core.rating import Nearness
from curation.doorbell import ring_job
from curation.models import Frame
from curation.services.near_duplicates import MOST, NearDuplicate, near_duplicates
from curation.services.rating import nearness, start_rating

USUAL = Nearness()
STRICT = OpenApiExample("Only what is the same", value={"min_similarity": 0.999, "max_bits": 0}, request_only=True)
NO_EMBEDDER = OpenApiResponse(Problem, description="A value is out of range, or no frame was embedded by that name.")


class NearnessSerializer(serializers.Serializer[Any]):
    embedder = serializers.CharField(required=False, max_length=255, help_text="Whose vectors to compare.")
    min_similarity = serializers.FloatField(
        default=USUAL.min_similarity, min_value=0.5, max_value=1, help_text="As alike as this is a near-duplicate."
    )
    max_bits = serializers.IntegerField(
        default=USUAL.max_bits, min_value=0, max_value=11,
        help_text="Or a little less alike (by 0.01), with perceptual hashes that differ in at most so many bits.",
    )  # fmt: skip

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if unknown := sorted(set(self.initial_data) - {*self.fields, "format"}):
            valid = ", ".join(self.fields)
            raise serializers.ValidationError({unknown[0][:80]: [f"There is no such parameter. Valid ones: {valid}."]})
        return attrs


class DuplicatesQuery(NearnessSerializer):
    limit = serializers.IntegerField(default=50, min_value=1, max_value=MOST)


class DuplicateSerializer(FrameSerializer):
    similarity = serializers.FloatField(
        read_only=True, allow_null=True, help_text="1 is the same; null where the hash was compared alone."
    )
    bits = serializers.IntegerField(
        read_only=True, allow_null=True, help_text="Bits of the perceptual hashes that differ; null where one has none."
    )

    class Meta(FrameSerializer.Meta):
        fields = [*FrameSerializer.Meta.fields, "similarity", "bits"]

    def to_representation(self, instance: Any) -> dict[str, Any]:
        found: NearDuplicate = instance
        shown = super().to_representation(found.frame)  # knows nothing of the two fields above: they come as null
        return {**shown, "similarity": found.similarity, "bits": found.bits}


class DuplicatesSerializer(serializers.Serializer[Any]):
    embedder = serializers.CharField(allow_null=True, help_text="Whose vectors were compared; null: the hash alone.")
    more = serializers.BooleanField(help_text="Whether there are others beyond the limit.")
    frames = DuplicateSerializer(many=True)


class RatingsView(Guarded):
    """Near-duplicates, outliers, uniqueness and typicality of all frames."""

    http_method_names = ["post"]

    @extend_schema(
        summary="Rate all frames",
        description="A job; its result counts duplicates and outliers. Frames that are kept later have no ratings "
        "until it is done again. One at a time.",
        request=NearnessSerializer,
        responses={
            202: JobSerializer,
            400: NO_EMBEDDER,
            409: OpenApiResponse(Problem, description="Another rating is under way."),
        },
        examples=[STRICT],
    )
    def post(self, request: Request) -> Response:
        asked = NearnessSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        with transaction.atomic():
            job = start_rating(**asked.validated_data, user=request.user)
            transaction.on_commit(partial(ring_job, job.pk))
        return Response(JobSerializer(job).data, HTTPStatus.ACCEPTED)


class DuplicatesView(Guarded):
    """The near-duplicates of a frame."""

    http_method_names = ["get", "head"]

    @extend_schema(
        summary="List a frame's near-duplicates",
        description="Nearest first, as things stand now, whether or not the frame was rated. A frame without a vector "
        "is compared by its perceptual hash alone.",
        parameters=[DuplicatesQuery],
        responses={
            200: DuplicatesSerializer,
            409: OpenApiResponse(Problem, description="The frame has no vector by that embedder."),
        },
    )
    def get(self, request: Request, pk: int) -> Response:
        query = DuplicatesQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        frame = get_object_or_404(Frame, pk=pk)
        near = nearness(min_similarity=asked["min_similarity"], max_bits=asked["max_bits"])
        found = near_duplicates(frame, nearness=near, embedder=asked.get("embedder"), limit=asked["limit"])
        prefetch_related_objects([one.frame for one in found.found], *SHOWN)
        hits: Any = found.found
        return Response(
            {
                "embedder": found.embedder.name if found.embedder else None,
                "more": found.more,
                "frames": DuplicateSerializer(hits, many=True, context={"request": request}).data,
            }
        )
