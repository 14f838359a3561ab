"""What models look like from outside, and what is asked of them."""

from typing import Any

from rest_framework import serializers

from curation.api.dataset_fields import Strict
from evaluation.models import ModelVersion

LONGEST_LABEL, MOST_LABELS = 80, 2_000
REFERENCE = "A dataset version, as street@4."


class ModelVersionSerializer(serializers.ModelSerializer[ModelVersion]):
    labels = serializers.ListField(
        child=serializers.CharField(), read_only=True, help_text="In the network's order; [] is not known."
    )
    label_map = serializers.DictField(
        child=serializers.CharField(allow_null=True), read_only=True,
        help_text="Own label -> the dataset's; null drops a class; others stay.",
    )  # fmt: skip
    trained_on = serializers.SerializerMethodField(help_text="name@number of the dataset version; null: not known.")
    parent: Any = serializers.CharField(source="parent.name", read_only=True, default=None, allow_null=True)
    created_by = serializers.CharField(source="created_by.username", read_only=True, default=None, allow_null=True)

    class Meta:
        model = ModelVersion
        fields = [
            "id", "name", "detector", "weights_sha256", "labels", "label_map", "trained_on", "parent", "notes",
            "created_by", "created_at",
        ]  # fmt: skip
        extra_kwargs = {
            "detector": {"help_text": "KIND:WEIGHTS; empty for a model known only by imported predictions."}
        }

    def get_trained_on(self, model: ModelVersion) -> str | None:
        return str(model.trained_on) if model.trained_on else None


class SaidOfModelSerializer(Strict):
    """What may change of a model. What is left out stays as it is."""

    label_map = serializers.DictField(
        child=serializers.CharField(allow_null=True, max_length=LONGEST_LABEL), required=False,
        help_text="All of it: own label -> the dataset's; null drops a class.",
    )  # fmt: skip
    trained_on = serializers.CharField(required=False, allow_null=True, max_length=100, help_text=REFERENCE)
    parent: Any = serializers.CharField(
        required=False, allow_null=True, max_length=80, help_text="Name of the model that it was made from."
    )
    notes = serializers.CharField(required=False, allow_blank=True, max_length=20_000)


class NewModelSerializer(SaidOfModelSerializer):
    name = serializers.RegexField(r"^[a-z0-9][a-z0-9_.-]*$", max_length=80, help_text="Lower-case; never changes.")
    detector = serializers.CharField(
        default="", allow_blank=True, max_length=600,
        help_text="KIND:WEIGHTS, as in a cascade. Naming weights that no cascade and no model names yet needs the role "
        "admin, since model files can hold code.",
    )  # fmt: skip
    labels: Any = serializers.ListField(
        child=serializers.CharField(max_length=LONGEST_LABEL), required=False, max_length=MOST_LABELS,
        help_text="Of a model without weights: what it can find. Else they are read from the weights.",
    )  # fmt: skip
