"""The way of a round, and where it may go back to."""

from collections.abc import Mapping
from typing import Any, Final

ORDER: Final = ("seeds", "candidates", "labelling", "dataset", "training", "retest", "closed")
RERUN: Final = ("seeds", "dataset", "training", "retest")
"""Steps that can be done again. What people labelled stays."""


def is_behind(state: str, step: str) -> bool:
    """Tell whether a round in a state has done a step, or is at it.

    >>> is_behind("training", "dataset"), is_behind("seeds", "dataset")
    (True, False)
    """
    return ORDER.index(state) >= ORDER.index(step)


def undone(state: str) -> tuple[str, ...]:
    """List what is forgotten when a round goes back to a state: fields of the round.

    >>> undone("training")
    ('training', 'retest')
    """
    made = {"dataset": "version", "training": "training", "retest": "retest"}
    return tuple(made[step] for step in ORDER if step in made and ORDER.index(step) >= ORDER.index(state))


def arms_at(state: str, arms: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return what stays of the control's arms when a round goes back to a state.

    >>> arms_at("training", {"control": {"labels": 9, "version": 4, "training": 2, "test_run": 7}})
    {'control': {'labels': 9, 'version': 4}}
    """
    if ORDER.index(state) <= ORDER.index("dataset"):
        return {}
    gone = ("training", "test_run") if state == "training" else ("test_run",)
    return {name: {key: value for key, value in said.items() if key not in gone} for name, said in arms.items()}
