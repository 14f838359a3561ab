"""What dataset versions look like from outside, and what is asked of them."""

import math
from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from curation.api.plan_field import PlanField
from curation.core.splits import SplitSpec
from curation.models import DatasetFrame, DatasetVersion, HoldoutUse
from curation.services.holdout import Reach

BIGGEST = 2**63 - 1
AT_ONCE = 50_000
USUAL, REACH = SplitSpec(), Reach()


class Strict(serializers.Serializer[Any]):
    """A serializer that refuses what it does not know: a misspelt parameter must not be ignored."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping) and (unknown := sorted(set(map(str, data)) - {*self.fields, "format"})):
            valid = ", ".join(self.fields)
            raise serializers.ValidationError({unknown[0][:80]: [f"There is no such parameter. Valid ones: {valid}."]})
        return super().to_internal_value(data)


class DatasetVersionSerializer(serializers.ModelSerializer[DatasetVersion]):
    reference = serializers.CharField(source="__str__", read_only=True, help_text="name@number, as queries name it.")
    dataset = serializers.CharField(source="dataset.name", read_only=True)
    splits = serializers.DictField(child=serializers.IntegerField(), read_only=True, help_text="Frames of each split.")
    created_by = serializers.CharField(source="created_by.username", read_only=True, default=None, allow_null=True)
    locked_by = serializers.CharField(source="locked_by.username", read_only=True, default=None, allow_null=True)

    class Meta:
        model = DatasetVersion
        fields = [
            "id", "reference", "dataset", "number", "parent", "frame_count", "annotation_count", "splits", "split_by",
            "seed", "manifest_sha256", "created_by", "created_at", "locked_at", "locked_by",
        ]  # fmt: skip


class WholeVersionSerializer(DatasetVersionSerializer):
    plan = serializers.DictField(read_only=True, help_text="What was asked, every default written out.")
    plan_text = serializers.CharField(read_only=True, help_text="The plan's YAML as it was written.")
    conditions = serializers.IntegerField(
        source="conditions_id", read_only=True, allow_null=True, help_text="The operating conditions of that time."
    )
    report = serializers.DictField(
        read_only=True, help_text="What the plan gave, notes on splits, and what leaked when it was made."
    )
    lock = serializers.DictField(read_only=True, help_text="What its lock keeps away; empty where it is not locked.")

    class Meta(DatasetVersionSerializer.Meta):
        fields = [
            *DatasetVersionSerializer.Meta.fields, "conditions", "plan", "plan_text", "report", "lock", "code_version",
        ]  # fmt: skip


class SplitSerializer(Strict):
    by = serializers.ChoiceField(
        choices=["video", "camera", "day", "block", "frame"], default=USUAL.by,
        help_text="What never stands on both sides; a block is a minute of video.",
    )  # fmt: skip
    train = serializers.FloatField(default=USUAL.train, min_value=0, max_value=1)
    val = serializers.FloatField(default=USUAL.val, min_value=0, max_value=1)
    test = serializers.FloatField(default=USUAL.test, min_value=0, max_value=1)
    stratify = serializers.CharField(
        default="", allow_blank=True, max_length=40, help_text="A factor whose values come in like shares everywhere."
    )
    alike = serializers.FloatField(
        default=None, allow_null=True, min_value=0, max_value=1,
        help_text="Frames at least this similar stand on one side; null: nobody looks.",
    )  # fmt: skip

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not math.isclose(attrs["train"] + attrs["val"] + attrs["test"], 1.0, abs_tol=1e-6):
            raise serializers.ValidationError("train, val and test must add up to 1.")
        return attrs


class NewVersionSerializer(Strict):
    """What it is made of: one of `plan`, `query` and `frames`."""

    dataset = serializers.RegexField(
        r"^[a-z0-9][a-z0-9_.-]*$", max_length=80, help_text="Its name; the dataset is made if there is none."
    )
    plan = PlanField(required=False, help_text="A sampling plan, as YAML or as JSON.")
    query = serializers.CharField(
        required=False, allow_blank=True, max_length=4000, help_text="Every frame that matches and is not held out."
    )
    frames = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=BIGGEST),
        required=False, allow_empty=False, max_length=AT_ONCE, help_text="Ids of frames.",
    )  # fmt: skip
    splits = SplitSerializer(required=False, help_text="Of a plan: instead of its own.")
    seed = serializers.IntegerField(required=False, min_value=0, max_value=BIGGEST)
    after = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=BIGGEST,
        help_text="Id of the version before it; the newest by default.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if sum(name in attrs for name in ("plan", "query", "frames")) != 1:
            raise serializers.ValidationError("Give one of `plan`, `query` and `frames` (ids).")
        return attrs


class MemberQuery(Strict):
    split = serializers.CharField(required=False, allow_blank=True, max_length=16, help_text="The exact split.")
    group = serializers.CharField(required=False, allow_blank=True, max_length=120, help_text="The exact group.")


class MemberSerializer(serializers.ModelSerializer[DatasetFrame]):
    class Meta:
        model = DatasetFrame
        fields = ["id", "frame", "split", "group"]


class LockSerializer(Strict):
    """How far the lock reaches. `confirm` must be the version's own reference: a lock cannot be undone."""

    confirm = serializers.CharField(max_length=100, help_text="The version's reference, as gate-night@2.")
    block_s = serializers.FloatField(
        default=REACH.block_s, min_value=1, max_value=86_400, help_text="Length of the blocks of video that are taken."
    )
    margin_s = serializers.FloatField(
        default=REACH.margin_s, min_value=0, max_value=86_400, help_text="More on both sides of them."
    )
    min_similarity = serializers.FloatField(
        default=REACH.min_similarity, min_value=0.5, max_value=1, help_text="From here on frames look alike (cosine)."
    )
    max_bits = serializers.IntegerField(
        default=REACH.max_bits, min_value=0, max_value=11, help_text="Up to so many bits of the perceptual hash differ."
    )
    allow_overlap = serializers.BooleanField(
        default=False,
        help_text="Although a model may have learnt from other versions that have some of the frames.",
    )
    allow_uncompared = serializers.BooleanField(
        default=False, help_text="Although some frames have neither a vector nor a hash to compare by."
    )


class ReachSerializer(Strict):
    block_s = serializers.FloatField(default=REACH.block_s, min_value=1, max_value=86_400)
    margin_s = serializers.FloatField(default=REACH.margin_s, min_value=0, max_value=86_400)
    min_similarity = serializers.FloatField(default=REACH.min_similarity, min_value=0.5, max_value=1)
    max_bits = serializers.IntegerField(default=REACH.max_bits, min_value=0, max_value=11)


class UseSerializer(serializers.ModelSerializer[HoldoutUse]):
    by = serializers.CharField(source="by_name", read_only=True, help_text="Who it was, by their name at that time.")

    class Meta:
        model = HoldoutUse
        fields = ["id", "purpose", "model", "metric", "value", "note", "by", "at"]


class NewUseSerializer(Strict):
    model = serializers.CharField(max_length=200, help_text="The model that was evaluated.")
    metric = serializers.CharField(default="", allow_blank=True, max_length=80, help_text="mAP50, for instance.")
    value = serializers.FloatField(default=None, allow_null=True, help_text="What it came to.")
    note = serializers.CharField(default="", allow_blank=True, max_length=2000)
