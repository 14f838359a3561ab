"""Real footage of visitors, with the empty time between them drawn out."""

import json
import os
from fractions import Fraction
from itertools import cycle, islice, pairwise
from pathlib import Path

import av
from av.video.frame import VideoFrame

from bench._footage import Footage, cache_dir
from curation.core.types import Span

_ROOT = Path(__file__).resolve().parents[1]
_MARGIN_S = 1.0
"""Left as it is around a visit: its ends are known to 0.8 s."""


def shared_data() -> Path:
    """Return the folder of real data: WINNOW_SHARED_DATA, or `shared/data` beside the repository."""
    return Path(os.environ.get("WINNOW_SHARED_DATA") or _ROOT.parent / "shared" / "data")


def sparse_visits(source: Path, *, visits: int, active: float) -> Footage:
    """Take the first visits of a video, and play what is empty before and after each to and fro until only a share
    `active` of the time has somebody in it. Every frame is there at least once, and none follows one from far away."""
    known = json.loads(source.with_suffix(".truth.json").read_text())["intervals"]
    shown = [(float(start), float(end)) for start, end in known[:visits]]
    path = cache_dir() / f"{source.stem}-{visits}-{active:g}.mp4"
    truth_path = path.with_suffix(".json")
    if not (path.exists() and truth_path.exists()):
        until_s = float(known[visits][0]) - _MARGIN_S if visits < len(known) else float("inf")
        truth_path.write_text(json.dumps(_encode(source, path, shown, until_s=until_s, active=active)))
    return Footage(path, [Span(round(a * 1e6), round(b * 1e6)) for a, b in json.loads(truth_path.read_text())])


def _encode(
    source: Path, path: Path, shown: list[tuple[float, float]], *, until_s: float, active: float
) -> list[tuple[float, float]]:
    """Write the video; return the visits' new places in seconds."""
    with av.open(str(source)) as container:
        fps = Fraction(container.streams.video[0].guessed_rate or 10)
        frames = [frame for frame in container.decode(video=0) if (frame.time or 0.0) < until_s]
    visiting = sum(round((end - start) * fps) for start, end in shown)
    empty = round(visiting * (1 / active - 1) / (len(shown) + 1))
    edges = [0.0, *(s for start, end in shown for s in (start - _MARGIN_S, end + _MARGIN_S)), len(frames) / float(fps)]
    cuts = [round(edge * fps) for edge in edges]
    order: list[int] = []
    truth = []
    for number, (first, last) in enumerate(pairwise(cuts)):
        if number % 2:
            start, end = shown[number // 2]
            shift_s = len(order) / float(fps) - first / float(fps)
            truth.append((start + shift_s, end + shift_s))
            order += range(first, last)
        else:
            order += _to_and_fro(first, last, count=empty)
    _write(path, [frames[index] for index in order], fps=fps)
    return truth


def _to_and_fro(first: int, last: int, *, count: int) -> list[int]:
    """Give at least `count` indices of [first, last), each beside the one before, from the first to the last one."""
    forth = list(range(first, last))
    there_and_back = forth + forth[-2:0:-1]
    trips = max(0, -(-(count - len(forth)) // len(there_and_back)))
    return [*islice(cycle(there_and_back), trips * len(there_and_back)), *forth]


def _write(path: Path, frames: list[VideoFrame], *, fps: Fraction) -> None:
    options = {"preset": "superfast", "crf": "23", "bf": "0", "g": str(round(2 * fps)), "sc_threshold": "0"}
    with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=fps, options=options)
        stream.width, stream.height, stream.pix_fmt = frames[0].width, frames[0].height, "yuv420p"
        stream.codec_context.time_base = 1 / fps
        for index, frame in enumerate(frames):
            again = frame.reformat(format="yuv420p")
            again.pts, again.time_base, again.pict_type = index, 1 / fps, 0
            container.mux(stream.encode(again))
        container.mux(stream.encode())
