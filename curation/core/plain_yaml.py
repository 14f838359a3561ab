"""YAML of plain values: what people write, checked to hold nothing but what JSON can say."""

import json
from typing import Any

import yaml

from curation.core.errors import SpecError


def read_mapping(text: str, *, it_is: str, otherwise: str, allow_nan: bool = True) -> dict[str, Any]:
    """Read a YAML mapping into plain values; keys become texts: `true:` is "true".

    Raises SpecError: "The plan is not valid YAML …" where `it_is` is "The plan is"; `otherwise` if it is no mapping."""
    try:
        # Through JSON, so that dates, sets and lists that hold themselves are refused here.
        plain = json.loads(json.dumps(yaml.safe_load(text), allow_nan=allow_nan))
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise SpecError(f"{it_is} not valid YAML of plain values: {error}") from error
    if not isinstance(plain, dict):
        raise SpecError(otherwise)
    return plain
