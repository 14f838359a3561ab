"""Labelled pictures on disk: what is read is what was written, from any line on."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.core.labels import LabelledBox, LabelledPicture
from curation.services import spool

FULL = LabelledPicture(
    "gate/ä\n1.jpg", 640, 360, [LabelledBox("person", 0.1, 2, 3.5, 4e-7, True, 7, 5.5, [[1, 2]], {"occluded": True})],
    split="train", tags={"people": 2, "lighting": "dark"}, evidence={"people": {"source": "human"}}, sequence="gate",
    frame_index=3, time_s=0.1, recorded_at=datetime(2026, 1, 5, 8, tzinfo=UTC), camera="gate",
    extra={"coco": {"id": 1}}, picture_file="images/1.jpg", video_file="a.mp4",
)  # fmt: skip
NOBODY_LOOKED, NOTHING_THERE = LabelledPicture("a.jpg", 1, 1), LabelledPicture("b.jpg", 1, 1, [])


def test_every_field_comes_back(tmp_path):
    pictures = [FULL, NOBODY_LOOKED, NOTHING_THERE]
    assert list(spool.write(tmp_path / "a", pictures)) == [1, 2, 3]
    back = list(spool.read(tmp_path / "a"))
    assert back == pictures
    assert (back[0].picture_file, back[0].video_file) == ("images/1.jpg", "a.mp4")  # which == leaves out
    assert list(spool.read(tmp_path / "a", start=2)) == [NOTHING_THERE]
    assert list(spool.read(tmp_path / "a", start=3)) == []


def test_none_at_all_is_an_empty_file(tmp_path):
    assert list(spool.write(tmp_path / "a", [])) == []
    assert list(spool.read(tmp_path / "a")) == []


def test_a_broken_try_leaves_no_file(tmp_path):
    def breaks():
        yield FULL
        raise RuntimeError("broke")

    with pytest.raises(RuntimeError):
        list(spool.write(tmp_path / "a", breaks()))
    assert not (tmp_path / "a").exists()
    half = spool.write(tmp_path / "a", [FULL, FULL])
    next(half)
    half.close()
    assert not (tmp_path / "a").exists()


@given(number=st.floats(allow_nan=False, allow_infinity=False), text=st.text(st.characters(exclude_categories=["Cs"])))
def test_numbers_and_texts_come_back_exactly(number, text):
    picture = LabelledPicture(text, 1, 1, [LabelledBox(text, number, 0, 1, 1)])
    assert spool.from_line(spool.as_line(picture)) == picture
