"""P1 (a): what it costs to look for motion in every frame, beside dvr-scan and beside decoding alone.

    python -m bench.motion [--rounds 3]

Prints CPU seconds (medians of rounds in turn) and events found for a minute of 1080p footage whose truth is known."""

import argparse
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import numpy as np

from bench._cpu import Timed, be_a_worker, interleave, verdict
from bench._events import score_events
from bench._footage import CROSSINGS, Footage, make_footage
from curation.backends.decode.footage import VideoFootage
from curation.backends.decode.probe import Probe, probe
from curation.core.stages.contract import Before, Look
from curation.core.stages.motion import Motion
from curation.core.types import Detector, IntArray, Span

_NOTHING: IntArray = np.zeros(0, np.int64)
_PEER = Path(sys.executable).parent / "dvr-scan"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    be_a_worker()
    video = make_footage(CROSSINGS, name="crossings")
    facts = probe(video.path)
    decoding = Timed("decoding alone", partial(_decode, video.path))
    every = Timed("Winnow, every frame", partial(_winnow, video.path, facts, fps=CROSSINGS.fps))
    usual = Timed("Winnow, 10 a second", partial(_winnow, video.path, facts, fps=10))
    works: list[Timed[list[Span]]] = [decoding, every, usual]
    peers: list[Timed[list[Span]]] = []
    if _PEER.exists():
        start = Timed("", partial(_dvr_scan, "--version"))
        peers = [
            # A minute of CPU: once is enough, since it is far off.
            Timed("dvr-scan -so", partial(_dvr_scan, "-i", str(video.path), "-so", "-q"), rounds=1),
            Timed("dvr-scan -so -df 4", partial(_dvr_scan, "-i", str(video.path), "-so", "-df", "4", "-q")),
        ]
        interleave([start, *works, *peers], rounds=options.rounds)
        for peer in peers:
            peer.cpu_s = [spent - start.median_s for spent in peer.cpu_s]
    else:
        print("dvr-scan is not installed (requirements-dev.txt): only decoding is compared with.")
        interleave(works, rounds=options.rounds)
    _print_table(works + peers, video)
    print(verdict(every.median_s / decoding.median_s, 1.5, what="the CPU of decoding alone", at_most=True))
    for peer, goal in zip(peers, (6.0, 1.7), strict=False):
        print(verdict(peer.median_s / every.median_s, goal, what=f"less CPU than {peer.name}"))
    return 0


def _print_table(works: list[Timed[list[Span]]], video: Footage) -> None:
    active = video.active_us / 1e4 / CROSSINGS.duration_s
    print(f"{CROSSINGS.frame_count} frames of {CROSSINGS.width_px} x {CROSSINGS.height_px}, {active:.0f}% active")
    print(f"{'':22} {'CPU s':>7} {'lowest':>7} {'highest':>7} {'ms a frame':>11}  events")
    for work in works:
        quality = str(score_events(work.result, video.truth)) if work.name != "decoding alone" else ""
        print(
            f"{work.name:22} {work.median_s:7.2f} {min(work.cpu_s):7.2f} {max(work.cpu_s):7.2f} "
            f"{1e3 * work.median_s / CROSSINGS.frame_count:11.2f}  {quality}"
        )


def _decode(path: Path) -> list[Span]:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "SLICE"
        stream.codec_context.thread_count = 1
        for _ in container.decode(stream):
            pass
    return []


def _winnow(path: Path, facts: Probe, *, fps: float) -> list[Span]:
    stage = Motion(fps=fps)
    end_us = round(facts.duration_s * 1e6)
    before = Before([Span(0, end_us)], _NOTHING, _NOTHING, follows_dense=True)
    with VideoFootage(path, start_us=facts.start_us, keyframes_us=facts.keyframes_us, rotation_deg=0) as footage:
        track = stage.look(Look(footage, Span(0, end_us), before, _no_detector))
    return stage.settle(track, before, end_us=end_us)


def _no_detector(name: str) -> Detector:
    raise LookupError(f"Motion asked for the detector {name!r}.")


def _dvr_scan(*arguments: str) -> list[Span]:
    """Run dvr-scan as it comes, without its user's settings; return its events."""
    with TemporaryDirectory() as home:
        done = subprocess.run(
            [_PEER, *arguments, "--ignore-user-config"],
            env=os.environ | {"HOME": home, "XDG_STATE_HOME": home, "XDG_CONFIG_HOME": home},
            capture_output=True,
            text=True,
            check=True,
        )
    moments = [_microseconds(code) for code in done.stdout.strip().split(",") if code.count(":") == 2]
    return [Span(start, end) for start, end in zip(moments[::2], moments[1::2], strict=True)]


def _microseconds(timecode: str) -> int:
    """Read HH:MM:SS.mmm."""
    hours, minutes, seconds = timecode.split(":")
    return round((int(hours) * 3600 + int(minutes) * 60 + float(seconds)) * 1e6)


if __name__ == "__main__":
    sys.exit(main())
