"""What a model says about frames."""

from django.conf import settings
from django.db import models


class PredictionRun(models.Model):
    """One model over a fixed set of frames. The same model, frames and parameters are one run: `key`.

    It can be used once `finished_at` is set; until then its job says how far it is."""

    class Origin(models.TextChoices):
        MODEL = "model", "the model was run here"
        IMPORT = "import", "imported"

    model = models.ForeignKey("evaluation.ModelVersion", on_delete=models.PROTECT, related_name="prediction_runs")
    version = models.ForeignKey(
        "curation.DatasetVersion", null=True, on_delete=models.PROTECT, related_name="prediction_runs"
    )
    query = models.TextField(blank=True, help_text="Where the frames are not a dataset version's.")
    origin = models.CharField(max_length=8, choices=Origin)
    source = models.CharField(max_length=255, blank=True, help_text="Of an import: the file's name.")
    params = models.JSONField(default=dict, help_text='{"min_score": 0.01, "max_boxes": 100}')
    frames_sha256 = models.CharField(max_length=64, help_text="Of the frames' identities, in order.")
    frame_count = models.PositiveIntegerField()
    box_count = models.PositiveIntegerField(default=0)
    key = models.CharField(max_length=64, unique=True)
    report = models.JSONField(default=dict, help_text="Of an import: what was read, skipped and why.")
    job = models.ForeignKey("curation.Job", null=True, on_delete=models.SET_NULL, related_name="prediction_runs")
    code_version = models.CharField(max_length=64)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.model} over {self.version or self.query or 'frames'}"

    @property
    def is_done(self) -> bool:
        return self.finished_at is not None


class PredictedFrame(models.Model):
    """A frame that a run looks at. One without predictions shows nothing, by the model's word."""

    run = models.ForeignKey(PredictionRun, on_delete=models.CASCADE, related_name="frames")
    frame = models.ForeignKey("curation.Frame", on_delete=models.CASCADE, related_name="predicted_in")

    class Meta:
        constraints = [models.UniqueConstraint(fields=("run", "frame"), name="predicted_frame_once")]

    def __str__(self) -> str:
        return f"frame {self.frame_id} in prediction run {self.run_id}"


class Prediction(models.Model):
    """A box, `xyxy` in pixels of the upright frame, with the model's own label."""

    run = models.ForeignKey(PredictionRun, on_delete=models.CASCADE, related_name="predictions")
    frame = models.ForeignKey("curation.Frame", on_delete=models.CASCADE, related_name="predictions")
    label = models.CharField(max_length=80)
    score = models.FloatField()
    x1 = models.FloatField()
    y1 = models.FloatField()
    x2 = models.FloatField()
    y2 = models.FloatField()

    class Meta:
        ordering = ("frame", "-score", "id")
        indexes = [models.Index(fields=("run", "frame"), name="prediction_place")]

    def __str__(self) -> str:
        return f"{self.label} {self.score:.2f}"
