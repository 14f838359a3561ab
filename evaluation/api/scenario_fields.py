"""What the scenarios of a test run look like from outside: as reports in JSON have them."""

from typing import Any

from rest_framework import serializers

from evaluation.models import ScenarioResult, TestRun


class ReadinessSerializer(serializers.Serializer[Any]):
    verdict = serializers.ChoiceField(TestRun.Verdict.choices)
    value = serializers.FloatField(
        allow_null=True, help_text="Weighted by the shares expected in use; null where no scenario names its share."
    )
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    critical = serializers.IntegerField()
    critical_passed = serializers.IntegerField()
    critical_failed = serializers.IntegerField()
    covered_share = serializers.FloatField(help_text="The sum of the shares that went into the figure.")
    sentence = serializers.CharField()


class ScenarioSerializer(serializers.Serializer[Any]):
    position = serializers.IntegerField(help_text="Its place in the suite, from 0, as scenarios/POSITION/.")
    name = serializers.CharField()
    critical = serializers.BooleanField()
    metric = serializers.CharField(help_text="The figure with its parameters.")
    value = serializers.FloatField(
        allow_null=True, help_text="Of a relative scenario the difference; null where there was nothing to measure."
    )
    low = serializers.FloatField(allow_null=True, help_text="The interval's lower end.")
    high = serializers.FloatField(allow_null=True)
    threshold = serializers.FloatField(help_text="What the figure, or the difference, is held against.")
    images = serializers.IntegerField()
    instances = serializers.IntegerField()
    groups = serializers.IntegerField(help_text="Independent groups: what is resampled.")
    verdict = serializers.ChoiceField(ScenarioResult.Verdict.choices)
    reason = serializers.CharField(help_text="Why this verdict, and what would change it.")
    groups_needed = serializers.IntegerField(allow_null=True, help_text="Further ones that it would take to decide.")
    why = serializers.CharField(allow_blank=True)
    query = serializers.CharField()
    link_query = serializers.CharField(allow_blank=True, help_text="The query that shows its frames as they are now.")
    kind = serializers.CharField(help_text="The metric's name in the suite.")
    unit = serializers.CharField(allow_blank=True, help_text="Empty for a share from 0 to 1; else s, 1/h, objects.")
    is_higher_better = serializers.BooleanField()
    is_relative = serializers.BooleanField()
    model_value = serializers.FloatField(allow_null=True)
    baseline_value = serializers.FloatField(allow_null=True)
    share = serializers.FloatField(allow_null=True, help_text="Expected share in use.")
    under_review = serializers.IntegerField(help_text="Labels left out since they are under review.")


class CurvesSerializer(serializers.Serializer[Any]):
    precision = serializers.ListField(
        child=serializers.FloatField(), allow_null=True, help_text="At recalls 0, 0.01 … 1 and IoU 0.5."
    )
    calibration = serializers.ListField(
        child=serializers.DictField(child=serializers.FloatField()),
        help_text="Bins of scores: low, high, score (mean), precision, count.",
    )
    operating_point = serializers.DictField(
        child=serializers.FloatField(), allow_null=True, help_text="score, precision, recall at which errors count."
    )


class ErrorsSerializer(serializers.Serializer[Any]):
    kinds = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="Counts by TIDE's kinds: class, localisation, both, duplicate, background, missed.",
    )
    labels = serializers.ListField(child=serializers.CharField())
    confusion = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField()),
        help_text="Rows are true labels, columns what was found; the last of each is nothing.",
    )


class DrawnBoxSerializer(serializers.Serializer[Any]):
    label = serializers.CharField()  # type: ignore[assignment]  # DRF takes fields out of the class
    box = serializers.ListField(
        child=serializers.FloatField(), min_length=4, max_length=4,
        help_text="x1, y1, x2, y2 in pixels of the upright frame.",
    )  # fmt: skip
    what = serializers.ChoiceField(["truth", "found", "missed", "false", "ignored"])
    score = serializers.FloatField(allow_null=True)
    kind = serializers.CharField(allow_blank=True, help_text="The kind of error, of a false or a missed one.")


class WorstFrameSerializer(serializers.Serializer[Any]):
    frame_id = serializers.IntegerField()
    identity = serializers.CharField(help_text="SHA-256 of the video and the frame's time in it.")
    camera = serializers.CharField(allow_blank=True)
    video = serializers.CharField(allow_blank=True)
    pts_us = serializers.IntegerField(help_text="Microseconds into the video.")
    width_px = serializers.IntegerField()
    height_px = serializers.IntegerField()
    misses = serializers.IntegerField()
    false_alarms = serializers.IntegerField()
    boxes = DrawnBoxSerializer(many=True)
    picture = serializers.URLField(allow_null=True, help_text="Signed link; null where the frame is gone.")
    thumbnail = serializers.URLField(allow_null=True, help_text="The same, smaller.")


class WholeScenarioSerializer(ScenarioSerializer):
    frames_url = serializers.URLField(allow_null=True, help_text="Its frames in the dashboard.")
    curves = CurvesSerializer()
    errors = ErrorsSerializer(  # type: ignore[assignment]  # DRF takes fields out of the class
        help_text="Counted at the operating point."
    )
    frames = WorstFrameSerializer(many=True, help_text="The worst ones.")
