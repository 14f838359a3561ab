"""What can be done with a round: on, back, to its end; candidates dropped, brought back, added."""

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any

from django.db import transaction
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from activelearning.api.resource import Resource
from activelearning.api.round_edits_asked import (
    MOST_FRAMES,
    AbandonSerializer,
    AddSerializer,
    AttachSerializer,
    ChangedSerializer,
    DropSerializer,
    FramesSerializer,
    GoOnSerializer,
    RerunSerializer,
)
from activelearning.api.round_fields import RoundSerializer
from activelearning.models import Round
from activelearning.services.rounds import (
    abandon,
    add_candidates,
    attach_model,
    drop_candidates,
    go_on,
    rerun,
    restore_candidates,
)
from curation.api.dataset_fields import Strict
from curation.api.errors import Problem
from curation.doorbell import ring_job
from curation.models import Job
from curation.services.filtering import frames_matching
from evaluation.services.model_registry import find_model

NOT_NOW = OpenApiResponse(
    Problem, description="Its state forbids it (`busy`, `closed`, `not_open`, …): `detail` says why."
)
MOVED = {202: RoundSerializer, 409: NOT_NOW}
CHANGED = {200: ChangedSerializer, 409: NOT_NOW}
BY_QUERY = OpenApiExample(
    "By a query", value={"query": "camera:yard AND lighting:dark", "note": "the new lamp"}, request_only=True
)


class RoundActions(Resource[Round]):
    @extend_schema(
        summary="Let a round go on",
        description="Sends its candidates, tries a step again that failed, or reads what was labelled meanwhile.",
        request=GoOnSerializer,
        responses=MOVED,
    )
    @action(detail=True, methods=["post"], url_path="go-on")
    def go_on(self, request: Request, pk: int) -> Response:
        said = _said(GoOnSerializer, request)
        return self._moved(lambda round: go_on(round=round, early=said["early"], via=said["via"], user=request.user))

    @extend_schema(
        summary="Do a step of a round again",
        description="And all that come after it. Labels stay; what steps made before stays where it is.",
        request=RerunSerializer,
        responses=MOVED,
    )
    @action(detail=True, methods=["post"])
    def rerun(self, request: Request, pk: int) -> Response:
        said = _said(RerunSerializer, request)
        return self._moved(lambda round: rerun(round=round, state=said["state"], user=request.user))

    @extend_schema(
        summary="Test a model that was trained elsewhere",
        description="On the round's dataset version; the round goes on with its re-test.",
        request=AttachSerializer,
        responses=MOVED,
    )
    @action(detail=True, methods=["post"])
    def attach(self, request: Request, pk: int) -> Response:
        model = find_model(_said(AttachSerializer, request)["model"])
        return self._moved(lambda round: attach_model(round=round, model=model, user=request.user))

    @extend_schema(
        summary="Abandon a round",
        description="Labels that were made stay; frames that were not sent are free again.",
        request=AbandonSerializer,
        responses={200: RoundSerializer, 409: NOT_NOW},
    )
    @action(detail=True, methods=["post"])
    def abandon(self, request: Request, pk: int) -> Response:
        said = _said(AbandonSerializer, request)
        abandon(round=self.get_object(), note_text=said["note"], user=request.user)
        return Response(RoundSerializer(self.get_object()).data)

    @extend_schema(
        summary="Drop candidates",
        description="Before they are sent. All of them or none; dropped ones can be brought back.",
        request=DropSerializer,
        responses=CHANGED,
    )
    @action(detail=True, methods=["post"])
    def drop(self, request: Request, pk: int) -> Response:
        said = _said(DropSerializer, request)
        return self._changed(
            lambda round: drop_candidates(
                round=round, frame_ids=said["frames"], note=said["note"], user=request.user
            )
        )  # fmt: skip

    @extend_schema(summary="Bring dropped candidates back", request=FramesSerializer, responses=CHANGED)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: int) -> Response:
        said = _said(FramesSerializer, request)
        return self._changed(lambda round: restore_candidates(round=round, frame_ids=said["frames"]))

    @extend_schema(
        summary="Add candidates",
        description="Frames that a person chose, before they are sent. All of them or none: one that is held out, in "
        "the test, labelled, or with the annotators is refused, and the answer says why.",
        request=AddSerializer,
        responses=CHANGED,
        examples=[BY_QUERY],
    )
    @action(detail=True, methods=["post"])
    def add(self, request: Request, pk: int) -> Response:
        said = _said(AddSerializer, request)
        frames = said["frames"] if "frames" in said else _matching(said["query"])
        return self._changed(
            lambda round: add_candidates(round=round, frame_ids=frames, note=said["note"], user=request.user)
        )

    def _moved(self, verb: Callable[[Round], Job]) -> Response:
        with transaction.atomic():
            job = verb(self.get_object())
            transaction.on_commit(partial(ring_job, job.pk))
        return Response(RoundSerializer(self.get_object()).data, status=HTTPStatus.ACCEPTED)

    def _changed(self, verb: Callable[[Round], int]) -> Response:
        round = self.get_object()
        body = {"changed": verb(round), "kept": round.candidates.filter(is_dropped=False).count()}
        return Response(ChangedSerializer(body).data)


def _said(kind: type[Strict], request: Request) -> dict[str, Any]:
    said = kind(data=request.data)
    said.is_valid(raise_exception=True)
    return dict(said.validated_data)


def _matching(query: str) -> list[int]:
    """List the frames that a query finds and that are not held out. Raises QueryError, ValidationError."""
    found = frames_matching(query).filter(held_out=False).order_by("pk").values_list("pk", flat=True)
    ids = list(found[: MOST_FRAMES + 1])
    if not ids:
        raise serializers.ValidationError({"query": [f"No frame that may be had matches {query[:200]!r}."]})
    if len(ids) > MOST_FRAMES:
        raise serializers.ValidationError(
            {"query": [f"More than {MOST_FRAMES:,} frames match. Narrow the query down."]}
        )
    return ids
