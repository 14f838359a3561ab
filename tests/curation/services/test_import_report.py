"""Reports of imports: every skip is counted, a few are named, and what is stored comes back."""

from curation.core.formats import Skips
from curation.services.import_report import EXAMPLES, MOST_REASONS, OTHER, Tally


def test_it_comes_back_as_it_was_stored():
    tally = Tally(3, 9, "coco")
    tally.counts["pictures_new"] += 3
    tally.labels["person"] += 2
    tally.skip("a.jpg", "it is damaged")
    tally.note("a note", count=4)
    assert Tally.from_json(tally.as_json()) == Tally.from_json(Tally.from_json(tally.as_json()).as_json())
    assert Tally.from_json(tally.as_json()).as_json() == tally.as_json()
    assert tally.as_json()["skipped"] == [
        {"why": "it is damaged", "count": 1, "when": "taking", "examples": ["a.jpg"]}
    ]  # fmt: skip


def test_nothing_yet_is_all_zero():
    empty = Tally.from_json({})
    assert (empty.at, empty.total, empty.skipped) == (0, 0, 0)
    assert empty.as_json()["pictures_new"] == 0


def test_many_are_counted_and_few_are_named():
    tally = Tally()
    for index in range(20):
        tally.skip(f"{index}.jpg", "it is damaged")
    (reason,) = tally.as_json()["skipped"]
    assert (reason["count"], reason["examples"]) == (20, [f"{i}.jpg" for i in range(EXAMPLES)])
    assert tally.skipped == 20


def test_endless_reasons_end_in_one():
    tally = Tally()
    for index in range(MOST_REASONS + 50):
        tally.skip("a", f"reason {index}")
    assert len(tally.reasons) == MOST_REASONS + 1
    assert tally.reasons[OTHER].count == 50


def test_reading_again_does_not_count_twice():
    tally = Tally()
    tally.skip("b.jpg", "it is damaged")
    skips = Skips()
    skips.add("x", "box without area", count=7)
    skips.add("y", "box without area")
    for _ in range(2):
        tally.take_skips(skips)
    assert {why: r.count for why, r in tally.reasons.items()} == {"it is damaged": 1, "box without area": 8}
    assert tally.reasons["box without area"].examples == ["x", "y"]
    tally.take_skips(Skips())
    assert list(tally.reasons) == ["it is damaged"]
