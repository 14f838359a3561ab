"""Batches of frames that people label: made, sent, read, mended, closed."""

from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from activelearning.api.label_batch_actions import LabelBatchActions
from activelearning.api.label_batch_archives import LabelBatchArchives
from activelearning.api.label_batch_fields import (
    LabelBatchSerializer,
    NewLabelBatchSerializer,
    WholeLabelBatchSerializer,
)
from activelearning.models import LabelBatch
from activelearning.services.batch_progress import counts_of
from activelearning.services.batches import make_batch
from activelearning.services.label_projects import find_label_project
from curation.api.errors import Problem
from curation.api.paging import NewestFirst
from curation.services.filtering import frames_matching
from evaluation.services.model_registry import find_model

ONE = OpenApiExample(
    "Dark frames for Label Studio, pre-annotated",
    value={
        "name": "night", "via": "label_studio", "project": 3, "query": "lighting:dark AND annotated:false", "most": 200,
        "model": "people-v3", "merge": {"policy": "majority"},
    },
    request_only=True,
)  # fmt: skip


class LabelBatchFilters(filters.FilterSet):  # type: ignore[misc]
    round = filters.NumberFilter(help_text="Id of the round.")
    project = filters.NumberFilter(help_text="Id of the Label Studio project.")
    via = filters.ChoiceFilter(choices=LabelBatch.Via.choices)
    state = filters.ChoiceFilter(choices=LabelBatch.State.choices)


@extend_schema_view(list=extend_schema(summary="List batches, newest first"))
class LabelBatchViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, LabelBatchActions, LabelBatchArchives):
    """A batch goes to Label Studio, out and back as files, or to a truth that is known already."""

    queryset: QuerySet[LabelBatch] = LabelBatch.objects.select_related(
        "project__connection", "model", "job__created_by", "created_by"
    ).order_by("-id")
    serializer_class = LabelBatchSerializer
    filterset_class = LabelBatchFilters
    pagination_class = NewestFirst
    http_method_names = ["get", "post", "head"]

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page: Any = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        counts = counts_of(page)
        for batch in page:
            batch.counts = counts[batch.pk]
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        summary="Show a batch",
        description="How far it is, how fast, what it costs, and how good its pre-annotations were.",
        responses=WholeLabelBatchSerializer,
    )
    def retrieve(self, request: Request, pk: int) -> Response:
        return self.whole()

    @extend_schema(
        summary="Put frames together to be labelled",
        description="Nothing is sent yet. Held-out frames, and those that are being labelled already, are refused.",
        request=NewLabelBatchSerializer,
        responses={
            201: WholeLabelBatchSerializer,
            400: OpenApiResponse(Problem, description="The message says what would be right."),
            404: OpenApiResponse(Problem, description="There is no such project or model."),
            409: OpenApiResponse(Problem, description="Frames are held out, or being labelled already."),
        },
        examples=[ONE],
    )
    def create(self, request: Request) -> Response:
        new = NewLabelBatchSerializer(data=request.data)
        new.is_valid(raise_exception=True)
        asked = dict(new.validated_data)
        query, most, frames = asked.pop("query", None), asked.pop("most"), asked.pop("frames", None)
        number, name = asked.pop("project", None), asked.pop("model")
        if frames is None:
            found = frames_matching(query).filter(held_out=False).order_by("pk").values_list("pk", flat=True)
            frames = list(found[:most])
            if not frames:
                raise serializers.ValidationError({"query": ["No frame that may be had matches it."]})
        batch = make_batch(
            frame_ids=frames,
            project=find_label_project(number) if number is not None else None,
            model=find_model(name) if name else None,
            user=request.user,
            **asked,
        )
        self.kwargs["pk"] = batch.pk
        return self.whole(status=HTTPStatus.CREATED)
