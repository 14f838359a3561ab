"""Objects: what a detector sees, looked at only as often as it takes to know who is there.

While something moves, the detector looks `fps` times a second. When motion ends with an object in view, the object is
still there: it is looked for again every `recheck_s` until it is gone. And once every `survey_s` the detector looks
even where nothing ever moved. Chunks are cut at the surveys, so each of them starts from a look of its own and the
result does not depend on how the work was shared.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from curation.core import smoothing, spans
from curation.core.params import param
from curation.core.spans import inside
from curation.core.stages.contract import EVER, Before, Look
from curation.core.types import BoolArray, Box, Detector, Image, IntArray, Observations, Span, Track


@dataclass(frozen=True)
class Objects:
    """Keeps the stretches in which a detector sees one of the classes. Its score is the best box's."""

    kind: ClassVar[str] = "objects"
    is_dense: ClassVar[bool] = False

    detector: str = param(help="KIND:WEIGHTS, such as ultralytics:NAME or yolox_onnx:PATH.")
    classes: list[str] = param(["person"], help="Classes that count as presence; boxes of all classes are stored.")
    score: float = param(0.5, help="Score that starts a stretch.", minimum=0, maximum=1)
    stop_score: float = param(0.3, help="Score below which it stops.", minimum=0, maximum=1)
    unsure_score: float = param(0.2, help="From this score on the next stage looks too.", minimum=0, maximum=1)
    box_score: float = param(0.25, help="Boxes from this score on are stored.", minimum=0, maximum=1)
    fps: float = param(2.0, help="Looks each second while something moves.", unit="1/s", minimum=0.01, maximum=60)
    recheck_s: float = param(2.0, help="Time between looks at what stands still.", unit="s", minimum=0.1, maximum=60)
    patience: int = param(2, help="Rechecks in a row that must see nothing before it is gone.", minimum=1, maximum=20)
    survey_s: float = param(60.0, help="Time between looks where nothing moves.", unit="s", minimum=5, maximum=600)
    # A little over two periods: three looks, though no rate of frames meets the half seconds exactly.
    window_s: float = param(1.2, help="Scores are medians over this window.", unit="s", minimum=0, maximum=60)
    shortest_s: float = param(0.5, help="Shorter stretches are dropped.", unit="s", minimum=0)
    gap_s: float = param(2.0, help="Stretches this close are one.", unit="s", minimum=0)
    least_looks: int = param(1, help="Stretches seen in fewer looks are dropped.", minimum=1, maximum=100)
    reach_s: float = param(
        0.8, help="A stretch reaches to the end of the motion that carried it, at most this far.", unit="s", minimum=0
    )
    batch: int = param(8, help="Pictures given to the detector at once.", minimum=1, maximum=256)

    def __post_init__(self) -> None:
        if self.stop_score > self.score:
            raise ValueError(f"stop_score {self.stop_score} is above score {self.score}.")
        if self.unsure_score > self.score:
            raise ValueError(f"unsure_score {self.unsure_score} is above score {self.score}.")

    @property
    def cut_s(self) -> float:
        return self.survey_s

    def look(self, look: Look) -> Observations:
        """Look at the chunk's moving stretches, hold what stands still, and survey the chunk's start."""
        watch = _Watch(self, look)
        if look.before.follows_dense:
            watch.follow_motion()
        else:
            watch.follow_stage()
        return watch.observations()

    def settle(self, track: Track, before: Before, *, end_us: int) -> list[Span]:
        """Smooth the looks into presence, and let each stretch reach to the ends of its motion."""
        assert isinstance(track, Observations)
        scores = smoothing.median(track.pts_us, track.scores, window_us=round(self.window_s * 1e6))
        on = smoothing.hysteresis(scores, start=self.score, stop=self.stop_score)
        on = _with_doubts(on, quiet=~spans.inside(before.moving, track.pts_us), patience=self.patience)
        held = [
            Span(s.start_us, min(s.end_us, end_us))
            for s in _last_at_most(track.pts_us, on, round(self.recheck_s * 1e6))
        ]
        merged = spans.merge(held, gap_us=round(self.gap_s * 1e6))
        often = [span for span in merged if np.count_nonzero(on & inside([span], track.pts_us)) >= self.least_looks]
        lasting = spans.drop_short(often, shortest_us=round(self.shortest_s * 1e6))
        # Where no dense stage looked, no motion carried anything.
        carriers = [] if list(before.moving) == [EVER] else before.moving
        return spans.union(self._reach(span, carriers) for span in lasting)

    def pass_on(self, track: Track, spans: Sequence[Span]) -> IntArray:
        """Return the times at which something was found or suspected."""
        assert isinstance(track, Observations)
        return track.pts_us[track.scores >= self.unsure_score]

    def keepers(self, track: Track, spans: Sequence[Span]) -> IntArray:
        """Return the times in the stretches at which the detector itself saw something."""
        assert isinstance(track, Observations)
        return track.pts_us[track.asked & (track.scores >= self.stop_score) & inside(spans, track.pts_us)]

    def _reach(self, span: Span, moving: Sequence[Span]) -> Span:
        """A detector is sure later and gives up earlier than somebody is in the picture; motion is there all along."""
        reach = round(self.reach_s * 1e6)
        first = spans.at(moving, span.start_us)
        last = spans.at(moving, span.end_us - 1)
        start = max(first.start_us, span.start_us - reach) if first else span.start_us
        end = min(last.end_us, span.end_us + reach) if last else span.end_us
        return Span(start, end)


