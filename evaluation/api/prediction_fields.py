"""What prediction runs look like from outside, and what is asked of them."""

from typing import Any

from rest_framework import serializers

from curation.api.dataset_fields import Strict
from curation.api.floats import FiniteFloat
from curation.api.jobs import JobSerializer
from evaluation.models import Prediction, PredictionRun
from evaluation.services.prediction_import import FORMATS
from evaluation.services.prediction_request import MAX_BOXES, MIN_SCORE, MOST_BOXES

DATASET = "A dataset version, as street@4; without a number the newest."


class PredictionRunSerializer(serializers.ModelSerializer[PredictionRun]):
    model = serializers.CharField(source="model.name", read_only=True)
    dataset = serializers.SerializerMethodField(help_text="name@number; null for a query.")
    params = serializers.DictField(read_only=True)
    report = serializers.DictField(read_only=True, help_text="Of an import: what was read, skipped and why.")
    is_done = serializers.BooleanField(read_only=True, help_text="Whether it can be used; else the job says how far.")
    job = JobSerializer(read_only=True, allow_null=True)
    created_by = serializers.CharField(source="created_by.username", read_only=True, default=None, allow_null=True)

    class Meta:
        model = PredictionRun
        fields = [
            "id", "model", "dataset", "query", "origin", "source", "params", "frame_count", "box_count", "is_done",
            "report", "job", "frames_sha256", "code_version", "created_by", "created_at", "finished_at",
        ]  # fmt: skip

    def get_dataset(self, run: PredictionRun) -> str | None:
        return str(run.version) if run.version else None


class NewPredictionRunSerializer(Strict):
    """Over the frames of one of `dataset` and `query`."""

    model = serializers.CharField(max_length=80, help_text="The model's name.")
    dataset = serializers.CharField(required=False, max_length=100, help_text=DATASET)
    query = serializers.CharField(
        required=False, allow_blank=True, max_length=4000, help_text="Every frame that matches and is not held out."
    )
    min_score = FiniteFloat(default=MIN_SCORE, min_value=0, max_value=0.999999, help_text="Below it none are kept.")
    max_boxes = serializers.IntegerField(
        default=MAX_BOXES, min_value=1, max_value=MOST_BOXES, help_text="The best so many of a frame."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("dataset" in attrs) == ("query" in attrs):
            raise serializers.ValidationError("Give either `dataset` or `query`.")
        return attrs


class NewPredictionImportSerializer(Strict):
    """A file holds all that the model finds in the version: a frame without a row shows nothing."""

    model = serializers.CharField(max_length=80, help_text="The model's name.")
    dataset = serializers.CharField(max_length=100, help_text=DATASET)
    upload = serializers.UUIDField(help_text="A finished upload with the purpose `import`: the predictions.")
    truth_upload = serializers.UUIDField(
        required=False, help_text="Another: the COCO file whose image and category ids the results use."
    )
    format = serializers.ChoiceField(list(FORMATS))
    is_final = serializers.BooleanField(
        default=False, help_text="For the final evaluation of a locked version, whose frames are held out."
    )


class PredictionSerializer(serializers.ModelSerializer[Prediction]):
    box = serializers.SerializerMethodField(help_text="[x1, y1, x2, y2] in pixels of the upright frame.")

    class Meta:
        model = Prediction
        fields = ["id", "run", "frame", "label", "score", "box"]
        extra_kwargs = {"label": {"help_text": "The model's own."}}

    def get_box(self, row: Prediction) -> list[float]:
        return [row.x1, row.y1, row.x2, row.y2]
