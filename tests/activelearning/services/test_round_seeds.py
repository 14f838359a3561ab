"""Seeds of a round: all that went wrong, drawn fairly, never from a hold-out."""

import pytest

from activelearning.models import Seed
from activelearning.services.round_seeds import gather_seeds
from curation.models import Frame
from curation.services.holdout import HoldoutError, lock_version
from evaluation.models import Prediction
from evaluation.services.suites import save_suite
from tests.activelearning.factories import a_round
from tests.activelearning.services.mined import blind_at_night, ended, run_of
from tests.evaluation.factories import TestRunFactory
from tests.evaluation.world import BOX, SUITE, by_day, seen, street

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


def rows(round):
    columns = ("scenario", "kind", "frame_id", "label", "score", "x1", "y1", "x2", "y2")
    return list(Seed.objects.filter(round=round).order_by("id").values_list(*columns))


def test_every_miss_of_its_scenarios_is_a_seed():
    round = blind_at_night()
    assert ended(gather_seeds(round)) == 12
    dark = Frame.objects.filter(tags__lighting="dark").order_by("pk").values_list("pk", flat=True)
    assert rows(round) == [("night", "missed", pk, "person", None, *BOX) for pk in dark]


def test_false_boxes_and_unsure_ones_are_seeds_with_their_scores():
    run = run_of(seen(street(2), "v1", score=0.6))
    moved = Prediction.objects.filter(frame__tags__lighting="dark").order_by("pk").first()
    Prediction.objects.filter(pk=moved.pk).update(x1=300, x2=360)
    round = a_round(run, scenarios=["night"])
    ended(gather_seeds(round))
    found = rows(round)
    assert [row[1] for row in found] == ["missed", "false_alarm", *["low_confidence"] * 5]
    assert found[1][2:6] == (moved.frame_id, "person", 0.6, 300.0)
    assert {row[4] for row in found[2:]} == {0.6}


def test_a_strategy_says_how_many_and_they_come_from_all_visits():
    round = blind_at_night(6, strategy={"seeds": {"missed": 6}}, seed=3)
    assert ended(gather_seeds(round)) == 6
    assert Seed.objects.filter(round=round).values("frame__video").distinct().count() == 6
    assert round.notes == ["Seeds: night: 6 of 18 misses were drawn."]


def test_the_same_seed_draws_the_same_and_another_draws_others():
    round = blind_at_night(6, strategy={"seeds": {"missed": 5}}, seed=3)
    drawn = []
    for seed in (3, 3, 4):
        round.seed = seed
        ended(gather_seeds(round))
        drawn.append(rows(round))
    assert drawn[0] == drawn[1] != drawn[2]
    first = list(Frame.objects.filter(tags__lighting="dark").order_by("pk").values_list("pk", flat=True)[:5])
    assert [row[2] for row in drawn[0]] != first


def test_none_of_a_kind_is_none():
    round = blind_at_night(strategy={"seeds": {"missed": 0}})
    assert ended(gather_seeds(round)) == 0
    assert round.notes == [
        "Seeds: nothing went wrong in a box of these scenarios, so that there is nothing to look for more of."
    ]


def test_again_replaces_seeds_and_notes():
    round = blind_at_night(strategy={"seeds": {"missed": 2}})
    round.notes = ["Candidates: few"]
    round.save()
    for _ in range(2):
        assert ended(gather_seeds(round)) == 2
    assert Seed.objects.count() == 2
    assert round.notes == ["Candidates: few", "Seeds: night: 2 of 12 misses were drawn."]


def test_scenarios_over_time_give_none_and_that_is_said():
    run = run_of(seen(street(1), "v1", finds=by_day))
    text = SUITE + "  - {name: visits, events: there, metric: {kind: event_recall, score: 0.5}, at_least: 0.5}\n"
    suite, _ = save_suite(text=text)
    run = TestRunFactory(suite=suite, model=run.model, version=run.version, finished_at=run.finished_at)
    round = a_round(run, scenarios=["visits", "night"])
    assert ended(gather_seeds(round)) == 3
    assert round.notes[0].startswith("Seeds: visits: about events in footage, which have no boxes")


def test_a_hold_out_gives_no_seeds():
    version = street(2)
    model = seen(version, "v1", finds=by_day)
    before = a_round(run_of(model), scenarios=["night"])
    lock_version(version, user=None)
    final = a_round(run_of(model, is_final=True), scenarios=["night"])
    for round in (before, final):
        with pytest.raises(HoldoutError):
            ended(gather_seeds(round))
    assert not Seed.objects.exists()


def test_frames_that_a_hold_out_took_since_give_none():
    round = blind_at_night(2)
    taken = Frame.objects.filter(tags__lighting="dark").order_by("pk").first()
    Frame.objects.filter(pk=taken.pk).update(held_out=True)
    assert ended(gather_seeds(round)) == 5
    assert not Seed.objects.filter(frame=taken).exists()
    assert round.notes == ["Seeds: boxes in frames that are held out by now are no seeds: 1."]