def _with_doubts(on: BoolArray, *, quiet: BoolArray, patience: int) -> BoolArray:
    """Turn on the looks that saw nothing between two that did: fewer than `patience` in a row, and nothing moved."""
    held = on.copy()
    for before, after in itertools.pairwise(np.flatnonzero(on)):
        if after - before <= patience and quiet[before + 1 : after].all():
            held[before:after] = True
    return held


def _last_at_most(pts_us: IntArray, on: BoolArray, longest_us: int) -> list[Span]:
    """Return the stretches in which looks are on; a look lasts until the next one, but at most `longest_us`."""
    if len(pts_us) == 0:
        return []
    ends = np.minimum(np.append(pts_us[1:], pts_us[-1] + longest_us), pts_us + longest_us)
    return spans.union(Span(int(a), int(b)) for a, b, is_on in zip(pts_us, ends, on, strict=True) if is_on)


class _Watch:
    """One chunk's looks, in order of time: batched while moving, one by one while holding something still."""

    def __init__(self, stage: Objects, look: Look) -> None:
        self.stage, self.work = stage, look
        self.detector: Detector | None = None
        self.seen: dict[int, tuple[float, list[Box], bool]] = {}

    def follow_motion(self) -> None:
        span, before = self.work.span, self.work.before
        times = before.pts_us[(before.pts_us >= span.start_us) & (before.pts_us < span.end_us)]
        for stretch, is_moving in _in_order(before.moving, within=span):
            here = times[(times >= stretch.start_us) & (times < stretch.end_us)]
            if is_moving:
                self._see(_one_a_tick(here, fps=self.stage.fps))
            elif len(here):
                self._hold(here)

    def follow_stage(self) -> None:
        span, before = self.work.span, self.work.before
        self._see(before.pts_us[(before.pts_us >= span.start_us) & (before.pts_us < span.end_us)])
        for pts in before.dropped:
            if span.holds(int(pts)):
                self.seen[int(pts)] = (0.0, [], False)

    def observations(self) -> Observations:
        order = sorted(self.seen)
        return Observations(
            pts_us=np.array(order, np.int64),
            scores=np.array([self.seen[t][0] for t in order], np.float32),
            boxes=[self.seen[t][1] for t in order],
            asked=np.array([self.seen[t][2] for t in order], np.bool_),
        )

    def _hold(self, quiet: IntArray) -> None:
        recheck = round(self.stage.recheck_s * 1e6)
        recent = [self.seen[t][0] >= self.stage.stop_score for t in sorted(self.seen)[-self.stage.patience :]]
        # Before the first look of a chunk nothing is known: that look is the survey.
        misses = recent[::-1].index(True) if True in recent else len(recent)
        # At once when motion ends, since that is when things are gone; then at the set cadence.
        due = int(quiet[0])
        while misses < self.stage.patience:
            later = quiet[np.searchsorted(quiet, due) :]
            if len(later) == 0:
                return
            last = int(later[0])
            due = last + recheck
            self._see(later[:1])
            if last in self.seen:  # not if it does not decode a second time
                misses = 0 if self.seen[last][0] >= self.stage.stop_score else misses + 1

    def _see(self, times: IntArray) -> None:
        batch: list[tuple[int, Image]] = []
        last_us = -1
        for pts in times:
            picture = self.work.footage.at(int(pts))
            if picture is None:
                break
            # Where the footage has fewer pictures than asked for, the next one is another chunk's, or seen already.
            if not self.work.span.holds(picture.pts_us) or picture.pts_us in self.seen or picture.pts_us == last_us:
                continue
            last_us = picture.pts_us
            batch.append((picture.pts_us, picture.rgb()))
            self.work.report(picture.pts_us)
            if len(batch) == self.stage.batch:
                self._detect(batch)
                batch = []
        self._detect(batch)

    def _detect(self, batch: list[tuple[int, Image]]) -> None:
        if not batch:
            return
        self.detector = self.detector or self.work.load_detector(self.stage.detector)
        least = min(self.stage.box_score, self.stage.unsure_score, self.stage.stop_score)
        found = self.detector.detect([picture for _, picture in batch], min_score=least)
        for (pts, _), boxes in zip(batch, found, strict=True):
            wanted = [box.score for box in boxes if not self.stage.classes or box.label in self.stage.classes]
            self.seen[pts] = (max(wanted, default=0.0), [b for b in boxes if b.score >= self.stage.box_score], True)


def _in_order(moving: Sequence[Span], *, within: Span) -> Iterator[tuple[Span, bool]]:
    parts = [(span, True) for span in spans.intersect(moving, [within])]
    parts += [(span, False) for span in spans.complement(moving, within=within)]
    yield from sorted(parts, key=lambda part: part[0].start_us)


def _one_a_tick(pts_us: IntArray, *, fps: float) -> IntArray:
    """Return the first time in each tick of a grid that is the same for every chunk."""
    ticks = (pts_us * fps // 1_000_000).astype(np.int64)
    return pts_us[np.flatnonzero(np.diff(ticks, prepend=ticks[:1] - 1))]
