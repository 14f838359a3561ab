"""The job `train`: data, lessons, weights; from the last whole epoch where an earlier attempt had come so far."""

from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings

from activelearning.backends.training import Heard, Lesson, Made, Trainer, TrainerError
from activelearning.backends.training.child import tail
from activelearning.core.training_course import Course, numbers, whole
from activelearning.models import Training
from activelearning.services.training_base import base_of
from activelearning.services.training_data import prepare_data
from activelearning.services.training_errors import TrainingError, TrainingInterrupted
from activelearning.services.training_moves import call_off
from activelearning.services.training_publish import publish, tidy
from activelearning.services.training_rows import write
from activelearning.services.training_spec import spec_of
from activelearning.services.trainings import made_of, refuse_held_version, trainer_of
from curation.core.errors import WinnowError
from curation.models import Job
from curation.services.jobs import COMMAND_LINE, MAX_FAILURES, Lost, Progress, Work

LOG_CHARACTERS = 8_000


def train(job: Job) -> Work:
    """Do a training. What went wrong is written on its row as well, with the end of what the trainer printed."""
    training = Training.objects.select_related("version__dataset", "base", "model", "created_by").get(
        pk=job.params["training"]
    )
    if training.model is not None:
        return _result(training)
    folder = Path(settings.WINNOW_DATA_DIR) / training.folder
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        return (yield from _trained(training, job, folder))
    except (GeneratorExit, Lost):
        if Job.objects.filter(pk=job.pk, state=Job.State.CANCELLED).exists():
            call_off(training)
        raise
    except TrainerError as error:
        raise _told(training, job, folder, error) from error
    except OSError as error:
        code = "disk" if error.errno == 28 else "data"
        raise _told(
            training, job, folder, TrainerError(code, f"A file could not be read or written: {error}.")
        ) from error
    except WinnowError as error:
        write(training, job, error=str(error), log=_log(folder))
        raise


def _trained(training: Training, job: Job, folder: Path) -> Work:
    refuse_held_version(training.version)
    trainer = trainer_of(training.trainer, training.options)
    base = base_of(training.base, trainer)
    prepared = yield from prepare_data(training, folder)
    shares = {**training.shares, "achieved": list(prepared.shares)} if prepared.shares else training.shares
    write(
        training, job, data=dict(prepared.facts), classes=list(prepared.order.classes), shares=shares, error=""
    )  # fmt: skip
    lesson = Lesson(
        name=training.name,
        folder=folder,
        data=prepared.yaml,
        classes=prepared.order.classes,
        seed=training.seed,
        base=base.weights if base else None,
        base_imgsz=base.imgsz if base else 0,
        spec={**spec_of(training, prepared), "made_of": made_of(training)},
    )
    made = yield from _lessons(training, job, trainer, lesson)
    yield Progress(len(training.epochs), len(training.epochs), "registering the model")
    publish(training, job, made, prepared.order, log=_log(folder))
    tidy(folder)
    return _result(training)


def _lessons(training: Training, job: Job, trainer: Trainer, lesson: Lesson) -> Generator[Progress, None, Made]:
    course = Course(trainer.epochs_asked())
    work = trainer.train(lesson)
    try:
        while True:
            try:
                heard = next(work)
            except StopIteration as end:
                made: Made = end.value
                return made
            _note(training, job, course, heard)
            yield Progress(course.done, course.total, course.said(), {"epoch": course.done})
    finally:
        work.close()


def _note(training: Training, job: Job, course: Course, heard: Heard) -> None:
    said = heard.said
    if heard.what == "start":
        after = whole(said.get("resumed_after"))
        course.begin(after=after, total=whole(said.get("epochs")))
        kept = [row for row in training.epochs if row["epoch"] <= after]
        write(training, job, epochs=kept, device=str(said.get("device", ""))[:80])
    elif heard.what == "stage":
        course.doing = str(said.get("doing", ""))[:100]
    elif heard.what == "batch":
        course.step(numbers(said.get("losses")))
    elif heard.what == "epoch":
        row = epoch_row(said)
        course.end_epoch(row["epoch"], row["seconds"], row["losses"])
        write(training, job, epochs=[*(one for one in training.epochs if one["epoch"] < row["epoch"]), row])


def epoch_row(said: Mapping[str, Any]) -> dict[str, Any]:
    """Take what a trainer says of an epoch, its numbers only. Raises TrainerError."""
    if not (epoch := whole(said.get("epoch"))):
        raise TrainerError("answer", f"What the trainer says of an epoch has no number `epoch`: {str(said)[:200]}.")
    single = numbers({name: said.get(name) for name in ("seconds", "learning_rate")})
    return {
        "epoch": epoch,
        "seconds": single.get("seconds", 0.0),
        "losses": numbers(said.get("losses")),
        "figures": numbers(said.get("figures")),
        "learning_rate": single.get("learning_rate", 0.0),
    }


def _told(training: Training, job: Job, folder: Path, error: TrainerError) -> Exception:
    """Say what happened, what is kept and what to do; what will pass is tried again by workers."""
    epochs = len(training.epochs)
    kept = f"{epochs} whole epoch{'' if epochs == 1 else 's'} are kept" if epochs != 1 else "1 whole epoch is kept"
    again = f"manage.py train resume {training.name}"
    text = f"{error} {kept if epochs else 'No epoch was whole yet'}; `{again}` goes on from there."
    write(training, job, error=text, log=_log(folder))
    if error.is_passing and job.worker != COMMAND_LINE and job.failures + 1 < MAX_FAILURES:
        return TrainingInterrupted(text)
    return TrainingError(error.code, text)


def _log(folder: Path) -> str:
    return tail(folder / "log.txt")[-LOG_CHARACTERS:]


def _result(training: Training) -> dict[str, Any]:
    model = training.model
    return {
        "training": training.pk,
        "model": model.name if model else training.name,
        "detector": model.detector if model else "",
        "onnx": training.onnx,
        "figures": {name: value for name, value in training.figures.items() if name != "classes"},
    }
