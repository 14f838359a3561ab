"""Luma as it was coded, colours upright, whatever the pixel format."""

import av
import numpy as np
import pytest

from curation.backends.decode.footage import VideoFootage
from curation.backends.decode.picture import FramePicture
from curation.backends.decode.probe import probe
from tests.curation.backends.media_zoo import SPECIMENS, picture

MAKERS = {specimen.name: specimen.make for specimen in SPECIMENS}
FORMATS = [
    *("yuv420p", "yuv422p", "yuv444p", "yuvj420p", "yuva420p", "nv12", "nv21", "yuv420p10le", "yuv422p12le", "p010le"),
    *("gray", "gray10le", "gray12le", "yuv420p10be", "yuyv422", "uyvy422", "rgb24", "bgra", "gbrp", "rgb48le"),
]


def frame_at(tmp_path, name, pts_us):
    MAKERS[name](tmp_path / name)
    found = probe(tmp_path / name)
    turned = {"keyframes_us": found.keyframes_us, "rotation_deg": found.rotation_deg}
    with VideoFootage(tmp_path / name, start_us=found.start_us, **turned) as footage:
        return footage.at(pts_us)


@pytest.mark.parametrize("name, turns", [("quarter_turn.mp4", 1), ("half_turn.mp4", 2), ("three_quarter_turn.mp4", 3)])
def test_colours_stand_upright_and_luma_lies_as_coded(name, turns, tmp_path):
    lying, standing = frame_at(tmp_path, "plain.mp4", 700_000), frame_at(tmp_path, name, 700_000)
    assert np.array_equal(standing.rgb(), np.rot90(lying.rgb(), -turns))
    assert np.array_equal(standing.luma(), lying.luma())


@pytest.mark.parametrize(
    "name",
    [
        *("plain.mp4", "ten_bit.mp4", "grey.mkv", "colours.mkv", "palette.avi", "odd_size.mp4", "odd_size.webm"),
        *("motion_jpeg.avi", "alpha.webm"),
    ],
)
def test_luma_and_colours_are_what_was_drawn(name, tmp_path):
    frame = frame_at(tmp_path, name, 700_000)
    drawn = picture(7, frame.frame.width, frame.frame.height).astype(int)
    assert np.abs(frame.rgb() - drawn).mean() < 12
    assert abs(frame.rgb().mean() - drawn.mean()) < 4
    assert np.abs(stretched(frame) - drawn[:, :, 0]).mean() < 12


@pytest.mark.parametrize("pix_fmt", FORMATS)
@pytest.mark.parametrize("size", [(64, 48), (34, 26)])
def test_luma_is_the_brightness_in_every_pixel_format(pix_fmt, size):
    grey = np.repeat(np.linspace(0, 255, size[0] * size[1]).reshape(size[1], size[0], 1), 3, axis=2).astype(np.uint8)
    frame = FramePicture(av.VideoFrame.from_ndarray(grey, format="rgb24").reformat(format=pix_fmt, threads=1), 0)
    assert frame.luma().shape == (size[1], size[0])
    assert np.abs(stretched(frame) - grey[:, :, 0]).max() <= 4
    assert np.abs(frame.rgb().astype(int) - grey).max() <= 4


def stretched(frame):
    """Bring luma to 0..255."""
    luma = frame.luma().astype(float)
    return luma if frame.is_full_range else (luma - 16) * 255 / 219


def test_luma_is_a_view_where_it_can_be_and_cannot_be_written(tmp_path):
    luma = frame_at(tmp_path, "plain.mp4", 0).luma()
    assert not luma.flags.owndata
    with pytest.raises(ValueError, match="read-only"):
        luma[0, 0] = 1
