"""A red team: hold-outs that try to come back through a round, and frames that two rounds want."""

import numpy as np
import pytest
from django.db import transaction
from django.utils import timezone

from activelearning.models import Candidate, LabelTask, Round, Seed
from activelearning.services import mining
from activelearning.services.batches import make_batch
from activelearning.services.candidate_edits import add_candidates, drop_candidates, restore_candidates
from activelearning.services.held_candidates import let_go_of_held
from activelearning.services.mining import mine
from activelearning.services.pool_frame_vectors import vectors_of_frames
from activelearning.services.round_embedder import eye_of
from activelearning.services.round_errors import RoundError
from activelearning.services.round_seeds import gather_seeds
from activelearning.services.rounds import start_round
from curation.core.errors import WinnowError
from curation.models import Frame, HeldFrame
from curation.services.datasets import create_version
from curation.services.holdout import HoldoutError, lock_version
from evaluation.models import PredictedFrame
from tests.activelearning.factories import a_round
from tests.activelearning.services.mined import blind_at_night, ended, footage, predicted, run_of, strategy
from tests.evaluation.world import by_day, seen, street
from tests.factories import EmbedderFactory, EmbeddingFactory, FrameFactory, VideoFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
LOOSE = {"limits": {"max_similarity": None}}


def a_world(count=6, **values):
    round = blind_at_night(2, **({"budget": 50, "strategy": strategy(**LOOSE)} | values))
    frames = footage(count, "red")
    predicted(round.test_run.model, frames)
    return round, frames


def mined(round):
    ended(gather_seeds(round))
    ended(mine(round))
    return chosen(round)


def chosen(round):
    return set(Candidate.objects.filter(round=round, is_dropped=False).values_list("frame_id", flat=True))


def locked(frames, name="final"):
    """Hold frames out, with their stretches and look-alikes, as a hold-out does."""
    version = create_version(dataset=name, frame_ids=[frame.pk for frame in frames])
    lock_version(version, user=None)
    return version


def test_a_final_evaluation_starts_no_round_and_gives_no_seeds_or_candidates():
    version = street(2)
    model = seen(version, "v1", finds=by_day)
    lock_version(version, user=None)
    run = run_of(model, is_final=True)
    with pytest.raises(WinnowError):
        start_round(test_run=run, budget=10, dataset="next", via="truth", here=True)
    assert not Round.objects.exists()
    forged = a_round(run, scenarios=["night"], strategy=strategy())
    for step in (gather_seeds, mine):
        with pytest.raises(HoldoutError):
            ended(step(forged))
    assert (Seed.objects.count(), Candidate.objects.count()) == (0, 0)


def test_a_test_version_that_is_locked_after_the_round_began_ends_it():
    round, _ = a_world()
    lock_version(round.test_run.version, user=None)
    for step in (gather_seeds, mine):
        with pytest.raises(HoldoutError):
            ended(step(round))
    assert (Seed.objects.count(), Candidate.objects.count()) == (0, 0)


def test_held_out_frames_their_stretches_and_their_look_alikes_are_never_chosen():
    round, frames = a_world()
    held, alike = frames[0], frames[1]
    beside = FrameFactory(video=held.video, pts_us=held.pts_us + 3_000_000)
    predicted(round.test_run.model, [beside])
    other = EmbedderFactory(name="other")  # whose weights nobody has any more
    EmbeddingFactory(embedder=other, frame=held, vector=[1, 0, 0, 0])
    EmbeddingFactory(embedder=other, frame=alike, vector=[1, 0.01, 0, 0])
    locked([held])
    assert HeldFrame.objects.count() == 3
    assert mined(round) == {frame.pk for frame in frames[2:]}
    # Nor does a model look at them for a round.
    assert not PredictedFrame.objects.filter(run__query="", frame__held_out=True, run__job__isnull=False).exists()


@pytest.mark.parametrize("query", ["held_out:true", "dataset:final", "id:{held}", "held_out:true OR lighting:dark"])
def test_no_query_of_a_pool_gets_at_what_is_held_out(query):
    round, frames = a_world()
    locked([frames[0]])
    round.strategy = strategy(pool=query.format(held=frames[0].pk), **LOOSE)
    with pytest.raises(HoldoutError):
        mined(round)
    round.strategy = strategy(pool="NOT dataset:final", **LOOSE)
    assert mined(round) == {frame.pk for frame in frames[1:]}


def test_a_lock_that_is_made_while_candidates_are_chosen_wins(monkeypatch):
    round, frames = a_world()
    real, made = mining.choose, []

    def locking(*args, **asked):
        choice = real(*args, **asked)
        if not made:
            made.append(locked([frames[0], frames[1]]))
        return choice

    monkeypatch.setattr(mining, "choose", locking)
    assert mined(round) == {frame.pk for frame in frames[2:]}
    assert not Candidate.objects.filter(frame__held_out=True).exists()


