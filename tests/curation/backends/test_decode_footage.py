"""A frame is the same, whatever piece of the video it was asked for with."""

import hashlib
import itertools
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.backends.decode.footage import VideoFootage
from curation.backends.decode.probe import probe
from curation.core.types import Span
from tests.curation.backends.media_zoo import SPECIMENS
from tests.curation.backends.media_zoo_broken import DAMAGED

ALL = Span(0, 10**13)
FEW = settings(max_examples=12, deadline=None)
MAKERS = {s.name: s.make for s in SPECIMENS} | {s.name: s.make for s in DAMAGED}
CUT = [
    *("plain.mp4", "b_frames.mp4", "b_frames.ts", "b_frames.avi", "open_gop.mp4", "open_gop.ts", "plain.mkv"),
    *("plain.flv", "mpeg2.mpg", "windows.asf", "jerky.mp4", "jerky.mkv", "stutter.mkv", "edited.mp4", "late.ts"),
    *("raw.h264", "resized.ts", "fragmented.mp4", "headless.ts", "joined.ts", "flipped.mp4", "zeroed.mp4", "zeroed.ts"),
    *("no_keyframes.mp4", "ten_bit.mp4", "motion_jpeg.avi"),
]


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    folder = tmp_path_factory.mktemp("zoo")

    @cache
    def make(name):
        MAKERS[name](folder / name)
        return folder / name, probe(folder / name)

    return make


def opened(video, name, **changes):
    path, found = video(name)
    keyframes_us = changes.pop("keyframes_us", found.keyframes_us)
    return VideoFootage(path, start_us=found.start_us, keyframes_us=keyframes_us, rotation_deg=0, **changes)


def prints(pictures, *, damaged=False):
    """Times and pictures; of damaged videos only times: what a decoder paints over a hole depends on what it saw."""
    return [(shot.pts_us, "" if damaged else hashlib.md5(shot.rgb().tobytes()).hexdigest()) for shot in pictures]


@pytest.mark.parametrize("name", CUT)
def test_pieces_are_the_whole_at_any_cut(video, name):
    damaged = name.startswith(("flipped", "zeroed"))
    with opened(video, name) as footage:
        whole = prints(footage.frames(ALL), damaged=damaged)
        counts = footage.decoded_frames, footage.decode_errors
    end_us = whole[-1][0] + 1

    @FEW
    @given(st.lists(st.integers(0, end_us) | st.sampled_from([time for time, _ in whole]), max_size=4))
    def check(cuts):
        edges = [0, *sorted(cuts), 10**13]
        with opened(video, name) as footage:
            pieces = [prints(footage.frames(Span(*edge)), damaged=damaged) for edge in itertools.pairwise(edges)]
        assert list(itertools.chain.from_iterable(pieces)) == whole
        assert (footage.decoded_frames, footage.decode_errors) == counts

    check()


@pytest.mark.parametrize("name", CUT)
def test_at_is_a_scan_for_the_first_frame_not_before(video, name):
    damaged = name.startswith(("flipped", "zeroed"))
    with opened(video, name) as footage:
        whole = prints(footage.frames(ALL), damaged=damaged)

    @FEW
    @given(st.lists(st.integers(0, whole[-1][0] + 50_000) | st.sampled_from([t for t, _ in whole]), max_size=6))
    def check(asked):
        with opened(video, name) as footage:
            for time_us in sorted(asked):
                found = footage.at(time_us)
                assert prints([found] if found else [], damaged=damaged) == [p for p in whole if p[0] >= time_us][:1]

    check()


@pytest.mark.parametrize("name", ["b_frames.mp4", "ten_bit.mp4", "mpeg2.mpg"])
def test_all_cores_decode_the_same(video, name):
    with opened(video, name) as one, opened(video, name, threads="auto") as many:
        assert prints(one.frames(ALL)) == prints(many.frames(ALL))


def test_wrong_keyframes_cost_time_but_no_frame(video):
    with opened(video, "b_frames.ts") as footage:
        whole = prints(footage.frames(ALL))
    for wrong in ([], [0], [0, 1_500_000, 3_700_000], list(range(0, 5_000_000, 100_000))):
        with opened(video, "b_frames.ts", keyframes_us=np.array(wrong, np.int64)) as footage:
            assert prints(footage.frames(Span(2_000_000, 4_000_000))) == whole[20:40]


def test_reading_stops_soon_after_the_span(video, monkeypatch):
    with opened(video, "b_frames.mp4") as footage:
        list(footage.frames(Span(0, 300_000)))
        (reader,) = footage._idle
        assert reader._now_us < 1_000_000


def test_an_empty_span_and_one_past_the_end_hold_nothing(video):
    with opened(video, "plain.mp4") as footage:
        assert list(footage.frames(Span(500_000, 500_000))) == []
        assert list(footage.frames(Span(3_000_000, 9_000_000))) == []
        assert footage.at(2_900_001) is None
        assert footage.at(9_000_000) is None


def test_at_refuses_to_go_back(video):
    with opened(video, "plain.mp4") as footage:
        footage.at(500_000)
        with pytest.raises(ValueError, match=r"400000 is before 500000"):
            footage.at(400_000)


def test_two_readings_at_once_do_not_disturb_each_other(video):
    with opened(video, "b_frames.mp4") as footage:
        pairs = list(zip(footage.frames(Span(0, 2_000_000)), footage.frames(Span(2_000_000, 4_000_000)), strict=True))
        for first, second in pairs:
            assert second.pts_us - first.pts_us == 2_000_000
            assert footage.at(first.pts_us).pts_us == first.pts_us


def test_a_picture_outlives_its_video(video):
    with opened(video, "plain.mp4") as footage:
        kept = list(footage.frames(ALL))
        before = prints(kept)
        lumas = [frame.luma() for frame in kept]
    assert prints(kept) == before
    assert len({luma.tobytes() for luma in lumas}) == 30
