"""The demo world, whose truth is known to the frame, through the cascade that `make demo` uses."""

import json
from collections import Counter
from dataclasses import dataclass

import pytest
from django.db import transaction

from curation.core.spans import merge
from curation.core.types import Span
from curation.models import Camera, Keep
from curation.services.cascades import save_cascade
from curation.services.ingest import register
from demo.footage import DEMO_CASCADE, demo_world
from tests.engine import run_cascade

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

END_TOLERANCE_S = 2.0
GAP_US = 2_000_000  # `gap_s` of the stage
LEAST_AGREEMENT = 0.95


@dataclass(frozen=True)
class Watched:
    """A video of the world: what is true of it, and what the cascade said."""

    name: str
    truth: dict
    intervals: list[tuple[float, float]]
    kept: list[tuple[int, dict]]
    stages: list[dict]

    def readings(self, pts_us, factor):
        """What else is right, where the truth itself is between two values."""
        frame = round(pts_us * self.truth["fps"] / 1e6)
        if factor == "people":  # whoever shows less than half of themselves may be counted or not
            shown = [box[6] for box in self.truth["boxes"][frame] if box[1] == "person"]
            return {sum(share > least for share in shown) for least in (0.0, 0.2, 0.5)}
        if factor == "motion":  # it is seen over `nearest_s`, not between two frames
            return set(self.truth["frames"]["motion"][max(0, frame - 3) : frame + 4])
        return set()

    def truth_at(self, pts_us, factor):
        return self.truth["frames"][factor][round(pts_us * self.truth["fps"] / 1e6)]


@pytest.fixture(scope="module")
def world(request, django_db_setup, django_db_blocker):
    """Every video of the world, watched once. The rows are rolled back, what they said is kept."""
    clips = demo_world(request.config.cache.mkdir("demo-world"), say=print)
    with django_db_blocker.unblock(), transaction.atomic():
        watched = [_watch(clip) for clip in clips]
        transaction.set_rollback(True)
    return watched


def _watch(clip):
    Camera.objects.get_or_create(name=clip.camera, defaults={"attributes": clip.attributes})
    found = register(path=clip.path, name=clip.path.name, camera=clip.camera, recorded_at=clip.recorded_at)
    run = run_cascade(found.video, save_cascade(text=DEMO_CASCADE.read_text(encoding="utf-8")))
    assert run.status == "done"
    keeps = Keep.objects.filter(run=run).select_related("frame").order_by("frame__pts_us")
    return Watched(
        name=f"{clip.camera}/{clip.path.stem}",
        truth=json.loads(clip.path.with_suffix(".truth.json").read_text()),
        intervals=[(i.start_s, i.end_s) for i in run.intervals.filter(stage="people").order_by("start_s")],
        kept=[(keep.frame.pts_us, keep.frame.tags) for keep in keeps],
        stages=run.stages,
    )


def test_every_stretch_with_people_is_found_and_no_other(world):
    for video in world:
        frames_in = {stage["name"]: stage["frames_in"] for stage in video.stages}
        print(f"\n{video.name}: {frames_in}\n  truth {_said(_visits(video))}\n  found {_said(video.intervals)}")
    wrong = [
        f"{video.name}: truth {_said(_visits(video))}, found {_said(video.intervals)}"
        for video in world
        if not _same(_visits(video), video.intervals)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "factor, of_truth",
    [
        ("lighting", "lighting"),
        ("blurriness", "blurriness"),
        ("motion", "motion"),
        ("people", "people"),
        ("has_people", "people"),
    ],
)
def test_tags_of_kept_frames_agree_with_the_truth(world, factor, of_truth):
    pairs = [
        (video.name, pts_us / 1e6, type(tags[factor])(video.truth_at(pts_us, of_truth)), tags[factor])
        for video in world
        for pts_us, tags in video.kept
    ]
    readings = {
        (video.name, pts_us / 1e6): video.readings(pts_us, factor) for video in world for pts_us, _ in video.kept
    }
    wrong = [pair for pair in pairs if pair[2] != pair[3] and pair[3] not in readings[pair[0], pair[1]]]
    share = 1 - len(wrong) / len(pairs)
    print(f"\n{factor}: {100 * share:.1f}% of {len(pairs)} kept frames agree")
    for (name, said), count in Counter((name, f"{true} read as {got}") for name, _, true, got in wrong).items():
        print(f"  {name}: {said} x{count}")
    assert share >= LEAST_AGREEMENT, [(name, round(at, 1), true, got) for name, at, true, got in wrong]


def _visits(video):
    """The stretches of truth as the cascade is to report them: what lies within its gap is one visit."""
    spans = [Span(round(a * 1e6), round(b * 1e6)) for a, b in video.truth["intervals"]]
    return [(s.start_us / 1e6, s.end_us / 1e6) for s in merge(spans, gap_us=GAP_US)]


def _same(truth, found):
    """Each visit is found, once, and nothing is found that reaches further than the tolerance out of a visit."""
    return len(truth) == len(found) and all(
        c < b and d > a and c >= a - END_TOLERANCE_S and d <= b + END_TOLERANCE_S
        for (a, b), (c, d) in zip(truth, found, strict=True)
    )


def _said(intervals):
    return ", ".join(f"{start:.1f}–{end:.1f}" for start, end in intervals) or "none"
