"""What a drift report looks like from outside."""

from typing import Any

from rest_framework import serializers


class ConfigDriftSerializer(serializers.Serializer[Any]):
    is_changed = serializers.BooleanField(help_text="Its text is another one; what it offers may be the same.")
    classes_missing = serializers.ListField(child=serializers.CharField(), help_text="Asked for, not offered there.")
    classes_new = serializers.ListField(child=serializers.CharField(), help_text="Offered only there.")
    factors_missing = serializers.ListField(child=serializers.CharField())
    factors_new = serializers.ListField(child=serializers.CharField())
    values_missing = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))
    problems = serializers.ListField(child=serializers.CharField(), help_text="Why it cannot be used at all.")


class StaleSerializer(serializers.Serializer[Any]):
    model = serializers.CharField()
    newer = serializers.CharField(help_text="The newest model that was tested.")
    tasks = serializers.ListField(child=serializers.IntegerField())


class DriftSerializer(serializers.Serializer[Any]):
    batch = serializers.IntegerField()
    project = serializers.CharField()
    checked_at = serializers.DateTimeField()
    is_clean = serializers.BooleanField(help_text="There is nothing to mend.")
    is_project_gone = serializers.BooleanField()
    deleted = serializers.ListField(child=serializers.IntegerField(), help_text="Tasks deleted there, not labelled.")
    deleted_labelled = serializers.ListField(child=serializers.IntegerField(), help_text="Their labels are kept.")
    config = ConfigDriftSerializer()
    stale = StaleSerializer(allow_null=True, help_text="Pre-annotations of a model that is not the newest.")
    skipped = serializers.ListField(child=serializers.IntegerField())
    never_labelled = serializers.ListField(child=serializers.IntegerField())
    links = serializers.ListField(child=serializers.IntegerField(), help_text="Tasks whose picture's link ends soon.")
    unknown_there = serializers.ListField(child=serializers.IntegerField(), help_text="Tasks there, none of ours.")
