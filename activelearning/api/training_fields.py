"""Trainings in answers, and what one is asked to be."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from activelearning.backends.training import TRAINERS
from activelearning.models import Training
from activelearning.services.trainings import VAL_SHARE
from curation.api.dataset_fields import Strict
from curation.api.jobs import JobSerializer


class TrainingSerializer(serializers.ModelSerializer[Training]):
    """`state` and progress are the job's."""

    dataset = serializers.CharField(source="version", read_only=True, help_text="What it learns from: street@4.")
    base = serializers.CharField(read_only=True, allow_null=True, help_text="The model that it begins with.")
    model = serializers.CharField(read_only=True, allow_null=True, help_text="The model that came of it.")
    job = JobSerializer(read_only=True, allow_null=True)
    created_by = serializers.CharField(source="created_by.username", read_only=True, default=None, allow_null=True)
    epoch_count = serializers.SerializerMethodField(help_text="Epochs that are whole.")
    figures = serializers.DictField(read_only=True, help_text="Of the weights that were taken, on the split val.")

    class Meta:
        model = Training
        fields = [
            "id", "name", "dataset", "base", "trainer", "seed", "model", "onnx", "device", "epoch_count", "figures",
            "error", "job", "created_by", "created_at", "finished_at",
        ]  # fmt: skip

    @extend_schema_field(serializers.IntegerField())
    def get_epoch_count(self, training: Training) -> int:
        return len(training.epochs)


class EpochSerializer(serializers.Serializer[Any]):
    epoch = serializers.IntegerField(help_text="From 1.")
    seconds = serializers.FloatField()
    losses = serializers.DictField(child=serializers.FloatField())
    figures = serializers.DictField(child=serializers.FloatField())
    learning_rate = serializers.FloatField()


class WholeTrainingSerializer(TrainingSerializer):
    """With its epochs, what it read, and the end of its log."""

    epochs = EpochSerializer(many=True, read_only=True)
    options = serializers.DictField(read_only=True)
    learnt_from = serializers.DictField(
        source="data", read_only=True, help_text="Pictures, boxes, what was left out and why."
    )
    shares = serializers.DictField(read_only=True, help_text="Shares asked for, and what came of them.")
    classes = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta(TrainingSerializer.Meta):
        fields = [
            *TrainingSerializer.Meta.fields,
            "options",
            "classes",
            "learnt_from",
            "shares",
            "epochs",
            "log",
            "code_version",
        ]


class NewTrainingSerializer(Strict):
    name = serializers.CharField(max_length=80, help_text="Of the model that comes of it.")
    dataset = serializers.CharField(max_length=100, help_text="street@4, or street for the newest.")
    base = serializers.CharField(
        max_length=80, required=False, help_text="Name of a registered model; without, a new network."
    )
    trainer = serializers.ChoiceField(list(TRAINERS), default="ultralytics")
    options = serializers.DictField(required=False, help_text="The trainer's: see docs/registries.md.")
    seed = serializers.IntegerField(default=0, min_value=-(2**63), max_value=2**63 - 1)
    shares = serializers.DictField(
        child=serializers.FloatField(allow_null=True), required=False,
        help_text='Shares of queries in the training set: {"lighting:dark": 0.3}; null only reports.',
    )  # fmt: skip
    val_share = serializers.FloatField(default=VAL_SHARE, help_text="For versions without a split val.")
