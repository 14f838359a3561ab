"""Tagging anew from what is stored: the same as at first, other thresholds applied, nothing decoded."""

import dataclasses
import shutil

import numpy as np
import pytest
import yaml

from curation import tasks
from curation.core.spec import parse
from curation.core.taggers import TAGGERS
from curation.core.types import Box
from curation.models import Frame, Job, Keep
from curation.services.cameras import change_attributes
from curation.services.cascades import find
from curation.services.conditions import save_conditions
from curation.services.in_force import current
from curation.services.ingest import register
from curation.services.job_kinds import run_here
from curation.services.keeping import Kept, KeptFrame, store_kept
from curation.services.layers import Change
from curation.services.retagging import MAX_SORTS, retag, retag_frames, start_retag, tell
from curation.services.tagging import tag_frame, with_thresholds
from tests.engine import run_cascade
from tests.factories import (
    DataImportFactory,
    DetectionFactory,
    FrameFactory,
    KeepFactory,
    RunFactory,
    TagEditFactory,
)

pytestmark = pytest.mark.django_db

SPEC = parse(
    {
        "name": "people",
        "stages": [{"kind": "motion"}, {"kind": "objects", "name": "people", "detector": "toy:1"}, {"kind": "embed"}],
        "tags": {"objects": {"score": 0.5}, "people": {"score": 0.5}},
    }
)
SEEN = {"brightness": 50.0, "contrast": 20.0, "blur": 0.3, "motion_amount": 0.4}


def conditions(*, tags=None, **factors):
    text = {"name": "mine", "factors": factors or {"lighting": {"from": "tagger"}}, "tags": tags or {}}
    return save_conditions(text=yaml.safe_dump(text, sort_keys=False))[0]


def retagged():
    """Do a retag job here; return its result."""
    return run_here(start_retag(here=True)).result


class Grey:
    """A picture of one grey level."""

    pts_us, is_full_range = 0, True

    def __init__(self, level):
        self.level = level

    def luma(self):
        return np.full((360, 640), self.level, np.uint8)


def kept_frame(run, level, boxes, *, motion=0.4):
    """Keep a frame as the cascade does; boxes is None where nobody looked."""
    frame = FrameFactory(video=run.video)
    tags = tag_frame(
        spec=SPEC, picture=Grey(level), width_px=640, height_px=360, recorded_at=frame.recorded_at,
        motion_percent=motion, boxes=boxes, detector="toy:1", camera=[],
    )  # fmt: skip
    found = KeptFrame(frame.pts_us, "rate", frame.image, 640, 360, tags, boxes or [], {})
    store_kept(run=run, kept=Kept([found], "people", 0.0))
    return Frame.objects.get(pk=frame.pk)


@pytest.fixture
def run():
    return RunFactory(spec=SPEC.to_dict())


BOXES = [Box("person", 0.9, 0, 0, 9, 9), Box("person", 0.45, 5, 5, 9, 9), Box("tv", 0.6, 1, 1, 9, 9)]


@pytest.mark.parametrize("boxes", [None, [], BOXES], ids=["nobody looked", "nothing there", "seen"])
@pytest.mark.parametrize("motion", [None, 0.0, 0.1, 3.14159])
def test_under_the_same_thresholds_nothing_changes(run, boxes, motion):
    kept_frame(run, 50, boxes, motion=motion)
    before = list(Keep.objects.values("tags", "evidence")), list(Frame.objects.values("tags", "evidence"))
    result = retagged()
    assert (list(Keep.objects.values("tags", "evidence")), list(Frame.objects.values("tags", "evidence"))) == before
    assert result == {
        "conditions": "usual@1", "frames": 1, "frames_changed": 0, "changes": {}, "notes": []
    }  # fmt: skip


def test_another_threshold_changes_what_it_cuts_and_says_so(run):
    for level, boxes in ((50, BOXES), (60, BOXES[:1]), (120, [])):
        kept_frame(run, level, boxes)
    conditions(tags={"exposure": {"dim_from": 55}, "people": {"score": 0.4}})
    result = retagged()
    assert [(f.tags["lighting"], f.tags["people"]) for f in Frame.objects.order_by("pk")] == [
        ("dark", 2), ("dim", 1), ("normal", 0)
    ]  # fmt: skip
    assert result["changes"] == {"lighting": {"dim → dark": 1}, "people": {"1 → 2": 1}}
    assert (result["frames"], result["frames_changed"], result["conditions"]) == (3, 1, "mine@2")
    # The run's own thresholds go on where the conditions set none.
    assert all(f.tags["object_counts"].get("person", 0) <= 1 for f in Frame.objects.all())
    conditions()
    assert retagged()["changes"] == {"lighting": {"dark → dim": 1}, "people": {"2 → 1": 1}}


