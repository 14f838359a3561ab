"""Suspect labels: each kind by hand, and planted ones that must rank first."""

import numpy as np
import pytest

from evaluation.core.boxes import Found
from evaluation.core.suspects import suspects
from evaluation.core.views import NEIGHBOURS, View, neighbours_view
from tests.evaluation.core.scenes import LABELS, evidence, seen, truth

IMAGES = 60


def view(name, rows, *, images=IMAGES, speaks=None):
    found = evidence([], rows, images=images).found
    return View(name, found, np.ones(images, bool) if speaks is None else np.array(speaks))


def room(x=0.0):
    """Two objects in each image, far apart."""
    return [
        row
        for i in range(IMAGES)
        for row in (truth(i, "person", 100 + x, 100, 50, 100), truth(i, "car", 300 + x, 100, 100, 60))
    ]


def sees(truths, score=0.9):
    return [(image, label, xywh, score) for image, label, xywh, *_ in truths]


def told(truths, views, **asked):
    rows = evidence(truths, images=IMAGES).truths
    return suspects(rows, views, labels=LABELS, **asked)


def changed(truths, place, **how):
    image, label, (x, y, w, h), area, crowd, ignored = truths[place]
    label = LABELS.index(how["label"]) if "label" in how else label
    return [*truths[:place], (image, label, how.get("box", (x, y, w, h)), area, crowd, ignored), *truths[place + 1 :]]


def test_labels_that_all_confirm_are_not_suspect():
    assert told(room(), [view("a", sees(room())), view("b", sees(room(2)))]) == []


@pytest.mark.parametrize(
    "kind, labelled, label, reason",
    [
        ("wrong_label", changed(room(), 0, label="car"), "car", "sees person here, not car"),
        ("missing", room()[1:], "person", "sees person here, and nothing is labelled"),
        ("spurious", [*room(), truth(0, "person", 500, 100, 50, 100)], "person", "sees nothing here"),
        ("wrong_box", changed(room(), 0, box=(130, 130, 50, 100)), "person", "has the box of this person elsewhere"),
    ],
)
def test_each_kind_is_the_only_suspect(kind, labelled, label, reason):
    found = told(labelled, [view("a", sees(room(1))), view("b", sees(room(2)))])
    assert [(one.kind, one.image, one.label, set(one.reasons)) for one in found] == [
        (kind, 0, label, {f"a {reason}", f"b {reason}"})
    ]
    assert 0.5 < found[0].suspicion <= 1
    if kind == "missing":
        assert (found[0].truth, found[0].box) == (-1, (101.0, 100.0, 151.0, 200.0))


def test_two_witnesses_weigh_more_than_one_and_one_that_confirms_takes_it_back():
    labelled = changed(room(), 0, label="car")
    blind = sees([row for row in room() if row[0] != 0])
    others = {"sees it too": sees(room()), "sees nothing there": blind, "confirms": sees(labelled)}
    found = {
        name: [one.suspicion for one in told(labelled, [view("a", sees(room())), view("b", rows)], min_suspicion=0.0)
               if one.kind == "wrong_label" and one.image == 0]
        for name, rows in others.items()
    }  # fmt: skip
    assert found["sees it too"][0] > 0.95 > found["sees nothing there"][0] > 0.5
    assert found["confirms"][0] < 0.1


def test_a_witness_that_does_not_speak_of_an_image_says_nothing_about_it():
    labelled = [*room(), truth(0, "person", 500, 100, 50, 100)]
    silent = view("b", [], speaks=[False] * IMAGES)
    assert told(labelled, [view("a", sees(room())), silent])[0].reasons == ("a sees nothing here",)
    assert told(labelled, [silent]) == []


def test_a_model_that_seldom_finds_small_things_proves_little_by_seeing_none():
    small = [truth(i, "person", 500, 100, 10, 20) for i in range(IMAGES)]
    found = told([*room(), *small], [view("a", sees([*room(), *small[:10]]))], min_suspicion=0.0)
    spurious = [one for one in found if one.kind == "spurious" and one.image >= 10]
    assert spurious
    assert max(one.suspicion for one in spurious) < 0.3


def test_a_model_that_is_often_wrong_proves_little_by_seeing_much():
    dreams = [seen(i, "bag", 500, 100, 40, 40) for i in range(IMAGES)]
    assert told(room(), [view("a", [*sees(room()), *dreams])], min_suspicion=0.75) == []


