"""Jobs of one kind as a resource of their own: asked for, listed without their results, shown with them."""

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django_filters import rest_framework as filters
from rest_framework import mixins
from rest_framework.response import Response

from curation.api.paging import NewestFirst
from curation.doorbell import ring_job
from curation.models import Job
from evaluation.api.comparison_fields import AskedJobSerializer
from evaluation.api.resource import Resource


class AskedJobFilters(filters.FilterSet):  # type: ignore[misc]
    state = filters.ChoiceFilter(choices=Job.State.choices)


class AskedJobs(mixins.ListModelMixin, mixins.RetrieveModelMixin, Resource[Job]):
    """The children say which kind of job."""

    kind = ""
    queryset: QuerySet[Job] = Job.objects.select_related("created_by").order_by("-id")
    serializer_class = AskedJobSerializer
    filterset_class = AskedJobFilters
    pagination_class = NewestFirst
    http_method_names = ["get", "post", "head"]

    def get_queryset(self) -> QuerySet[Job]:
        jobs = super().get_queryset().filter(kind=self.kind)
        return jobs.defer("result", "checkpoint") if self.action == "list" else jobs

    def _start(self, request_job: Callable[[], Job]) -> Response:
        with transaction.atomic():
            job = request_job()
            transaction.on_commit(partial(ring_job, job.pk))
        shown: Any = AskedJobSerializer(job).data
        return Response(shown, status=HTTPStatus.ACCEPTED)
