"""Runs: one cascade over one video, with its progress."""

from collections.abc import Callable, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from curation.api.errors import Problem
from curation.api.paging import NewestFirst
from curation.api.resource import Resource
from curation.api.run_fields import NewRunSerializer, RunSerializer
from curation.api.weights import check_models, known_models
from curation.doorbell import ring
from curation.models import Run
from curation.services.progress import progress_of
from curation.services.runs import cancel_run, request_run, rerun, resume_run

START = OpenApiExample(
    "Look for people, a little more often",
    value={"video": 3, "cascade": "people", "overrides": ["people_fast.fps=5"]},
    request_only=True,
)
NOT_NOW = {200: RunSerializer, 409: OpenApiResponse(Problem, description="Its present state forbids it.")}


class RunFilters(filters.FilterSet):  # type: ignore[misc]
    video = filters.NumberFilter(help_text="Id of the video.")
    cascade = filters.CharFilter("cascade__name", help_text="Name of the cascade, without its version.")
    status = filters.ChoiceFilter(choices=Run.Status.choices)


@extend_schema_view(
    list=extend_schema(summary="List runs with their progress"),
    retrieve=extend_schema(summary="Show a run"),
)
class RunViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Resource[Run]):
    """Asking for the same spec over the same video again finds the run that is there."""

    queryset: QuerySet[Run] = Run.objects.select_related("cascade", "video").order_by("-id")
    serializer_class = RunSerializer
    filterset_class = RunFilters
    pagination_class = NewestFirst

    def list(self, request: Request) -> Response:
        runs = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response(self._all_shown(runs, brief=True))

    def retrieve(self, request: Request, pk: int) -> Response:
        return Response(self._shown(self.get_object()))

    @extend_schema(
        summary="Run a cascade over a video",
        description="Workers take it up at once; poll the run for its progress. `overrides` are settings of this run: "
        "`STAGE.PARAM=VALUE`, as `--set` on the command line.",
        request=NewRunSerializer,
        responses={
            201: RunSerializer,
            200: OpenApiResponse(RunSerializer, description="This run was there already."),
            400: OpenApiResponse(Problem, description="The message lists the valid stages or parameters."),
        },
        examples=[START],
    )
    def create(self, request: Request) -> Response:
        new = NewRunSerializer(data=request.data)
        new.is_valid(raise_exception=True)
        with transaction.atomic():
            known = known_models()
            run, is_new = request_run(**new.validated_data)
            check_models(run.spec, known=known, user=request.user)  # refusing rolls the new run back
            transaction.on_commit(partial(ring, run.pk))
        return Response(self._shown(run), status=HTTPStatus.CREATED if is_new else HTTPStatus.OK)

    @extend_schema(summary="Cancel a run", request=None, responses=NOT_NOW)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: int) -> Response:
        """Stop it after the pieces under way; what is done stays, and resuming goes on from there."""
        return self._do(cancel_run)

    @extend_schema(summary="Resume a run", request=None, responses=NOT_NOW)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: int) -> Response:
        """Go on with a run that was cancelled or failed; pieces that are done are not done again."""
        return self._do(resume_run)

    @extend_schema(summary="Run again from the start", request=None, responses=NOT_NOW)
    @action(detail=True, methods=["post"])
    def rerun(self, request: Request, pk: int) -> Response:
        """Do all of it again; the new rows replace this run's rows and nobody else's."""
        return self._do(rerun)

    def _do(self, verb: Callable[..., object]) -> Response:
        run = self.get_object()
        with transaction.atomic():
            verb(run=run)
            transaction.on_commit(partial(ring, run.pk))
        return Response(self._shown(self.get_object()))

    def _shown(self, run: Run) -> Any:
        return self._all_shown([run], brief=False)[0]

    def _all_shown(self, runs: Sequence[Run], *, brief: bool) -> Any:
        context = {**self.get_serializer_context(), "progress": progress_of(runs), "brief": brief}
        return RunSerializer(runs, many=True, context=context).data
