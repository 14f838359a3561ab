"""YAML of plain values, and what is said of any other."""

import math

import pytest

from curation.core.errors import SpecError
from curation.core.plain_yaml import read_mapping


def read(text, **asked):
    return read_mapping(text, it_is="The plan is", otherwise="A plan is a mapping.", **asked)


def test_values_are_plain_and_keys_are_texts():
    assert read("{a: [1, x], true: null, 3: 0.5}") == {"a": [1, "x"], "true": None, "3": 0.5}


@pytest.mark.parametrize("text", ["{", "a: 2026-01-01", "a: !!set {x}", "a: &a [*a]", "a: !!python/name:os.system"])
def test_what_is_no_plain_value_is_refused(text):
    with pytest.raises(SpecError, match=r"^The plan is not valid YAML of plain values: "):
        read(text)


@pytest.mark.parametrize("text", ["", "- a", "3"])
def test_what_is_no_mapping_is_told_what_one_is(text):
    with pytest.raises(SpecError, match=r"^A plan is a mapping\.$"):
        read(text)


def test_nan_is_a_number_unless_it_is_refused():
    assert math.isnan(read("a: .nan")["a"])
    with pytest.raises(SpecError, match="not valid YAML"):
        read("a: .nan", allow_nan=False)
