"""What suites and their versions look like from outside."""

from rest_framework import serializers

from evaluation.models import Suite, SuiteVersion


class SuiteSerializer(serializers.ModelSerializer[Suite]):
    newest = serializers.IntegerField(read_only=True, allow_null=True, help_text="Number of the newest version.")
    newest_id = serializers.IntegerField(read_only=True, allow_null=True, help_text="Its id, as /suite-versions/ID/.")

    class Meta:
        model = Suite
        fields = ["id", "name", "newest", "newest_id", "created_at"]
        read_only_fields = ["name"]


class SuiteVersionSerializer(serializers.ModelSerializer[SuiteVersion]):
    reference = serializers.CharField(source="__str__", read_only=True, help_text="name@number, as test runs name it.")
    suite = serializers.CharField(source="suite.name", read_only=True)
    scenario_count = serializers.IntegerField(read_only=True)
    created_by = serializers.CharField(source="created_by.username", read_only=True, default=None, allow_null=True)

    class Meta:
        model = SuiteVersion
        fields = ["id", "reference", "suite", "number", "scenario_count", "sha256", "created_by", "created_at"]


class WholeSuiteSerializer(SuiteVersionSerializer):
    text = serializers.CharField(read_only=True, help_text="The YAML as it was written.")
    spec = serializers.DictField(read_only=True, help_text="What it means, every default written out.")

    class Meta(SuiteVersionSerializer.Meta):
        fields = [*SuiteVersionSerializer.Meta.fields, "text", "spec"]
