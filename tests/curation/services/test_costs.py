"""Costs of stored frames: what is left to label, how many boxes to expect, and what models take."""

import numpy as np
import pytest

from curation.core.costs import PriceList, Service
from curation.core.query import QueryError
from curation.core.sampling import parse_plan
from curation.models import Frame, Run
from curation.services import expected_boxes
from curation.services.conditions import save_conditions
from curation.services.costs import CostError, estimate, estimate_plan
from curation.services.holdout import HoldoutError
from tests.factories import START, AnnotationFactory, DetectionFactory, FrameFactory, RunFactory, VideoFactory

pytestmark = pytest.mark.django_db

CONDITIONS = """
name: yard
factors:
  lighting: {values: [dark, bright]}
  indoor: {kind: boolean, from: rules, rules: [{value: true, when: "objects:couch"}]}
  weather: {values: [dry, rain], from: people}
  roof: {kind: boolean, from: people}
  location: {from: camera}
"""
PRICES = PriceList("EUR", (Service("all", per_picture=1, per_box=0.1, per_tag=0.01),), cpu_hour=3.6)


@pytest.fixture
def conditions():
    save_conditions(text=CONDITIONS)


@pytest.fixture
def video(conditions):
    return VideoFactory()


def frames(video, count, **tags):
    return [FrameFactory(video=video, tags=tags) for _ in range(count)]


def test_pictures_and_peoples_tags_are_priced(video):
    frames(video, 3, lighting="dark")
    found = estimate(prices=PRICES)
    assert (found.matching, found.to_label, found.work.pictures) == (3, 3, 3)
    assert (found.tag_factors, found.work.tags) == (("weather", "roof"), 6)
    assert (found.boxes_from, found.work.boxes) == ("unknown", 0)
    assert "say how many a picture has" in found.notes[0]
    assert (found.currency, found.lines[0].money) == ("EUR", 3.06)


def test_what_has_a_value_is_not_tagged_again(video):
    frames(video, 1, weather="rain")
    frames(video, 1)
    assert estimate(prices=PRICES).work.tags == 3
    assert estimate(frames=100, prices=PRICES).work.tags == 150


def test_what_is_labelled_or_held_out_costs_nothing(video):
    labelled, held, *_ = frames(video, 5)
    Frame.objects.filter(pk=labelled.pk).update(annotated_at=START)
    Frame.objects.filter(pk=held.pk).update(held_out=True)
    found = estimate(prices=PRICES)
    assert (found.matching, found.labelled, found.held_out, found.to_label) == (5, 1, 1, 3)
    assert found.work.pictures == 3


def test_boxes_are_the_mean_of_labelled_frames(video):
    for number in range(expected_boxes.ENOUGH_LABELLED):
        frame = FrameFactory(video=video, annotated_at=START, tags={"object_counts": {"person": 9}})
        for _ in range(number % 2):
            AnnotationFactory(frame=frame)
    frames(video, 10, object_counts={"person": 9})
    found = estimate(prices=PRICES)
    assert (found.boxes_from, found.boxes_per_picture, found.boxes_seen_in) == ("annotations", 0.5, 20)
    assert found.work.boxes == 5


def test_without_enough_labelled_frames_detections_tell(video):
    AnnotationFactory(frame__video=video)
    one, two = frames(video, 2, object_counts={})
    run, other = RunFactory(video=video), RunFactory(video=video)
    for score in (0.9, 0.4, 0.39):
        DetectionFactory(frame=one, run=run, score=score)
    DetectionFactory(frame=one, run=other, score=0.9)  # the same object, seen by another run
    found = estimate(prices=PRICES)
    assert (found.boxes_from, found.boxes_per_picture, found.boxes_seen_in) == ("detections", 1.0, 2)
    Frame.objects.filter(pk__in=[one.pk, two.pk]).update(tags={})
    assert estimate(prices=PRICES).boxes_from == "annotations"  # nobody looked, so the one labelled frame it is


def test_a_great_many_frames_are_sampled_the_same_way_each_time(video, monkeypatch):
    monkeypatch.setattr(expected_boxes, "SAMPLE_FRAMES", 4)
    made = frames(video, 11, object_counts={})
    run = RunFactory(video=video)
    for frame in made:
        DetectionFactory(frame=frame, run=run)
    found = estimate(prices=PRICES)
    assert (found.boxes_per_picture, found.boxes_seen_in) == (1.0, 11)
    assert estimate(prices=PRICES) == found


