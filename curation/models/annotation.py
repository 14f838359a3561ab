"""What is really in a frame, by somebody's word."""

from django.db import models


class Annotation(models.Model):
    """A labelled object: a box `xyxy` in pixels of the upright frame. `Frame.annotated_at` says that all objects of a
    frame are labelled, so a frame that has it and no rows here shows none."""

    class Source(models.TextChoices):
        IMPORT = "import", "import"
        LABELLING = "labelling", "labelling tool"

    frame = models.ForeignKey("curation.Frame", on_delete=models.CASCADE, related_name="annotations")
    label = models.CharField(max_length=80)
    x1 = models.FloatField()
    y1 = models.FloatField()
    x2 = models.FloatField()
    y2 = models.FloatField()
    is_crowd = models.BooleanField(default=False, help_text="One box around many objects (COCO's iscrowd).")
    track_id = models.BigIntegerField(null=True, blank=True, help_text="The object's number within its video.")
    area_px2 = models.FloatField(null=True, blank=True, help_text="Of the object itself, where it is not the box's.")
    segmentation = models.JSONField(null=True, blank=True, help_text="As COCO writes it: polygons, or RLE.")
    attributes = models.JSONField(default=dict, blank=True, help_text='{"occluded": true}')
    source = models.CharField(max_length=12, choices=Source)
    by = models.CharField(max_length=120, blank=True, help_text="The person, tool or file whose word it is.")
    made_in = models.ForeignKey(
        "curation.DataImport", null=True, on_delete=models.SET_NULL, related_name="annotations"
    )  # fmt: skip
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("frame", "id")
        indexes = [models.Index(fields=("label", "frame"), name="annotation_label")]

    def __str__(self) -> str:
        return f"{self.label} in frame {self.frame_id}"
