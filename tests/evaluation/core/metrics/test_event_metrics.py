"""Event recall, false alarms and time to detection: hand-counted, weighted, and with nothing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.core.errors import SpecError
from curation.core.params import build
from evaluation.core.boxes import Evidence, Found, Truths
from evaluation.core.metrics import METRICS
from evaluation.core.metrics.contract import BoxPart, Support, groups_of
from evaluation.core.metrics.event_recall import EventRecall
from evaluation.core.metrics.false_alarms import FalseAlarms
from evaluation.core.metrics.time_to_detection import TimeToDetection
from tests.evaluation.core.footage import footage, part, stretch, value

ALL = [EventRecall(score=0.5), FalseAlarms(score=0.5), TimeToDetection(score=0.5)]


def night_and_day():
    """Two events found (one late), one missed; two false alarms; 4 minutes of footage in four groups."""
    return footage(
        stretch(0, 60, [(10, 20)], [(12, 20, 0.9)]),
        stretch(60, 120, [(70, 80)], [(70, 75, 0.6), (100, 101, 0.5)]),
        stretch(120, 180, [(130, 136)]),
        stretch(180, 240, [], [(200, 203, 0.7)]),
    )


def test_the_figures_counted_by_hand():
    seen = night_and_day()
    assert value(EventRecall(score=0.5), seen) == pytest.approx(2 / 3)
    assert value(FalseAlarms(score=0.5), seen) == pytest.approx(2 * 15)
    assert value(TimeToDetection(score=0.5), seen) == pytest.approx((2 + 0 + 6) / 3)
    assert value(EventRecall(score=0.65), seen) == pytest.approx(1 / 3)
    assert value(FalseAlarms(score=0.65), seen) == pytest.approx(15)
    assert value(TimeToDetection(score=0.65), seen) == pytest.approx((2 + 10 + 6) / 3)


@pytest.mark.parametrize("share, recall", [(0, 2 / 3), (0.5, 2 / 3), (0.6, 1 / 3), (0.8, 1 / 3), (0.81, 0)])
def test_an_event_may_have_to_be_covered_for_a_share_of_its_time(share, recall):
    assert value(EventRecall(score=0.5, least_share=share), night_and_day()) == pytest.approx(recall)


@pytest.mark.parametrize("quantile, seconds", [(0.01, 0), (0.33, 0), (0.34, 2), (0.5, 2), (0.66, 2), (0.9, 6), (1, 6)])
def test_the_time_by_which_a_share_is_seen(quantile, seconds):
    assert value(TimeToDetection(score=0.5, quantile=quantile), night_and_day()) == seconds


def test_weights_count_groups_as_often_as_they_say():
    seen = night_and_day()
    weights = np.array([[1, 1, 1, 1], [2, 0, 1, 0], [0, 0, 0, 3], [0, 0, 0, 0], [0, 3, 0, 1]], np.int32)

    def figures(metric):
        return metric.measure(part(seen), weights).tolist()

    nan = pytest.approx(float("nan"), nan_ok=True)
    assert figures(EventRecall(score=0.5)) == [pytest.approx(2 / 3), pytest.approx(2 / 3), nan, nan, 1]
    assert figures(FalseAlarms(score=0.5)) == [pytest.approx(30), 0, pytest.approx(60), nan, pytest.approx(60)]
    assert figures(TimeToDetection(score=0.5)) == [pytest.approx(8 / 3), pytest.approx(10 / 3), nan, nan, 0]
    assert figures(TimeToDetection(score=0.5, quantile=0.5)) == [2, 2, nan, nan, 0]


def test_a_part_is_some_stretches_and_some_labels():
    seen = footage(
        stretch(0, 60, [(10, 20)], [(12, 20, 0.9)]),
        stretch(0, 60, [(30, 40)], [], label="car"),
        stretch(0, 60, [], [(5, 9, 0.9)], video=2, camera="yard"),
        groups=[0, 0, 1],
    )  # fmt: skip
    recall, false = EventRecall(score=0.5), FalseAlarms(score=0.5)
    assert value(recall, seen) == 0.5
    assert value(recall, seen, labels=("person",)) == 1
    assert value(recall, seen, labels=("car",)) == 0
    assert np.isnan(value(recall, seen, labels=("dog",)))
    assert np.isnan(value(recall, seen, chosen=[False, False, True]))
    # Two labels in one minute are one minute of footage.
    assert value(false, seen) == pytest.approx(30)
    assert value(false, seen, chosen=[True, True, False]) == 0
    assert value(false, seen, chosen=[False, False, True]) == pytest.approx(60)


def test_support_counts_looks_events_and_groups_that_say_something():
    seen = night_and_day()
    assert EventRecall(score=0.5).support(part(seen)) == Support(images=480, instances=3, groups=3)
    assert TimeToDetection().support(part(seen)) == Support(images=480, instances=3, groups=3)
    assert FalseAlarms().support(part(seen)) == Support(images=480, instances=3, groups=4)
    assert groups_of(part(seen)).tolist() == [0, 1, 2, 3]


def test_by_how_much_one_more_event_in_each_group_would_raise_a_figure():
    seen = night_and_day()
    assert FalseAlarms().step(part(seen)) == pytest.approx(60)
    assert FalseAlarms().step(part(seen, chosen=[True, False, False, False])) == pytest.approx(60)
    assert TimeToDetection().step(part(seen)) == 0.5
    assert FalseAlarms().step(part(footage())) is None
    assert TimeToDetection().step(part(footage())) is None


def test_looks_that_serve_two_labels_count_once():
    seen = footage(stretch(0, 60, [(10, 20)]), stretch(0, 60, [], label="car"), groups=[0, 0])
    assert EventRecall(score=0.5).support(part(seen)) == Support(images=120, instances=1, groups=1)


@pytest.mark.parametrize("metric", ALL, ids=lambda metric: metric.kind)
def test_nothing_to_measure_is_no_figure(metric):
    empty = footage()
    assert metric.measure(part(empty), np.ones((3, 0), np.int32)).tolist() == pytest.approx(
        [float("nan")] * 3, nan_ok=True
    )
    assert metric.measure(part(night_and_day()), np.ones((0, 4), np.int32)).tolist() == []
    assert metric.support(part(empty)) == Support(0, 0, 0)


@pytest.mark.parametrize("metric", ALL, ids=lambda metric: metric.kind)
def test_without_a_score_that_was_kept_there_is_no_figure(metric):
    one = np.ones((1, 4), np.int32)
    with pytest.raises(SpecError, match="needs a score"):
        type(metric)().measure(part(night_and_day()), one)
    kept = footage(stretch(0, 60), least_score=0.6)
    with pytest.raises(SpecError, match=r"boxes below 0\.6 were not kept"):
        metric.measure(part(kept), np.ones((1, 1), np.int32))


@pytest.mark.parametrize("metric", ALL, ids=lambda metric: metric.kind)
def test_boxes_are_no_footage(metric):
    ints, floats, bools = np.empty(0, np.int64), np.empty(0), np.empty(0, bool)
    truths = Truths(ints, ints, np.empty((0, 4)), floats, bools, bools)
    boxes = Evidence((), ints, 0, truths, Found(ints, ints, np.empty((0, 4)), floats))
    with pytest.raises(SpecError, match="events: NAME"):
        metric.measure(BoxPart(boxes, bools), np.ones((1, 0), np.int32))


@pytest.mark.parametrize("kind", ["event_recall", "false_alarms", "time_to_detection"])
def test_they_are_registered_and_made_of_plain_values(kind):
    metric = build(METRICS[kind], {"score": 0.3}, where="scenario")
    assert (metric.kind, metric.source, metric.score) == (kind, "events", 0.3)
    assert metric.title.endswith("at score 0.3")
    assert "score" not in METRICS[kind]().title
    for wrong in ({"score": 1.1}, {"score": "high"}, {"quantil": 1}):
        with pytest.raises(SpecError):
            build(METRICS[kind], wrong, where="scenario")


times = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9)), max_size=8)


@given(
    times,
    st.lists(st.lists(st.integers(0, 3), min_size=4, max_size=4), max_size=4),
    st.sampled_from([0.1, 0.3, 0.5, 1]),
)
def test_weighted_figures_are_those_of_footage_repeated(events, weights, quantile):
    """Each group counted n times is as if its events had happened n times."""
    groups = [[seconds for group, seconds in events if group == g] for g in range(4)]
    seen = footage(*(
        stretch(
            0, 100, [(10 * n, 10 * n + 9) for n in range(len(delays))],
            [(10 * n + late, 10 * n + 9, 0.9) for n, late in enumerate(delays) if late < 9], video=g,
        )
        for g, delays in enumerate(groups)
    ))  # fmt: skip
    table = np.array(weights, np.int32).reshape(-1, 4)
    means = TimeToDetection(score=0.5).measure(part(seen), table)
    shares = TimeToDetection(score=0.5, quantile=quantile).measure(part(seen), table)
    recalls = EventRecall(score=0.5).measure(part(seen), table)
    for row, mean, share, recall in zip(table, means, shares, recalls, strict=True):
        repeated = sorted(late for g, times in enumerate(groups) for late in times * row[g])
        if not repeated:
            assert np.isnan([mean, share, recall]).all()
            continue
        assert mean == pytest.approx(np.mean(repeated))
        assert share == repeated[max(0, int(np.ceil(round(quantile * len(repeated), 9))) - 1)]
        assert recall == pytest.approx(np.mean([late < 9 for late in repeated]))
