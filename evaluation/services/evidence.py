"""A model's evidence for a suite: its predictions beside a version's truth, made first where they are not there yet."""

import time
from collections.abc import Generator, Sequence

from curation.core.errors import WinnowError
from curation.models import DatasetVersion, Job
from curation.services.job_kinds import kind_of
from curation.services.jobs import COMMAND_LINE, Progress, claim_job, give_up_job, work_on
from evaluation.core.boxes import Evidence
from evaluation.core.visits import Grouping
from evaluation.models import ModelVersion, PredictionRun
from evaluation.services.predicting import NoPredictions, find_predictions, request_predictions
from evaluation.services.prediction_rows import read_found
from evaluation.services.version_truth import VersionTruth

BITE_S, PAUSE_S = 10.0, 2.0


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
    """Do another job bite by bite in between, or wait for the worker that has it. Raises what ended it."""
    while job.is_open:
        taken = claim_job(job.pk, worker=COMMAND_LINE)
        if taken is None:
            time.sleep(PAUSE_S)
        else:
            try:
                work_on(taken, kind_of(taken), bite_s=BITE_S)
            except Exception as error:
                reason = str(error) if isinstance(error, WinnowError) else f"{type(error).__name__}: {error}"
                give_up_job(taken, reason=reason, is_final=True)
                raise
        job.refresh_from_db()
        yield Progress(job.done, job.total, job.doing or f"waiting for job {job.pk}")
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