def test_crowds_and_what_is_left_out_are_not_suspect_nor_what_is_in_them():
    rows = [
        *room(),
        truth(0, "person", 500, 100, 200, 200, crowd=True),
        truth(1, "person", 500, 100, 50, 100, ignored=True),
    ]
    a = view("a", [*sees(room()), seen(0, "person", 520, 120, 40, 80), seen(1, "person", 500, 100, 50, 100)])
    assert told(rows, [a]) == []


def test_the_frames_before_and_after_are_a_witness():
    # One frame in the middle of a still scene is labelled otherwise, and in another a label is missing.
    labelled = [row for row in changed(room(), 20, label="bag") if row[:2] != (30, 0)]
    rows = evidence(labelled, images=IMAGES).truths
    before, after = np.arange(IMAGES) - 1, np.append(np.arange(1, IMAGES), -1)
    time = neighbours_view(rows, before=before, after=after)
    assert time.speaks.tolist() == [False] + [True] * (IMAGES - 2) + [False]
    found = suspects(rows, [time], labels=LABELS)
    assert [(one.kind, one.image, one.label) for one in found[:2]] == [
        ("wrong_label", 10, "bag"), ("missing", 30, "person")
    ]  # fmt: skip
    assert found[0].reasons == (f"{NEIGHBOURS} show person here, not bag",)


def test_without_views_or_boxes_nothing_is_suspect():
    assert told(room(), []) == []
    assert suspects(evidence(images=2).truths, [view("a", [], images=2)], labels=LABELS) == []


def noisy_model(random, truths, *, finds, confuses, dreams):
    rows = []
    for image, label, (x, y, w, h), *_ in truths:
        if random.random() > finds:
            continue
        said = int(random.integers(len(LABELS))) if random.random() < confuses else label
        dx, dy = random.normal(0, 0.04, 2) * (w, h)
        rows.append((image, said, (x + dx, y + dy, w, h), float(np.clip(random.normal(0.8, 0.12), 0.05, 1))))
    for _ in range(int(dreams * len(truths))):
        image = int(random.integers(truths[-1][0] + 1))
        box = (*random.uniform(0, 900, 2), *random.uniform(20, 120, 2))
        rows.append((image, int(random.integers(len(LABELS))), box, float(np.clip(random.normal(0.35, 0.15), 0.05, 1))))
    return rows


def planted(random, images):
    """True objects, and labels of which some are wrong: (truths, labels, wrong) with wrong = {(image, column)}."""
    truths, labelled, wrong = [], [], set()
    for image in range(images):
        for column in range(4):
            row = truth(image, LABELS[random.integers(3)], 50 + 220 * column, 100, 100, 120)
            truths.append(row)
            fate = random.random()
            x, y, w, h = row[2]
            if fate > 0.04:
                labelled.append(row)
                continue
            wrong.add((image, column))
            if fate < 0.01:
                labelled.append((image, (row[1] + 1) % 3, *row[2:]))
            elif fate < 0.02:
                labelled.append((*row[:2], (x + 0.6 * w, y + 0.3 * h, w, h), *row[3:]))
            elif fate < 0.03:
                truths.pop()  # nothing is there
                labelled.append(row)
    return truths, labelled, wrong


@pytest.mark.parametrize("seed", range(3))
def test_planted_wrong_labels_rank_first(seed):
    random = np.random.default_rng(seed)
    truths, labelled, wrong = planted(random, 200)
    views = [
        view(name, noisy_model(random, truths, finds=0.95, confuses=0.02, dreams=0.1), images=200)
        for name in ("a", "b")
    ]
    found = suspects(evidence(labelled, images=200).truths, views, labels=LABELS, min_suspicion=0.0)
    ranked = [(one.image, round((one.box[0] - 50) / 220)) in wrong for one in found]
    assert len(wrong) >= 20
    assert all(ranked[: len(wrong) // 2])
    assert average_precision(ranked, len(wrong)) > 0.9


def average_precision(ranked, positives):
    hits = np.cumsum(ranked)
    return float((np.array(ranked) * hits / np.arange(1, len(ranked) + 1)).sum() / positives)


def test_the_order_is_the_same_each_time_and_a_limit_cuts_it():
    random = np.random.default_rng(0)
    truths, labelled, _ = planted(random, 50)
    views = [view("a", noisy_model(random, truths, finds=0.9, confuses=0.05, dreams=0.2), images=50)]
    rows = evidence(labelled, images=50).truths
    once = suspects(rows, views, labels=LABELS, min_suspicion=0.0)
    assert once == suspects(rows, views, labels=LABELS, min_suspicion=0.0)
    assert once[:5] == suspects(rows, views, labels=LABELS, min_suspicion=0.0, limit=5)
    assert all(0 <= one.suspicion <= 1 for one in once)
    assert isinstance(views[0].found, Found)
