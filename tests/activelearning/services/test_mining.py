"""Candidates of a round: like what went wrong, never what is out of bounds, again the same, one frame for one round."""

import threading

import pytest
from django.db import connection
from django.utils import timezone

from activelearning.models import Candidate, Round, Seed
from activelearning.services import box_vectors, mining
from activelearning.services.mining import mine
from activelearning.services.round_seeds import gather_seeds
from curation.core.query import QueryError
from curation.models import Embedding, Frame
from curation.services.holdout import HoldoutError
from curation.services.jobs import Lost
from evaluation.services.predicting import NoPredictions
from tests.activelearning.factories import a_round
from tests.activelearning.services.mined import blind_at_night, ended, footage, predicted, strategy
from tests.evaluation.factories import ModelVersionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


def a_world(*, red=4, green=4, budget=4, **values):
    """Make a round about the night, and footage of people in red and green, all seen at a low score."""
    round = blind_at_night(2, budget=budget, **({"strategy": strategy()} | values))
    reds, greens = footage(red, "red"), footage(green, "green")
    predicted(round.test_run.model, [*reds, *greens])
    return round, reds, greens


def mined(round):
    ended(gather_seeds(round))
    return ended(mine(round))


def chosen(round, **only):
    rows = Candidate.objects.filter(round=round, is_dropped=False, **only).order_by("rank")
    return list(rows.values_list("frame_id", flat=True))


def test_frames_with_boxes_like_the_missed_ones_are_chosen_and_say_so():
    round, reds, _ = a_world(strategy=strategy(mine=["similar_boxes"], diversity=None, control=0.0))
    said = mined(round)
    assert set(chosen(round)) == {frame.pk for frame in reds}
    assert (said["pool"], said["boxes"], said["seeds"], said["embedder"]) == (8, 8, 6, "descriptor")
    assert (said["strategy"], said["control"]) == (4, 0)
    first = Candidate.objects.get(round=round, rank=0)
    reason = first.reasons[0]
    assert reason["sampler"] == "similar_boxes"
    assert reason["scenario"] == "night"
    assert Seed.objects.get(pk=reason["seed"]).kind == "missed"
    assert reason["box"] == [10.0, 20.0, 60.0, 120.0]
    assert reason["similarity"] > 0.7
    assert "looks like a missed person" in reason["text"]
    assert 0 < first.score <= 1


def test_a_control_is_drawn_besides_and_no_frame_is_in_both():
    round, *_ = a_world(budget=6, strategy=strategy(control=0.5))
    said = mined(round)
    assert (said["strategy"], said["control"]) == (3, 3)
    assert len(set(chosen(round))) == 6
    assert len(chosen(round, arm="control")) == 3


def test_again_gives_the_same_and_looks_at_no_picture_twice(monkeypatch):
    round, *_ = a_world()
    mined(round)
    first = list(Candidate.objects.filter(round=round).order_by("rank").values_list("frame_id", "arm", "score"))
    monkeypatch.setattr(box_vectors, "read_ahead", lambda _: pytest.fail("a picture was read again"))
    ended(mine(round))
    again = list(Candidate.objects.filter(round=round).order_by("rank").values_list("frame_id", "arm", "score"))
    assert first == again


def test_what_was_embedded_before_a_worker_died_is_not_embedded_again(monkeypatch):
    monkeypatch.setattr(box_vectors, "BUCKET", 1)
    round, reds, greens = a_world()
    ended(gather_seeds(round))
    work = mine(round)
    for progress in work:
        if progress.doing == "descriptor looks at boxes" and progress.done == 3:
            assert progress.checkpoint is not None
            break
    work.close()
    read = []
    real = box_vectors.read_ahead

    def counted(places):
        some = list(places)
        read.extend(place.frame_id for place in some)
        return real(iter(some))

    monkeypatch.setattr(box_vectors, "read_ahead", counted)
    ended(mine(round))
    pool = {frame.pk for frame in (*reds, *greens)}
    assert len(pool & set(read)) == 5


def test_frames_get_the_vectors_that_they_lack():
    round, reds, greens = a_world()
    mined(round)
    pool = [frame.pk for frame in (*reds, *greens)]
    assert Embedding.objects.filter(frame__in=pool, detection=None, embedder__name="descriptor").count() == 8
    assert Embedding.objects.filter(frame__in=round.test_run.version.members.values("frame")).count() == 12


def test_nothing_that_is_out_of_bounds_is_chosen_and_the_round_says_what_was_left_out():
    round, reds, _ = a_world(budget=20, strategy=strategy(limits={"max_similarity": None}))
    labelled, held, other, mine_dropped = reds
    Frame.objects.filter(pk=labelled.pk).update(annotated_at=timezone.now())
    Frame.objects.filter(pk=held.pk).update(held_out=True)
    Candidate.objects.create(round=a_round(round.test_run), frame=other, arm="strategy", rank=0)
    Candidate.objects.create(round=round, frame=mine_dropped, arm="strategy", rank=0, is_dropped=True)
    said = mined(round)
    assert said["left_out"] == {"held_out": 1, "in_test": 12, "labelled": 1, "other_round": 1, "dropped": 1}
    assert not set(chosen(round)) & {frame.pk for frame in reds}
    assert len(chosen(round)) == 4
    assert any(
        note == "Candidates: 20 frames match the strategy's pool; left out were 1 held out, 12 in the test, 1 labelled "
        "already, 1 candidates of another open round, 1 dropped by a person; 4 were looked through."
        for note in said["notes"]
    )
    assert said["notes"] == round.notes


