import io
from dataclasses import replace
from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.core.formats import FormatError, detect
from curation.core.formats.tag_csv import TagCsv
from curation.core.formats.tag_parquet import TagParquet
from tests.curation.core.formats.pictures import (
    box,
    by_name,
    datasets,
    factors,
    full_picture,
    picture,
    put,
    read,
    tag_values,
    there_and_back,
    words,
    write,
)  # fmt: skip

KINDS = pytest.mark.parametrize("maker", [TagCsv(), TagParquet()], ids=["csv", "parquet"])
odd_names = factors | st.sampled_from(["name", "tag.name", "a.json", "x y", "boxes"])
sayable = full_picture | {
    "tags": st.dictionaries(
        odd_names, tag_values | st.sampled_from(["true", "=1+1", "", "NaN", " 1", "[", '"a"', "007"])
    ),
    "evidence": st.dictionaries(odd_names, st.fixed_dictionaries({"source": words}), max_size=2),
}
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def read_csv(root, text):
    put(root, "tags.csv", text)
    return read(TagCsv(), root)


def read_table(root, columns):
    buffer = io.BytesIO()
    pl.DataFrame(columns).write_parquet(buffer)
    put(root, "tags.parquet", buffer.getvalue())
    return read(TagParquet(), root)


@KINDS
@settings(max_examples=40, deadline=None)
@given(datasets(picture_fields=sayable))
def test_round_trip_of_tags_is_exact(maker, pictures):
    pictures = [replace(one, boxes=None) for one in pictures]
    found, losses = there_and_back(maker, pictures)
    assert found == by_name(pictures)
    assert all(type(found[one.name].tags[f]) is type(v) for one in pictures for f, v in one.tags.items()
               if isinstance(v, bool | str | list | dict))  # fmt: skip
    assert losses == {}


def test_the_table_is_one_that_people_can_read(tmp_path):
    pictures = [
        picture("cam/a.jpg", [box(), box()], tags={"weather": "rain", "people": 2, "indoor": False}, camera="gate",
                recorded_at=NOON, split="train", evidence={"weather": {"source": "human", "by": "ann"}}),
        picture("b.jpg", None, tags={"weather": "007", "seen": ["a", "b"]}),
    ]  # fmt: skip
    losses = write(TagCsv(), pictures, tmp_path)
    assert (tmp_path / "tags.csv").read_text().splitlines() == [
        "name,width_px,height_px,split,camera,recorded_at,sequence,frame_index,time_s,boxes,"
        "indoor,people,seen,weather,weather.source",
        "cam/a.jpg,64,48,train,gate,2026-03-01T12:00:00+00:00,,,,2,false,2,,rain,human",
        'b.jpg,64,48,,,,,,,,,,"[""a"",""b""]",007,',
    ]
    assert losses == {"box (only how many there are was written)": 2, "evidence of tags beyond its source": 1}


def test_a_cell_never_is_a_formula(tmp_path):
    write(TagCsv(), [picture(tags={"a": "=1+1", "b": "@x"}, camera="-2+3")], tmp_path)
    cells = next(iter(pl.read_csv(tmp_path / "tags.csv", infer_schema=False).iter_rows(named=True)))
    assert [cells[column][0] for column in ("a", "b", "camera")] == ['"', '"', '"']


def test_columns_of_parquet_are_typed(tmp_path):
    tags = [{"n": 1, "x": 0.5, "b": True, "t": "a", "l": ["a"], "mixed": 1, "c": {"car": 2}}, {"x": 2, "mixed": "1"}]
    pictures = [picture(f"{number}.jpg", recorded_at=NOON, tags=one) for number, one in enumerate(tags)]
    write(TagParquet(), pictures, tmp_path)
    table = pl.read_parquet(tmp_path / "tags.parquet")
    assert {column: table.schema[column] for column in ("n", "x", "b", "t", "l", "recorded_at")} == {
        "n": pl.Int64, "x": pl.Float64, "b": pl.Boolean, "t": pl.String, "l": pl.List(pl.String),
        "recorded_at": pl.Datetime("us", "UTC"),
    }  # fmt: skip
    assert table["mixed.json"].to_list() == ["1", '"1"']
    assert table["c.json"].to_list() == ['{"car":2}', None]


