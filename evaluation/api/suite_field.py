"""A suite in a request."""

from typing import Any

import yaml
from rest_framework import serializers

from curation.api.cascade_text import check_yaml

MOST_CHARS = 512 << 10
"""Some two thousand scenarios. Larger suites are saved on the command line."""
SUITE = {
    "suite": "street",
    "dataset": "street@4",
    "scenarios": [
        {
            "name": "night",
            "why": "Most break-ins happen at night.",
            "query": "lighting:dark",
            "labels": ["person"],
            "metric": {"kind": "recall", "score": 0.4},
            "at_least": 0.85,
            "critical": True,
        }
    ],
}


class NewSuiteSerializer(serializers.Serializer[Any]):
    """Either `text` or `spec`."""

    text = serializers.CharField(required=False, max_length=MOST_CHARS, trim_whitespace=False, help_text="YAML.")
    spec = serializers.DictField(required=False, help_text="The same as JSON.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if unknown := sorted(set(map(str, self.initial_data)) - {*self.fields}):
            raise serializers.ValidationError(
                {unknown[0][:80]: [f"There is no such parameter. Valid ones: {', '.join(self.fields)}."]}
            )
        if ("text" in attrs) == ("spec" in attrs):
            raise serializers.ValidationError("Give either `text` (YAML) or `spec` (JSON).")
        if "text" in attrs:
            return {"text": check_yaml(attrs["text"])}
        # Written as people would, for they read it again in the dashboard.
        text = yaml.safe_dump(attrs["spec"], sort_keys=False, allow_unicode=True, width=110)
        if len(text) > MOST_CHARS:
            raise serializers.ValidationError({"spec": [f"As YAML it has more than {MOST_CHARS:,} letters."]})
        return {"text": text}
