"""Predictions of Label Studio tasks: what annotators start from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from activelearning.backends.labelstudio.server import Server


@dataclass(frozen=True)
class RemotePrediction:
    """A prediction as the server tells of it."""

    number: int
    model_version: str
    score: float | None
    regions: tuple[Any, ...]


def predictions_of(server: Server, task: int) -> list[RemotePrediction]:
    """List a task's predictions, oldest first. Raises LabelStudioError."""
    with server.calls() as sdk:
        found = [_read(one) for one in sdk.predictions.list(task=task) or []]
    return sorted(found, key=lambda one: one.number)


def put_prediction(server: Server, task: int, prediction: Mapping[str, Any]) -> int:
    """Add a prediction, {"model_version", "score", "result"}, to a task; returns its id. Raises LabelStudioError."""
    with server.calls() as sdk:
        made = sdk.predictions.create(
            task=task,
            result=list(prediction["result"]),
            score=prediction["score"],
            model_version=prediction["model_version"],
        )
        return int(made.id)


def delete_predictions(server: Server, numbers: Sequence[int]) -> None:
    """Delete predictions. Raises LabelStudioError."""
    for number in numbers:
        with server.calls() as sdk:
            sdk.predictions.delete(number)


def _read(found: Any) -> RemotePrediction:
    regions = found.result if isinstance(found.result, list) else []
    return RemotePrediction(int(found.id), str(found.model_version or ""), found.score, tuple(regions))
