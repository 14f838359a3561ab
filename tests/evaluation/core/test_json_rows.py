"""Long lists of objects are read one by one, wherever the blocks end, and what is broken is told."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.core import json_rows as module
from evaluation.core.json_rows import JsonRowsError, json_rows

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


def read(text):
    return list(json_rows(io.BytesIO(text if isinstance(text, bytes) else text.encode())))


@given(st.lists(st.dictionaries(st.text(max_size=4), values, max_size=4), max_size=6), st.integers(1, 9), st.booleans())
def test_it_reads_what_json_reads_whatever_the_blocks(rows, block, is_pretty):
    text = json.dumps(rows, indent=2 if is_pretty else None, ensure_ascii=block % 2 == 0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK_BYTES", block)
        assert read(text) == rows


def test_nothing_is_read_from_an_empty_list():
    assert read("[]") == read(" [ \n] ") == read(b"\xef\xbb\xbf[]") == []


@pytest.mark.parametrize("text, why", [
    ("", "no JSON list"), ("{}", "no JSON list"), ("[", "no JSON object"), ("[1]", "no JSON object"),
    ('[{"a": 1}', "breaks off"), ('[{"a": 1} {"b": 2}]', "between two rows"), ('[{"a": 1}, ]', "no JSON object"),
    ('[{"a": ', "Is the file complete"), ('[{"a": x}]', "no JSON"), (b'[{"a": "\xff"}]', "UTF-8"),
    ("[" + '{"a":' * 100_000, "too deeply"),
])  # fmt: skip
def test_what_is_broken_is_told(text, why):
    with pytest.raises(JsonRowsError, match=why):
        read(text)


def test_rows_before_a_mistake_are_given():
    rows = json_rows(io.BytesIO(b'[{"a": 1}, nonsense'))
    assert next(rows) == {"a": 1}
    with pytest.raises(JsonRowsError):
        next(rows)


def test_one_row_cannot_fill_the_memory(monkeypatch):
    monkeypatch.setattr(module, "BLOCK_BYTES", 16)
    monkeypatch.setattr(module, "MOST_CHARS", 64)
    with pytest.raises(JsonRowsError, match="more than 64 characters"):
        read('[{"a": "' + "x" * 1000 + '"}]')
