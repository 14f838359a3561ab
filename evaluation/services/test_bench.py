"""The bench of a test run: the evidence of a model, and of its baseline, on which scenario after scenario is tried."""

import dataclasses
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from curation.core.types import BoolArray, FloatArray
from curation.models import DatasetVersion
from curation.services.datasets import find_version
from curation.services.jobs import Progress
from evaluation.core.boxes import Evidence
from evaluation.core.error_kinds import PartErrors, errors_of
from evaluation.core.events import FootageEvidence
from evaluation.core.footage_cutting import GroupBy
from evaluation.core.metrics.contract import BoxPart, EventPart
from evaluation.core.metrics.operating_point import best_f1_score, score_reaching
from evaluation.core.results import ScenarioRecord
from evaluation.core.suite import AREAS, Scenario, Suite
from evaluation.core.trial import Part, needs_score, try_scenario, with_score
from evaluation.models import ModelVersion
from evaluation.services.evidence import box_evidence, done_here, predicted
from evaluation.services.looking_through import footage_evidence, missing_looks
from evaluation.services.reviewed_truth import without_reviewed
from evaluation.services.scenario_record import iou_of, record_of_boxes, record_of_events
from evaluation.services.version_truth import VersionTruth, truth_of

DEFAULT_SCORE = 0.5
"""Where a metric counts boxes at a score, and no score reaches anything: the model saw nothing at all."""
FOOTAGE_GROUPS: Mapping[str, GroupBy] = {"visit": "interval", "frame": "interval", "video": "video", "camera": "camera"}


def counting_score(part: BoxPart) -> float:
    """Return the score from which boxes count where nobody names one: that of the best F1."""
    best = best_f1_score(part)
    return DEFAULT_SCORE if best is None else best


@dataclass(frozen=True)
class Tried:
    """draws, (R,), are of the model's own figure, None where it does not count for readiness."""

    record: ScenarioRecord
    draws: FloatArray | None