def test_people_keep_what_they_added_and_dropped():
    round, reds, greens = a_world(budget=3)
    Candidate.objects.create(round=round, frame=greens[0], arm="person", rank=7, note="by ada")
    Candidate.objects.create(round=round, frame=reds[0], arm="strategy", rank=0, is_dropped=True)
    Candidate.objects.create(round=round, frame=greens[1], arm="control", rank=1)
    said = mined(round)
    assert said["kept"] == 1
    rows = list(Candidate.objects.filter(round=round, is_dropped=False).order_by("rank").values_list("arm", "rank"))
    assert [rank for _, rank in rows] == [0, 1, 2]
    assert rows[-1] == ("person", 2)
    assert Candidate.objects.get(round=round, frame=greens[0]).note == "by ada"
    assert Candidate.objects.get(round=round, frame=reds[0]).is_dropped
    assert "Candidates: 1 frames that people added count towards the budget." in said["notes"]


def test_an_empty_pool_is_said():
    round = blind_at_night(1, strategy=strategy())
    said = mined(round)
    assert chosen(round) == []
    assert said["pool"] == 0
    assert any("none is left to look through" in note for note in said["notes"])


def test_a_pool_is_asked_for_by_a_query():
    round, _, greens = a_world(budget=20)
    round.strategy = strategy(pool=f"id:{greens[0].pk}")
    mined(round)
    assert chosen(round) == [greens[0].pk]
    round.strategy = strategy(pool="held_out:true")
    with pytest.raises(HoldoutError, match="held out"):
        ended(mine(round))
    round.strategy = strategy(pool="nothing:1")
    with pytest.raises(QueryError):
        ended(mine(round))
    assert chosen(round) == [greens[0].pk]


def test_a_model_without_weights_must_have_seen_the_pool():
    round, *_ = a_world()
    footage(1, "red")
    ended(gather_seeds(round))
    with pytest.raises(NoPredictions, match="for 1 of the frames"):
        ended(mine(round))
    assert chosen(round) == []


def test_another_model_is_compared_with_if_it_saw_the_pool():
    mine_by = [{"kind": "disagreement", "other": "v0"}]
    round, reds, greens = a_world(strategy=strategy(mine=mine_by, control=0.0))
    other = ModelVersionFactory(name="v0")
    said = mined(round)
    assert any(note.startswith("Candidates: v0 is not compared with.") for note in said["notes"])
    assert chosen(round) == []
    predicted(other, [*reds, *greens], score=0.2, box=(300.0, 100.0, 350.0, 200.0))
    predicted(other, [greens[0]], score=0.9)
    mined(round)
    assert chosen(round)[0] == greens[0].pk


def test_a_picture_that_is_gone_is_counted_and_the_rest_goes_on(media):
    round, reds, _ = a_world(budget=20)
    (media / reds[1].image).unlink()
    said = mined(round)
    assert "Candidates: the pictures of 1 frames cannot be read: their boxes were not seen." in said["notes"]
    assert reds[0].pk in chosen(round)


def test_a_round_that_moved_on_is_left_alone():
    round, *_ = a_world()
    Round.objects.filter(pk=round.pk).update(state="labelling")
    with pytest.raises(Lost):
        mined(round)
    assert not Candidate.objects.exists()


def test_what_becomes_unavailable_while_it_is_chosen_is_left_out_and_another_is_chosen(monkeypatch):
    round, reds, _ = a_world(budget=3, strategy=strategy("similar"))
    real = mining.choose

    def slowly(*args, **asked):
        choice = real(*args, **asked)
        Frame.objects.filter(pk=reds[0].pk).update(held_out=True)
        return choice

    monkeypatch.setattr(mining, "choose", slowly)
    said = mined(round)
    assert reds[0].pk not in chosen(round)
    assert len(chosen(round)) == 3
    assert said["skipped"] in ({"held_out": 1}, {})


@pytest.mark.django_db(transaction=True)
def test_two_rounds_at_once_never_choose_the_same_frame():
    round, *_ = a_world(red=6, green=6, budget=8)
    other = a_round(round.test_run, scenarios=["night"], budget=8, strategy=strategy(), seed=1)
    for one in (round, other):
        ended(gather_seeds(one))
    failed = []

    def go(one):
        try:
            ended(mine(one))
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=(one,)) for one in (round, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    one, two = set(chosen(round)), set(chosen(other))
    assert not one & two
    assert len(one) + len(two) == 12
