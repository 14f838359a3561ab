"""The way of a round, and where it may go back to."""

from typing import Final

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
