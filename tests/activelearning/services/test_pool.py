"""The pool of a round: how large, by which embedder, with which vectors beside it."""

import numpy as np
import pytest
from django.utils import timezone

from activelearning.core.pool import Boxes, Examples, Seeds
from activelearning.core.strategy import parse_strategy
from activelearning.models import Candidate, Seed
from activelearning.services.pool import pool_of
from activelearning.services.pool_frame_vectors import vectors_of_frames
from activelearning.services.round_embedder import eye_of
from activelearning.services.round_seeds import gather_seeds
from activelearning.services.round_vectors import compared, known_vectors
from activelearning.services.test_ground import ground_of
from curation.core.errors import SpecError, WeightsMissing
from curation.models import Embedding, Frame
from tests.activelearning.factories import LabelTaskFactory, a_round
from tests.activelearning.services.mined import blind_at_night, ended, footage, paint, predicted, run_of, strategy
from tests.evaluation.factories import ModelVersionFactory, TestRunFactory
from tests.evaluation.pictures import toy_model
from tests.evaluation.world import by_day, seen, street
from tests.factories import EmbedderFactory, EmbeddingFactory, FrameFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


def pool(round, **changes):
    plan = parse_strategy(strategy(**changes))
    return ended(pool_of(round, plan, ground=ground_of(round.test_run)))


def test_a_large_pool_is_cut_evenly_and_that_is_said():
    round = blind_at_night(1)
    frames = footage(2, "red", frames=30, apart_s=20.0)
    predicted(round.test_run.model, frames)
    found = pool(round, mine=["entropy"], diversity=None, limits={"max_similarity": None}, pool_most=20)
    assert len(found.pool) == 20
    assert np.unique(found.pool.video, return_counts=True)[1].tolist() == [10, 10]
    assert any(note.startswith("of 60 frames 20 were looked through") for note in found.notes)
    assert len(found.pool.boxes) == 20
    assert not len(found.pool.vectors)  # nothing asked for them


def test_boxes_are_those_of_the_model_by_falling_score_and_all_models_share_labels():
    round = blind_at_night(1)
    (frame,) = footage(1, "red")
    predicted(round.test_run.model, [frame], score=0.3)
    run = predicted(round.test_run.model, [frame], score=0.2, label="car")
    run.predictions.create(frame=frame, label="person", score=0.8, x1=1, y1=2, x2=3, y2=5)
    run.predictions.create(frame=frame, label="person", score=0.02, x1=1, y1=2, x2=3, y2=5)
    other = ModelVersionFactory(name="v0")
    predicted(other, [frame], label="dog", score=0.9)
    found = pool(round, mine=[{"kind": "disagreement", "other": "v0"}])
    assert found.pool.labels == ("car", "dog", "person")
    assert found.pool.boxes.score.tolist() == [0.8, 0.2]
    assert found.pool.boxes.label.tolist() == [2, 0]
    assert found.pool.boxes.xyxy[0].tolist() == [1, 2, 3, 5]
    assert found.pool.others["v0"].label.tolist() == [1]


def test_tags_of_the_factors_that_are_asked_for_come_along():
    round = blind_at_night(1)
    dark, bright = footage(1, "red", tags={"lighting": "dark"}), footage(1, "red", tags={"lighting": "bright"})
    predicted(round.test_run.model, [*dark, *bright])
    found = pool(round, mine=[{"kind": "attributes", "factors": ["lighting"]}])
    codes = found.pool.tags["lighting"]
    assert [codes.names[code] for code in codes.codes] == ["dark", "bright"]


def test_seeds_come_with_vectors_of_their_boxes_and_frames():
    round = blind_at_night(1)
    predicted(round.test_run.model, footage(2, "red"))
    ended(gather_seeds(round))
    found = pool(round)
    assert len(found.seeds) == 3
    assert found.seeds.box_vectors.any(axis=1).all()
    assert found.seeds.frame_vectors.any(axis=1).all()
    Frame.objects.filter(seed_of__round=round).update(held_out=True)
    assert len(pool(round).seeds) == 0


def test_known_frames_are_the_labelled_the_asked_for_and_other_rounds_candidates():
    round = blind_at_night(1)
    labelled, asked, other, held, free = (FrameFactory() for _ in range(5))
    Frame.objects.filter(pk=labelled.pk).update(annotated_at=timezone.now())
    Frame.objects.filter(pk=held.pk).update(annotated_at=timezone.now(), held_out=True)
    LabelTaskFactory(frame=asked, state="waiting")
    Candidate.objects.create(round=a_round(round.test_run), frame=other, arm="strategy", rank=0)
    eye = eye_of("descriptor")
    places = np.eye(eye.row.dimension, dtype=np.float32)
    for n, frame in enumerate((labelled, asked, other, held, free)):
        EmbeddingFactory(embedder=eye.row, frame=frame, vector=places[n])
    vectors, left = known_vectors(round, eye=eye)
    assert (vectors.argmax(axis=1).tolist(), left) == ([0, 1, 2], 0)


