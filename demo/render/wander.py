"""Random scripts for training: people anywhere, under any condition, at any camera."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from demo.render.people import Look, Walk
from demo.render.script import Condition, Script, Weather

_FIRST_DAY = datetime(2025, 1, 1, 6, 0, 0)
_LEVELS = {"on": (105, 175), "off": (18, 36), "evening": (50, 80), "day": (105, 175), "sun": (115, 215)}
_LEVELS |= {"overcast": (95, 170), "dusk": (50, 82), "night": (18, 40)}


@dataclass(frozen=True, kw_only=True)
class _Ground:
    """Where one can walk at a camera, metres, and the states of its light."""

    x: tuple[float, float]
    y: tuple[float, float]
    states: tuple[str, ...]
    outdoor: bool


_GROUNDS = {
    "corridor": _Ground(x=(-1.3, 1.4), y=(2.0, 17.5), states=("on", "on", "off", "evening"), outdoor=False),
    "courtyard": _Ground(x=(-7.5, 7.0), y=(4.5, 19.0), states=("sun", "overcast", "dusk", "night"), outdoor=True),
    "gate": _Ground(x=(-7.5, 8.0), y=(8.5, 27.0), states=("sun", "overcast", "night", "night"), outdoor=True),
    "lobby": _Ground(x=(-5.5, 5.5), y=(3.0, 14.0), states=("day", "day", "evening", "day"), outdoor=False),
}


def wander(camera: str, *, seed: int, number: int, moments: int = 4, crowded: bool = False) -> Script:
    """Write a script of `moments` frames, far apart in time. One frame a second.

    Up to five people walk or stand; with `crowded` up to nine, so that each picture teaches more."""
    rng = np.random.default_rng([seed, number, 43])
    ground = _GROUNDS[camera]
    state = ground.states[int(rng.integers(len(ground.states)))]
    people = int(rng.choice(6, p=(0.12, 0.3, 0.25, 0.15, 0.1, 0.08)))
    if crowded:
        people = int(rng.choice((0, 2, 4, 5, 7, 9), p=(0.08, 0.17, 0.2, 0.2, 0.2, 0.15)))
    return Script(
        camera=camera,
        recorded_at=_FIRST_DAY + timedelta(minutes=number),
        duration_s=moments,
        conditions=(_condition(rng, state, outdoor=ground.outdoor),),
        walks=tuple(_walk(rng, ground, moments) for _ in range(people)),
        fps=1,
    )


def _condition(rng: np.random.Generator, state: str, *, outdoor: bool) -> Condition:
    low, high = _LEVELS[state]
    level = float(rng.uniform(low, high)) if rng.random() > 0.04 or state not in ("off", "night") else 6.0
    weather: Weather = "clear"
    if outdoor and state != "sun":
        weather = ("clear", "rain", "snow")[int(rng.integers(3))]
    dark = level < 45
    return Condition(
        at_s=0,
        state=state,
        level=level,
        weather=weather,
        wet=weather == "rain" or (outdoor and state == "night" and rng.random() < 0.3),
        lens_px=(0.0, 0.0, 0.0, 0.0, 0.0, 1.3, 1.3, 3.5)[int(rng.integers(8))],
        glare=1.0 if outdoor and state == "sun" and rng.random() < 0.25 else 0.0,
        noise=float(rng.choice((4.0, 5.5, 7.0) if dark else (1.5, 2.0, 3.0, 4.0))),
    )


def _walk(rng: np.random.Generator, ground: _Ground, moments: int) -> Walk:
    corners = tuple((float(rng.uniform(*ground.x)), float(rng.uniform(*ground.y))) for _ in range(moments + 2))
    stops = ((1, float(moments)),) if rng.random() < 0.35 else ()
    look = Look.draw(rng, jacket=bool(rng.random() < 0.5))
    return Walk(look=look, start_s=-1.0 - float(rng.uniform(0, 2)), corners=corners, stops=stops, speed_mps=1.4)
