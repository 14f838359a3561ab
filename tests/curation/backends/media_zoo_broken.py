"""Files that are not usable footage, or only in part: broken, hostile, or something else altogether."""

import random
import struct
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av

from tests.curation.backends.media_zoo import TENTH, Film, film, with_sound


@dataclass(frozen=True)
class Refused:
    """A file that must be refused, and with which code."""

    name: str
    make: Callable[[Path], None]
    code: str


@dataclass(frozen=True)
class Damaged:
    """A file of which a part can be read. `frames` come out; None: as many as ffprobe finds."""

    name: str
    make: Callable[[Path], None]
    frames: int | None
    errors: bool = False
    """Whether reading must count errors."""


def content(*parts: bytes) -> Callable[[Path], None]:
    return lambda path: void(path.write_bytes(b"".join(parts)))


def void(_: object) -> None:
    return None


def changed(make: Callable[[Path], None], change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    """Make a good file, then spoil it."""

    def spoil(path: Path) -> None:
        make(path)
        path.write_bytes(change(path.read_bytes()))

    return spoil


def flip_bits(good: bytes) -> bytes:
    spoilt = bytearray(good)
    chance = random.Random(5)
    for _ in range(40):
        place = chance.randrange(len(spoilt) // 4, len(spoilt) // 4 * 3)
        spoilt[place] ^= 1 << chance.randrange(8)
    return bytes(spoilt)


def zero_middle(good: bytes) -> bytes:
    third = len(good) // 3
    return good[:third] + bytes(third) + good[2 * third :]


def without_index(good: bytes) -> bytes:
    return good[: good.index(b"moov") - 4]


def with_absurd_header(good: bytes) -> bytes:
    """A movie header that claims a duration of years."""
    spoilt = bytearray(good)
    struct.pack_into(">I", spoilt, good.index(b"mvhd") + 4 + 16, 0xFFFFFF00)
    return bytes(spoilt)


def with_absurd_steps(good: bytes) -> bytes:
    """Hours from one frame to the next."""
    spoilt = bytearray(good)
    place = good.index(b"stts") + 8
    assert struct.unpack_from(">I", good, place) == (1,)
    struct.pack_into(">I", spoilt, place + 8, 0x3FFFFFFF)
    return bytes(spoilt)


def without_keyframe_flags(good: bytes) -> bytes:
    spoilt = bytearray(good)
    struct.pack_into(">I", spoilt, good.index(b"stss") + 8, 0)
    return bytes(spoilt)


def with_huge_header(good: bytes) -> bytes:
    """60000 x 60000, in AVI's header and in every JPEG."""
    spoilt, side = bytearray(good), 60000
    struct.pack_into("<ii", spoilt, good.index(b"strf") + 8 + 4, side, side)
    place = -1
    while (place := good.find(b"\xff\xc0\x00\x11\x08", place + 1)) >= 0:
        struct.pack_into(">HH", spoilt, place + 5, side, side)
    return bytes(spoilt)


def twice(good: bytes) -> bytes:
    return good + good


def headless(path: Path) -> None:
    """A transport stream that begins behind a keyframe: nothing decodes before the next one."""
    shot = Film()
    with av.open(str(path), "w", format="mpegts") as output:
        for index, packet in enumerate(shot.packets(shot.open(output))):
            if index > 0:
                output.mux(packet)


def thousand_a_second(path: Path) -> None:
    """6 s of 1,000 frames a second."""
    shot = Film(frames=1, size=(16, 16), codec="mjpeg", pix_fmt="yuvj420p", options={}, fps=Fraction(1000))
    with av.open(str(path), "w", format="mp4") as output:
        (packet,) = shot.packets(shot.open(output))
        picture = bytes(packet)
        for index in range(6000):
            copy = av.Packet(picture)
            copy.stream, copy.time_base = packet.stream, Fraction(1, 1000)
            copy.pts = copy.dts = index
            copy.is_keyframe = True
            output.mux(copy)


def many_streams(count: int) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        with av.open(str(path), "w", format="matroska") as output:
            for _ in range(count):
                stream = output.add_stream("rawvideo", rate=10)
                stream.width, stream.height, stream.pix_fmt = 16, 16, "yuv420p"
            for index, stream in enumerate(output.streams.video):
                frame = av.VideoFrame(16, 16, "yuv420p")
                frame.pts = index
                output.mux(stream.encode(frame))

    return make


_SDP = (
    b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n"
)
_DASH = b'<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>http://127.0.0.1/</BaseURL></MPD>'
_HLS = b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n"
_FAST = film(packing={"movflags": "faststart"})
_JPEGS = film(container="avi", codec="mjpeg", pix_fmt="yuvj420p", options={}, clock=TENTH)
_STEADY = film(frames=60, packing={"use_editlist": "0"})

REFUSED: tuple[Refused, ...] = (
    Refused("empty.mp4", content(), "empty"),
    Refused("one_byte.mp4", content(b"\0"), "not_a_video"),
    Refused("text.mp4", content(b"The camera was off that day.\n" * 50), "not_a_video"),
    Refused("random.mp4", content(random.Random(1).randbytes(50_000)), "not_a_video"),
    Refused(
        "picture.mp4", content(b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00,", bytes(99)), "not_a_video"
    ),
    Refused("archive.mp4", content(b"PK\x03\x04", bytes(500)), "not_a_video"),
    Refused("page.mp4", content(b"<!DOCTYPE html><html><body>404</body></html>"), "not_a_video"),
    Refused("no_index.mp4", changed(film(), without_index), "no_index"),
    Refused("all_zero.mp4", changed(_FAST, lambda good: good[: good.index(b"mdat") + 4] + bytes(9000)), "no_frames"),
    Refused("sound_only.mp4", lambda path: with_sound(path, sound_only=True), "no_video"),
    Refused("absurd_steps.mp4", changed(_STEADY, with_absurd_steps), "too_long"),
    Refused("huge_header.avi", changed(_JPEGS, with_huge_header), "too_large"),
    Refused("thousand_a_second.mp4", thousand_a_second, "too_many_frames"),
    Refused("twenty_streams.mkv", many_streams(20), "too_many_streams"),
    Refused("thousand_streams.mkv", many_streams(1000), "too_many_streams"),
    Refused("play_list.mp4", content(_HLS, b"http://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n"), "references"),
    Refused("play_list_of_files.mp4", content(_HLS, b"file:///etc/passwd\n#EXT-X-ENDLIST\n"), "references"),
    Refused("list.mp4", content(b"ffconcat version 1.0\nfile /etc/passwd\n"), "references"),
    Refused("session.mp4", content(_SDP), "references"),
    Refused("dash.mp4", content(_DASH), "references"),
)

DAMAGED: tuple[Damaged, ...] = (
    Damaged("truncated.mp4", changed(_FAST, lambda good: good[: len(good) * 2 // 3]), None),
    Damaged("truncated.mkv", changed(film(container="matroska"), lambda good: good[: len(good) * 2 // 3]), None),
    Damaged("truncated.ts", changed(film(container="mpegts"), lambda good: good[: len(good) * 2 // 3]), None),
    Damaged("flipped.mp4", changed(film(), flip_bits), None, errors=True),
    Damaged("flipped.ts", changed(film(container="mpegts"), flip_bits), None),
    Damaged("zeroed.mp4", changed(film(frames=60), zero_middle), None, errors=True),
    Damaged("zeroed.ts", changed(film(frames=60, container="mpegts"), zero_middle), None),
    Damaged("absurd_header.mp4", changed(film(), with_absurd_header), 30),
    Damaged("no_keyframes.mp4", changed(film(), without_keyframe_flags), 30),
    Damaged("headless.ts", headless, 22),
    Damaged("joined.ts", changed(film(container="mpegts"), twice), 60),
    Damaged("joined.mp4", changed(film(), twice), 30),
    Damaged("joined.mkv", changed(film(container="matroska"), twice), None),
    Damaged("black_8k.mp4", film(frames=1, size=(7680, 4320)), 1),
)
