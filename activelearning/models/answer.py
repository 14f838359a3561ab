"""What one annotator said of one task, and which labels of frames came of it."""

from django.db import models
from django.db.models import Q


class Answer(models.Model):
    """One annotation of a task, as Label Studio (or a file) had it last. A deleted one stays here, marked.

    `boxes` are in pixels of the upright frame: [{"id", "label", "box": [x1, y1, x2, y2]}]. Empty `boxes` of an answer
    that is no skip say that the frame shows nothing."""

    task = models.ForeignKey("activelearning.LabelTask", on_delete=models.CASCADE, related_name="answers")
    number = models.PositiveBigIntegerField(null=True, help_text="The annotation's id at Label Studio; null of a file.")
    annotator = models.CharField(max_length=150, help_text="Their e-mail address there, or the file's name.")
    boxes = models.JSONField(default=list)
    tags = models.JSONField(default=dict, help_text='{"weather": "rain"}')
    raw = models.JSONField(default=list, help_text="Its regions as they came.")
    problems = models.JSONField(default=list, help_text="What could not be read of it, in words.")
    is_skip = models.BooleanField(default=False)
    is_truth = models.BooleanField(default=False, help_text="Marked there as ground truth: it decides alone.")
    lead_time_s = models.FloatField(null=True)
    created_there = models.DateTimeField(null=True)
    updated_there = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("task", "id")
        constraints = [
            models.UniqueConstraint(
                fields=("task", "number"), condition=Q(number__isnull=False), name="answer_number"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.annotator} on task {self.task_id}"


class LabelOrigin(models.Model):
    """Where a label of a frame came from: task, annotator, time and lead time stand on the answer.

    A merged label names the answer that it was taken from, or the newest of those that it was averaged over."""

    annotation = models.OneToOneField("curation.Annotation", on_delete=models.CASCADE, related_name="label_origin")
    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="labels")
    region = models.CharField(max_length=64, blank=True, help_text="The region's id in the answer.")

    def __str__(self) -> str:
        return f"label {self.annotation_id} by answer {self.answer_id}"
