"""Videos: what was ingested, its signals and its intervals."""

from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from curation.api.errors import Problem
from curation.api.filtering import MomentFilter
from curation.api.intervals import IntervalSerializer
from curation.api.paging import NewestFirst
from curation.api.resource import Resource
from curation.api.video_fields import (
    RegisterSerializer,
    SignalsQuery,
    SignalsSerializer,
    VideoSerializer,
)
from curation.models import Interval, Run, Video
from curation.services.ingest import register_stored
from curation.services.stored_files import local_file
from curation.services.tracks import signals
from curation.services.uploads import clean_name

STORED = OpenApiExample(
    "A file that was copied into the bucket",
    value={"key": "incoming/gate-2026-03-01.mp4", "camera": "gate"},
    request_only=True,
)
RUN = OpenApiParameter("run", int, description="Id of one of the video's runs; the newest one if left out.")


class VideoFilters(filters.FilterSet):  # type: ignore[misc]
    camera = filters.CharFilter("camera__name", help_text="Name of the camera.")
    status = filters.ChoiceFilter(choices=Video.Status.choices)
    sha256 = filters.CharFilter(help_text="Of the file: is it here already?")
    recorded_from = MomentFilter("recorded_at", "gte", help_text="At or after this moment.")
    recorded_before = MomentFilter("recorded_at", "lt", help_text="Before this moment.")


@extend_schema_view(
    list=extend_schema(summary="List videos, newest first"),
    retrieve=extend_schema(summary="Show a video"),
)
class VideoViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Resource[Video]):
    """Video files, addressed by their content: the same file twice is one video."""

    queryset: QuerySet[Video] = Video.objects.select_related("camera").defer("keyframes").order_by("-id")
    serializer_class = VideoSerializer
    filterset_class = VideoFilters
    pagination_class = NewestFirst

    @extend_schema(
        summary="Register a file that is in the storage already",
        request=RegisterSerializer,
        responses={
            201: VideoSerializer,
            200: OpenApiResponse(VideoSerializer, description="This content was there already."),
            404: OpenApiResponse(Problem, description="The storage has no such file, or the key leads out of it."),
            422: OpenApiResponse(Problem, description="The file is not footage; `code` says in which way."),
        },
        examples=[STORED],
    )
    @action(detail=False, methods=["post"])
    def register(self, request: Request) -> Response:
        asked = RegisterSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        known = asked.validated_data
        local_file(known["key"])  # a key that is wrong is 404, not a conflict
        registered = register_stored(
            key=known["key"],
            name=clean_name(known["key"]),
            camera=known["camera"],
            recorded_at=known.get("recorded_at"),
        )
        status = HTTPStatus.CREATED if registered.is_new else HTTPStatus.OK
        return Response(self.get_serializer(registered.video).data, status=status)

    @extend_schema(
        summary="Signals of a video, down-sampled for plotting",
        description="Motion, brightness, contrast and blur of every analysed frame, as the least and the greatest "
        "value of each of `points` stretches, so that no peak gets lost.",
        parameters=[SignalsQuery],
        responses=SignalsSerializer,
        filters=False,
    )
    @action(detail=True, pagination_class=None)
    def signals(self, request: Request, pk: int) -> Response:
        query = SignalsQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked: dict[str, Any] = query.validated_data
        video = self.get_object()
        run = self._run_of(video, asked.pop("run", None))
        found = signals(run=run, **asked)
        return Response(SignalsSerializer({"run": run.pk, "signals": found}).data)

    @extend_schema(
        summary="Intervals of a video",
        parameters=[RUN],
        responses=IntervalSerializer(many=True),
        filters=False,
    )
    @action(detail=True)
    def intervals(self, request: Request, pk: int) -> Response:
        """All stages of one run, in the order of their making."""
        query = SignalsQuery(data={"run": request.query_params["run"]} if "run" in request.query_params else {})
        query.is_valid(raise_exception=True)
        run = self._run_of(self.get_object(), query.validated_data.get("run"))
        intervals: QuerySet[Any] = Interval.objects.select_related("run").filter(run=run)
        page: Any = self.paginate_queryset(intervals)
        return self.get_paginated_response(IntervalSerializer(page, many=True).data)

    def _run_of(self, video: Video, run_id: int | None) -> Run:
        runs = Run.objects.filter(video=video).order_by("-id")
        run = runs.first() if run_id is None else runs.filter(pk=run_id).first()
        if run is None:
            raise NotFound("This video has no such run." if run_id else "This video has no run yet.")
        return run
