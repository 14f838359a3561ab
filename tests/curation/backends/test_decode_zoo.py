"""Every odd file is either read to the last frame or refused with a reason."""

import subprocess

import numpy as np
import pytest

from curation.backends.decode.footage import VideoFootage
from curation.backends.decode.probe import probe
from curation.core.errors import MediaError
from curation.core.types import Span
from tests.curation.backends.media_zoo import SPECIMENS
from tests.curation.backends.media_zoo_broken import DAMAGED, REFUSED

ALL = Span(0, 10**13)


def named(specimens):
    # Coding and decoding 33 million pixels takes a busy machine many seconds.
    return [
        pytest.param(specimen, id=specimen.name, marks=[pytest.mark.slow] if "8k" in specimen.name else [])
        for specimen in specimens
    ]


def read(path):
    found = probe(path)
    footage = VideoFootage(
        path, start_us=found.start_us, keyframes_us=found.keyframes_us, rotation_deg=found.rotation_deg
    )
    with footage:
        pictures = list(footage.frames(ALL))
    return found, footage, pictures


def counted_by(ffprobe, path):
    """The largest count of any video track: of covers, previews and footage, that is the footage."""
    asked = ["-count_frames", "-select_streams", "v", "-show_entries", "stream=nb_read_frames", "-of", "csv=p=0"]
    answer = subprocess.run([ffprobe, "-v", "quiet", *asked, path], capture_output=True, text=True, check=False)
    return max(int(line.strip(",")) for line in answer.stdout.split() if line.strip(",").isdigit())


@pytest.mark.parametrize("specimen", named(SPECIMENS))
def test_an_odd_but_valid_file_is_read_to_the_last_frame(specimen, tmp_path):
    specimen.make(tmp_path / specimen.name)
    found, footage, pictures = read(tmp_path / specimen.name)
    assert (found.width_px, found.height_px) == specimen.size
    assert (found.rotation_deg, found.has_audio) == (specimen.rotation_deg, specimen.has_audio)
    assert found.packets == footage.decoded_frames == len(pictures) == specimen.frames
    assert footage.decode_errors == 0
    assert found.first_frame_ok
    assert (len(found.keyframes_us) > 1) == specimen.steady
    width, height = specimen.size
    assert pictures[0].rgb().shape == (height, width, 3)
    assert pictures[0].luma().shape == ((height, width) if specimen.rotation_deg % 180 == 0 else (width, height))
    times = [picture.pts_us for picture in pictures]
    assert times == sorted(set(times))
    assert times[0] == 0
    assert times[-1] < found.duration_s * 1e6 <= times[-1] + 1e6
    assert set(found.keyframes_us.tolist()) <= set(times)


@pytest.mark.parametrize("specimen", named([*SPECIMENS, *DAMAGED]))
def test_as_many_frames_as_ffprobe_finds(specimen, tmp_path, ffprobe):
    specimen.make(tmp_path / specimen.name)
    _, footage, _ = read(tmp_path / specimen.name)
    assert footage.decoded_frames == counted_by(ffprobe, tmp_path / specimen.name)


@pytest.mark.parametrize(
    "name", ["one-by-one-person-detection", "car-detection", "bottle-detection", "store-aisle", "worker-zone"]
)
def test_as_many_frames_of_real_footage_as_ffprobe_finds(name, shared_data, ffprobe):
    path = shared_data / "videos" / f"{name}.mp4"
    found, footage, _ = read(path)
    assert footage.decoded_frames == found.packets == counted_by(ffprobe, path)
    assert footage.decode_errors == 0


@pytest.mark.parametrize("specimen", named(DAMAGED))
def test_what_is_left_of_a_damaged_file_is_read_and_the_damage_counted(specimen, tmp_path):
    specimen.make(tmp_path / specimen.name)
    found, footage, pictures = read(tmp_path / specimen.name)
    times = [picture.pts_us for picture in pictures]
    assert times == sorted(set(times))
    assert len(times) == specimen.frames or (specimen.frames is None and 0 < len(times) <= found.packets)
    assert not specimen.errors or footage.decode_errors > 0


@pytest.mark.parametrize("specimen", named(REFUSED))
def test_a_file_that_is_no_footage_is_refused_with_the_reason(specimen, tmp_path):
    path = tmp_path / specimen.name
    specimen.make(path)
    with pytest.raises(MediaError) as caught:
        probe(path)
    assert caught.value.code == specimen.code
    assert str(caught.value).endswith(".")
    assert str(tmp_path) not in str(caught.value)


def test_recordings_joined_to_one_file_go_on_where_the_first_ends(tmp_path):
    joined = next(specimen for specimen in DAMAGED if specimen.name == "joined.ts")
    joined.make(tmp_path / "joined.ts")
    found, _, pictures = read(tmp_path / "joined.ts")
    assert np.diff([picture.pts_us for picture in pictures]).tolist() == [100_000] * 59
    assert found.duration_s == pytest.approx(6.0)
    assert found.keyframes_us.tolist() == [0]
