"""Trainers by name. A new one is a file here and a line in `TRAINERS`."""

from activelearning.backends.training.command import CommandTrainer
from activelearning.backends.training.contract import Heard, Lesson, Lessons, Made, Remote, Trainer, TrainerError
from activelearning.backends.training.ultralytics import UltralyticsTrainer
from activelearning.backends.training.webhook import WebhookTrainer

__all__ = ["TRAINERS", "Heard", "Lesson", "Lessons", "Made", "Remote", "Trainer", "TrainerError"]

TRAINERS: dict[str, type[Trainer]] = {
    "ultralytics": UltralyticsTrainer,
    "command": CommandTrainer,
    "webhook": WebhookTrainer,
}
