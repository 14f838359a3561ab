"""How sets of events and figures over time look from outside."""

from typing import Any

from rest_framework import serializers

from curation.api.floats import FiniteFloat
from evaluation.models import EventSet

MOST_ENTRIES, MOST_INTERVALS = 1_000, 20_000
EXAMPLE = {"video": "gate.mp4", "label": "person", "intervals": [[5.9, 19.7], [22.7, 45.0]]}


class PairField(serializers.ListField):
    """[start_s, end_s]."""

    child = FiniteFloat(min_value=0, max_value=1e9)

    def __init__(self, **options: Any) -> None:
        super().__init__(min_length=2, max_length=2, **options)


class PairsField(serializers.ListField):
    child = PairField()

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=MOST_INTERVALS, **options)


class NewTruthSerializer(serializers.Serializer[Any]):
    """One label in one video."""

    video = serializers.CharField(max_length=255, help_text="The video's name, SHA-256 or id.")
    label = serializers.CharField(max_length=80)  # type: ignore[assignment]
    intervals = PairsField(help_text="[start_s, end_s] of each event; none: it never is in view.")
    looked = PairsField(required=False, help_text="What was looked through, where it is not the whole video.")


class TruthSerializer(serializers.Serializer[Any]):
    video = serializers.CharField(help_text="The video's name.")
    video_id = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]
    looked = serializers.ListField(child=PairField(), help_text="[start_s, end_s] of what was looked through.")
    intervals = serializers.ListField(child=PairField(), help_text="[start_s, end_s] of each event.")


class EventSetSerializer(serializers.ModelSerializer[EventSet]):
    videos = serializers.IntegerField(source="video_count", read_only=True)
    events = serializers.IntegerField(source="event_count", read_only=True)
    looked_s = serializers.SerializerMethodField(help_text="Seconds looked through, summed over labels.")

    class Meta:
        model = EventSet
        fields = ["id", "name", "note", "sha256", "videos", "events", "looked_s", "created_at"]

    def get_looked_s(self, row: Any) -> float:
        return float(row.looked_us) / 1e6


class WholeEventSetSerializer(EventSetSerializer):
    truth = serializers.ListField(child=TruthSerializer(), read_only=True)

    class Meta(EventSetSerializer.Meta):
        fields = [*EventSetSerializer.Meta.fields, "truth"]


class NewEventSetSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=80, help_text="Lower-case letters, digits, '_', '.' and '-'.")
    note = serializers.CharField(default="", allow_blank=True, max_length=2000, help_text="Where it is from.")
    truth = serializers.ListField(child=NewTruthSerializer(), allow_empty=False, max_length=MOST_ENTRIES)


class FiguresQuery(serializers.Serializer[Any]):
    model = serializers.CharField(max_length=80, help_text="Name of a model that looked through the videos.")
    score = FiniteFloat(default=0.5, min_value=0, max_value=1, help_text="Score from which a look sees the label.")
    fps = FiniteFloat(default=2.0, min_value=0.01, max_value=60, help_text="Looks each second of video.")


class FigureSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField(help_text="event_recall, false_alarms or time_to_detection.")
    unit = serializers.CharField(help_text='"" for a share, else 1/h or s.')
    value = serializers.FloatField(allow_null=True, help_text="null where there is nothing to measure.")
    low = serializers.FloatField(allow_null=True, help_text="The 95% interval's lower end; null where it is unknown.")
    high = serializers.FloatField(allow_null=True)
    groups = serializers.IntegerField(help_text="Independent stretches that it stands on.")


class FiguresSerializer(serializers.Serializer[Any]):
    model = serializers.CharField()
    events = serializers.CharField()
    score = serializers.FloatField()
    fps = serializers.FloatField()
    figures = serializers.ListField(child=FigureSerializer())