def test_a_person_cannot_bring_a_held_out_frame_in():
    round, frames = a_world()
    mined(round)
    Round.objects.filter(pk=round.pk).update(state="candidates")
    drop_candidates(round=round, frame_ids=[frames[0].pk])
    Frame.objects.filter(pk=frames[0].pk).update(held_out=True)
    other = FrameFactory(video=VideoFactory(recorded_at=None), held_out=True)
    for attempt in (restore_candidates, add_candidates):
        with pytest.raises(HoldoutError):
            attempt(round=round, frame_ids=[frames[0].pk])
    with pytest.raises(HoldoutError):
        add_candidates(round=round, frame_ids=[other.pk])
    assert chosen(round) == {frame.pk for frame in frames[1:]}


def test_a_person_cannot_bring_the_test_in():
    round, frames = a_world()
    mined(round)
    Round.objects.filter(pk=round.pk).update(state="candidates")
    tested = round.test_run.version.members.first().frame
    beside = FrameFactory(video=tested.video, pts_us=tested.pts_us + 4_500_000)
    for frame in (tested, beside):
        with pytest.raises(RoundError, match="in the test"):
            add_candidates(round=round, frame_ids=[frame.pk])
    assert chosen(round) == {frame.pk for frame in frames}


def test_a_candidate_that_is_held_out_later_is_not_sent():
    round, frames = a_world()
    mined(round)
    Frame.objects.filter(pk=frames[0].pk).update(held_out=True)
    with pytest.raises(HoldoutError), transaction.atomic():
        make_batch(name="round", frame_ids=sorted(chosen(round)), via="files", round=round, classes=["person"])
    assert not LabelTask.objects.filter(frame=frames[0]).exists()


def test_a_round_lets_go_of_what_was_held_out_since_and_goes_on():
    round, frames = a_world()
    mined(round)
    Frame.objects.filter(pk=frames[0].pk).update(held_out=True)
    Frame.objects.filter(seed_of__round=round).update(held_out=True)
    assert (let_go_of_held(round), let_go_of_held(round)) == (1, 0)
    assert chosen(round) == {frame.pk for frame in frames[1:]}
    assert Candidate.objects.get(round=round, frame=frames[0]).note == "held out since it was chosen"
    assert not Seed.objects.exists()
    batch = make_batch(name="round", frame_ids=sorted(chosen(round)), via="files", round=round, classes=["person"])
    assert batch.tasks.count() == 5


def test_rounds_one_after_another_never_ask_for_a_frame_twice():
    round, frames = a_world(8, budget=3)
    asked: set[int] = set()
    for n in range(3):
        one = (
            round if not n else a_round(round.test_run, scenarios=["night"], budget=3, seed=n, strategy=round.strategy)
        )
        found = mined(one)
        assert not found & asked
        asked |= found
        if n == 0:  # this one is labelled and closed; its frames are labelled by then
            Frame.objects.filter(pk__in=found).update(annotated_at=timezone.now())
            Round.objects.filter(pk=one.pk).update(state="closed")
        elif n == 1:  # this one is with its annotators
            make_batch(name="one", frame_ids=sorted(found), via="files", round=one, classes=["person"])
            Round.objects.filter(pk=one.pk).update(state="labelling")
    assert len(asked) == 8
    assert asked <= {frame.pk for frame in frames}


def test_what_an_abandoned_round_wanted_is_free_again():
    round, frames = a_world(4)
    assert mined(round) == {frame.pk for frame in frames}
    other = a_round(round.test_run, scenarios=["night"], budget=50, strategy=round.strategy)
    assert mined(other) == set()
    Round.objects.filter(pk=round.pk).update(state="abandoned")
    assert mined(other) == {frame.pk for frame in frames}


def test_a_copy_of_a_test_frame_in_another_file_is_not_chosen(media):
    round, frames = a_world(3)
    tested = round.test_run.version.members.order_by("frame").first().frame
    (media / frames[1].image).write_bytes((media / tested.image).read_bytes())
    assert mined(round) == {frames[0].pk, frames[2].pk}
    assert any("1 looking like a frame of the test" in note for note in round.notes)


def test_a_new_vector_that_gives_a_hold_out_away_holds_its_frame_out(media):
    round, frames = a_world(4)
    (media / frames[1].image).write_bytes((media / frames[0].image).read_bytes())
    ended(vectors_of_frames(np.array([frames[0].pk, frames[3].pk]), eye=eye_of("descriptor")))
    locked([frames[0]])
    assert not Frame.objects.get(pk=frames[1].pk).held_out
    assert mined(round) == {frames[2].pk, frames[3].pk}
    assert Frame.objects.get(pk=frames[1].pk).held_out
