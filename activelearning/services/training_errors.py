"""What can go wrong with a training, as a person is told it."""

from curation.core.errors import WinnowError


class TrainingError(WinnowError):
    """A training cannot be asked for, or did not end well.

    `code` is stable: exists, not_trainable, no_pictures, no_boxes, memory, nan, disk, gone, busy, data, program,
    answer, taken, classes, state."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class NoSuchTraining(TrainingError):
    """There is no training of that name."""

    def __init__(self, message: str) -> None:
        super().__init__("not_found", message)


class TrainingInterrupted(Exception):
    """The training's process was ended from outside; the next attempt goes on from the last whole epoch.

    No WinnowError, so that workers try again."""
