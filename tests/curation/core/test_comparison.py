"""Two manifests side by side."""

from hypothesis import given
from hypothesis import strategies as st

from curation.core.comparison import code_values, compare, place_of
from curation.core.operating import parse

FACTORS = parse(
    {
        "name": "x",
        "factors": {
            "weather": {"kind": "categorical", "from": "people", "values": ["clear", "rain"]},
            "people": {"kind": "numeric", "from": "people", "bins": [1, 3]},
            "indoor": {"kind": "boolean", "from": "people"},
        },
    }
).factors


def entry(number, *, split="train", labels=(), picture=False, **tags):
    return {
        "id": f"{number}",
        "video_sha256": "v",
        "pts_us": number,
        "picture_sha256": f"p{number:03d}" if picture else None,
        "split": split,
        "tags": tags,
        "annotated": bool(labels),
        "annotations": [{"label": label} for label in labels],
    }


def test_what_came_went_and_changed():
    before = [entry(1), entry(2, labels=["car"]), entry(3, weather="rain"), entry(4, split="test")]
    after = [entry(2, labels=["car", "dog"]), entry(3, weather="clear"), entry(4, split="val"), entry(9)]
    found = compare(before, after, factors=FACTORS)
    assert (found.came, found.went, found.same) == (["9"], ["1"], 3)
    assert found.relabelled == ["2"]
    assert found.retagged == {"weather": 1}
    assert (found.moved, found.moves_by_name()) == (["4"], {"test → val": 1})
    labels = found.labels()
    assert (labels.names, labels.before, labels.after) == (("car", "dog"), (1, 0), (1, 1))
    assert not found.is_empty


def test_the_same_has_no_changes_and_nothing_is_no_error():
    entries = [entry(1, weather="rain"), entry(2, picture=True)]
    found = compare(entries, entries, factors=FACTORS)
    assert found.is_empty
    assert found.same == 2
    empty = compare([], [], factors=FACTORS)
    assert empty.is_empty
    assert [shift.divergence for shift in empty.shifts] == [None, None, None]


def test_pictures_come_behind_videos():
    before = [entry(5), entry(1, picture=True), entry(2, picture=True)]
    assert [place_of(one) for one in before] == sorted(place_of(one) for one in before)
    found = compare(before, [entry(5), entry(2, picture=True)], factors=FACTORS)
    assert (found.came, found.went) == ([], ["1"])


def test_distributions_move_and_those_that_moved_most_come_first():
    before = [entry(n, weather="rain", people=0, indoor=True) for n in range(4)]
    after = [entry(n, weather=w, people=p, indoor=True) for n, (w, p) in enumerate(
        [("clear", 0), ("clear", 0), ("clear", 2), ("fog", None)])]  # fmt: skip
    first, second, third = compare(before, after, factors=FACTORS).shifts
    assert (first.factor, first.divergence) == ("weather", 1.0)
    assert (first.names, first.before, first.after) == (("clear", "rain", "fog"), (0, 4, 0), (3, 0, 1))
    assert (second.factor, second.before, second.after) == ("people", (4, 0, 0), (2, 1, 0))
    assert (second.missing_before, second.missing_after) == (0, 1)
    assert 0 < second.divergence < 1
    assert (third.factor, third.divergence, third.after) == ("indoor", 0.0, (0, 4))


def test_values_that_are_not_of_the_factors_kind_are_missing():
    coded = {name: code_values([True, 2, "rain", ["rain"], None, {}], FACTORS[name]).codes.tolist() for name in FACTORS}
    assert coded == {
        "weather": [-1, -1, 1, -1, -1, -1], "people": [-1, 1, -1, -1, -1, -1], "indoor": [1, -1, -1, -1, -1, -1],
    }  # fmt: skip


NUMBERS = st.sets(st.integers(0, 30))


@given(left=NUMBERS, right=NUMBERS)
def test_it_is_what_sets_say(left, right):
    found = compare([entry(n) for n in sorted(left)], [entry(n) for n in sorted(right)], factors={})
    assert set(found.came) == {str(n) for n in right - left}
    assert set(found.went) == {str(n) for n in left - right}
    assert found.same == len(left & right)