@pytest.mark.parametrize(
    "text",
    ["name,weather,n\na.jpg,rain,3\n", "\ufeffname;weather;n\r\na.jpg;rain;3\r\n", 'weather,name,n\n"rain","a.jpg",3'],
)
def test_tables_of_spreadsheets_are_understood(tmp_path, text):
    found, reading = read_csv(tmp_path, text)
    assert {name: one.tags for name, one in found.items()} == {"a.jpg": {"weather": "rain", "n": 3}}
    assert (found["a.jpg"].width_px, found["a.jpg"].boxes, reading.skips.total) == (0, None, 0)


def test_words_stay_words_though_they_look_like_numbers(tmp_path):
    found, _ = read_csv(tmp_path, "name,camera,sequence\n1.5,12,true\n")
    assert [(one.name, one.camera, one.sequence) for one in found.values()] == [("1.5", "12", "true")]


def test_the_picture_of_a_row_is_found(tmp_path):
    put(tmp_path, "images/a.jpg", "x")
    assert read_csv(tmp_path, "name\na.jpg\n")[0]["a.jpg"].picture_file == "images/a.jpg"


@pytest.mark.parametrize(
    "text, why",
    [
        ("name\n../a.jpg\n", "picture whose name is missing or not safe"),
        ("name,x\n,1\n", "picture whose name is missing or not safe"),
        ("name\na.jpg\na.jpg\n", "picture whose name is another's too"),
        ("name,recorded_at\na.jpg,soon\n", "field of Winnow's own that is not valid"),
        ("name,frame_index\na.jpg,-1\n", "field of Winnow's own that is not valid"),
        ("name,a\na.jpg,[1]\n", "tag whose value is not valid"),
        ("name,a\na.jpg,1e999\n", "tag whose value is not valid"),
        ("name,a\na.jpg,1,2\n", "row with more cells than the header; the rest was read"),
        ("name,a,a\na.jpg,1,2\n", "column whose name is another's too; the last one was read"),
        ("name,a\n" + "x" * (2 << 20) + ",1\na.jpg,1\n", "row that is no CSV"),
    ],
)
def test_rows_that_are_not_valid_are_skipped_with_a_reason(tmp_path, text, why):
    _, reading = read_csv(tmp_path, text)
    assert dict(reading.skips.counts) == {why: 1}


def test_values_of_other_types_are_noted(tmp_path):
    columns = {
        "name": ["a.jpg"], "when": [NOON.date()], "n": [float("nan")], "l": [[1]], "b": [b"x"], "z": ["a\0"],
        "c": [{"car": 2}], "w.json": ["{"],
    }  # fmt: skip
    found, reading = read_table(tmp_path, columns)
    assert found["a.jpg"].tags == {"c": {"car": 2}, "w.json": "{"}
    assert reading.skips.counts == {"tag whose value is not valid": 5}
    _, reading = read_table(tmp_path, {"name": [1, 2]})
    assert reading.skips.counts == {"picture whose name is missing or not safe": 2}


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "\xff\xfe", b"\xff\xff", b"PK\x03\x04", "x" * (2 << 20)])
def test_a_file_that_is_no_table_of_tags_is_refused_with_what_was_expected(tmp_path, text):
    put(tmp_path, "tags.csv", text)
    with pytest.raises(FormatError, match="a table of tags has a column `name`"):
        TagCsv().read(tmp_path)
    put(tmp_path, "tags.parquet", text)
    with pytest.raises(FormatError, match="a table of tags has a column `name`"):
        TagParquet().read(tmp_path)


def test_a_damaged_parquet_file_is_refused_or_read_up_to_the_break(tmp_path):
    write(TagParquet(), [picture(f"{n}.jpg", tags={"a": str(n) * 50}) for n in range(300)], tmp_path)
    good = (tmp_path / "tags.parquet").read_bytes()
    for content in (
        good[:-1],
        good[: len(good) // 2],
        b"PAR1" + b"\0" * 50 + b"PAR1",
        good[:-8] + b"\xff" * 4 + good[-4:],
    ):
        put(tmp_path, "tags.parquet", content)
        with pytest.raises(FormatError, match="a table of tags has a column `name`"):
            TagParquet().read(tmp_path)
    put(tmp_path, "tags.parquet", good[:100] + bytes(400) + good[500:])
    _, reading = read(TagParquet(), tmp_path)
    assert reading.skips.total > 0


@KINDS
def test_no_pictures_give_a_table_without_rows(maker, tmp_path):
    write(maker, [], tmp_path)
    assert read(maker, tmp_path)[0] == {}


def test_they_are_recognised(tmp_path):
    for maker, name in ((TagCsv(), "csv"), (TagParquet(), "parquet")):
        write(maker, [picture()], tmp_path / name)
        assert detect(tmp_path / name) == name
