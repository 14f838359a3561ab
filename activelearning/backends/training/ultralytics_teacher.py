"""The library's trainer, made to tell how far it is and to keep each epoch whole."""

import json
import math
import os
import time
from pathlib import Path
from typing import Any


def teacher_class(*, voice: Any, kept: Path, made_of: str, not_finite: type[Exception]) -> type[Any]:
    """Make a trainer class for ultralytics' `train(trainer=…)`. not_finite is raised where the first epoch diverges."""
    from ultralytics.models.yolo.detect import DetectionTrainer

    class Teacher(DetectionTrainer):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self._began_s = time.monotonic()
            self.add_callback("on_train_epoch_start", lambda _: self._begin())
            self.add_callback("on_train_batch_end", lambda _: self._step())
            self.add_callback("on_train_epoch_end", lambda _: self._check())

        def final_eval(self) -> None:
            """Leave the checkpoints as they are: the weights that are taken are measured afterwards."""

        def save_model(self) -> bool:
            is_saved = bool(super().save_model())  # type: ignore[no-untyped-call]
            for path in (self.best, self.last):
                if path.is_file():
                    _keep(path, kept / path.name)
            # The library stops after this epoch for one of two reasons.
            is_over = bool(self.stop) or self.epoch + 1 >= self.epochs
            state = {"made_of": made_of, "epoch": self.epoch + 1, "is_over": is_over}
            part = kept / "state.part"
            part.write_text(json.dumps(state))
            os.replace(part, kept / "state.json")
            voice.say(
                "epoch",
                epoch=self.epoch + 1,
                seconds=round(time.monotonic() - self._began_s, 3),
                losses=_losses(self.tloss),
                figures=_figures(self.metrics),
                learning_rate=_rate(self.optimizer),
            )
            return is_saved

        def _begin(self) -> None:
            self._began_s, self._batch = time.monotonic(), 0

        def _step(self) -> None:
            self._batch += 1
            share = self._batch / max(1, len(self.train_loader))
            voice.say_sparingly("batch", epoch=self.epoch + 1, share=round(share, 4), losses=_losses(self.tloss))

        def _check(self) -> None:
            # Later epochs are recovered by the library, which has a checkpoint then.
            if self.epoch == self.start_epoch and not all(map(math.isfinite, _losses(self.tloss).values())):
                raise not_finite(f"in epoch {self.epoch + 1}")

    return Teacher


def _rate(optimizer: Any) -> float:
    """Tell the learning rate of the weights; biases warm up from a higher one."""
    groups = [group for group in optimizer.param_groups if group.get("param_group") != "bias"]
    return round(float(groups[0]["lr"]), 8) if groups else 0.0


def _losses(said: Any) -> dict[str, float]:
    return {name.removesuffix("_loss"): round(float(value), 5) for name, value in (said or {}).items()}


def _figures(metrics: Any) -> dict[str, float]:
    names = {
        "metrics/precision(B)": "precision",
        "metrics/recall(B)": "recall",
        "metrics/mAP50(B)": "map50",
        "metrics/mAP50-95(B)": "map50_95",
    }
    found = {short: float(metrics[long]) for long, short in names.items() if metrics and long in metrics}
    return {name: round(value, 5) for name, value in found.items() if math.isfinite(value)}


def _keep(source: Path, target: Path) -> None:
    part = target.with_suffix(".part")
    with source.open("rb") as read, part.open("wb") as write:
        while block := read.read(1 << 20):
            write.write(block)
        write.flush()
        os.fsync(write.fileno())
    os.replace(part, target)
