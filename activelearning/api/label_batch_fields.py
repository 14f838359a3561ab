"""What batches and their tasks look like from outside, and what is asked of them."""

import dataclasses
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from activelearning.core.merging import MERGES
from activelearning.models import Answer, LabelBatch, LabelTask
from activelearning.services.batch_export import formats
from activelearning.services.batch_progress import progress_of
from activelearning.services.drift import DAYS
from activelearning.services.drift_mending import MENDS
from curation.api.dataset_fields import BIGGEST, Strict
from curation.api.floats import FiniteFloat
from curation.api.jobs import JobSerializer
from curation.services.import_request import AUTO, readable

MOST_FRAMES = 10_000


class TaskCountsSerializer(serializers.Serializer[Any]):
    waiting = serializers.IntegerField(help_text="Not sent yet.")
    sent = serializers.IntegerField(help_text="With the annotators.")
    labelled = serializers.IntegerField()
    skipped = serializers.IntegerField()
    gone = serializers.IntegerField(help_text="Deleted there.")
    dropped = serializers.IntegerField(help_text="Taken out here.")


class LabelBatchSerializer(serializers.ModelSerializer[LabelBatch]):
    classes = serializers.ListField(child=serializers.CharField(), read_only=True)
    factors = serializers.ListField(child=serializers.CharField(), read_only=True)
    merge = serializers.DictField(read_only=True, help_text='Of several annotators: {"policy": "majority"}.')
    model = serializers.CharField(source="model.name", read_only=True, default=None, allow_null=True)
    job = JobSerializer(read_only=True, allow_null=True, help_text="That sends it.")
    tasks = TaskCountsSerializer(source="counts", read_only=True)
    created_by = serializers.CharField(source="created_by.username", read_only=True, default=None, allow_null=True)

    class Meta:
        model = LabelBatch
        fields = [
            "id", "name", "round", "via", "state", "project", "model", "least_score", "classes", "factors", "merge",
            "cost_per_hour", "currency", "tasks", "job", "created_by", "created_at", "sent_at", "closed_at",
        ]  # fmt: skip


class ClassQualitySerializer(serializers.Serializer[Any]):
    pre_annotated = serializers.IntegerField()
    there = serializers.IntegerField(help_text="Boxes of the class after people looked.")
    precision = serializers.FloatField(allow_null=True, help_text="Share of the pre-annotated boxes that stayed.")
    recall = serializers.FloatField(allow_null=True, help_text="Share of what is there that was pre-annotated.")
    share_kept = serializers.FloatField(allow_null=True, help_text="Share that nobody touched.")


class BatchProgressSerializer(serializers.Serializer[Any]):
    share_done = serializers.FloatField()
    annotators = serializers.IntegerField()
    answers = serializers.IntegerField()
    lead_time_s = serializers.FloatField(allow_null=True, help_text="Median of an answer.")
    labels_per_hour = serializers.FloatField(allow_null=True, help_text="Pauses of over half an hour left out.")
    left_s = serializers.FloatField(allow_null=True, help_text="Of work, at that pace.")
    ends_at = serializers.DateTimeField(allow_null=True, help_text="If it went on without a pause.")
    work_s = serializers.FloatField(help_text="All lead times together.")
    cost_so_far = serializers.FloatField(allow_null=True)
    cost_expected = serializers.FloatField(allow_null=True)
    currency = serializers.CharField(allow_blank=True)
    agreement = serializers.FloatField(allow_null=True, help_text="Mean matched IoU between annotators, 0 to 1.")
    compared = serializers.IntegerField(help_text="Frames that were pre-annotated.")
    changes = serializers.DictField(child=serializers.IntegerField(), help_text="kept, moved, relabelled, added, …")
    classes = serializers.DictField(child=ClassQualitySerializer())


class WholeLabelBatchSerializer(LabelBatchSerializer):
    progress = serializers.SerializerMethodField(help_text="Pace, cost, and what became of the pre-annotations.")

    class Meta(LabelBatchSerializer.Meta):
        fields = [*LabelBatchSerializer.Meta.fields, "progress"]

    @extend_schema_field(BatchProgressSerializer)
    def get_progress(self, batch: LabelBatch) -> dict[str, Any]:
        return dict(BatchProgressSerializer(dataclasses.asdict(progress_of(batch))).data)


