"""The three figures over time, with intervals."""

import pytest

from curation.core.errors import SpecError
from evaluation.core.event_figures import event_figures
from tests.evaluation.core.footage import footage, stretch


def visits(count, *, missed=(), false=()):
    """One visit a minute, each seen two seconds late, in groups of their own."""
    made = []
    for n in range(count):
        seen = [] if n in missed else [(60 * n + 12, 60 * n + 20, 0.9)]
        seen += [(60 * n + 40, 60 * n + 42, 0.9)] if n in false else []
        made.append(stretch(60 * n, 60 * n + 60, [(60 * n + 10, 60 * n + 20)], seen))
    return footage(*made)


def told(evidence, **more):
    return {one.kind: one for one in event_figures(evidence, **{"score": 0.5, **more})}


def test_each_figure_has_its_interval_and_what_it_stands_on():
    seen = told(visits(10, missed=(3,), false=(5, 7)))

    assert seen["event_recall"].value == pytest.approx(0.9)
    assert 0.4 < seen["event_recall"].low < 0.9 < seen["event_recall"].high < 1
    assert seen["false_alarms"].value == pytest.approx(12)
    assert 0 < seen["false_alarms"].low < 12 < seen["false_alarms"].high < 60
    assert seen["time_to_detection"].value == pytest.approx(2.8)
    assert seen["time_to_detection"].low < 2.8 < seen["time_to_detection"].high
    assert {one.groups for one in seen.values()} == {10}
    assert seen["false_alarms"].to_dict()["unit"] == "1/h"


def test_six_of_six_and_no_false_alarm_is_not_certainty():
    seen = told(visits(6))
    assert (seen["event_recall"].value, seen["event_recall"].high) == (1, 1)
    assert seen["event_recall"].low == pytest.approx(0.05 ** (1 / 6))
    assert (seen["false_alarms"].value, seen["false_alarms"].low) == (0, 0)
    assert 10 < seen["false_alarms"].high < 60


def test_the_same_seed_gives_the_same():
    seen = visits(8, missed=(1,), false=(4,))
    assert event_figures(seen, score=0.5) == event_figures(seen, score=0.5)
    assert event_figures(seen, score=0.5) != event_figures(seen, score=0.5, seed=1)


def test_nothing_to_measure_is_said():
    for one in event_figures(footage(), score=0.5):
        assert (one.value, one.low, one.high, one.groups) == (None, None, None, 0)
    quiet = told(footage(stretch(0, 60), stretch(60, 120)))
    assert quiet["event_recall"].value is None
    assert quiet["false_alarms"].value == 0


@pytest.mark.parametrize("score", [-0.1, 1.5, float("nan")])
def test_a_score_must_be_one(score):
    with pytest.raises(SpecError, match="score"):
        event_figures(visits(2), score=score)
