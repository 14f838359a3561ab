"""A profile as JSON. The serializers describe it; services/profiles.py writes it out."""

from typing import Any

from rest_framework import serializers

from curation.core.operating.factors import KINDS


class ValueShareSerializer(serializers.Serializer[Any]):
    value = serializers.CharField()
    frames = serializers.IntegerField()
    share = serializers.FloatField(allow_null=True, help_text="Of the frames that have a value; null where none has.")
    expected = serializers.FloatField(allow_null=True, help_text="Share in use, by the operating conditions.")
    other_frames = serializers.IntegerField(allow_null=True, help_text="In `against`.")
    other_share = serializers.FloatField(allow_null=True, help_text="In `against`.")
    query = serializers.CharField(help_text="Finds its frames; join it with the profile's own query.")


class DistributionSerializer(serializers.Serializer[Any]):
    factor = serializers.CharField()
    kind = serializers.ChoiceField(choices=[*KINDS, "camera", "time"])
    help = serializers.CharField(allow_blank=True)
    values = ValueShareSerializer(many=True)
    values_left_out = serializers.IntegerField(help_text="Values that are too many to list; figures count them.")
    known = serializers.IntegerField(help_text="Frames that have a value.")
    missing = serializers.IntegerField(help_text="Frames without one; they are no part of shares and divergences.")
    missing_query = serializers.CharField()
    divergence = serializers.FloatField(
        allow_null=True,
        help_text="Jensen-Shannon divergence (base 2; not its square root, the distance) from the expected shares: "
        "0 is the same, 1 nothing in common. Null where nothing is expected or known.",
    )
    other_missing = serializers.IntegerField(allow_null=True, help_text="In `against`.")
    other_divergence = serializers.FloatField(allow_null=True, help_text="The same figure, from `against`.")


class AbsentSerializer(serializers.Serializer[Any]):
    first = serializers.CharField()
    second = serializers.CharField()
    weight = serializers.FloatField(help_text="The share it would have if the factors went their own ways.")
    query = serializers.CharField()


class CoverageSerializer(serializers.Serializer[Any]):
    first = serializers.CharField()
    second = serializers.CharField()
    first_values = serializers.ListField(child=serializers.CharField())
    second_values = serializers.ListField(child=serializers.CharField())
    counts = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField()), help_text="A row for each of first_values."
    )
    expected = serializers.ListField(
        child=serializers.ListField(child=serializers.FloatField()),
        allow_null=True,
        help_text="Expected shares; null unless both factors have them.",
    )
    known = serializers.IntegerField(help_text="Frames that have a value for both.")
    unknown = serializers.IntegerField()
    absent = AbsentSerializer(many=True, help_text="The weightiest of the combinations that no frame has.")
    absent_count = serializers.IntegerField()
    weights_are_expected = serializers.BooleanField(help_text="Else they come from the shares that were found.")


class CriticalCoverSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    when = serializers.DictField(child=serializers.CharField())
    least_frames = serializers.IntegerField()
    frames = serializers.IntegerField()
    short_by = serializers.IntegerField(help_text="0 where it is met.")
    query = serializers.CharField()


class ClassCountSerializer(serializers.Serializer[Any]):
    label = serializers.CharField()  # type: ignore[assignment]  # DRF takes fields out of the class
    frames = serializers.IntegerField()
    objects = serializers.IntegerField()


class RatingSerializer(serializers.Serializer[Any]):
    """Null where no frame is rated."""

    rated = serializers.IntegerField()
    duplicates = serializers.IntegerField(allow_null=True)
    outliers = serializers.IntegerField(allow_null=True, help_text="3.5 robust standard deviations off, or more.")
    mean_uniqueness = serializers.FloatField(allow_null=True)
    mean_typicality = serializers.FloatField(allow_null=True)


class GapSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=["critical", "value", "combination", "unknown"])
    severity = serializers.FloatField(help_text="What it adds to the divergence; above 1 for critical combinations.")
    text = serializers.CharField(help_text="A sentence.")
    query = serializers.CharField(help_text="Finds frames against it, outside the profiled query where there are any.")
    elsewhere = serializers.IntegerField(help_text="Frames outside the profiled query that would help.")


class DifferenceSerializer(serializers.Serializer[Any]):
    factor = serializers.CharField()
    value = serializers.CharField()
    share = serializers.FloatField()
    other_share = serializers.FloatField()
    part = serializers.FloatField(help_text="Of the factor's divergence.")
    text = serializers.CharField(help_text="A sentence.")
    query = serializers.CharField(help_text="Finds the frames that only one of the two has.")


class ProfileSerializer(serializers.Serializer[Any]):
    query = serializers.CharField(allow_blank=True)
    frames = serializers.IntegerField()
    annotated = serializers.IntegerField(help_text="Frames of which all objects are labelled.")
    held_out = serializers.IntegerField()
    conditions = serializers.CharField(help_text="Name of the operating conditions in force.")
    has_expected = serializers.BooleanField(help_text="Whether any factor has expected shares.")
    against = serializers.CharField(allow_blank=True)
    against_frames = serializers.IntegerField(allow_null=True)
    factors = DistributionSerializer(many=True, help_text="In the order of the operating conditions.")
    cameras = DistributionSerializer()
    time = DistributionSerializer(allow_null=True)
    time_width = serializers.ChoiceField(choices=["hour", "day", "week", "month", "year"], allow_null=True)
    pairs = CoverageSerializer(many=True)
    critical = CriticalCoverSerializer(many=True)
    classes = ClassCountSerializer(many=True, help_text="Of the frames that were searched for objects.")
    not_looked_at = serializers.IntegerField(help_text="Frames that nobody searched for objects.")
    rating = RatingSerializer()
    gaps = GapSerializer(many=True, help_text="The worst first.")
    differences = DifferenceSerializer(many=True, help_text="From `against`, the most first.")


class FootageShareSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    seconds = serializers.FloatField()
    footage_s = serializers.FloatField(help_text="Length of the footage that was searched for it.")
    share = serializers.FloatField(allow_null=True)
    videos = serializers.IntegerField()
    by_the_way = serializers.BooleanField(
        help_text="No cascade looks for it: it was seen while something else was in view, and may be more."
    )


class FootageSharesSerializer(serializers.Serializer[Any]):
    total_s = serializers.FloatField()
    videos = serializers.IntegerField()
    done_s = serializers.FloatField(help_text="Length of the footage that a cascade was run over.")
    done_videos = serializers.IntegerField()
    motion = FootageShareSerializer(allow_null=True)
    people = FootageShareSerializer(allow_null=True)
    classes = FootageShareSerializer(many=True)
    runs_to_count = serializers.IntegerField(help_text="Older runs still to be worked out: ask again.")
