"""Connections and label projects as the API says and hears them. A token is only heard."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from activelearning.models import Connection, LabelProject


class HealthSerializer(serializers.Serializer[Any]):
    ok = serializers.BooleanField()
    code = serializers.CharField(
        help_text="Stable, for programs; empty where it works: unreachable, private, timeout, not_label_studio, "
        "too_old, wrong_token_kind, expired, refused, no_rights, server, sealed."
    )
    summary = serializers.CharField(help_text="In a sentence.")
    version = serializers.CharField()
    token = serializers.CharField(help_text="Its kind: personal or legacy.")
    user = serializers.CharField(help_text="Whose it is.")
    can_create_projects = serializers.BooleanField(allow_null=True)
    problems = serializers.ListField(child=serializers.CharField(), help_text="What must be mended.")
    notes = serializers.ListField(child=serializers.CharField(), help_text="What one should know.")


class ConnectionSerializer(serializers.ModelSerializer[Connection]):
    health = serializers.SerializerMethodField(help_text="What the last look said; null before the first.")

    class Meta:
        model = Connection
        fields = ["id", "name", "url", "pictures", "pictures_url", "webhook_url", "health", "checked_at", "created_at"]
        read_only_fields = fields

    @extend_schema_field(HealthSerializer(allow_null=True))
    def get_health(self, connection: Connection) -> dict[str, Any] | None:
        return connection.health or None


class ChangedConnectionSerializer(serializers.Serializer[Any]):
    url = serializers.CharField(required=False, max_length=500, help_text="Another one needs the token again.")
    token = serializers.CharField(
        required=False, max_length=4000, write_only=True, trim_whitespace=True, help_text="It is never shown again."
    )
    pictures = serializers.ChoiceField(Connection.Pictures.choices, required=False)
    pictures_url = serializers.CharField(
        required=False, allow_blank=True, max_length=500, help_text="Where annotators' browsers reach this service."
    )
    webhook_url = serializers.CharField(
        required=False, allow_blank=True, max_length=500, help_text="Where Label Studio reaches this service."
    )


class NewConnectionSerializer(ChangedConnectionSerializer):
    name = serializers.CharField(max_length=80, help_text="Lower-case letters, digits, '_', '.' and '-'.")
    url = serializers.CharField(max_length=500, help_text="https://label.example.org")
    token = serializers.CharField(
        max_length=4000, write_only=True, help_text="A personal access token, or a legacy one. It is never shown again."
    )


class LabelProjectSerializer(serializers.ModelSerializer[LabelProject]):
    connection = serializers.CharField(source="connection.name")
    url = serializers.SerializerMethodField(help_text="Its page on the server.")
    factors = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))
    classes = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = LabelProject
        fields = ["id", "connection", "number", "title", "url", "classes", "factors", "polled_at", "created_at"]
        read_only_fields = fields

    def get_url(self, project: LabelProject) -> str:
        return f"{project.connection.url}/projects/{project.number}"


class NewLabelProjectSerializer(serializers.Serializer[Any]):
    """Either `title`, to make a project there, or `number`, to use one that is there."""

    connection = serializers.CharField(max_length=80, help_text="Its name.")
    title = serializers.CharField(required=False, max_length=200, help_text="Of a new project, 3 to 50 characters.")
    number = serializers.IntegerField(required=False, min_value=1, help_text="Of one that is there.")
    classes = serializers.ListField(
        child=serializers.CharField(max_length=80), max_length=500, required=False, default=list
    )
    factors = serializers.ListField(
        child=serializers.CharField(max_length=40), max_length=100, required=False, default=list
    )

    def validate(self, asked: dict[str, Any]) -> dict[str, Any]:
        if ("title" in asked) == ("number" in asked):
            raise serializers.ValidationError("Give either a title, to make a project, or the number of one.")
        return asked


class ProjectThereSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    title = serializers.CharField()
    task_count = serializers.IntegerField()
