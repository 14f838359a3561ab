"""Tag edits: people's word on frames, with its trail."""

from functools import partial
from http import HTTPStatus
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
    extend_schema_view,
)
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from curation.api.errors import Problem
from curation.api.paging import NewestFirst
from curation.api.resource import Resource
from curation.doorbell import ring_job
from curation.models import Job, TagEdit
from curation.services.tag_edit_jobs import AT_ONCE, ask_edit, ask_undo
from curation.services.tag_edits import MAX_NOTE_CHARS, EditBatch

ANYTHING = {"description": "Text, a number, true or false, a list of texts, or null.", "nullable": True}
BIGGEST = 2**63 - 1
RAINY = OpenApiExample(
    "Frames by query",
    value={"query": "camera:gate AND recorded_at:2026-03-01", "changes": {"weather": "rain"}, "note": "it poured"},
    request_only=True,
)
TWO = OpenApiExample("Two frames", value={"frames": [81, 82], "changes": {"weather": None}}, request_only=True)
MISSING = OpenApiResponse(Problem, description="There is no such frame or batch.")
WRONG = OpenApiResponse(Problem, description="A factor or value is not known; the message lists those that are.")


class TagEditSerializer(serializers.ModelSerializer[TagEdit]):
    value = serializers.SerializerMethodField("said", help_text="What was said; null took the person's word back.")
    before = serializers.SerializerMethodField("stood", help_text="The effective value until then; null: none.")
    by = serializers.CharField(source="by.username", read_only=True, default=None, allow_null=True)

    class Meta:
        model = TagEdit
        fields = ["id", "frame", "factor", "value", "before", "batch", "note", "by", "created_at"]

    @extend_schema_field(ANYTHING)
    def said(self, edit: TagEdit) -> Any:
        return edit.value

    @extend_schema_field(ANYTHING)
    def stood(self, edit: TagEdit) -> Any:
        return edit.before


class ChangesSerializer(serializers.Serializer[Any]):
    changes = serializers.DictField(
        allow_empty=False, help_text='Factor -> value; null takes people\'s word back: {"weather": "rain"}.'
    )
    note = serializers.CharField(default="", allow_blank=True, max_length=MAX_NOTE_CHARS)


class NewEditsSerializer(ChangesSerializer):
    """Which frames: either `frames` or `query`."""

    frames = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=BIGGEST),
        required=False, allow_empty=False, max_length=AT_ONCE, help_text="Ids of frames.",
    )  # fmt: skip
    query = serializers.CharField(required=False, allow_blank=True, max_length=2000, help_text="As in search.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("frames" in attrs) == ("query" in attrs):
            raise serializers.ValidationError("Give either `frames` (ids) or `query`.")
        return attrs


class UndoSerializer(serializers.Serializer[Any]):
    batch = serializers.UUIDField(help_text="The batch of edits that is to be undone.")
    note = serializers.CharField(default="", allow_blank=True, max_length=MAX_NOTE_CHARS)


class EditBatchSerializer(serializers.Serializer[Any]):
    batch = serializers.UUIDField(help_text="Names these edits, so that they can be undone together.")
    frames = serializers.IntegerField(help_text="How many frames it is about.")
    edits = serializers.IntegerField(allow_null=True, help_text="How many words were written down; null: see the job.")
    changed = serializers.IntegerField(
        allow_null=True, help_text="How many frames have other tags now; or see the job."
    )
    job = serializers.IntegerField(allow_null=True, help_text=f"The job that does it, for more than {AT_ONCE} frames.")


class TagEditFilters(filters.FilterSet):  # type: ignore[misc]
    frame = filters.NumberFilter(help_text="Id of the frame.")
    batch = filters.UUIDFilter(help_text="The edits that one request made.")
    factor = filters.CharFilter(help_text="The exact name.")
    by = filters.CharFilter("by__username", help_text="Who made it.")


BOTH = {
    201: EditBatchSerializer,
    202: OpenApiResponse(EditBatchSerializer, description="There are many frames: a job does it."),
    400: WRONG,
    404: MISSING,
}


@extend_schema_view(list=extend_schema(summary="List tag edits, newest first"))
class TagEditViewSet(mixins.ListModelMixin, Resource[TagEdit]):
    """What people said of frames. Their word stands over rules, models and cameras; nothing is ever removed here."""

    queryset: QuerySet[TagEdit] = TagEdit.objects.select_related("by").order_by("-id")
    serializer_class = TagEditSerializer
    filterset_class = TagEditFilters
    pagination_class = NewestFirst

    @extend_schema(
        summary="Edit tags of frames",
        description=f"All frames or none, in one batch. Above {AT_ONCE} frames it is a job.",
        request=NewEditsSerializer,
        responses=BOTH,
        examples=[RAINY, TWO],
    )
    def create(self, request: Request) -> Response:
        new = NewEditsSerializer(data=request.data)
        new.is_valid(raise_exception=True)
        with transaction.atomic():
            return _answer(ask_edit(**new.validated_data, user=request.user))

    @extend_schema(
        summary="Undo a batch of tag edits",
        description="Brings back what people said before, as a batch of its own. Where somebody has spoken since, "
        "their word stays.",
        request=UndoSerializer,
        responses=BOTH,
    )
    @action(detail=False, methods=["post"])
    def undo(self, request: Request) -> Response:
        asked = UndoSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        with transaction.atomic():
            return _answer(ask_undo(**asked.validated_data, user=request.user))


def _answer(done: EditBatch | Job) -> Response:
    if isinstance(done, EditBatch):
        body = {"batch": done.batch, "frames": done.frames, "edits": done.edits, "changed": done.changed, "job": None}
        return Response(EditBatchSerializer(body).data, status=HTTPStatus.CREATED)
    transaction.on_commit(partial(ring_job, done.pk))
    about = {"batch": done.params["batch"], "frames": done.params["count"], "edits": None, "changed": None}
    return Response(EditBatchSerializer({**about, "job": done.pk}).data, status=HTTPStatus.ACCEPTED)