def test_rules_follow_what_taggers_say_now(run):
    kept_frame(run, 50, [])
    night = {"kind": "boolean", "from": "rules", "rules": [{"value": True, "when": "lighting:dark"}]}
    conditions(night=night)
    assert retagged()["changes"] == {}
    conditions(night=night, tags={"exposure": {"dim_from": 55}})
    assert retagged()["changes"] == {"lighting": {"dim → dark": 1}, "night": {"none → yes": 1}}


def test_people_keep_the_last_word(run):
    frame = kept_frame(run, 50, [])
    TagEditFactory(frame=frame, factor="lighting", value="bright")
    conditions(tags={"exposure": {"dim_from": 55}})
    assert retagged()["changes"] == {"lighting": {"dim → bright": 1}}


def test_a_cameras_time_zone_and_latitude_count_anew(run):
    frame = kept_frame(run, 50, [])
    assert (frame.tags["time_of_day"], frame.tags["season"]) == ("morning", "winter")
    change_attributes(camera=frame.camera, attributes={"timezone": "Asia/Tokyo", "latitude": -33})
    frame.refresh_from_db()
    assert (frame.tags["time_of_day"], frame.tags["season"], frame.tags["latitude"]) == ("afternoon", "summer", -33)


def test_what_a_tagger_goes_by_and_is_not_stored_leaves_its_tags_alone():
    frame = FrameFactory(width_px=1280, height_px=720)
    old = {"lighting": "dark", "brightness": 60.0, "people": 2, "motion": True, "mood": "grim", "resolution": "SD"}
    keep = KeepFactory(frame=frame, tags=old)
    conditions(tags={"exposure": {"dim_from": 55}})
    result = retagged()
    keep.refresh_from_db()
    assert keep.tags == old | {"resolution": "HD", "time_of_day": "morning", "season": "winter"}
    assert result["changes"]["resolution"] == {"none → HD": 1}


def test_an_import_keeps_its_objects_and_what_people_said_in_it():
    frame = FrameFactory()
    tags = SEEN | {"lighting": "dark", "people": 7, "object_counts": {"person": 7}, "season": "spring"}
    evidence = {"season": {"source": "human", "by": "import"}, "people": {"source": "model", "by": "import"}}
    keep = KeepFactory(
        frame=frame, run=None, made_in=DataImportFactory(), reason="import", tags=tags, evidence=evidence
    )
    retagged()
    keep.refresh_from_db()
    kept = {"lighting": "dim", "people": 7, "season": "spring", "time_of_day": "morning", "resolution": "SD"}
    assert keep.tags == tags | kept | {"blurriness": "sharp", "motion": True}
    assert keep.evidence["season"]["source"] == "human"


def test_boxes_of_other_runs_and_stages_do_not_count(run):
    frame = kept_frame(run, 50, BOXES[:1])
    other = RunFactory(video=run.video, spec=SPEC.to_dict())
    DetectionFactory(frame=frame, run=other, stage="people")
    DetectionFactory(frame=frame, run=run, stage="earlier")
    assert retagged()["changes"] == {}
    assert Frame.objects.get().tags["people"] == 1


@pytest.mark.parametrize(
    "spec", [{}, {"stages": [{"name": "motion"}]}, {"stages": [], "tags": {"exposure": {"old": 1}, "gone": {}}}]
)
def test_a_run_of_another_time_is_tagged_as_far_as_it_can_be(spec):
    KeepFactory(run=RunFactory(spec=spec), tags=SEEN)
    retagged()
    assert Frame.objects.get().tags["lighting"] == "dim"


def test_frames_are_tagged_by_the_conditions_in_force_when_they_are_kept(run):
    before = current()
    row = conditions(tags={"exposure": {"dim_from": 55}})
    frame = FrameFactory(video=run.video)
    tags = tag_frame(
        spec=SPEC, picture=Grey(50), width_px=640, height_px=360, recorded_at=None, motion_percent=None, boxes=None,
        detector="", camera=[],
    )  # fmt: skip
    found = KeptFrame(frame.pts_us, "rate", frame.image, 640, 360, tags, [], {})
    for late, lighting in ((None, "dim"), (row.pk, "dim"), (before.pk, "dark")):
        store_kept(run=run, kept=Kept([found], "people", 0.0, conditions=late))
        assert Frame.objects.get().tags["lighting"] == lighting


