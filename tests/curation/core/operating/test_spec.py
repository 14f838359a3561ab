"""The operating-conditions file: what it means, and what is refused with which word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.core.errors import SpecError
from curation.core.operating import Critical, FactorSpec, Rule, parse, read_yaml
from curation.core.operating.factors import bin_names, parse_factor

WHOLE = """
name: shop-floor
description: Two shops.
factors:
  lighting: {kind: categorical, values: [dark, dim, normal], expected: {dark: 0.2, dim: 0.3, normal: 0.5}}
  people: {kind: numeric, bins: [1, 4], names: [none, few, many]}
  location: {from: camera}
  indoor:
    kind: boolean
    from: rules
    rules:
    - {value: true, when: 'objects:(couch OR bed)'}
    - {value: false, when: 'objects:car'}
    expected: {true: 0.9, false: 0.1}
  weather:
    values: [dry, rain]
    from: prompts
    prompts: {dry: a dry street, rain: [rain, a wet street in the rain]}
    threshold: 0.6
critical:
- {name: dark rooms, when: {lighting: dark, indoor: true}, least_frames: 20}
- {when: {people: many}}
tags:
  exposure: {dark_from: 15}
"""


def refused(text, part):
    with pytest.raises(SpecError) as error:
        parse(read_yaml(text))
    assert part in str(error.value)


def factor(part, **plain):
    with pytest.raises(SpecError) as error:
        parse_factor("weather", plain)
    assert part in str(error.value)


def test_a_whole_file_is_understood():
    conditions = parse(read_yaml(WHOLE))
    assert list(conditions.factors) == ["lighting", "people", "location", "indoor", "weather"]
    assert conditions.factors["people"].values == ("none", "few", "many")
    assert conditions.factors["indoor"].rules[1] == Rule(False, "objects:car")
    assert conditions.factors["indoor"].expected == {"true": 0.9, "false": 0.1}
    assert conditions.factors["weather"].prompts.texts["dry"] == ("a dry street",)
    assert conditions.critical == (
        Critical("dark rooms", {"lighting": "dark", "indoor": "true"}, 20),
        Critical("people many", {"people": "many"}, 50),
    )
    assert conditions.tags == {"exposure": {"dark_from": 15}}


def test_what_is_written_out_is_read_as_the_same():
    conditions = parse(read_yaml(WHOLE))
    assert parse(conditions.to_dict()) == conditions


@pytest.mark.parametrize(
    "edges, names",
    [
        ((), ()),
        ((1.0,), ("<1", "≥1")),
        ((1.0, 3.0), ("<1", "1–3", "≥3")),
        ((0.34, 0.45), ("<0.34", "0.34–0.45", "≥0.45")),
    ],
)
def test_bins_are_named_by_their_edges(edges, names):
    assert bin_names(edges) == names


@pytest.mark.parametrize(
    "text, part",
    [
        ("", "are a YAML mapping"),
        ("- a", "are a YAML mapping"),
        ("name: [", "not valid YAML"),
        ("name: 2026-01-01", "not valid YAML of plain values"),
        ("factors: {a: {}}", "name is None"),
        ("name: a", "`factors` must map"),
        ("name: a\nfactors: {}", "`factors` must map"),
        ("name: a\nfactors: {a: {}}\nrules: []", "there is no 'rules'. Valid ones: critical, description"),
        ("name: a\nfactors: {Bad Name: {}}", "'Bad Name' is no name"),
        ("name: a\nfactors: {a: 3}", "it must be a mapping"),
        ("name: a\nfactors: {a: {}}\ncritical: {}", "critical is {}; it must be a list"),
        ("name: a\nfactors: {a: {}}\ncritical: [{when: {b: 1}}]", "there is no factor 'b'. Valid ones: a."),
        ("name: a\nfactors: {a: {values: [x]}}\ncritical: [{when: {a: y}}]", "no value 'y'. Valid ones: x."),
        ("name: a\nfactors: {a: {}}\ncritical: [{when: {a: y}, least_frames: 0}]", "whole number from 1"),
        ("name: a\nfactors: {a: {}}\ncritical: [{when: {a: y}}, {when: {a: y}}]", "'a y' is taken"),
        ("name: a\nfactors: {a: {}}\ntags: {exposur: {}}", "no tagger 'exposur'. Valid ones: exposure,"),
        ("name: a\nfactors: {a: {}}\ntags: {exposure: {dark_from: x}}", "tags.exposure.dark_from is 'x'"),
    ],
)
def test_a_file_that_is_wrong_says_where_and_what_would_be_right(text, part):
    refused(text, part)


def test_a_factor_that_is_wrong_says_what_would_be_right():
    factor("there is no 'value'. Valid ones: bins,", value=["a"])
    factor("kind is 'text'; it must be one of categorical, boolean, numeric", kind="text")
    factor("must be one of tagger, camera, rules", **{"from": "rule"})
    factor("listed twice", values=["a", "a"])
    factor("bins and names are for", bins=[1])
    factor("leave `values` out", kind="boolean", values=["yes"])
    factor("needs rising numbers", kind="numeric")
    factor("must rise", kind="numeric", bins=[2, 1])
    factor("1 edges make 2 bins", kind="numeric", bins=[1], names=["a"])
    factor("they must add up to 1", values=["a", "b"], expected={"a": 0.5, "b": 0.3})
    factor("no value 'c'. Valid ones: a, b", values=["a", "b"], expected={"c": 1})
    factor("a share from 0 to 1", expected={"a": 7})
    factor("belong together", **{"from": "rules"})
    factor("belong together", rules=[{"value": "a", "when": "people:>0"}])
    factor("write {value: true", **{"from": "rules"}, rules=["people:>0"])
    factor("the factor is boolean", kind="boolean", **{"from": "rules"}, rules=[{"value": "a", "when": "people:1"}])
    factor("at least two values", **{"from": "prompts"}, prompts={"a": "x"})
    factor("one or more sentences", **{"from": "prompts"}, prompts={"a": "x", "b": []})
    factor("are for `prompts`", threshold=0.5)
    factor("a probability", **{"from": "prompts"}, prompts={"a": "x", "b": "y"}, threshold=2)


NUMBERS = st.lists(st.floats(-1e6, 1e6).map(lambda x: round(x, 3)), min_size=1, max_size=6, unique=True).map(sorted)


@given(NUMBERS)
def test_any_rising_edges_survive_being_written_out(edges):
    made = FactorSpec("a", "numeric", edges=tuple(edges), values=tuple(f"bin {i}" for i in range(len(edges) + 1)))
    assert parse_factor("a", made.to_dict()) == made
