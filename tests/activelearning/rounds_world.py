"""Rounds in every state that the dashboard and the API have to show, over the small street of evaluation's tests."""

from datetime import UTC, datetime, timedelta

from activelearning.models import Candidate, LabelTask, Seed
from curation.models import Frame
from evaluation.core.record_json import to_plain
from evaluation.models import TestRun
from evaluation.services.test_records import find_run
from tests.activelearning.closed_round import LONG, a_report
from tests.activelearning.factories import (
    CandidateFactory,
    ConnectionFactory,
    LabelBatchFactory,
    LabelProjectFactory,
    LabelTaskFactory,
    SeedFactory,
    TrainingFactory,
    a_round,
)
from tests.evaluation.services.test_testing import held
from tests.evaluation.world import SUITE, by_day, seen, street
from tests.factories import FrameFactory, JobFactory, VideoFactory

LONG_MODEL = "people-of-the-north-side-by-night-and-in-heavy-rain-finetuned-twice-2026-11"
BEGAN = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
REASONS = (
    ("similar_boxes", "0.93 like a person missed in night.", "night"),
    ("flicker", "A person is seen before and after, and lost here.", ""),
    ("entropy", "The model is unsure: its surest box of a person has 0.52.", "night"),
)
STRATEGY = {"name": "default"}
TEXT = "name: default\nmine:\n- {kind: similar_boxes, share: 6}\n- {kind: entropy, share: 2}\ncontrol: 0.1\n"


def a_tested_run(*, visits=6, name="people-v1"):
    """Test a model that is blind at night; returns the run."""
    return find_run(held(seen(street(visits), name, finds=by_day, detector="fake:weights"), SUITE).id)


def pool(count=30):
    """Make frames that nobody labelled."""
    video = VideoFactory(name="yard_2026-03-01_night_second-recorder_copy-of-the-original.mp4")
    return [FrameFactory(video=video, pts_us=n * 2_000_000, tags={"lighting": "dark"}) for n in range(count)]


def _story(*steps):
    return [
        {"state": state, "at": (BEGAN + timedelta(hours=n)).isoformat(), "note": said, "by": "ada" if n == 0 else ""}
        for n, (state, said) in enumerate(steps)
    ]


def at_candidates(run, frames, **changes):
    """A round whose candidates can be looked through: mostly by the strategy, some at random, one dropped."""
    values = {
        "strategy": STRATEGY, "strategy_text": TEXT, "state": "candidates", "budget": 40, "via": "files",
        "scenarios": ["night"], "dataset": "street", "job": JobFactory(kind="round", state="done"),
        "history": _story(("seeds", "started"), ("seeds", "21 seeds, 30 candidates")),
        "notes": ["Mining: 8 frames look like labelled ones and were left out."],
    }  # fmt: skip
    made = a_round(run, **(values | changes))
    dark = list(Frame.objects.filter(tags__lighting="dark", annotated_at__isnull=False).order_by("pk")[:18])
    for n, frame in enumerate(dark):
        kind = list(Seed.Kind.values)[n % 3]
        SeedFactory(round=made, frame=frame, kind=kind, score=None if kind == "missed" else 0.4 + n / 100)
    for n, frame in enumerate(frames):
        sampler, text, scenario = REASONS[n % len(REASONS)]
        arm = Candidate.Arm.CONTROL if n % 10 == 9 else Candidate.Arm.STRATEGY
        first = {"sampler": sampler, "text": text, "score": 0.9 - n / 100, "box": [100.0, 60.0, 210.0, 300.0]}
        first |= {"scenario": scenario} if scenario else {}
        second = {"sampler": "entropy", "text": "The model is unsure here too.", "box": [300.0, 80.0, 380.0, 280.0]}
        reasons = [{"sampler": "random", "text": "Drawn at random."}] if arm == "control" else [first, second]
        CandidateFactory(
            round=made, frame=frame, rank=n, arm=arm, score=0.9 - n / 100, reasons=reasons, is_dropped=n == 4,
            note="by ada" if n == 4 else "",
        )  # fmt: skip
    return made


def at_labelling(run, frames):
    """A round whose frames are in a Label Studio project, a third of them labelled."""
    project = LabelProjectFactory(
        title="People of the north side, by night and in heavy rain, second batch",
        connection=ConnectionFactory(name="studio", url="http://127.0.0.1:8080"),
    )
    job = JobFactory(kind="round", state="queued", done=10, total=len(frames), doing="waiting for annotators")
    made = at_candidates(run, frames, state="labelling", via="label_studio", job=job)
    batch = LabelBatchFactory(
        round=made, via="label_studio", project=project, state="sent", cost_per_hour=30.0, currency="EUR"
    )
    for n, frame in enumerate(frames):
        state = LabelTask.State.LABELLED if n % 3 == 0 else LabelTask.State.SKIPPED if n == 1 else LabelTask.State.SENT
        LabelTaskFactory(batch=batch, frame=frame, state=state, project=project, number=100 + n)
    return made


def epochs(count=12):
    return [
        {
            "epoch": n + 1, "seconds": 14.0, "losses": {"box": 1.9 / (n + 1) ** 0.4, "cls": 2.6 / (n + 1) ** 0.5},
            "figures": {"map50": 0.9 - 0.7 / (n + 1), "recall": 0.85 - 0.5 / (n + 1)}, "learning_rate": 0.01,
        }
        for n in range(count)
    ]  # fmt: skip


def closed(run, frames):
    """A round that is over: trained, tested again, with a report."""
    made = at_candidates(
        run, frames, state="retest", job=JobFactory(kind="round", state="done"), scenarios=["night", LONG]
    )
    batch = LabelBatchFactory(round=made, via="files", state="closed")
    for frame in frames:
        LabelTaskFactory(batch=batch, frame=frame, state="labelled")
    done = {"job": JobFactory(kind="train", state="done"), "epochs": epochs(), "figures": {"map50": 0.842, "map": 0.51}}
    training = TrainingFactory(
        name=f"people-v2-r{made.pk}", version=run.version, options={"epochs": 12}, device="cpu", **done
    )
    retest = TestRun.objects.create(
        suite=run.suite, model=run.model, version=run.version, verdict="failed", record=run.record, code_version="test",
        finished_at=BEGAN, job=JobFactory(kind="test", state="done"),
    )  # fmt: skip
    report = a_report(round=made.pk, test_run=run.pk, retest=retest.pk)
    made.training, made.version, made.retest, made.report = training, run.version, retest, to_plain(report)
    made.state, made.closed_at = "closed", BEGAN
    made.history = [*made.history, *_story(("retest", report.sentence))]
    made.save()
    return made


def training_now(run, frames):
    """A round whose model is being taught: the fourth epoch of twelve is done."""
    job = JobFactory(kind="round", state="running", done=4, total=12, doing="epoch 5 of 12")
    made = at_candidates(run, frames, state="training", job=job)
    made.training = TrainingFactory(
        version=run.version, options={"epochs": 12}, epochs=epochs(4), job=JobFactory(kind="train", state="running")
    )
    made.version = run.version
    made.save()
    return made


def failed(run):
    """A round whose first step failed."""
    error = "No footage is left to look in: every frame of the pool is labelled, or in the test. Ingest more."
    return at_candidates(run, [], state="seeds", job=JobFactory(kind="round", state="failed", error=error))
