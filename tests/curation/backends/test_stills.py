"""Single pictures from strangers: decoded upright, or refused with the reason; the next one is decoded all the same."""

import io
import os
import signal
import struct
import zlib
from datetime import datetime

import numpy as np
import pytest
from PIL import Image

from curation.backends.stills.decoder import StillDecoder
from curation.backends.stills.limits import StillLimits
from curation.core.errors import MediaError


@pytest.fixture(scope="module")
def decoder():
    with StillDecoder() as made:
        yield made


def corner(width=40, height=20, *, mode="RGB"):
    """A grey picture whose upper left corner is red (white in grey modes)."""
    rgb = np.full((height, width, 3), 90, np.uint8)
    rgb[: height // 2, : width // 2] = (250, 0, 0)
    return Image.fromarray(rgb).convert(mode)


def coded(picture, kind="JPEG", **options):
    file = io.BytesIO()
    picture.save(file, kind, **({"quality": 95, "subsampling": 0} if kind == "JPEG" else {}), **options)
    return file.getvalue()


def exif(**tags):
    made = Image.Exif()
    made[0x0112] = tags.get("turn", 1)
    if "taken" in tags:
        made[0x8769] = {0x9003: tags["taken"], **({0x9011: tags["offset"]} if "offset" in tags else {})}
    return made


def red_corner(rgb):
    """Say in which corner the red is."""
    h, w = rgb.shape[:2]
    spots = {"ul": (2, 2), "ur": (2, w - 3), "ll": (h - 3, 2), "lr": (h - 3, w - 3)}
    return [name for name, at in spots.items() if rgb[at][0] > 200 and rgb[at][1] < 60]


def refused(decoder, content):
    with pytest.raises(MediaError) as caught:
        decoder.decode(content)
    return caught.value.code


def test_a_jpeg_comes_out_as_pillow_decodes_it(decoder):
    content = coded(corner())
    found = decoder.decode(content)
    assert np.array_equal(found.rgb(), np.asarray(Image.open(io.BytesIO(content))))
    assert found.luma().shape == (20, 40)
    assert found.is_plain_jpeg
    assert found.taken_at is None


@pytest.mark.parametrize(
    "turn, where, shape",
    [
        (1, "ul", (20, 40)), (2, "ur", (20, 40)), (3, "lr", (20, 40)), (4, "ll", (20, 40)),
        (5, "ul", (40, 20)), (6, "ur", (40, 20)), (7, "lr", (40, 20)), (8, "ll", (40, 20)),
    ],
)  # fmt: skip
def test_every_orientation_is_turned_upright(decoder, turn, where, shape):
    found = decoder.decode(coded(corner(), exif=exif(turn=turn)))
    assert (red_corner(found.rgb()), found.rgb().shape[:2]) == ([where], shape)
    assert found.is_plain_jpeg == (turn == 1)


@pytest.mark.parametrize(
    "tags, taken",
    [
        ({"taken": "2026:03:01 07:45:00"}, "2026-03-01T07:45:00"),
        ({"taken": "2026:03:01 07:45:00", "offset": "+01:00"}, "2026-03-01T07:45:00+01:00"),
        ({"taken": "0000:00:00 00:00:00"}, None),
        ({"taken": "yesterday"}, None),
        ({"taken": "    :  :     :  :  "}, None),
    ],
)
def test_the_time_is_the_cameras_or_unknown(decoder, tags, taken):
    found = decoder.decode(coded(corner(), exif=exif(**tags)))
    assert found.taken_at == (datetime.fromisoformat(taken) if taken else None)


@pytest.mark.parametrize(
    "mode, kind",
    [
        ("L", "PNG"), ("1", "PNG"), ("P", "PNG"), ("LA", "PNG"), ("RGBA", "PNG"), ("CMYK", "JPEG"), ("RGB", "WEBP"),
        ("RGB", "BMP"), ("RGB", "TIFF"), ("P", "GIF"), ("CMYK", "TIFF"),
    ],
)  # fmt: skip
def test_other_kinds_and_modes_become_rgb_and_are_no_plain_jpeg(decoder, mode, kind):
    found = decoder.decode(coded(corner(mode=mode), kind))
    assert found.rgb().shape == (20, 40, 3)
    assert not found.is_plain_jpeg


def test_sixteen_bits_are_cut_to_eight_and_not_clipped(decoder):
    ramp = np.linspace(0, 65535, 256).astype(np.uint16).reshape(1, 256).repeat(4, 0)
    rgb = decoder.decode(coded(Image.fromarray(ramp), "PNG")).rgb()
    assert np.abs(rgb[0, :, 0].astype(int) - np.arange(256)).max() <= 1


def test_a_grey_jpeg_can_be_stored_as_it_is(decoder):
    assert decoder.decode(coded(corner(mode="L"))).is_plain_jpeg


@pytest.mark.parametrize(
    "content, code",
    [
        (b"", "empty"),
        (b"\xff", "no_picture"),
        (b"just text, no picture at all", "no_picture"),
        (b"PK\x03\x04" + bytes(100), "no_picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no_picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "no_picture"),
        (coded(corner(400, 300))[:2000], "damaged"),
        (coded(corner(400, 300), "PNG")[:400], "damaged"),
    ],
)
def test_what_is_no_whole_picture_is_refused(decoder, content, code):
    assert refused(decoder, content) == code
    assert decoder.decode(coded(corner())).rgb().shape == (20, 40, 3)


def png_header(width, height):
    """A PNG that claims a size and holds nearly nothing."""
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"\0")),
        (b"IEND", b""),
    ]
    body = b"".join(struct.pack(">I", len(d)) + name + d + struct.pack(">I", zlib.crc32(name + d)) for name, d in parts)
    return b"\x89PNG\r\n\x1a\n" + body


def test_a_size_beyond_the_limit_is_refused_before_decoding(decoder):
    assert refused(decoder, png_header(60_000, 60_000)) == "too_large"
    with StillDecoder(StillLimits(pixels=799)) as small:
        assert refused(small, coded(corner())) == "too_large"
    with StillDecoder(StillLimits(pixels=800)) as enough:
        assert enough.decode(coded(corner())).rgb().shape == (20, 40, 3)


def test_a_file_of_too_many_bytes_never_reaches_the_child():
    with StillDecoder(StillLimits(file_bytes=10)) as small:
        assert refused(small, coded(corner())) == "too_large"
        assert small._child is None


def test_a_picture_of_too_much_memory_is_refused_and_the_next_one_is_not():
    with StillDecoder(StillLimits(memory_bytes=400 << 20)) as lean:
        assert refused(lean, coded(Image.new("RGB", (9000, 9000)), "PNG")) in ("too_much_memory", "damaged", "crashed")
        assert lean.decode(coded(corner())).rgb().shape == (20, 40, 3)


def test_a_child_that_is_killed_is_replaced(decoder):
    decoder.decode(coded(corner()))
    os.kill(decoder._child.pid, signal.SIGKILL)
    decoder._child.wait()
    assert refused(decoder, coded(corner())) == "crashed"
    assert decoder.decode(coded(corner())).rgb().shape == (20, 40, 3)


def test_a_child_that_hangs_is_given_up(decoder):
    with StillDecoder(StillLimits(wall_s=0.3)) as quick:
        try:
            quick.decode(coded(corner()))
        except MediaError:  # a slow machine may not even start the child in time
            return
        os.kill(quick._child.pid, signal.SIGSTOP)
        assert refused(quick, coded(corner())) == "time_out"
        assert quick._child is None


def test_no_child_is_left_behind():
    with StillDecoder() as made:
        made.decode(coded(corner()))
        pid = made._child.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
