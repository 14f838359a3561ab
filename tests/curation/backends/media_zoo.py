"""Small videos of every odd but valid kind, made on the spot: each specimen knows what a reader must find in it."""

import itertools
import struct
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.stream import VideoStream

FINE = Fraction(1, 90_000)
TENTH = Fraction(1, 10)


@dataclass(frozen=True)
class Specimen:
    """A file, and the truth about it. `size` is (width, height) upright."""

    name: str
    make: Callable[[Path], None]
    frames: int
    size: tuple[int, int] = (64, 48)
    rotation_deg: int = 0
    has_audio: bool = False
    steady: bool = True
    """Whether it has keyframes to jump to."""


def picture(index: int, width: int, height: int) -> np.ndarray:
    """Draw (height, width, 3) RGB: a still texture, and a square that is elsewhere in each picture."""
    y, x = np.mgrid[:height, :width]
    grey = (x * 7 + y * 5) % 96 + 40
    left, top = (index * 5) % max(1, width - 8), (index * 3) % max(1, height - 8)
    grey[top : top + 8, left : left + 8] = 235
    return np.repeat(grey[:, :, None], 3, axis=2).astype(np.uint8)


@dataclass
class Film:
    """How a video is encoded and packed."""

    frames: int = 30
    size: tuple[int, int] = (64, 48)
    codec: str = "libx264"
    pix_fmt: str = "yuv420p"
    fps: Fraction = Fraction(10)
    options: dict[str, str] = field(default_factory=lambda: {"g": "8", "bf": "0", "preset": "ultrafast"})
    times: Sequence[int] | None = None
    """Of the frames, in 1/90000 s."""
    container: str = "mp4"
    packing: dict[str, str] = field(default_factory=dict)
    first: int = 0
    """The number of the first frame, which decides its picture and its time."""
    clock: Fraction = FINE

    def open(self, output: av.container.OutputContainer) -> VideoStream:
        stream = output.add_stream(self.codec, rate=self.fps, options=self.options)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = self.size
        stream.pix_fmt = self.pix_fmt
        stream.codec_context.time_base = self.clock
        stream.time_base = self.clock
        return stream

    def packets(self, stream: VideoStream) -> Iterable[av.Packet]:
        step = int(1 / (self.fps * self.clock))
        for index in range(self.frames):
            frame = self.frame(self.first + index)
            frame.time_base = self.clock
            frame.pts = self.times[index] if self.times else (self.first + index) * step
            yield from stream.encode(frame)
        yield from stream.encode(None)

    def frame(self, index: int) -> av.VideoFrame:
        drawn = picture(index, *self.size)
        if self.pix_fmt == "pal8":
            greys = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 4, axis=1)
            return av.VideoFrame.from_ndarray((np.ascontiguousarray(drawn[:, :, 0]), greys), format="pal8")  # type: ignore[arg-type]
        return av.VideoFrame.from_ndarray(drawn, format="rgb24").reformat(format=self.pix_fmt, threads=1)

    def write(self, path: Path) -> None:
        with av.open(str(path), "w", format=self.container, options=self.packing) as output:
            for packet in self.packets(self.open(output)):
                output.mux(packet)


def film(**changes: object) -> Callable[[Path], None]:
    return lambda path: Film(**changes).write(path)  # type: ignore[arg-type]


def with_sound(path: Path, *, sound_only: bool = False) -> None:
    with av.open(str(path), "w", format="mp4") as output:
        video = None if sound_only else Film().open(output)
        sound = output.add_stream("aac", rate=8000, layout="mono")
        if video is not None:
            for packet in Film().packets(video):
                output.mux(packet)
        for start in range(0, 8192, 1024):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = 8000, start, Fraction(1, 8000)
            output.mux(sound.encode(frame))
        output.mux(sound.encode(None))


def with_cover(path: Path) -> None:
    """A cover picture, larger than the video and in front of it."""
    with av.open(str(path), "w", format="mp4") as output:
        cover = output.add_stream("mjpeg", rate=1, options={})
        cover.width, cover.height, cover.pix_fmt = 320, 240, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        video = Film().open(output)
        still = av.VideoFrame.from_ndarray(picture(0, 320, 240), format="rgb24").reformat(format="yuvj420p")
        output.mux(cover.encode(still))
        for packet in Film().packets(video):
            output.mux(packet)


def two_tracks(path: Path) -> None:
    small, large = Film(frames=20, size=(32, 24)), Film(frames=30)
    with av.open(str(path), "w", format="mp4") as output:
        streams = [small.open(output), large.open(output)]
        for packet in itertools.chain(small.packets(streams[0]), large.packets(streams[1])):
            output.mux(packet)


def resized(path: Path) -> None:
    """The camera changes its resolution in mid-stream: each half has its own parameter sets."""
    wide = Film(frames=16, size=(96, 64), first=16)
    with av.open(str(path), "w", format="mpegts") as output:
        narrow = Film(frames=16)
        stream = narrow.open(output)
        for packet in narrow.packets(stream):
            output.mux(packet)
        with av.open("/dev/null", "w", format="mpegts") as spare:
            for packet in list(wide.packets(wide.open(spare))):
                packet.stream = stream
                output.mux(packet)


