"""A scenario of the demo's suite held against predictions, by the suite's own rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench._loop_world import LABELS, Footage
from curation.core.types import BoolArray, Box, FloatArray
from evaluation.core.boxes import Evidence, Found, Truths
from evaluation.core.metrics.at_score import Precision, Recall
from evaluation.core.metrics.contract import BoxPart
from evaluation.core.suite import Scenario, Suite
from evaluation.core.suite_reading import parse_suite, read_yaml
from evaluation.core.trial import try_scenario
from evaluation.core.visits import Grouping

SCENARIO = "somebody on the ground"
SUITE = Path(__file__).parents[1] / "demo" / "suite.yaml"
SCORE = 0.3
"""From which on the scenario counts boxes."""


@dataclass(frozen=True)
class Mark:
    """What an exam says. recall, low, high and verdict are the scenario's; the others are of all other frames."""

    recall: float
    low: float
    high: float
    verdict: str
    other_recall: float
    other_precision: float


def examine(test: Footage, seen: Sequence[Sequence[Box]]) -> Mark:
    """Hold predictions of a test's frames against the scenario, and see what became of the rest."""
    suite, scenario = _suite()
    evidence = evidence_of(test, seen)
    trial = try_scenario(
        scenario, BoxPart(evidence, test.fallen, scenario.labels), baseline=None, options=suite.options
    )
    assert trial.value is not None
    assert trial.low is not None
    assert trial.high is not None
    rest = BoxPart(evidence, ~test.fallen, scenario.labels)
    once = np.ones((1, evidence.group_count), np.int32)
    recall = float(Recall(score=SCORE, iou=0.5).measure(rest, once)[0])
    precision = float(Precision(score=SCORE, iou=0.5).measure(rest, once)[0])
    return Mark(
        round(trial.value, 4), round(trial.low, 4), round(trial.high, 4), trial.judged.verdict, round(recall, 4),
        round(precision, 4),
    )  # fmt: skip


def evidence_of(test: Footage, seen: Sequence[Sequence[Box]]) -> Evidence:
    """Put truth and predictions side by side; frames of one visit are one group."""
    starts = np.diff(test.video, prepend=-1) != 0
    starts |= np.diff(test.pts_us, prepend=0) > Grouping().gap_s * 1e6
    group = np.cumsum(starts) - 1
    truths = [(i, box) for i, boxes in enumerate(test.boxes) for box in boxes]
    found = [(i, box) for i, boxes in enumerate(seen) for box in boxes]
    true_xyxy = np.array([box.xyxy for _, box in truths], float).reshape(-1, 4)
    found_xyxy = np.array([(box.x1, box.y1, box.x2, box.y2) for _, box in found], float).reshape(-1, 4)
    true_xywh, found_xywh = _xywh(true_xyxy), _xywh(found_xyxy)
    return Evidence(
        LABELS,
        group,
        int(group[-1]) + 1,
        Truths(
            np.array([i for i, _ in truths], np.int64),
            np.array([LABELS.index(box.label) for _, box in truths], np.int64),
            true_xywh,
            true_xywh[:, 2] * true_xywh[:, 3],
            np.zeros(len(truths), np.bool_),
            np.array([box.is_hidden for _, box in truths], np.bool_),
        ),
        Found(
            np.array([i for i, _ in found], np.int64),
            np.array([LABELS.index(box.label) for _, box in found], np.int64),
            found_xywh,
            np.array([box.score for _, box in found], float),
        ),
    )


def bar() -> float:
    """Return the figure that the scenario asks for."""
    asked = _suite()[1].at_least
    assert asked is not None
    return float(asked)


def scenario_part(evidence: Evidence, images: BoolArray) -> BoxPart:
    """Return the scenario's part of the evidence."""
    return BoxPart(evidence, images, _suite()[1].labels)


def _suite() -> tuple[Suite, Scenario]:
    suite = parse_suite(read_yaml(SUITE.read_text(encoding="utf-8")))
    return suite, next(one for one in suite.scenarios if one.name == SCENARIO)


def _xywh(xyxy: FloatArray) -> FloatArray:
    xywh: FloatArray = np.concatenate([xyxy[:, :2], xyxy[:, 2:] - xyxy[:, :2]], axis=1)
    return xywh
