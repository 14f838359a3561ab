"""The table of frames: reading rows, bringing it up to date."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.core.frame_columns import by_word, is_word, typed, words_of
from curation.core.frame_merging import renamed, replaced, with_kinds
from curation.core.frame_reading import assembled, read_piece
from curation.core.frame_table import OWN, column_of
from tests.curation.core.frame_rows import CAMERAS, KINDS, raw_rows, table

NOBODY = np.zeros(0, np.int64)


def values(made, tag):
    return made.tag(tag).to_list()


def odd(made):
    return sorted(made.odd.cast({"json": pl.String}).rows())


def test_tags_become_columns_of_their_kind():
    made = table(
        {"id": 1, "tags": {"people": 2, "lighting": "dark", "motion": True, "objects": ["car", "person"]}},
        {"id": 2, "tags": {}},
        {"id": 3, "tags": {"people": 0.5, "lighting": "été \"\\'", "motion": False, "objects": []}, "camera_id": 2},
    )

    assert values(made, "people") == [2.0, None, 0.5]
    assert values(made, "lighting") == ["dark", None, "été \"\\'"]
    assert values(made, "motion") == [True, None, False]
    assert values(made, "objects") == ['["car", "person"]', None, "[]"]
    assert made.frames["camera"].to_list() == ["gate", "gate", "lobby"]
    assert made.frames.columns == [*OWN, *KINDS]
    assert made.ids.tolist() == [1, 2, 3]
    assert odd(made) == []


def test_what_does_not_fit_the_kind_is_odd():
    made = table(
        {"id": 1, "tags": {"people": "many", "lighting": 7, "motion": "yes", "objects": "car"}},
        {"id": 2, "tags": {"people": 2**53 + 1, "lighting": None, "motion": 1}},
    )

    assert values(made, "people") == values(made, "lighting") == values(made, "motion") == [None, None]
    assert odd(made) == [
        *((1, "lighting", "7"), (1, "motion", '"yes"'), (1, "people", '"many"'), (2, "lighting", "null")),
        *((2, "motion", "1"), (2, "people", "9007199254740993")),
    ]
    rows, said = made.odd_of("people")
    assert rows.tolist() == [0, 1]
    assert said.cast(pl.String).to_list() == ['"many"', "9007199254740993"]


@pytest.mark.parametrize(
    "text, fits",
    [("1", True), ("1.0", True), ("0.1", True), ("-12.5", True), ("0.30000000000000004", True), ("1e5", True),
     ("1234567890123456", True), ("9007199254740993", False), ("0.1000000000000000055511151231257827", False),
     ("1" * 400, False), ('"1"', False), ("true", False), ("null", False), ("[1]", False), ("{}", False)],
)  # fmt: skip
def test_a_number_fits_where_a_float_stands_for_it(text, fits):
    column, rest = typed(pl.Series([text, None]), name="n", kind="number")
    assert (column.to_list()[0] is not None) == fits
    assert (rest is None) == fits
    assert column.to_list()[1] is None


def test_a_tag_may_be_called_as_a_column_is():
    made = table({"id": 1, "tags": {"kind": "b"}}, kinds={"kind": "text"})
    assert made.frames["kind"].to_list() == ["footage"]
    assert values(made, "kind") == ["b"]
    assert column_of("kind") == "tags.kind"


def test_an_unknown_tag_is_told():
    with pytest.raises(KeyError):
        table({"id": 1}).tag("id")


def test_no_frames_are_a_table_too():
    made = table()
    assert len(made) == 0
    assert made.frames.schema == table({"id": 1}).frames.schema
    assert assembled([], kinds=KINDS, cameras={}).frames.schema == made.frames.schema
    assert made.count_of("car").to_list() == []
    assert made.among(np.array([1])).tolist() == []


def test_objects_are_counted_where_somebody_looked():
    made = table(
        {"id": 1, "tags": {"object_counts": {"car": 2, "dog": 1.5}}},
        {"id": 2, "tags": {"object_counts": {}}},
        {"id": 3},
        {"id": 4, "tags": {"object_counts": "x"}},
    )
    assert made.count_of("car").to_list() == [2, 0, None, 0]
    assert made.count_of("unicorn").to_list() == [0, 0, None, 0]
    assert "car" in made.count_labels()
    assert "dog" not in made.count_labels()


def test_words_are_asked_once_each_and_nothing_holds_for_null():
    column = pl.Series("w", ["a", None, "b", "a"]).cast(pl.Categorical(pl.Categories.random()))
    asked = []
    told = by_word(column, lambda word: asked.append(word) or word == "a")
    assert told.tolist() == [True, False, False, True]
    assert sorted(asked) == ["a", "b"] == sorted(words_of(column))
    assert is_word(column, "a").tolist() == [True, False, False, True]
    assert is_word(column, "c").tolist() == [False] * 4
    with pytest.raises(TypeError, match="has no words"):
        words_of(pl.Series([1]))


def test_rows_come_in_any_order_and_in_pieces():
    pieces = [read_piece(raw_rows(*({"id": n} for n in ids)), kinds=KINDS) for ids in ([5, 3], [], [1, 4])]
    assert assembled(pieces, kinds=KINDS, cameras=CAMERAS).ids.tolist() == [1, 3, 4, 5]


def test_changed_rows_take_the_place_of_the_old_ones():
    before = table(
        *({"id": n, "tags": {"people": n, "lighting": 7 if n == 3 else "dark"}} for n in (1, 3, 5)),
    )
    changed = table(
        *({"id": n, "tags": {"people": 10 * n, "lighting": n if n == 5 else "dim"}} for n in (2, 3, 5, 6)),
    )

    after = replaced(before, changed, gone=np.array([1, 99]))

    assert after.ids.tolist() == [2, 3, 5, 6]
    assert values(after, "people") == [20, 30, 50, 60]
    assert values(after, "lighting") == ["dim", "dim", None, "dim"]
    assert odd(after) == [(5, "lighting", "5")]
    assert before.ids.tolist() == [1, 3, 5]


def test_what_changed_and_is_gone_is_gone():
    after = replaced(table({"id": 1}), table({"id": 1}, {"id": 2}), gone=np.array([1, 2]))
    assert len(after) == 0


def test_nothing_changed_is_the_same_table():
    before = table({"id": 1, "tags": {"people": 1}})
    assert replaced(before, table(), gone=NOBODY).frames.equals(before.frames)


rows = st.dictionaries(st.integers(1, 30), st.sampled_from([0, 1.5, "x", None, 2**60 + 1]), max_size=12)


@given(rows, rows, st.sets(st.integers(1, 30), max_size=5))
def test_an_updated_table_is_the_table_of_the_updated_rows(old, new, gone):
    def made(known):
        return table(*({"id": n, "tags": {"people": value}} for n, value in known.items()))

    expected = made({n: value for n, value in {**old, **new}.items() if n not in gone})
    after = replaced(made(old), made(new), gone=np.array(sorted(gone), np.int64))

    assert after.frames.equals(expected.frames)
    assert odd(after) == odd(expected)


def test_tags_come_and_go_and_change_their_kind():
    frames = [{"id": 1, "tags": {"people": 1, "lighting": "dark", "motion": "yes"}}, {"id": 3, "tags": {"people": "x"}}]
    kinds = {"weather": "text", "motion": "text", "people": "number"}
    raw = raw_rows({"id": 1, "tags": {"motion": "yes", "weather": 5}}, {"id": 2, "tags": {"weather": "rain"}},
                   {"id": 3, "tags": {"weather": "fog"}}, kinds={"weather": "text", "motion": "text"})  # fmt: skip

    after = with_kinds(table(*frames), kinds, raw)

    assert after.frames.columns == [*OWN, *kinds]
    assert after.kinds == kinds
    assert (values(after, "weather"), values(after, "motion"), values(after, "people")) == (
        *([None, "fog"], ["yes", None], [1.0, None]),
    )
    assert odd(after) == [(1, "weather", "5"), (3, "people", '"x"')]


def test_tags_go_without_a_look_at_the_database():
    after = with_kinds(table({"id": 1, "tags": {"people": 1, "lighting": 7}}), {"people": "number"}, None)
    assert after.frames.columns == [*OWN, "people"]
    assert odd(after) == []


def test_a_camera_gets_another_name():
    after = renamed(table({"id": 1}, {"id": 2, "camera_id": 2}), {1: "door", 2: "lobby", 3: "new"})
    assert after.frames["camera"].to_list() == ["door", "lobby"]
    assert after.frames.columns == table().frames.columns


def test_rows_are_found_by_id():
    made = table({"id": 1}, {"id": 2, "video_id": 7}, {"id": 5})
    assert made.among(np.array([5, 2, 99])).tolist() == [False, True, True]
    assert made.among(np.array([7]), column="video_id").tolist() == [False, True, False]