def test_boxes_that_are_given_count(video):
    frames(video, 2)
    found = estimate(boxes_per_picture=2.5, prices=PRICES)
    assert (found.work.boxes, found.boxes_from, found.notes) == (5.0, "given", ())


def test_a_number_of_pictures_like_those_of_a_query(video):
    frames(video, 2, lighting="dark")
    found = estimate("lighting:dark", frames=1000, prices=PRICES)
    assert (found.to_label, found.work.pictures, found.work.tags) == (2, 1000, 2000)
    assert "Only 2 frames of the query are left to label; 1,000 are priced as asked." in found.notes
    assert estimate("lighting:bright", frames=10, prices=PRICES).work.tags == 20  # of none each factor is open


def test_frames_of_a_draw(video):
    made = frames(video, 4)
    ids = np.array([made[0].pk, made[2].pk, 999_999])
    assert estimate(frame_ids=ids, prices=PRICES).work.pictures == 2
    assert estimate(frame_ids=[], prices=PRICES).work.pictures == 0
    assert estimate("lighting:dark", frame_ids=ids, prices=PRICES).work.pictures == 0


def test_what_a_plan_draws_is_priced(video):
    frames(video, 6, lighting="dark")
    labelled, *_ = frames(video, 6, lighting="bright")
    Frame.objects.filter(pk=labelled.pk).update(annotated_at=START)
    found = estimate_plan(parse_plan({"query": "lighting:bright", "size": 6}), prices=PRICES)
    assert (found.matching, found.labelled, found.work.pictures, found.is_drawn) == (6, 1, 5, True)
    found = estimate_plan(parse_plan({"query": "lighting:dark", "size": 8}), boxes_per_picture=1, prices=PRICES)
    assert (found.work.pictures, found.work.boxes) == (6, 6)
    assert found.notes == ("The plan falls short by 2 frames: manage.py sample says why.",)


def test_a_plan_that_asks_for_held_out_frames_is_refused(video):
    held, *_ = frames(video, 2)
    Frame.objects.filter(pk=held.pk).update(held_out=True)
    with pytest.raises(HoldoutError):
        estimate_plan(parse_plan({"query": "held_out:true", "size": 1}))


def test_models_take_cpu_time_and_people_would_take_money(video):
    made = frames(video, 36)
    stages = [{"name": "motion", "cpu_s": 6.0, "duration_s": 9.0}, {"name": "people", "cpu_s": 12.0}]
    RunFactory(video=video, stages=stages, frames_kept=30)
    RunFactory(video=VideoFactory(duration_s=120), stages=[], frames_kept=6)
    Run.objects.create(
        video=video,
        cascade=Run.objects.first().cascade,
        spec={},
        spec_sha256="x",
        code_version="",
        chunk_s=1,
        stages=stages,
    )
    models = estimate(prices=PRICES).models
    assert models.factors == ("lighting", "indoor")
    assert (models.runs, models.cpu_s_per_frame, models.cpu_s_per_footage_hour) == (2, 0.5, 360.0)
    assert (models.cpu_hours, models.money) == (pytest.approx(36 * 0.5 / 3600), 0.018)
    assert (models.tags, models.by_people[0].money) == (2 * len(made), 36 + 0.72)


def test_no_frames_cost_nothing(conditions):
    found = estimate()
    assert (found.matching, found.work.pictures, found.models.cpu_hours) == (0, 0, None)
    assert [line.money for line in found.lines] == [0.0, 0.0, 0.0]
    assert found.notes == ()


@pytest.mark.parametrize(
    "asked",
    [{"frames": 0}, {"frames": -1}, {"frames": 10**9}, {"boxes_per_picture": -1}, {"boxes_per_picture": float("nan")}],
)
def test_odd_numbers_are_refused(conditions, asked):
    with pytest.raises(CostError, match="must be"):
        estimate(**asked)


def test_a_wrong_query_is_refused(conditions):
    with pytest.raises(QueryError):
        estimate("people>0")
