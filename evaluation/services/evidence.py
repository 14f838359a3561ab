"""A model's evidence for a suite: its predictions beside a version's truth, made first where they are not there yet."""

from collections.abc import Generator, Sequence

from curation.core.errors import WinnowError
from curation.models import DatasetVersion, Job
from curation.services.child_jobs import seen_through
from curation.services.jobs import Progress
from evaluation.core.boxes import Evidence
from evaluation.core.visits import Grouping
from evaluation.models import ModelVersion, PredictionRun
from evaluation.services.predicting import NoPredictions, find_predictions, request_predictions
from evaluation.services.prediction_rows import read_found
from evaluation.services.version_truth import VersionTruth


def predicted(
    model: ModelVersion, version: DatasetVersion, *, is_final: bool = False
) -> Generator[Progress, None, PredictionRun]:
    """Find a model's predictions of a version, or make them here and now; yields how far that is.

    Raises NoPredictions for a model without weights, and what making them raises."""
    try:
        return find_predictions(model=model, version=version)
    except NoPredictions:
        if not model.has_weights:
            raise
    run, _ = request_predictions(model=model, version=version, is_final=is_final)
    if run.job is not None:
        yield from done_here(run.job)
    run.refresh_from_db()
    if not run.is_done:
        raise NoPredictions(f"The predictions of {model} for {version} were stopped. Run the test again to go on.")
    return run


def done_here(job: Job) -> Generator[Progress, None, None]:
    """Do another job step by step in between, or wait for the worker that has it. Raises what ended it."""
    job = yield from seen_through(job)
    if job.state == Job.State.FAILED:
        raise WinnowError(f"Job {job.pk} failed: {job.error}")


def box_evidence(
    truth: VersionTruth, run: PredictionRun, *, labels: Sequence[str], grouping: Grouping
) -> Evidence:  # fmt: skip
    """Put a model's boxes beside the truth of the same frames. `labels` are those that count, rising by name.

    Boxes of labels that nobody labelled are left out: they are neither right nor wrong."""
    groups, count = truth.groups(grouping)
    found = read_found(run, frame_ids=truth.frame_ids, labels=labels)
    return Evidence(tuple(labels), groups, count, truth.truths(labels), found)
