"""The probe tells the truth about a file, and a hostile file cannot hold it up."""

import hashlib
import os

import av
import pytest

from curation.backends.decode import scan
from curation.backends.decode.limits import Limits
from curation.backends.decode.probe import hash_file, probe
from curation.core.errors import MediaError
from tests.curation.backends.media_zoo import film
from tests.curation.backends.media_zoo_broken import DAMAGED, many_streams

PLAIN = film()
ODD_NAMES = [
    *(
        "-y.mp4",
        "$(touch x).mp4",
        "frame%03d.jpg",
        "http:..mp4",
        "a b\n.mp4",
        "\u202e4pm.exe",
        "plain",
        "x.yuv",
        "x.m3u8",
    ),
    *("l" * 250 + ".mp4", "concat:a|b.mp4"),
]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_the_name_plays_no_part(name, tmp_path):
    PLAIN(tmp_path / "made.mp4")
    (tmp_path / "made.mp4").rename(tmp_path / name)
    assert probe(tmp_path / name).packets == 30


def test_a_probe_of_real_footage(shared_data):
    found = probe(shared_data / "videos" / "bottle-detection.mp4")
    assert (found.container, found.codec) == ("mov,mp4,m4a,3gp,3g2,mj2", "h264")
    assert (found.width_px, found.height_px, found.rotation_deg) == (640, 360, 0)
    assert (found.header_frames, found.packets, found.has_audio) == (1189, 1189, False)
    assert found.fps == pytest.approx(179 / 6)
    assert found.duration_s == pytest.approx(1189 / (179 / 6), abs=0.01)
    assert found.keyframes_us[0] == 0
    assert len(found.keyframes_us) == 5


@pytest.mark.parametrize(
    "limits, code",
    [
        (Limits(pixels=64 * 48 - 1), "too_large"),
        (Limits(duration_s=2.9), "too_long"),
        (Limits(packets=29), "too_many_frames"),
        (Limits(packets_per_s=9.9, burst_packets=29), "too_many_frames"),
        (Limits(streams=0), "too_many_streams"),
        (Limits(wall_s=0.01), "time_out"),
    ],
)
def test_each_limit_holds(limits, code, tmp_path):
    PLAIN(tmp_path / "plain.mp4")
    with pytest.raises(MediaError) as caught:
        probe(tmp_path / "plain.mp4", limits=limits)
    assert caught.value.code == code


def test_a_thousand_tracks_do_not_take_long_to_refuse(tmp_path):
    many_streams(1000)(tmp_path / "many.mkv")
    with pytest.raises(MediaError, match="1000 tracks"):
        probe(tmp_path / "many.mkv", limits=Limits(wall_s=20))


@pytest.mark.slow
def test_8k_is_refused_by_a_smaller_limit_and_never_eats_the_memory(tmp_path):
    next(specimen for specimen in DAMAGED if specimen.name == "black_8k.mp4").make(tmp_path / "8k.mp4")
    with pytest.raises(MediaError, match="7680 x 4320"):
        probe(tmp_path / "8k.mp4", limits=Limits(pixels=3840 * 2160))
    with pytest.raises(MediaError) as caught:
        probe(tmp_path / "8k.mp4", limits=Limits(memory_bytes=225 * 2**20))
    # Some decoders report a frame that does not fit as a broken one.
    assert caught.value.code in ("too_much_memory", "no_frames")


@pytest.mark.parametrize("name", ["absent.mp4", "folder", "pipe", "nul\0.mp4"])
def test_what_is_no_file_is_unreadable(name, tmp_path):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(MediaError) as caught:
        probe(tmp_path / name)
    assert caught.value.code == "unreadable"


def test_the_child_sees_no_secrets(tmp_path, monkeypatch):
    spy = tmp_path / "python"
    spy.write_text(f"#!/bin/sh\nenv > {tmp_path}/seen\n")
    spy.chmod(0o755)
    PLAIN(tmp_path / "plain.mp4")
    monkeypatch.setenv("DJANGO_SECRET_KEY", "hunter2")
    monkeypatch.setattr("curation.backends.decode.probe.sys.executable", str(spy))
    with pytest.raises(MediaError) as caught:
        probe(tmp_path / "plain.mp4")
    assert caught.value.code == "crashed"
    assert "hunter2" not in (tmp_path / "seen").read_text()


def test_a_reference_is_not_followed(tmp_path):
    """A play list of a good file beside it is refused, and so is one that hides behind a good name."""
    PLAIN(tmp_path / "plain.mp4")
    (tmp_path / "list.ts").write_text(f"ffconcat version 1.0\nfile {tmp_path}/plain.mp4\n")
    with pytest.raises(MediaError) as caught:
        probe(tmp_path / "list.ts")
    assert caught.value.code == "references"


def test_the_hash_is_that_of_the_content(tmp_path):
    content = b"footage" * 100_000
    (tmp_path / "a").write_bytes(content)
    assert hash_file(tmp_path / "a") == hashlib.sha256(content).hexdigest()


def test_no_more_than_the_first_frame_is_decoded(tmp_path, monkeypatch):
    decoded, blank = [], av.VideoFrame(64, 48, "yuv420p")
    monkeypatch.setattr(scan, "_decode_one", lambda *_: (decoded.append(1), (blank, True))[1])
    PLAIN(tmp_path / "plain.mp4")
    facts, _ = scan.scan(tmp_path / "plain.mp4", Limits())
    assert (len(decoded), facts["packets"]) == (1, 30)
