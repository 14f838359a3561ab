"""Frames that are never chosen: each reason on its own, and what people are told."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from django.db import transaction
from django.utils import timezone

from activelearning.models import Candidate, Round
from activelearning.services import out_of_bounds as bounds
from activelearning.services.round_errors import RoundError
from activelearning.services.test_ground import ground_of
from curation.models import Frame
from curation.services.datasets import create_version
from curation.services.holdout import HoldoutError, Reach
from evaluation.services.suites import save_suite
from tests.activelearning.factories import LabelTaskFactory, a_round
from tests.activelearning.services.mined import blind_at_night
from tests.evaluation.factories import EventSetFactory, EventStretchFactory, TestRunFactory
from tests.evaluation.world import SUITE
from tests.factories import EmbeddingFactory, FrameFactory, VideoFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


@pytest.fixture
def round():
    return blind_at_night(2)


def a_test_frame(round):
    return round.test_run.version.members.order_by("frame").first().frame


def out(round, *frames, **asked):
    return bounds.out_of_bounds([frame.pk for frame in frames], test_run=round.test_run, round=round, **asked)


def apart(**values):
    """Make a frame in a video of its own."""
    return FrameFactory(video=VideoFactory(recorded_at=None), **values)


def test_footage_that_nobody_knows_is_free(round):
    assert out(round, apart(), apart()) == {}
    assert out(round) == {}
    assert bounds.out_of_bounds([10**9], test_run=round.test_run) == {}


def test_the_test_its_visits_and_labelled_frames_are_out(round):
    frame = a_test_frame(round)
    in_gap = FrameFactory(video=frame.video, pts_us=frame.pts_us + 12_000_000)  # the visit's last is at 2 s
    later = FrameFactory(video=frame.video, pts_us=frame.pts_us + 12_000_001)
    found = out(round, frame, in_gap, later)
    assert found == {"in_test": {frame.pk}, "beside_test": {in_gap.pk}, "labelled": {frame.pk}}


def test_the_suites_own_gap_counts(round):
    suite, _ = save_suite(text=SUITE.replace("replicates: 200", "replicates: 200\ngroup_by: {kind: visit, gap_s: 3}"))
    other = a_round(TestRunFactory(suite=suite, version=round.test_run.version), scenarios=["night"])
    frame = a_test_frame(round)
    near = FrameFactory(video=frame.video, pts_us=frame.pts_us + 5_000_000)
    far = FrameFactory(video=frame.video, pts_us=frame.pts_us + 5_000_001)
    assert out(other, near, far) == {"beside_test": {near.pk}}
    suite, _ = save_suite(text=SUITE.replace("replicates: 200", "replicates: 200\ngroup_by: {kind: video}"))
    whole = a_round(TestRunFactory(suite=suite, version=round.test_run.version), scenarios=["night"])
    last = FrameFactory(video=frame.video, pts_us=frame.pts_us + 59_000_000)
    assert out(whole, far, last) == {"beside_test": {far.pk, last.pk}}


def test_what_the_same_camera_took_at_the_same_time_is_out_whichever_file_it_is_in(round):
    frame = a_test_frame(round)
    again = VideoFactory(camera=frame.camera, recorded_at=None)
    copy = FrameFactory(video=again, recorded_at=frame.recorded_at + timedelta(seconds=9))
    later = FrameFactory(video=again, recorded_at=frame.recorded_at + timedelta(seconds=13))
    elsewhere = FrameFactory(video=VideoFactory(recorded_at=None), recorded_at=frame.recorded_at)
    assert out(round, copy, later, elsewhere) == {"beside_test": {copy.pk}}


def test_the_order_of_single_pictures_is_no_time():
    folder = VideoFactory(kind="pictures", recorded_at=None)
    ours = FrameFactory(video=folder, pts_us=0, annotated_at=timezone.now())
    beside = FrameFactory(video=folder, pts_us=1)
    suite, _ = save_suite(text=SUITE)
    run = TestRunFactory(suite=suite, version=create_version(dataset="pictures", frame_ids=[ours.pk]))
    assert bounds.out_of_bounds([beside.pk], test_run=run) == {}


def test_footage_that_scenarios_over_time_look_through_is_out(round):
    text = SUITE + "  - {name: visits, events: there, metric: {kind: event_recall, score: 0.5}, at_least: 0.5}\n"
    suite, _ = save_suite(text=text)
    events = EventSetFactory(name="there")
    stretch = EventStretchFactory(event_set=events, start_us=0, end_us=30_000_000)
    inside = FrameFactory(video=stretch.video, pts_us=29_999_999)
    outside = FrameFactory(video=stretch.video, pts_us=30_000_000)
    run = TestRunFactory(suite=suite, version=round.test_run.version)
    assert bounds.out_of_bounds([inside.pk, outside.pk], test_run=run) == {"test_footage": {inside.pk}}
    assert out(round, inside) == {}


def test_look_alikes_of_the_test_are_out_by_vector_and_by_hash(round):
    frame = a_test_frame(round)
    Frame.objects.filter(pk=frame.pk).update(phash=0x1234_5678_9ABC)
    EmbeddingFactory(frame=frame, vector=[1, 0, 0, 0])
    by_vector, by_hash, other = apart(), apart(phash=0x1234_5678_9ABC ^ 0b1), apart(phash=0x7777_0000_7777)
    EmbeddingFactory(frame=by_vector, vector=[1, 0.02, 0, 0])
    # The same place on another day, with another visitor: alike, even to its hash, but no copy.
    visitor = apart(phash=0x1234_5678_9ABC)
    EmbeddingFactory(frame=visitor, vector=[1, 0.1, 0, 0])
    EmbeddingFactory(frame=other, vector=[0, 1, 0, 0])
    assert out(round, by_vector, by_hash, visitor, other) == {"like_test": {by_vector.pk, by_hash.pk}}
    assert out(round, by_vector, by_hash, reach=Reach(min_similarity=0.9999, max_bits=0)) == {}


def test_what_is_held_out_labelled_or_asked_for_is_out(round):
    held, labelled, waiting, done = apart(held_out=True), apart(annotated_at=timezone.now()), apart(), apart()
    LabelTaskFactory(frame=waiting, state="sent")
    LabelTaskFactory(frame=done, state="skipped")
    found = out(round, held, labelled, waiting, done)
    assert found == {"held_out": {held.pk}, "labelled": {labelled.pk}, "asked_for": {waiting.pk}}


def test_candidates_of_open_rounds_are_out_and_those_that_a_person_dropped_here(round):
    other = a_round(round.test_run)
    frames = [apart() for _ in range(4)]
    taken, let_go, dropped, mine = frames
    Candidate.objects.create(round=other, frame=taken, arm="strategy", rank=0)
    Candidate.objects.create(round=other, frame=let_go, arm="strategy", rank=1, is_dropped=True)
    Candidate.objects.create(round=round, frame=dropped, arm="strategy", rank=0, is_dropped=True)
    Candidate.objects.create(round=round, frame=mine, arm="strategy", rank=1)
    assert out(round, *frames) == {"other_round": {taken.pk}, "dropped": {dropped.pk}}
    Round.objects.filter(pk=other.pk).update(state="abandoned")
    assert out(round, *frames) == {"dropped": {dropped.pk}}


def test_each_frame_counts_once_by_its_weightiest_reason(round):
    frame, held = a_test_frame(round), apart(held_out=True, annotated_at=timezone.now())
    ids = np.array(sorted([frame.pk, held.pk, apart().pk]))
    judged = bounds.bounds_of(ids, ground=bounds.ground_of(round.test_run), round=round, reach=None)
    assert judged.counts() == {"held_out": 1, "in_test": 1}
    assert bounds.in_words(judged.counts()) == "1 held out, 1 in the test"
    assert judged.is_out.sum() == 2


def test_contact_with_a_test_is_told_in_words_and_labels_are_none(round):
    frame, labelled = a_test_frame(round), apart(annotated_at=timezone.now())
    near = FrameFactory(video=frame.video, pts_us=frame.pts_us + 8_000_000)
    said = bounds.contact_with(ground_of(round.test_run), [frame.pk, near.pk, labelled.pk])
    assert said == {frame.pk: "in the test", near.pk: "of a visit that is in the test"}
    assert bounds.contact_with(replace(ground_of(round.test_run), gap_s=2.0), [near.pk]) == {}


def test_a_person_may_add_what_is_free_and_bring_back_what_was_dropped(round):
    free, dropped = apart(), apart()
    Candidate.objects.create(round=round, frame=dropped, arm="strategy", rank=0, is_dropped=True)
    bounds.check_addable(round, [free.pk, dropped.pk])


def test_a_person_is_told_which_frames_cannot_be_added_and_why(round):
    frame, labelled, free = a_test_frame(round), apart(annotated_at=timezone.now()), apart()
    with pytest.raises(RoundError) as caught:
        bounds.check_addable(round, [frame.pk, labelled.pk, free.pk])
    assert caught.value.code == "out_of_bounds"
    assert str(caught.value) == (
        f"2 of 3 frames cannot join round {round.pk}: in the test: frame {frame.pk}; labelled already: frame "
        f"{labelled.pk}. Nothing was changed. Leave them out of the list."
    )
    with pytest.raises(RoundError, match="no frame 999999"):
        bounds.check_addable(round, [free.pk, 999_999])
    with pytest.raises(HoldoutError, match="wanted for labelling"), transaction.atomic():
        bounds.check_addable(round, [apart(held_out=True).pk])


def test_a_long_list_is_judged_as_a_short_one(round, monkeypatch):
    frame, labelled = a_test_frame(round), apart(annotated_at=timezone.now())
    copy = FrameFactory(video=VideoFactory(camera=frame.camera, recorded_at=None), recorded_at=frame.recorded_at)
    picture = FrameFactory(video=VideoFactory(kind="pictures", recorded_at=None), held_out=True)
    some = [frame, labelled, copy, picture, FrameFactory(video=frame.video, pts_us=11_000_000), apart()]
    short = out(round, *some)
    assert set(short) == {"in_test", "beside_test", "labelled", "held_out"}
    monkeypatch.setattr(bounds, "FEW", 0)
    assert out(round, *some) == short
