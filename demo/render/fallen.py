"""The videos of the test in which somebody lies on the ground: one frame of each, for they do not move."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import numpy as np

from demo.render.people import Walk
from demo.render.script import Script
from demo.render.trials import GAP_S, Spot, Trial, lit, visitor

FALLS = 12
"""People who lie there, one after another, in a video."""
_FPS = 1
_STEP_M = 0.01
"""A way so short that it only says where the head lies."""
_FIRST_DAY = datetime(2026, 6, 8)
_NEAR: dict[str, tuple[Spot, Spot]] = {
    "corridor": ((-1.2, 3.2), (1.2, 12.0)),
    "courtyard": ((-6.0, 6.5), (6.0, 14.0)),
    "gate": ((-5.0, 9.5), (6.0, 17.0)),
    "lobby": ((-4.6, 4.5), (4.6, 11.0)),
}
"""Corners of the ground, (x, y) metres, where somebody who lies is not a handful of pixels."""

_FALLS = (
    Trial(camera="corridor", hour=10, condition=lit("on", 142)),
    Trial(camera="courtyard", hour=13, condition=lit("overcast", 128)),
    Trial(camera="gate", hour=14, condition=lit("overcast", 128)),
    Trial(camera="lobby", hour=11, condition=lit("day", 146)),
)


def falls() -> tuple[Callable[[int], Script], ...]:
    """Give what writes each video's script from a seed."""
    return tuple(partial(_script, number) for number in range(len(_FALLS)))


def somebody_lying(
    rng: np.random.Generator, trial: Trial, start_s: float, *, seconds: float, jacket: bool
) -> Walk:  # fmt: skip
    """Lay a person down near a trial's camera, in any direction."""
    one = visitor(rng, replace(trial, spots=_NEAR[trial.camera]), start_s, jacket=jacket)
    (x, y), turn = one.corners[0], float(rng.uniform(0, 2 * np.pi))
    feet = (x - _STEP_M * float(np.sin(turn)), y - _STEP_M * float(np.cos(turn)))
    return Walk(look=one.look, start_s=start_s, corners=(feet, (x, y)), stops=((1, seconds - _STEP_M),), lies=True)


def _script(number: int, seed: int) -> Script:
    trial = _FALLS[number]
    rng = np.random.default_rng([seed, 61, number])
    starts_s = [float(at * (GAP_S + 1)) for at in range(FALLS)]
    return Script(
        camera=trial.camera,
        recorded_at=_FIRST_DAY + timedelta(days=number, hours=trial.hour),
        duration_s=starts_s[-1] + 1,
        conditions=(trial.condition,),
        walks=tuple(
            somebody_lying(rng, trial, start_s, seconds=1.0, jacket=at % 2 == 0) for at, start_s in enumerate(starts_s)
        ),
        fps=_FPS,
        recorded_s=tuple((start_s, start_s + 1) for start_s in starts_s),
    )
