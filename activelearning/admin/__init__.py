"""Django admin, one file a noun. Importing a file registers its pages."""

from activelearning.admin import (
    answer,
    batch,
    candidate,
    connection,
    label_project,
    label_task,
    loop,
    round,
    seed,
    training,
)

__all__ = [
    "answer",
    "batch",
    "candidate",
    "connection",
    "label_project",
    "label_task",
    "loop",
    "round",
    "seed",
    "training",
]