def test_a_job_goes_on_where_it_stopped_and_counts_on(run, monkeypatch):
    monkeypatch.setattr("curation.services.retagging.BATCH", 2)
    for _ in range(5):
        kept_frame(run, 50, [])
    conditions(tags={"exposure": {"dim_from": 55}})
    job = start_retag()
    seen = []
    for progress in retag(job):
        seen.append((progress.done, progress.total))
        if progress.checkpoint:
            job.checkpoint = dict(progress.checkpoint)
        if progress.done == 2:
            break
    job.save()
    assert Frame.objects.filter(tags__lighting="dark").count() == 2
    rest = run_here(Job.objects.get(pk=job.pk))
    assert seen == [(0, 0), (2, 5)]
    assert rest.result["changes"] == {"lighting": {"dim → dark": 5}}
    assert (rest.result["frames"], rest.done, rest.total) == (5, 5, 5)


def test_a_worker_does_it_too(run, queue):
    kept_frame(run, 50, [])
    conditions(tags={"exposure": {"dim_from": 55}})
    job = start_retag()
    tasks.do_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.result["changes"]) == (Job.State.DONE, {"lighting": {"dim → dark": 1}})


def test_a_retag_that_has_not_begun_is_asked_for_once():
    first = start_retag()
    assert start_retag() == first
    assert start_retag(here=True) != first
    first.state = Job.State.RUNNING
    first.save()
    assert start_retag() != first


def test_nothing_to_retag_is_no_error():
    assert retag_frames([]) == []
    assert retagged()["frames"] == 0


def test_thresholds_that_do_not_go_together_with_a_cascades_own_stand_alone():
    taggers = SPEC.taggers | {"exposure": TAGGERS["exposure"](dark_from=100, dim_from=110, normal_from=120)}
    merged = with_thresholds(taggers, {"exposure": {"dim_from": 50.0}, "people": {"score": 0.7}})
    assert merged["exposure"] == TAGGERS["exposure"](dim_from=50.0)
    assert dataclasses.asdict(merged["people"]) == {"classes": ["person"], "score": 0.7}
    assert {name: merged[name] for name in ("objects", "season")} == {n: taggers[n] for n in ("objects", "season")}


def test_changes_are_told_by_factor_and_sort():
    changes = [
        Change(1, {"a": "x", "n": 1, "l": ["p"], "c": {"p": 1}}, {"a": "y", "n": 2.5, "l": [], "c": {}}),
        Change(2, {"a": "x", "b": True}, {"a": "y", "b": 1}),
        Change(3, {}, {"b": False}),
    ]
    told = tell(changes, so_far={"a": {"x → y": 3}})
    assert told == {
        "a": {"x → y": 5}, "n": {"1 → 2.5": 1}, "l": {"p → nothing": 1}, "c": {"p 1 → nothing": 1},
        "b": {"yes → 1": 1, "none → no": 1},
    }  # fmt: skip
    assert tell([], so_far={}) == {}
    many = tell([Change(n, {"a": n}, {"a": -n - 1}) for n in range(MAX_SORTS + 5)], so_far={})
    assert many["a"]["other changes"] == 5


def test_real_footage_is_tagged_anew_without_its_video(tiny_footage, media, settings):
    settings.WINNOW_CHUNK_S = 5
    video = register(path=tiny_footage, name="tiny.mp4", camera="yard").video
    run_cascade(video, find("motion"))
    before = {f.pk: f.tags for f in Frame.objects.all()}
    assert len(before) > 3
    shutil.rmtree(media)
    assert retagged()["changes"] == {}
    threshold = sorted(tags["brightness"] for tags in before.values())[len(before) // 2]
    conditions(tags={"exposure": {"dark_from": 0, "dim_from": 1, "normal_from": threshold, "bright_from": 255}})
    result = retagged()
    after = {f.pk: f.tags for f in Frame.objects.all()}
    assert {tags["lighting"] for tags in after.values()} == {"dim", "normal"}
    assert result["frames_changed"] == sum(before[pk] != after[pk] for pk in after) > 0
    assert sum(result["changes"]["lighting"].values()) == result["frames_changed"]
