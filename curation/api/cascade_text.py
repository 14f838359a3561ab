"""A cascade's YAML from outside, made harmless before anybody builds objects from it."""

import json
from typing import Any

import yaml
from rest_framework import serializers
from rest_framework.exceptions import ParseError

from curation.api.parsers import check_plain

MAX_TEXT_CHARS = 64 << 10
MAX_DEPTH = 16
MAX_NAME_CHARS = 80


def check_yaml(text: str) -> str:
    """Give the text back if it is plain YAML: no aliases, which can unfold to gigabytes, and 16 levels at most.

    Raises ValidationError."""
    try:
        _check_events(text)
        plain = yaml.safe_load(text)
        check_plain(plain)
    except (yaml.YAMLError, ValueError, ParseError) as error:
        raise serializers.ValidationError(f"This is not valid YAML: {error}") from error
    if isinstance(plain, dict) and len(str(plain.get("name"))) > MAX_NAME_CHARS:
        raise serializers.ValidationError(f"name: at most {MAX_NAME_CHARS} letters.")
    return text


def yaml_of(spec: Any) -> str:
    """Write a spec that came as JSON as text; JSON is YAML."""
    return json.dumps(spec, ensure_ascii=False)


def _check_events(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise serializers.ValidationError("Aliases (`*name`) are not taken; write the value out.")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise serializers.ValidationError(f"Values are nested more than {MAX_DEPTH} levels deep.")
