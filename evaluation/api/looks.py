"""Looks: what models see in whole videos."""

from functools import partial
from http import HTTPStatus
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from curation.api.errors import Problem
from curation.api.floats import FiniteFloat
from curation.api.jobs import JobSerializer
from curation.api.paging import NewestFirst
from curation.doorbell import ring_job
from curation.models import Video
from evaluation.api.resource import Resource
from evaluation.models import Look
from evaluation.services.events import find_events
from evaluation.services.footage import FPS, MIN_SCORE, names_for, read_looks, videos_of
from evaluation.services.looking_through import request_looks
from evaluation.services.model_registry import find_model

MOST_VIDEOS, MOST_POINTS = 1_000, 10_000
BY_EVENTS = OpenApiExample(
    "The videos of a set of events", value={"model": "people-v3", "events": "gate-visits"}, request_only=True
)


class LookSerializer(serializers.ModelSerializer[Look]):
    model = serializers.CharField(source="model.name", read_only=True)
    video_name = serializers.CharField(source="video.name", read_only=True)
    end_s = serializers.SerializerMethodField(help_text="How much of the video was looked at.")

    class Meta:
        model = Look
        fields = [
            "id", "model", "video", "video_name", "fps", "min_score", "look_count", "end_s", "code_version",
            "created_at",
        ]  # fmt: skip

    def get_end_s(self, look: Look) -> float:
        return look.end_us / 1e6


class NewLooksSerializer(serializers.Serializer[Any]):
    """One of `events` and `videos`."""

    model = serializers.CharField(max_length=80, help_text="Name of a model whose weights are here.")
    events = serializers.CharField(required=False, max_length=80, help_text="Name of a set of events: its videos.")
    videos = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), required=False, allow_empty=False,
        max_length=MOST_VIDEOS, help_text="Ids of videos.",
    )  # fmt: skip
    fps = FiniteFloat(default=FPS, min_value=0.01, max_value=60, help_text="Looks each second of video.")
    min_score = FiniteFloat(default=MIN_SCORE, min_value=0.001, max_value=1, help_text="Boxes from it on are kept.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("events" in attrs) == ("videos" in attrs):
            raise serializers.ValidationError("Give either `events` or `videos`.")
        return attrs


class ScoresQuery(serializers.Serializer[Any]):
    label = serializers.CharField(max_length=80, help_text="The dataset's label.")  # type: ignore[assignment]
    start_s = FiniteFloat(default=0, min_value=0, max_value=1e9)
    end_s = FiniteFloat(required=False, min_value=0, max_value=1e9)
    points = serializers.IntegerField(
        default=1000, min_value=1, max_value=MOST_POINTS, help_text="At most so many; of each bucket the highest score."
    )


class ScoresSerializer(serializers.Serializer[Any]):
    pts_s = serializers.ListField(child=serializers.FloatField())
    score = serializers.ListField(child=serializers.FloatField(), help_text="The best box's; 0 where none was seen.")


class LookFilters(filters.FilterSet):  # type: ignore[misc]
    model = filters.CharFilter("model__name", help_text="Name of the model.")
    video = filters.NumberFilter(help_text="Id of the video.")


@extend_schema_view(
    list=extend_schema(summary="List looks, newest first"), retrieve=extend_schema(summary="Show looks at a video")
)
class LookViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Resource[Look]):
    """One model over one video, so many times a second. Figures over time go by them: /event-sets/ID/figures/."""

    queryset: QuerySet[Look] = Look.objects.select_related("model", "video").order_by("-id")
    serializer_class = LookSerializer
    filterset_class = LookFilters
    pagination_class = NewestFirst
    http_method_names = ["get", "post", "head"]

    @extend_schema(
        summary="Have a model look through videos",
        description="A job; what the model looked through before is not looked through again.",
        request=NewLooksSerializer,
        responses={
            202: JobSerializer,
            400: OpenApiResponse(Problem, description="A value is out of range, or a video is no footage."),
            404: OpenApiResponse(Problem, description="There is no such model or set of events."),
            409: OpenApiResponse(Problem, description="The model has no weights here."),
        },
        examples=[BY_EVENTS],
    )
    def create(self, request: Request) -> Response:
        new = NewLooksSerializer(data=request.data)
        new.is_valid(raise_exception=True)
        asked = new.validated_data
        model = find_model(asked["model"])
        videos = videos_of(find_events(asked["events"])) if "events" in asked else _videos(asked["videos"])
        with transaction.atomic():
            job = request_looks(
                model=model, videos=videos, fps=asked["fps"], min_score=asked["min_score"], user=request.user
            )
            transaction.on_commit(partial(ring_job, job.pk))
        return Response(JobSerializer(job).data, HTTPStatus.ACCEPTED)

    @extend_schema(
        summary="Show what was seen of a label over time",
        parameters=[ScoresQuery],
        responses={200: ScoresSerializer, 409: OpenApiResponse(Problem, description="The file is gone or damaged.")},
    )
    @action(detail=True, methods=["get"])
    def scores(self, request: Request, pk: int) -> Response:
        query = ScoresQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        asked, look = query.validated_data, self.get_object()
        looks = read_looks(look)
        ends_us = [round(asked["start_s"] * 1e6), round(asked.get("end_s", 1e9) * 1e6)]
        first, last = np.searchsorted(looks.pts_us, ends_us)
        pts_us = looks.pts_us[first:last]
        scores = looks.best(names_for(look.model, asked["label"]))[first:last]
        if not len(pts_us):
            return Response({"pts_s": [], "score": []})
        starts = np.unique(np.linspace(0, len(pts_us), min(asked["points"], len(pts_us)), endpoint=False).astype(int))
        best = np.maximum.reduceat(scores, starts)
        return Response({"pts_s": (pts_us[starts] / 1e6).tolist(), "score": best.round(4).tolist()})


def _videos(ids: list[int]) -> list[Video]:
    found = {video.pk: video for video in Video.objects.filter(pk__in=ids)}
    if missing := [pk for pk in ids if pk not in found]:
        raise ValidationError({"videos": [f"There is no video {missing[0]}."]})
    return [found[pk] for pk in dict.fromkeys(ids)]
