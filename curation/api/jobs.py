"""Jobs: long work besides runs, with its progress."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from curation.api.errors import Problem
from curation.api.paging import NewestFirst
from curation.api.resource import Resource
from curation.doorbell import ring_job
from curation.models import Job
from curation.services.jobs import cancel_job, resume_job


class JobSerializer(serializers.ModelSerializer[Job]):
    params = serializers.DictField(read_only=True, help_text="What was asked for.")
    result = serializers.DictField(read_only=True, help_text="What came of it, once it is done.")
    created_by = serializers.CharField(source="created_by.username", read_only=True, default=None, allow_null=True)

    class Meta:
        model = Job
        fields = [
            "id",
            "kind",
            "state",
            "done",
            "total",
            "doing",
            "error",
            "params",
            "result",
            "cpu_s",
            "created_by",
            "created_at",
            "started_at",
            "finished_at",
        ]


class JobFilters(filters.FilterSet):  # type: ignore[misc]
    kind = filters.CharFilter(help_text="The exact kind, for instance export.")
    state = filters.ChoiceFilter(choices=Job.State.choices)


NOT_NOW = {200: JobSerializer, 409: OpenApiResponse(Problem, description="Its present state forbids it.")}


@extend_schema_view(list=extend_schema(summary="List jobs, newest first"), retrieve=extend_schema(summary="Show a job"))
class JobViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Resource[Job]):
    """Imports, exports, retagging, rating: anything that takes a while and is not a run of a cascade."""

    queryset: QuerySet[Job] = Job.objects.select_related("created_by").order_by("-id")
    serializer_class = JobSerializer
    filterset_class = JobFilters
    pagination_class = NewestFirst

    @extend_schema(summary="Cancel a job", request=None, responses=NOT_NOW)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: int) -> Response:
        """Stop it at its next step; what it has done is kept, and resuming goes on from there."""
        return self._do(cancel_job)

    @extend_schema(summary="Resume a job", request=None, responses=NOT_NOW)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: int) -> Response:
        """Go on with a job that was cancelled or failed."""
        return self._do(resume_job)

    def _do(self, verb: Callable[..., Any]) -> Response:
        job = self.get_object()
        with transaction.atomic():
            verb(job=job)
            transaction.on_commit(partial(ring_job, job.pk))
        return Response(self.get_serializer(self.get_object()).data)
