"""Two real detectors against the six visits of real footage: what the figures over time say of each."""

import numpy as np
import pytest

from curation.services.ingest import register
from curation.services.job_kinds import run_here
from evaluation.core.metrics.contract import EventPart
from evaluation.core.metrics.event_recall import EventRecall
from evaluation.core.metrics.false_alarms import FalseAlarms
from evaluation.core.metrics.time_to_detection import TimeToDetection
from evaluation.services.events import import_events, read_event_files
from evaluation.services.footage import videos_of
from evaluation.services.looking_through import footage_evidence, request_looks
from evaluation.services.model_registry import register_model

pytestmark = [pytest.mark.slow, pytest.mark.django_db, pytest.mark.usefixtures("media")]

VISITS = "one-by-one-person-detection"
WEIGHTS = {"yolox_nano": "yolox_onnx", "nanodet_m_416": "nanodet_onnx"}


FIGURES = {"yolox_nano": {0.3: (1, 0, 0.2), 0.5: (1, 0, 0.62)}, "nanodet_m_416": {0.3: (1, 0, 0.53), 0.5: (1, 0, 0.78)}}
"""Event recall, false alarms an hour and mean seconds to the first detection by score, as docs/events.md has them."""


def figures(evidence, *, score):
    part = EventPart(evidence, np.ones(len(evidence.stretches), bool))
    once = np.ones((1, evidence.group_count), np.int32)
    metrics = (EventRecall(score=score), FalseAlarms(score=score), TimeToDetection(score=score))
    return tuple(float(metric.measure(part, once)[0]) for metric in metrics)


@pytest.fixture
def truth(shared_data):
    register(path=shared_data / "videos" / f"{VISITS}.mp4", name=f"{VISITS}.mp4", camera="hall")
    return import_events(name="visits", told=read_event_files([shared_data / "videos" / f"{VISITS}.truth.json"]))[0]


def test_both_detectors_find_all_six_visits_and_the_better_one_sooner(truth, shared_data):
    found = {}
    for name, kind in WEIGHTS.items():
        model = register_model(name=name, detector=f"{kind}:{shared_data}/weights/{name}.onnx")
        done = run_here(request_looks(model=model, videos=videos_of(truth), here=True))
        assert done.result["looks"] == 279
        evidence = footage_evidence(truth, model)
        assert evidence.group_count == 6
        found[name] = {score: figures(evidence, score=score) for score in (0.3, 0.5)}
    for name, expected in FIGURES.items():
        # Another machine's rounding may move a look across the score, not more.
        assert found[name] == {score: pytest.approx(figures, abs=0.2) for score, figures in expected.items()}
    for score in (0.3, 0.5):
        assert found["yolox_nano"][score][2] < found["nanodet_m_416"][score][2]