class NewLabelBatchSerializer(Strict):
    """One of `frames` and `query`."""

    name = serializers.CharField(max_length=120)
    via = serializers.ChoiceField(LabelBatch.Via.choices)
    frames = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=BIGGEST), required=False, max_length=MOST_FRAMES
    )
    query = serializers.CharField(required=False, max_length=2000, help_text="The frames that match, by rising id.")
    most = serializers.IntegerField(default=200, min_value=1, max_value=MOST_FRAMES, help_text="Of a query's frames.")
    project = serializers.IntegerField(required=False, min_value=1, max_value=BIGGEST, allow_null=True)
    model = serializers.CharField(default="", allow_blank=True, max_length=80, help_text="It pre-annotates.")
    classes = serializers.ListField(child=serializers.CharField(max_length=80), default=list, max_length=500)
    factors = serializers.ListField(child=serializers.CharField(max_length=80), default=list, max_length=100)
    merge = serializers.DictField(default=dict, help_text='{"policy": "majority", "iou": 0.5}.')
    least_score = FiniteFloat(default=0.3, min_value=0, max_value=1, help_text="Lower boxes are not pre-annotated.")
    cost_per_hour = FiniteFloat(required=False, allow_null=True, min_value=0, max_value=1_000_000)
    currency = serializers.CharField(default="", allow_blank=True, max_length=8)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("frames" in attrs) == ("query" in attrs):
            raise serializers.ValidationError("Give either `frames` or `query`.")
        return attrs


class DriftQuery(Strict):
    days = FiniteFloat(default=DAYS, min_value=0, max_value=3650, help_text="Sent longer ago and never labelled.")


class MendSerializer(Strict):
    what = serializers.ChoiceField(list(MENDS))


class MendedSerializer(serializers.Serializer[Any]):
    what = serializers.CharField()
    count = serializers.IntegerField(help_text="Tasks that were mended.")
    said = serializers.CharField(help_text="The same in a sentence.")
    left = serializers.IntegerField(help_text="Tasks that another call would mend.")
    job = JobSerializer(allow_null=True, help_text="What goes on with it.")


class MergeSerializer(Strict):
    policy = serializers.ChoiceField(list(MERGES))
    iou = FiniteFloat(required=False, min_value=0, max_value=1, help_text="Boxes that overlap so far are one object.")


class BatchExportSerializer(Strict):
    format = serializers.CharField(default="cvat", max_length=40, help_text=f"{', '.join(formats())}.")


class BatchImportSerializer(Strict):
    upload = serializers.UUIDField(help_text="A finished upload with the purpose `import`.")
    format = serializers.CharField(default=AUTO, max_length=40, help_text=f"{', '.join([AUTO, *readable()])}.")
    annotator = serializers.CharField(default="", allow_blank=True, max_length=150, help_text="By default the file.")
    empty_is_answer = serializers.BooleanField(default=True, help_text="A picture without boxes shows nothing.")


class TakenSerializer(serializers.Serializer[Any]):
    counts = serializers.DictField(child=serializers.IntegerField())
    problems = serializers.DictField(child=serializers.IntegerField(), help_text="What could not be used.")
    notes = serializers.DictField(child=serializers.IntegerField(), help_text="What a reader must know.")


class ReadSerializer(TakenSerializer):
    format = serializers.CharField()
    pictures = serializers.IntegerField()
    matched = serializers.IntegerField(help_text="Pictures that are a frame of the batch, by name.")
    unmatched = serializers.ListField(child=serializers.CharField(), help_text="The first of those that are none.")
    unmatched_count = serializers.IntegerField()
    unlabelled = serializers.IntegerField(help_text="Pictures that nobody labelled.")
    missing = serializers.IntegerField(help_text="Frames that are still to be labelled.")
    skipped = serializers.DictField(child=serializers.IntegerField(), help_text="What was not read, and why.")


class AnsweredBoxSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(allow_blank=True)
    label = serializers.CharField()  # type: ignore[assignment]
    box = serializers.ListField(child=serializers.FloatField(), help_text="x1, y1, x2, y2 in pixels of the frame.")


class AnswerSerializer(serializers.ModelSerializer[Answer]):
    boxes = AnsweredBoxSerializer(many=True, read_only=True)
    tags = serializers.DictField(read_only=True)
    problems = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = Answer
        fields = [
            "id", "number", "annotator", "boxes", "tags", "problems", "is_skip", "is_truth", "lead_time_s",
            "created_there", "updated_there", "deleted_at", "read_at",
        ]  # fmt: skip


class LabelTaskSerializer(serializers.ModelSerializer[LabelTask]):
    changes = serializers.DictField(read_only=True, help_text="Against the pre-annotation: kept, moved, …")
    predicted_by = serializers.CharField(source="predicted_by.name", read_only=True, default=None, allow_null=True)

    class Meta:
        model = LabelTask
        fields = [
            "id", "batch", "frame", "number", "state", "predicted_by", "agreement", "changes", "note", "sent_at",
            "labelled_at", "changed_at",
        ]  # fmt: skip


class WholeLabelTaskSerializer(LabelTaskSerializer):
    predicted = serializers.ListField(child=serializers.DictField(), read_only=True, help_text="label, score, box.")
    answers = AnswerSerializer(many=True, read_only=True, help_text="Deleted ones too, marked.")

    class Meta(LabelTaskSerializer.Meta):
        fields = [*LabelTaskSerializer.Meta.fields, "predicted", "answers"]
