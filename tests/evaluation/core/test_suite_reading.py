"""A suite's YAML: what it means, and what is said of what it cannot mean."""

import pytest

from curation.core.errors import SpecError
from evaluation.core.suite import AREAS
from evaluation.core.suite_reading import parse_suite, read_yaml

NIGHT = {"name": "night", "query": "lighting:dark", "metric": {"kind": "recall", "score": 0.3}, "at_least": 0.9}


def suite(*scenarios, **changes):
    return parse_suite({"suite": "street", "scenarios": list(scenarios or [NIGHT]), **changes})


def scenario(**changes):
    return suite({**NIGHT, **changes}).scenarios[0]


def test_defaults_are_filled_in():
    found = suite()
    one = found.scenarios[0]
    assert (found.options.confidence, found.options.mode, found.group_by.kind) == (0.95, "interval", "visit")
    assert (one.labels, one.area_px2, one.critical, one.least_groups, one.share) == ((), AREAS["all"], False, 5, None)
    assert one.metric.kind == "recall"


def test_written_out_it_reads_the_same_again():
    one = {**NIGHT, "name": "far", "area": "small", "labels": "person", "share": 0.2, "critical": True, "why": "so"}
    events = {"name": "visits", "events": "yard", "metric": "event_recall", "at_least": 0.9}
    worse = {"name": "rain", "metric": "f1", "not_worse_by": 0.02}
    chosen = {**NIGHT, "name": "chosen", "score_from": {"dataset": "val@1", "precision": 0.9}}
    found = suite(NIGHT, one, events, worse, chosen, dataset="street@2", group_by="camera", seed=7)
    again = parse_suite(found.to_dict())
    assert again == found
    assert again.sha256() == found.sha256()
    assert found.needs_baseline
    assert found.needs_frames
    assert not suite(events).needs_frames


def test_area_is_a_name_or_two_numbers():
    assert scenario(area="small").area_px2 == (0.0, 1024.0)
    assert scenario(area=[100, 2000]).area_px2 == (100.0, 2000.0)


@pytest.mark.parametrize(
    "changes, says",
    [
        ({"metric": "accuracy"}, "no metric 'accuracy'. Valid ones: ap, ap50"),
        ({"metric": None}, "no metric None"),
        ({"metric": {"kind": "recall", "skore": 1}}, "no parameter 'skore'"),
        ({"metric": {"kind": "recall", "score": 2}}, "score"),
        ({"at_least": None}, "it has none"),
        ({"at_most": 0.5}, "it has at_least, at_most"),
        ({"metric": "count_error"}, "better when it is lower, so its bound is at_most"),
        ({"at_least": 1.2}, "from 0 to 1"),
        ({"at_least": True}, "from 0 to 1"),
        ({"area": "tiny"}, "all, small, medium, large, or"),
        ({"area": [5, 5]}, "all, small"),
        ({"area": [1, 2, 3]}, "all, small"),
        ({"labels": [1]}, "list of labels"),
        ({"critical": "yes"}, "true or false"),
        ({"least_images": -1}, "whole number of at least 0"),
        ({"share": 2}, "from 0 to 1"),
        ({"name": ""}, "up to 120 characters"),
        ({"name": "two\nlines"}, "one line"),
        ({"qurey": "*"}, "there is no 'qurey'"),
        ({"events": "yard"}, "measured on frames"),
        ({"metric": "event_recall"}, "needs `events: NAME`"),
        ({"metric": "event_recall", "events": "yard"}, "`query` does not go with events"),
        ({"metric": "event_recall", "events": "yard", "query": "*", "area": "small"}, "`area` does not go"),
        ({"metric": "ap50", "score_from": {"dataset": "a@1", "recall": 0.9}}, "score_from does not go with ap50"),
        ({"score_from": {"dataset": "a@1"}}, "either a precision or a recall"),
        ({"score_from": "a@1"}, "must be a mapping"),
        ({"query": 3}, "must be text"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(changes, says):
    with pytest.raises(SpecError, match=says.replace("(", r"\(")) as caught:
        scenario(**changes)
    assert "scenario" in str(caught.value)


@pytest.mark.parametrize(
    "changes, says",
    [
        ({"suite": "Street"}, "lower-case"),
        ({"scenarios": []}, "at least one"),
        ({"scenarios": ["night"]}, "must be a mapping"),
        ({"confidence": 1}, "confidence"),
        ({"mode": "fast"}, "interval or simple"),
        ({"group_by": "day"}, "visit, video, camera or frame"),
        ({"group_by": 3}, "must be a mapping"),
        ({"scenario": []}, "there is no 'scenario'"),
    ],
)
def test_a_suite_that_cannot_be_meant_is_refused(changes, says):
    with pytest.raises(SpecError, match=says):
        parse_suite({"suite": "street", "scenarios": [NIGHT], **changes})


def test_names_are_taken_once():
    with pytest.raises(SpecError, match="two scenarios are named 'night'"):
        suite(NIGHT, NIGHT)


@pytest.mark.parametrize("text", ["- a", "{", "a: !!python/object:os.system x", "suite: .nan", ""])
def test_what_is_no_mapping_of_plain_values_is_refused(text):
    with pytest.raises(SpecError):
        read_yaml(text)