def rotated(degrees: int) -> Callable[[Path], None]:
    """A phone held on its side: the track's matrix tells players to turn the picture clockwise."""

    def make(path: Path) -> None:
        Film().write(path)
        content = bytearray(path.read_bytes())
        one = 0x00010000
        a, b, c, d = {90: (0, one, -one, 0), 180: (-one, 0, 0, -one), 270: (0, -one, one, 0)}[degrees]
        place = content.index(b"tkhd") + 4 + 40
        struct.pack_into(">9i", content, place, a, b, 0, c, d, 0, 0, 0, 0x40000000)
        path.write_bytes(content)

    return make


def edited(path: Path) -> None:
    """An edit list that begins five frames into the recording, between keyframes."""
    Film(options={"g": "8", "bf": "2"}).write(path)
    content = bytearray(path.read_bytes())
    place = content.index(b"elst") + 8
    count, length, begin = struct.unpack_from(">IIi", content, place)
    assert count == 1
    step = 9000
    struct.pack_into(">Ii", content, place + 4, length, begin + 5 * step)
    path.write_bytes(content)


def stutter(path: Path) -> None:
    """Some frames carry the time of the frame before."""
    shot = Film(frames=40)
    with av.open(str(path), "w", format="matroska") as output:
        for index, packet in enumerate(shot.packets(shot.open(output))):
            assert packet.pts is not None
            packet.pts = packet.dts = packet.pts - (9000 if index % 8 == 5 else 0)
            output.mux(packet)


_JERKY = list(itertools.accumulate([0, *([3000, 9000, 1500, 30000, 4500] * 10)]))
_B = {"g": "12", "bf": "3", "b-adapt": "0"}
_OPEN = _B | {"x264-params": "open-gop=1"}
_X265 = {"x265-params": "log-level=none:keyint=8:bframes=2", "preset": "ultrafast"}

SPECIMENS: tuple[Specimen, ...] = (
    Specimen("plain.mp4", film(), 30),
    Specimen("b_frames.mp4", film(frames=50, options=_B), 50),
    Specimen("b_frames.ts", film(frames=50, options=_B, container="mpegts"), 50),
    Specimen("b_frames.avi", film(frames=50, options=_B, container="avi", clock=TENTH), 50, steady=False),
    Specimen("open_gop.mp4", film(frames=50, options=_OPEN), 50),
    Specimen("open_gop.ts", film(frames=50, options=_OPEN, container="mpegts"), 50),
    Specimen("fragmented.mp4", film(packing={"movflags": "frag_keyframe+empty_moov"}), 30),
    Specimen("plain.mkv", film(container="matroska", options=_B), 30),
    Specimen("plain.flv", film(container="flv", options=_B), 30),
    Specimen("raw.h264", film(container="h264", options=_B), 30, steady=False),
    Specimen("raw.hevc", film(container="hevc", codec="libx265", options=_X265), 30, steady=False),
    Specimen("motion_jpeg.avi", film(container="avi", clock=TENTH, codec="mjpeg", pix_fmt="yuvj420p", options={}), 30),
    Specimen("mpeg4.avi", film(container="avi", clock=TENTH, codec="mpeg4", options={"g": "8"}), 30),
    Specimen(
        "mpeg2.mpg",
        film(container="mpeg", codec="mpeg2video", fps=Fraction(25), clock=Fraction(1, 25), options={"g": "8"}),
        30,
    ),
    Specimen("windows.asf", film(container="asf", codec="msmpeg4", options={"g": "8"}), 30),
    Specimen("one_frame.mp4", film(frames=1), 1, steady=False),
    Specimen("two_pixels.mp4", film(size=(2, 2)), 30, size=(2, 2)),
    Specimen(
        "odd_size.webm", film(size=(33, 27), codec="libvpx-vp9", container="webm", options={"g": "8"}), 30, (33, 27)
    ),
    Specimen("odd_size.mp4", film(size=(33, 27), pix_fmt="yuv444p"), 30, (33, 27)),
    Specimen("ten_bit.mp4", film(codec="libx265", pix_fmt="yuv420p10le", options=_X265), 30),
    Specimen("interlaced.ts", film(container="mpegts", options=_B | {"flags": "+ildct+ilme"}), 30),
    Specimen("grey.mkv", film(codec="ffv1", pix_fmt="gray", container="matroska", options={}), 30),
    Specimen("colours.mkv", film(codec="ffv1", pix_fmt="bgr0", container="matroska", options={}), 30),
    Specimen("palette.avi", film(codec="png", pix_fmt="pal8", container="avi", clock=TENTH, options={}), 30),
    Specimen("alpha.webm", film(codec="libvpx-vp9", pix_fmt="yuva420p", container="webm", options={"g": "8"}), 30),
    Specimen("jerky.mp4", film(frames=50, times=_JERKY, options=_B), 50),
    Specimen("jerky.mkv", film(frames=50, times=_JERKY, options=_B, container="matroska"), 50),
    Specimen("stutter.mkv", stutter, 40),
    Specimen("negative.mp4", film(times=range(-45000, 225000, 9000), packing={"use_editlist": "0"}), 30),
    Specimen("late.ts", film(times=range(900000, 1170000, 9000), container="mpegts"), 30),
    Specimen("quarter_turn.mp4", rotated(90), 30, (48, 64), rotation_deg=90),
    Specimen("half_turn.mp4", rotated(180), 30, rotation_deg=180),
    Specimen("three_quarter_turn.mp4", rotated(270), 30, (48, 64), rotation_deg=270),
    Specimen("edited.mp4", edited, 25),
    Specimen("resized.ts", resized, 32),
    Specimen("two_tracks.mp4", two_tracks, 30),
    Specimen("cover.mp4", with_cover, 30),
    Specimen("sound.mp4", with_sound, 30, has_audio=True),
)
