"""The demo's detector on the demo's footage: from what it misses to frames where it is as unsure, pictures and all."""

import pytest
from django.utils import timezone

from activelearning.models import Candidate, Seed
from activelearning.services.mining import mine
from activelearning.services.round_seeds import gather_seeds
from curation.models import Annotation, Embedding
from curation.services.datasets import create_version
from curation.services.job_kinds import run_here
from evaluation.models import Prediction, PredictionRun
from evaluation.services.model_registry import register_model
from evaluation.services.predicting import request_predictions
from tests.activelearning.factories import a_round
from tests.activelearning.services.mined import ended, run_of, strategy
from tests.evaluation.pictures import frames_of_footage

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.usefixtures("media")]
SUITE = """
suite: tiny
dataset: tiny@1
replicates: 100
group_by: {kind: visit, gap_s: 1}
scenarios:
  - name: anybody
    labels: [person]
    metric: {kind: recall, score: 0.75}
    at_least: 0.99
    critical: true
"""


def test_the_demos_detector_finds_more_of_what_it_misses(tiny_footage):
    frames = frames_of_footage(tiny_footage, [n / 2 for n in range(40)])
    tested = [frame for frame in frames if frame.pts_us < 8_000_000 and frame.pts_us % 2_000_000 < 1_000_000]
    model = register_model(name="demo", detector="ultralytics:demo/weights/winnow_demo.pt?imgsz=512")
    # What it finds with any confidence stands for the truth, so that it misses what it is unsure of.
    run, _ = request_predictions(model=model, frame_ids=[frame.pk for frame in tested], here=True)
    run_here(run.job)
    for box in Prediction.objects.filter(run=run, score__gte=0.15, label="person"):
        Annotation.objects.create(
            frame_id=box.frame_id, label="person", x1=box.x1, y1=box.y1, x2=box.x2, y2=box.y2, source="import"
        )
    for frame in tested:
        frame.annotated_at = timezone.now()
        frame.save(update_fields=["annotated_at"])
    version = create_version(dataset="tiny", frame_ids=[frame.pk for frame in tested])
    test_run = run_of(model, SUITE, version=version)
    round = a_round(test_run, scenarios=["anybody"], budget=6, strategy=strategy(control=0.2, limits={}))
    assert ended(gather_seeds(round)) > 0
    assert Seed.objects.filter(round=round, kind="missed").exists()

    said = ended(mine(round))

    chosen = Candidate.objects.filter(round=round).select_related("frame").order_by("rank")
    assert len(chosen) == said["strategy"] + said["control"] == 6
    near = {f.pk for f in frames if any(abs(f.pts_us - t.pts_us) <= 1_000_000 for t in tested)}
    assert not near & {one.frame_id for one in chosen}
    assert said["left_out"]["beside_test"] == len(near) - len(tested)
    similar = [one for one in chosen if one.reasons[0]["sampler"] == "similar_boxes"]
    assert similar
    assert all(Seed.objects.filter(pk=one.reasons[0]["seed"], round=round).exists() for one in similar)
    assert Embedding.objects.filter(frame__in=frames, detection=None).count() >= said["pool"]
    # The test's own run, and one of the pool; a second round asks for neither again.
    assert PredictionRun.objects.count() == 2
    assert [(one.frame_id, one.score) for one in chosen] == _again(round)
    assert PredictionRun.objects.count() == 2


def _again(round):
    ended(mine(round))
    return list(Candidate.objects.filter(round=round).order_by("rank").values_list("frame_id", "score"))
