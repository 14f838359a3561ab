"""What comparisons, leakage reports, checks and locks say."""

from typing import Any

from rest_framework import serializers

from curation.api.dataset_fields import BIGGEST, Strict
from curation.core.sides import Asked

ASKED = Asked()


class CompareQuery(Strict):
    to = serializers.IntegerField(
        required=False, min_value=1, max_value=BIGGEST, help_text="Id of the earlier version; its parent by default."
    )
    limit = serializers.IntegerField(default=100, min_value=0, max_value=10_000, help_text="Name so many frames.")


class ListedSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    frames = serializers.ListField(child=serializers.IntegerField(), help_text="Ids, up to the limit.")


class MovedSerializer(ListedSerializer):
    moves = serializers.DictField(child=serializers.IntegerField(), help_text='{"train → test": 3}')


class ShiftSerializer(serializers.Serializer[Any]):
    factor = serializers.CharField()
    names = serializers.ListField(child=serializers.CharField(), help_text="The factor's values.")
    before = serializers.ListField(child=serializers.IntegerField(), help_text="Frames of each value.")
    after = serializers.ListField(child=serializers.IntegerField())
    missing_before = serializers.IntegerField(help_text="Frames without a value.")
    missing_after = serializers.IntegerField()
    divergence = serializers.FloatField(
        allow_null=True, help_text="Jensen-Shannon, 0 (the same) to 1; null where a side is empty."
    )


class BeforeAfterSerializer(serializers.Serializer[Any]):
    before = serializers.DictField(child=serializers.IntegerField())
    after = serializers.DictField(child=serializers.IntegerField())


class FrameCountsSerializer(serializers.Serializer[Any]):
    before = serializers.IntegerField()
    after = serializers.IntegerField()
    in_both = serializers.IntegerField()


class ComparisonSerializer(serializers.Serializer[Any]):
    before = serializers.CharField(help_text="name@number.")
    after = serializers.CharField()
    frames = FrameCountsSerializer()
    came = ListedSerializer()
    went = ListedSerializer()
    relabelled = ListedSerializer(help_text="Frames whose annotations differ.")
    moved = MovedSerializer(help_text="Frames that changed sides.")
    retagged = serializers.DictField(child=serializers.IntegerField(), help_text="Factor -> frames that differ.")
    splits = BeforeAfterSerializer()
    labels = ShiftSerializer(help_text="Annotated objects by label.")
    shifts = ShiftSerializer(many=True, help_text="Factors, those that moved most first.")


class LeakageQuery(Strict):
    min_similarity = serializers.FloatField(default=ASKED.min_similarity, min_value=0.5, max_value=1)
    max_bits = serializers.IntegerField(default=ASKED.max_bits, min_value=0, max_value=11)
    within_s = serializers.FloatField(default=ASKED.within_s, min_value=0, max_value=86_400)
    embedder = serializers.CharField(default="", allow_blank=True, max_length=255, help_text="Whose vectors.")
    limit = serializers.IntegerField(default=ASKED.limit, min_value=0, max_value=10_000, help_text="So many leaks.")


class LeakSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=["holdout", "alike", "hash", "time"])
    left = serializers.IntegerField(help_text="Id of a frame; of a hold-out's where the kind is holdout.")
    right = serializers.IntegerField()
    left_split = serializers.CharField(help_text="Its split, or the hold-out's reference.")
    right_split = serializers.CharField(allow_blank=True)
    similarity = serializers.FloatField(allow_null=True)
    bits = serializers.IntegerField(allow_null=True)
    seconds = serializers.FloatField(allow_null=True)


class BetweenSerializer(serializers.Serializer[Any]):
    left = serializers.CharField()
    right = serializers.CharField()
    frames = serializers.IntegerField(help_text="Frames of `right`.")
    alike = serializers.IntegerField(help_text="Those of them that look like a frame of `left`.")
    share = serializers.FloatField(help_text="alike / frames.")
    near = serializers.IntegerField(help_text="Those that were taken within seconds of a frame of `left`.")
    closest = serializers.FloatField(allow_null=True, help_text="The highest similarity; null: nothing was compared.")
    videos = serializers.IntegerField(help_text="Videos with frames on both sides.")


class CheckedSerializer(serializers.Serializer[Any]):
    embedder = serializers.CharField(allow_blank=True, help_text="Empty where no frame has a vector.")
    min_similarity = serializers.FloatField()
    max_bits = serializers.IntegerField()
    within_s = serializers.FloatField()
    with_vector = serializers.IntegerField()
    with_hash = serializers.IntegerField()
    uncompared = serializers.IntegerField(help_text="Frames that have neither.")
    holdouts = serializers.ListField(child=serializers.CharField(), help_text="Hold-outs it was compared with.")


class LeakageSerializer(serializers.Serializer[Any]):
    is_clean = serializers.BooleanField()
    summary = serializers.CharField(help_text="In words: what was found, and what was looked at.")
    frames = serializers.IntegerField()
    splits = serializers.DictField(child=serializers.IntegerField())
    checked = CheckedSerializer()
    between = BetweenSerializer(many=True, help_text="A line for each pair of splits.")
    torn_groups = serializers.ListField(child=serializers.CharField(), help_text="Groups on both sides.")
    holdouts = serializers.DictField(child=serializers.IntegerField(), help_text="Hold-out -> frames like it.")
    held_out = serializers.IntegerField(help_text="Frames that a lock keeps away by now.")
    found = serializers.IntegerField(help_text="Leaks in all.")
    leaks = LeakSerializer(many=True, help_text="The worst first, up to the limit.")


class VerifiedSerializer(serializers.Serializer[Any]):
    is_sound = serializers.BooleanField()
    manifest_sha256 = serializers.CharField()
    frames = serializers.IntegerField()
    annotations = serializers.IntegerField()
    problems = serializers.ListField(child=serializers.CharField())


class OverlapSerializer(serializers.Serializer[Any]):
    version = serializers.CharField()
    frames = serializers.IntegerField(help_text="Frames outside its test split that the lock keeps away.")
    splits = serializers.DictField(child=serializers.IntegerField(), help_text="By their split there; `all`: none.")
    reasons = serializers.DictField(child=serializers.IntegerField(), help_text="member, block or duplicate.")


class ForeseenSerializer(serializers.Serializer[Any]):
    """What a lock keeps away."""

    block_s = serializers.FloatField()
    margin_s = serializers.FloatField()
    min_similarity = serializers.FloatField()
    max_bits = serializers.IntegerField()
    frames = serializers.DictField(child=serializers.IntegerField(), help_text="By reason: member, block, duplicate.")
    stretches = serializers.IntegerField(help_text="Stretches of video.")
    videos = serializers.IntegerField()
    seconds = serializers.FloatField(help_text="What the stretches come to.")
    embedders = serializers.ListField(child=serializers.CharField(), help_text="Whose vectors were compared.")
    uncompared = serializers.IntegerField(help_text="Other frames with neither a vector of these nor a hash.")
    blind = serializers.IntegerField(help_text="Frames of the hold-out with neither.")
    overlaps = OverlapSerializer(many=True, help_text="Versions that a model may have learnt from.")