def test_the_tests_boxes_teach_where_a_sampler_learns_and_traces_belong_to_their_seeds():
    version = street(2)
    model = seen(version, "v1", finds=by_day)
    for frame in [member.frame for member in version.members.select_related("frame")]:
        paint(frame, "green" if by_day(frame) else "red")
    night = version.members.filter(frame__tags__lighting="dark").order_by("frame_id")
    traced, held = night[0].frame, night[1].frame
    run = model.prediction_runs.get()
    for frame in (traced, held):
        run.predictions.create(frame=frame, label="person", score=0.2, x1=10, y1=20, x2=50, y2=120)
    round = a_round(run_of(model), scenarios=["night"])
    Frame.objects.filter(pk=held.pk).update(held_out=True)
    ended(gather_seeds(round))
    predicted(model, footage(1, "red"))
    assert not len(pool(round, mine=["similar_boxes"]).seeds.examples)
    seeds = pool(round, mine=["likely_mistakes"]).seeds
    taught = seeds.examples
    assert [taught.kind.count(kind) for kind in ("missed", "other", "false_alarm")] == [1, 6, 0]
    place = taught.kind.index("missed")
    assert (taught.score[place], taught.xyxy[place].tolist()) == (0.2, [10, 20, 50, 120])
    seed = Seed.objects.get(pk=seeds.ids[taught.seed[place]])
    assert (seed.frame_id, seed.kind, seed.x2) == (traced.pk, "missed", 60)
    assert len(taught.vectors) == 7
    assert taught.vectors.any(axis=1).all()


def test_of_few_boxes_the_embedders_own_mean_is_taken_and_of_many_theirs():
    eye = eye_of("descriptor")
    chance = np.random.default_rng(0)
    looks = chance.random((150, eye.row.dimension)).astype(np.float16)
    boxes = Boxes(np.arange(150), np.zeros(150, int), np.ones(150), np.zeros((150, 4)), looks)
    taught = Examples(["night"], ["missed"], ["person"], np.ones(1), np.zeros((1, 4)), np.zeros(1, int), looks[2:3])
    seeds = Seeds(np.arange(2), ["missed"] * 2, ["night"] * 2, ["person"] * 2, looks[:2], examples=taught)
    first = Boxes(np.arange(5), np.zeros(5, int), np.ones(5), np.zeros((5, 4)), looks[:5])
    few, same = compared(first, seeds, eye=eye)
    assert (few.vectors == looks[:5]).all()  # no mean is known
    assert same is seeds
    many, theirs = compared(boxes, seeds, eye=eye)
    assert np.linalg.norm(many.vectors.astype(float), axis=1) == pytest.approx(np.ones(150), abs=1e-2)
    assert theirs.box_vectors.astype(float) == pytest.approx(many.vectors[:2].astype(float), abs=1e-2)
    assert theirs.examples.vectors.astype(float) == pytest.approx(many.vectors[2:3].astype(float), abs=1e-2)
    assert abs(float(many.vectors.astype(float).mean())) < 0.01


def test_frames_whose_pictures_are_gone_stay_without_a_vector(media):
    frames = footage(3, "red")
    (media / frames[1].image).unlink()
    ids = np.array([frame.pk for frame in frames])
    found = ended(vectors_of_frames(ids, eye=eye_of("descriptor")))
    assert (found.made, found.lacking) == (2, 1)
    assert Embedding.objects.filter(frame__in=ids).count() == 2


def test_the_embedder_is_the_one_named_or_the_one_that_most_frames_know():
    assert eye_of("").loaded.name == "descriptor"
    EmbeddingFactory(embedder=EmbedderFactory(name="onnx:/gone.onnx"))
    eye = eye_of("")
    assert eye.loaded.name == "descriptor"
    assert eye.notes[0].startswith("onnx:/gone.onnx cannot be loaded, so descriptor looked instead")
    with pytest.raises(WeightsMissing):
        eye_of("onnx:/gone.onnx")
    with pytest.raises(SpecError, match="no embedder"):
        eye_of("nothing")


def test_frames_whose_pictures_are_gone_are_left_out_and_a_model_looks_at_the_rest(tmp_path, media):
    round = blind_at_night(1)
    version, suite = round.test_run.version, round.test_run.suite
    run = TestRunFactory(suite=suite, model=toy_model(tmp_path), version=version, finished_at=timezone.now())
    frames = footage(5, "red")
    (media / frames[2].image).unlink()
    found = pool(a_round(run, scenarios=["night"]), mine=["entropy"], diversity=None, limits={"max_similarity": None})
    assert found.pool.frame_ids.tolist() == [frame.pk for frame in frames if frame != frames[2]]
    assert len(found.pool.boxes) > 4
    assert f"the pictures of 1 frames cannot be read (frame {frames[2].pk}, say): they were left out." in found.notes
