"""Records to JSON and back."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.core.comparison_record import ComparisonRecord
from evaluation.core.record_json import (
    RecordError,
    from_plain,
    run_from_plain,
    run_to_plain,
    scenario_from_plain,
    scenario_to_plain,
    to_plain,
)
from evaluation.core.results import RunRecord
from tests.evaluation.records import a_comparison, a_run, a_scenario, an_empty_run

RUNS = {"full": a_run(), "empty": an_empty_run()}


def stored(plain):
    """What a database gives back: keys in another order, through text."""
    if isinstance(plain, dict):
        return {key: stored(plain[key]) for key in sorted(plain, key=lambda key: (len(key), key), reverse=True)}
    return [stored(one) for one in plain] if isinstance(plain, list) else json.loads(json.dumps(plain, allow_nan=False))


@pytest.mark.parametrize("name", RUNS)
def test_a_run_comes_back_as_it_was(name):
    assert run_from_plain(stored(run_to_plain(RUNS[name]))) == RUNS[name]


def test_a_run_and_its_scenarios_can_be_stored_apart():
    run = a_run()
    plain = stored(run_to_plain(run, with_scenarios=False))
    assert "scenarios" not in plain
    assert run_from_plain(plain, scenarios=[stored(scenario_to_plain(one)) for one in run.scenarios]) == run


def test_a_comparison_comes_back_as_it_was():
    assert from_plain(ComparisonRecord, stored(to_plain(a_comparison()))) == a_comparison()


def test_what_is_written_again_is_the_same_text():
    text = json.dumps(run_to_plain(a_run()))
    assert json.dumps(run_to_plain(run_from_plain(stored(json.loads(text))))) == text


def test_keys_of_a_later_version_are_left_out():
    plain = scenario_to_plain(a_scenario()) | {"mood": "good"}
    plain["errors"]["more"] = 1
    assert scenario_from_plain(plain) == a_scenario()


def test_fields_that_an_earlier_version_did_not_write_have_their_default():
    plain = scenario_to_plain(a_scenario(under_review=3))
    del plain["under_review"], plain["curves"], plain["share"]
    read = scenario_from_plain(plain)
    assert (read.under_review, read.curves.precision, read.share) == (0, None, None)


def test_a_record_without_what_it_needs_is_told():
    plain = run_to_plain(a_run())
    del plain["scenarios"][1]["verdict"]
    with pytest.raises(RecordError, match=r"RunRecord\.scenarios\[1\] has no 'verdict'"):
        run_from_plain(plain)


@pytest.mark.parametrize(
    "field, value, said",
    [
        ("verdict", "maybe", "must be one of 'pass', 'fail', 'inconclusive'"),
        ("images", "3", "must be of type int"),
        ("images", True, "must be of type int"),
        ("critical", 1, "must be of type bool"),
        ("threshold", None, "must be of type float"),
        ("frames", "x", "must be a list"),
        ("errors", [], "must be an object"),
        ("errors", {"kinds": 1}, r"ScenarioRecord\.errors\.kinds is 1; it must be an object"),
    ],
)
def test_a_damaged_record_is_told(field, value, said):
    with pytest.raises(RecordError, match=said):
        scenario_from_plain(scenario_to_plain(a_scenario()) | {field: value})


def test_a_box_has_four_sides():
    plain = run_to_plain(a_run())
    plain["scenarios"][1]["frames"][0]["boxes"][0]["box"].pop()
    with pytest.raises(RecordError, match="has 3 entries; it must have 4"):
        run_from_plain(plain)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object()])
def test_what_json_cannot_say_is_refused(value):
    with pytest.raises(RecordError, match=r"ScenarioRecord\.value is"):
        scenario_to_plain(a_scenario(value=value))


def test_numbers_of_numpy_are_numbers():
    plain = scenario_to_plain(a_scenario(value=np.float64(0.1), images=np.int32(4), critical=np.bool_(True)))
    assert (plain["value"], plain["images"], plain["critical"]) == (0.1, 4, True)
    json.dumps(plain)


def test_whole_numbers_are_read_as_figures():
    read = scenario_from_plain(scenario_to_plain(a_scenario()) | {"value": 1})
    assert isinstance(read.value, float)
    assert repr(scenario_to_plain(a_scenario(threshold=1))["threshold"]) == "1.0"


@given(value=st.floats(allow_nan=False, allow_infinity=False), text=st.text())
def test_any_figure_and_any_text_come_back(value, text):
    run = replace(a_run(), notes=(text,), scenarios=(a_scenario(text, value=value),))
    assert from_plain(RunRecord, json.loads(json.dumps(to_plain(run)))) == run
