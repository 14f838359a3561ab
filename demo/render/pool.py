"""Footage that nobody has labelled: days on which now and then somebody lies on the ground."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import numpy as np

from demo.render.fallen import somebody_lying
from demo.render.people import Walk
from demo.render.script import Script
from demo.render.trials import GAP_S, VISIT_S, Trial, lit, visitor

VISITS, PAUSE_S = 12, 1
"""A video shows so many visits; each begins with nobody there for PAUSE_S. Between them nothing is recorded."""
_CROWD, _FALL = 0.08, 0.16
"""How often three or four come together, and how often there is one who lies on the ground."""
_FPS = 1
_FIRST_DAY = datetime(2026, 7, 6)

_DAYS = (
    Trial(camera="corridor", hour=9, condition=lit("on", 138)),
    Trial(camera="corridor", hour=13, condition=lit("on", 146)),
    Trial(camera="corridor", hour=18, condition=lit("evening", 66, noise=3.0)),
    Trial(camera="corridor", hour=22, condition=lit("off", 28, noise=5.0)),
    Trial(camera="courtyard", hour=9, condition=lit("sun", 146)),
    Trial(camera="courtyard", hour=10, condition=lit("sun", 208, glare=1.0)),
    Trial(camera="courtyard", hour=12, condition=lit("overcast", 132)),
    Trial(camera="courtyard", hour=14, condition=lit("overcast", 118, weather="rain", wet=True, noise=2.5)),
    Trial(camera="courtyard", hour=16, condition=lit("overcast", 146, weather="snow")),
    Trial(camera="courtyard", hour=20, condition=lit("dusk", 64, noise=3.0)),
    Trial(camera="courtyard", hour=23, condition=lit("night", 36, noise=5.5)),
    Trial(camera="gate", hour=8, condition=lit("sun", 146)),
    Trial(camera="gate", hour=11, condition=lit("sun", 202, glare=1.0)),
    Trial(camera="gate", hour=13, condition=lit("overcast", 126)),
    Trial(camera="gate", hour=15, condition=lit("overcast", 124, weather="rain", wet=True, noise=2.5)),
    Trial(camera="gate", hour=22, condition=lit("night", 36, noise=6.5)),
    Trial(camera="gate", hour=23, condition=lit("night", 36, weather="rain", wet=True, noise=6.5)),
    Trial(camera="lobby", hour=8, condition=lit("day", 142)),
    Trial(camera="lobby", hour=12, condition=lit("day", 150)),
    Trial(camera="lobby", hour=15, condition=lit("day", 146, lens_px=3.5)),
    Trial(camera="lobby", hour=19, condition=lit("evening", 68, noise=3.0)),
)


def pool() -> tuple[Callable[[int], Script], ...]:
    """Give what writes each video's script from a seed."""
    return tuple(partial(_script, number) for number in range(len(_DAYS)))


def _script(number: int, seed: int) -> Script:
    day = _DAYS[number]
    rng = np.random.default_rng([seed, 59, number])
    starts_s = [PAUSE_S + visit * (GAP_S + PAUSE_S + VISIT_S) for visit in range(VISITS)]
    walks = [walk for visit, start_s in enumerate(starts_s) for walk in _visit(rng, day, start_s, number=visit)]
    return Script(
        camera=day.camera,
        recorded_at=_FIRST_DAY + timedelta(days=number, hours=day.hour),
        duration_s=starts_s[-1] + VISIT_S,
        conditions=(day.condition,),
        walks=tuple(walks),
        fps=_FPS,
        recorded_s=tuple((start_s - PAUSE_S, start_s + VISIT_S) for start_s in starts_s),
    )


def _visit(rng: np.random.Generator, day: Trial, start_s: float, *, number: int) -> list[Walk]:
    if rng.random() < _FALL:
        return [somebody_lying(rng, day, start_s, seconds=float(VISIT_S), jacket=number % 2 == 0)]
    few = day.people[int(rng.integers(len(day.people)))]
    people = int(rng.integers(3, 5)) if rng.random() < _CROWD else few
    return [visitor(rng, day, start_s, jacket=(number + i) % 2 == 0) for i in range(people)]
