"""P1 (c): what a cascade costs on footage that is nearly always empty, beside its strong detector on every frame.

    python -m bench.cascade [--visits 3] [--active 0.05] [--sample 12]

The people are real: visitors from the shared data's video, the empty time between them drawn out. The cheap detector
is YOLOX nano. The strong one is as heavy as YOLO11m, whose trained weights are not at hand: an untrained one does all
the work, and YOLOX nano's answer is given in its place, at its own cost on top."""

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from bench._cascade import Ran, run_cascade
from bench._cpu import Timed, be_a_worker, verdict
from bench._events import score_events
from bench._footage import Footage, cache_dir
from bench._visits import shared_data, sparse_visits
from curation.backends.decode.footage import VideoFootage
from curation.backends.decode.probe import Probe, probe
from curation.backends.detect import load_detector
from curation.core.stages import Motion, Objects
from curation.core.stages.contract import Stage
from curation.core.types import Box, Detector, Image


class Costly:
    """Does a heavy detector's work and gives a light one's answers."""

    def __init__(self, heavy: Detector, light: Detector) -> None:
        self._heavy, self._light = heavy, light
        self.labels = light.labels

    def detect(self, pictures: Sequence[Image], *, min_score: float) -> list[list[Box]]:
        self._heavy.detect(pictures, min_score=min_score)
        return self._light.detect(pictures, min_score=min_score)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visits", type=int, default=3, help="of six")
    parser.add_argument("--active", type=float, default=0.05, help="share of the time with somebody in it")
    parser.add_argument("--sample", type=int, default=12, help="frames on which the strong detector is measured")
    options = parser.parse_args()
    source = shared_data() / "videos" / "one-by-one-person-detection.mp4"
    light = shared_data() / "weights" / "yolox_nano.onnx"
    if not (source.exists() and light.exists()):
        print(f"skipped: {source.name} and {light.name} are not in WINNOW_SHARED_DATA.")
        return 0
    os.environ["OMP_NUM_THREADS"] = "1"
    be_a_worker()
    video = sparse_visits(source, visits=options.visits, active=options.active)
    facts = probe(video.path)
    cheap = load_detector(f"yolox_onnx:{light}")
    strong = load_detector(f"ultralytics:{_untrained()}")
    detectors: dict[str, Detector] = {"cheap": cheap, "strong": Costly(strong, cheap)}
    stages = (
        Motion(),
        Objects(detector="cheap", score=0.4, stop_score=0.25, unsure_score=0.15),
        Objects(detector="strong", score=0.4, stop_score=0.25, unsure_score=0.25),
    )
    pictures = _sample(video.path, facts, count=options.sample)
    whole = Timed("", partial(_whole, video.path, facts, stages, detectors))
    sample = Timed("", partial(_one_by_one, strong, pictures))
    # The sample before and after, lest the machine was busier for one of the two.
    for work in (sample, whole, sample):
        work()
    _report(whole, sample.median_s / len(pictures), video, facts)
    return 0


def _whole(path: Path, facts: Probe, stages: Sequence[Stage], detectors: dict[str, Detector]) -> Ran:
    return run_cascade(path, facts, stages, load_detector=detectors.__getitem__, embedder="descriptor")


def _report(whole: Timed[Ran], strong_s: float, video: Footage, facts: Probe) -> None:
    ran, every_s = whole.result, strong_s * facts.packets
    score = score_events(ran.events, video.truth)
    print(
        f"{facts.packets} frames of {facts.width_px} x {facts.height_px} in {facts.duration_s:.0f} s, "
        f"{video.active_us / 1e4 / facts.duration_s:.1f}% active"
    )
    names = ("motion", "people_fast", "people")
    print("frames looked at: " + ", ".join(f"{name} {count}" for name, count in zip(names, ran.looks, strict=True)))
    print(f"frames kept: {ran.kept}; events found: {score}")
    print(f"whole cascade: {whole.median_s:.1f} s of CPU")
    print(f"strong detector: {1e3 * strong_s:.0f} ms of CPU a frame, so {every_s:.0f} s on every frame (not run)")
    print(verdict(every_s / whole.median_s, 50, what="less CPU than the strong detector on every frame"))
    print(f"{'met' if score.recall >= 0.98 else 'MISSED':7} event recall {score.recall:.2f} (goal >= 0.98)")


def _untrained() -> Path:
    """Write down the network YOLO11m; the library takes its size from the file's name."""
    package = find_spec("ultralytics")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("ultralytics is not installed (requirements.txt).")
    network = cache_dir() / "yolo11m.yaml"
    shutil.copyfile(Path(package.origin).parent / "cfg" / "models" / "11" / "yolo11.yaml", network)
    return network


def _sample(path: Path, facts: Probe, *, count: int) -> list[Image]:
    """Take frames spread over a video."""
    with VideoFootage(path, start_us=facts.start_us, keyframes_us=facts.keyframes_us, rotation_deg=0) as footage:
        pictures = [footage.at(round(facts.duration_s * 1e6 * number / count)) for number in range(count)]
        return [picture.rgb() for picture in pictures if picture is not None]


def _one_by_one(detector: Detector, pictures: Sequence[Image]) -> None:
    for picture in pictures:
        detector.detect([picture], min_score=0.25)


if __name__ == "__main__":
    sys.exit(main())
