"""What is asked of a round that there is."""

from typing import Any

from rest_framework import serializers

from activelearning.core.round_states import RERUN
from activelearning.models import LabelBatch
from curation.api.dataset_fields import BIGGEST, Strict

MOST_FRAMES, MOST_NOTE = 10_000, 200


class GoOnSerializer(Strict):
    early = serializers.BooleanField(default=False, help_text="Take out what nobody labelled yet, and go on without.")
    via = serializers.ChoiceField(
        LabelBatch.Via.choices, default="", allow_blank=True, help_text="How its frames are labelled."
    )


class RerunSerializer(Strict):
    state = serializers.ChoiceField(list(RERUN), help_text="The step that is done again, and all after it.")


class AttachSerializer(Strict):
    model = serializers.CharField(max_length=80, help_text="The name of a model that was trained elsewhere.")


class AbandonSerializer(Strict):
    note = serializers.CharField(default="", allow_blank=True, max_length=MOST_NOTE)


class FramesSerializer(Strict):
    frames = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=BIGGEST), allow_empty=False, max_length=MOST_FRAMES,
        help_text="Ids of frames.",
    )  # fmt: skip


class DropSerializer(FramesSerializer):
    note = serializers.CharField(default="", allow_blank=True, max_length=MOST_NOTE, help_text="Why.")


class AddSerializer(Strict):
    """Either `frames` or `query`."""

    frames = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=BIGGEST), required=False, allow_empty=False,
        max_length=MOST_FRAMES, help_text="Ids of frames.",
    )  # fmt: skip
    query = serializers.CharField(
        required=False,
        max_length=4000,
        help_text="All frames that match and are not held out.",
    )
    note = serializers.CharField(default="", allow_blank=True, max_length=MOST_NOTE, help_text="Why.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("frames" in attrs) == ("query" in attrs):
            raise serializers.ValidationError("Give either `frames` (ids) or `query`.")
        return attrs


class ChangedSerializer(serializers.Serializer[Any]):
    changed = serializers.IntegerField(help_text="How many were not so before.")
    kept = serializers.IntegerField(help_text="Candidates that will be sent.")