@dataclass
class Bench:
    """Gather, then try. `notes` say what a reader of the figures must know."""

    spec: Suite
    model: ModelVersion
    baseline: ModelVersion | None
    version: DatasetVersion | None
    is_final: bool = False
    truth: VersionTruth | None = None
    evidence: dict[int, Evidence] = field(default_factory=dict)
    """By model; for models beside this one on other versions: see `elsewhere`."""
    elsewhere: dict[str, Evidence] = field(default_factory=dict)
    footage: dict[tuple[int, str], FootageEvidence] = field(default_factory=dict)
    reviewed: BoolArray | None = None
    notes: list[str] = field(default_factory=list)
    _scores: dict[tuple[int, tuple[str, ...]], float] = field(default_factory=dict)

    @property
    def models(self) -> list[ModelVersion]:
        return [self.model, *([self.baseline] if self.baseline else [])]

    @property
    def group_count(self) -> int:
        if self.evidence:
            return self.evidence[self.model.pk].group_count
        return max((one.group_count for one in self.footage.values()), default=0)

    def gather(self) -> Generator[Progress, None, None]:
        """Read the truth, and make what predictions and looks are not there yet; yields how far that is."""
        if self.spec.needs_frames and self.version is not None:
            yield Progress(0, 0, f"reading {self.version}", {})
            truth = truth_of(self.version)
            if self.is_final:
                self.notes.append("Frames are not shown: a hold-out is for figures, not for looking.")
            self.truth, self.reviewed = without_reviewed(truth)
            if truth.left_out:
                self.notes.append(f"{truth.left_out} frames of {self.version} are not labelled, so they were left out.")
            if count := int(np.count_nonzero(self.reviewed)):
                self.notes.append(f"{count} labels are under review or were found wrong; they were left out.")
            for model in self.models:
                run = yield from predicted(model, self.version, is_final=self.is_final)
                self.evidence[model.pk] = box_evidence(
                    self.truth, run, labels=self._labels(self.truth), grouping=self.spec.group_by
                )
        yield from self._gather_elsewhere()
        for name in dict.fromkeys(one.events for one in self.spec.scenarios if one.events):
            for model in self.models:
                for job in missing_looks(event_set=name, model=model):
                    yield from done_here(job)
                self.footage[model.pk, name] = footage_evidence(
                    name, model, group_by=FOOTAGE_GROUPS[self.spec.group_by.kind], is_final=self.is_final
                )

    def try_one(self, scenario: Scenario) -> Tried:
        """Measure and judge one scenario, and say what went wrong in it."""
        scenario = self.settled(scenario)
        part, other = self.parts(scenario)
        trial = try_scenario(scenario, part, baseline=other, options=self.spec.options)
        if isinstance(part, EventPart):
            return Tried(record_of_events(scenario, trial), trial.draws)
        assert self.truth is not None
        assert self.reviewed is not None
        score = self._error_score(scenario)
        record = record_of_boxes(scenario, trial, part, truth=self.truth, reviewed=self.reviewed, score=score)
        if self.is_final:
            # Whoever sees where it fails on a hold-out mends just that, and the next figure is worth nothing.
            record = dataclasses.replace(record, frames=())
        return Tried(record, trial.draws)

    def errors(self, scenario: Scenario) -> tuple[BoxPart, PartErrors]:
        """Name what went wrong in a scenario on frames, as its record counts it."""
        scenario = self.settled(scenario)
        part, _ = self.parts(scenario)
        assert isinstance(part, BoxPart), f"{scenario.name} is about events, which have no boxes"
        return part, errors_of(part, score=self._error_score(scenario), iou=iou_of(scenario))

    def settled(self, scenario: Scenario) -> Scenario:
        """Return the scenario with the score at which its metric counts boxes, where it has none of its own."""
        return with_score(scenario, self._score(scenario)) if needs_score(scenario) else scenario

    def parts(self, scenario: Scenario) -> tuple[Part, Part | None]:
        """Return the scenario's part of the model's evidence, and of the baseline's, if there is one."""
        images = None
        if not scenario.events:
            assert self.truth is not None
            images = self.truth.matching(scenario.query)
        own = self._part(scenario, self.model, images)
        return own, self._part(scenario, self.baseline, images) if self.baseline else None

    def joint(self, tried: Sequence[Tried]) -> FloatArray | None:
        """Put the draws of all scenarios side by side, (S, R); None where none has any."""
        count = next((len(one.draws) for one in tried if one.draws is not None), 0)
        if not count:
            return None
        nothing = np.full(count, np.nan)
        return np.stack([nothing if one.draws is None else np.asarray(one.draws, np.float64) for one in tried])

    def _labels(self, truth: VersionTruth) -> tuple[str, ...]:
        asked = {label for scenario in self.spec.scenarios if not scenario.events for label in scenario.labels}
        return tuple(sorted({*truth.labels, *asked}))

    def _gather_elsewhere(self) -> Generator[Progress, None, None]:
        names = [one.score_from.dataset for one in self.spec.scenarios if one.score_from]
        for name in dict.fromkeys(names):
            version = find_version(name)
            yield Progress(0, 0, f"reading {version}", {})
            truth = truth_of(version)
            run = yield from predicted(self.model, version)
            self.elsewhere[name] = box_evidence(
                truth, run, labels=self._labels(truth), grouping=self.spec.group_by
            )  # fmt: skip

    def _part(self, scenario: Scenario, model: ModelVersion, images: BoolArray | None) -> Part:
        if images is None:
            footage = self.footage[model.pk, scenario.events]
            return EventPart(footage, np.ones(len(footage.stretches), bool), scenario.labels)
        return BoxPart(self.evidence[model.pk], images, scenario.labels, scenario.area_px2)

    def _error_score(self, scenario: Scenario) -> float:
        """Return the score at which a settled scenario's errors are counted: its own, or that of the best F1."""
        score = getattr(scenario.metric, "score", None)
        return self.best_score(scenario, self.evidence[self.model.pk]) if score is None else float(score)

    def _score(self, scenario: Scenario) -> float:
        """Find the score at which boxes count: that which reaches what is asked for elsewhere, or the best F1."""
        asked = scenario.score_from
        if asked is not None:
            evidence = self.elsewhere[asked.dataset]
            part = BoxPart(evidence, np.ones(evidence.image_count, bool), scenario.labels, AREAS["all"])
            iou = float(getattr(scenario.metric, "iou", 0.5))
            return score_reaching(part, iou=iou, precision=asked.precision, recall=asked.recall)
        if scenario.events:
            return DEFAULT_SCORE
        return self.best_score(scenario, self.evidence[self.model.pk])

    def best_score(self, scenario: Scenario, evidence: Evidence) -> float:
        key = (id(evidence), scenario.labels)
        if key not in self._scores:
            part = BoxPart(evidence, np.ones(evidence.image_count, bool), scenario.labels, AREAS["all"])
            self._scores[key] = counting_score(part)
        return self._scores[key]
