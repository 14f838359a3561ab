"""The job `train`: data, lessons, weights; from the last whole epoch where an earlier attempt had come so far."""

import math
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from activelearning.backends.training import Heard, Lesson, Made, Trainer, TrainerError
from activelearning.backends.training.child import tail
from activelearning.models import Training
from activelearning.services.training_base import base_of
from activelearning.services.training_data import prepare_data
from activelearning.services.training_errors import TrainingError, TrainingInterrupted
from activelearning.services.training_publish import publish, tidy
from activelearning.services.training_rows import write
from activelearning.services.training_spec import spec_of
from activelearning.services.trainings import made_of, refuse_held_version, trainer_of
from curation.core.errors import WinnowError
from curation.models import Job
from curation.services.jobs import COMMAND_LINE, MAX_FAILURES, Progress, Work

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


@dataclass
class Course:
    """How far a training is, in words."""

    total: int
    done: int = 0
    doing: str = "starting"
    losses: str = ""
    seconds: list[float] = field(default_factory=list)
    began_s: float = field(default_factory=time.monotonic)

    def said(self) -> str:
        if self.doing:
            return self.doing
        left = f" · {_time(self._left_s())} left" if self.seconds and self.total else ""
        return f"epoch {self.done + 1}{f'/{self.total}' if self.total else ''}{self.losses}{left}"

    def _left_s(self) -> float:
        recent = self.seconds[-5:]
        of_this_s = min(time.monotonic() - self.began_s, recent[-1])
        return max(0.0, (self.total - self.done) * sum(recent) / len(recent) - of_this_s)


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
        after = _whole(said.get("resumed_after"))
        course.done, course.total = after, _whole(said.get("epochs")) or course.total
        course.doing = "loading the network and the pictures"
        kept = [row for row in training.epochs if row["epoch"] <= after]
        write(training, job, epochs=kept, device=str(said.get("device", ""))[:80])
    elif heard.what == "stage":
        course.doing = str(said.get("doing", ""))[:100]
    elif heard.what == "batch":
        course.doing, course.losses = "", "".join(f" · {n} loss {v:.2f}" for n, v in list(_losses(said).items())[:1])
    elif heard.what == "epoch":
        row = epoch_row(said)
        course.done, course.doing, course.began_s = row["epoch"], "", time.monotonic()
        course.seconds.append(row["seconds"])
        course.losses = "".join(f" · {n} loss {v:.2f}" for n, v in list(row["losses"].items())[:1])
        if course.total and course.done >= course.total:
            course.doing = "finishing"
        write(training, job, epochs=[*(one for one in training.epochs if one["epoch"] < row["epoch"]), row])


def epoch_row(said: Any) -> dict[str, Any]:
    """Take what a trainer says of an epoch, its numbers only. Raises TrainerError."""
    try:
        return {
            "epoch": int(said["epoch"]),
            "seconds": float(said.get("seconds", 0.0)),
            "losses": _losses(said),
            "figures": _numbers(said.get("figures")),
            "learning_rate": float(said.get("learning_rate", 0.0)),
        }
    except (KeyError, TypeError, ValueError) as error:
        raise TrainerError("answer", f"What the trainer says of an epoch cannot be read: {str(said)[:200]}.") from error


def _losses(said: Any) -> dict[str, float]:
    return _numbers(said.get("losses"))


def _whole(said: object) -> int:
    return said if isinstance(said, int) and not isinstance(said, bool) and said > 0 else 0


def _numbers(said: Any) -> dict[str, float]:
    """Take what is a number; NaN comes as None."""
    found = said.items() if isinstance(said, Mapping) else ()
    numbers = {str(name)[:40]: float(value) for name, value in found if isinstance(value, int | float)}
    return {name: value for name, value in numbers.items() if math.isfinite(value)}


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


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
