"""The videos that detectors are tested on: one camera and one condition each, and several short visits, far apart."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import numpy as np

from demo.render.people import Look, Walk
from demo.render.script import Condition, Script

LEAD_S, VISIT_S, GAP_S = 3, 3, 17
"""A video begins with nobody in it for LEAD_S; then come visits of VISIT_S, and nothing is recorded for GAP_S
before each."""
VISITS = 10
_FPS = 1
_FIRST_DAY = datetime(2026, 5, 4)
Spot = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A camera under one condition; `hour` is when it is filmed, `people` how many come together in a visit."""

    camera: str
    hour: int
    condition: Condition
    people: tuple[int, ...] = (1, 1, 1, 2)
    spots: tuple[Spot, Spot] | None = None
    """The corners of the ground where people walk, (x, y) metres; the camera's whole ground if None."""


_GROUNDS: dict[str, tuple[Spot, Spot]] = {
    "corridor": ((-1.3, 2.5), (1.4, 17.0)),
    "courtyard": ((-7.0, 5.0), (6.5, 19.0)),
    "gate": ((-7.0, 9.0), (7.5, 26.0)),
    "lobby": ((-5.2, 3.5), (5.2, 13.5)),
}
_PILLARS: tuple[Spot, Spot] = ((-4.2, 7.6), (-2.0, 11.0))
"""Behind the lobby's left pillar."""


def lit(state: str, level: float, **more: object) -> Condition:
    return Condition(at_s=0, state=state, level=level, **more)  # type: ignore[arg-type]


_TRIALS = (
    Trial(camera="corridor", hour=11, condition=lit("on", 142)),
    Trial(camera="corridor", hour=12, condition=lit("on", 142), people=(3, 4)),
    Trial(camera="corridor", hour=14, condition=lit("on", 142, lens_px=3.5)),
    Trial(camera="corridor", hour=19, condition=lit("evening", 64, noise=3.0)),
    Trial(camera="corridor", hour=23, condition=lit("off", 26, noise=5.0)),
    Trial(camera="courtyard", hour=10, condition=lit("sun", 150)),
    Trial(camera="courtyard", hour=11, condition=lit("sun", 212, glare=1.0)),
    Trial(camera="courtyard", hour=13, condition=lit("overcast", 128)),
    Trial(camera="courtyard", hour=14, condition=lit("overcast", 128, lens_px=3.5)),
    Trial(camera="courtyard", hour=15, condition=lit("overcast", 116, weather="rain", wet=True, noise=2.5)),
    Trial(camera="courtyard", hour=16, condition=lit("overcast", 150, weather="snow")),
    Trial(camera="courtyard", hour=20, condition=lit("dusk", 66, noise=3.0)),
    Trial(camera="courtyard", hour=22, condition=lit("night", 34, noise=5.5)),
    Trial(camera="courtyard", hour=23, condition=lit("night", 34, weather="rain", wet=True, noise=5.5)),
    Trial(camera="courtyard", hour=1, condition=lit("night", 34, weather="snow", noise=5.5)),
    Trial(camera="gate", hour=9, condition=lit("sun", 150)),
    Trial(camera="gate", hour=10, condition=lit("sun", 205, glare=1.0)),
    Trial(camera="gate", hour=12, condition=lit("overcast", 128), people=(3, 4)),
    Trial(camera="gate", hour=13, condition=lit("overcast", 120, weather="rain", wet=True, noise=2.5)),
    Trial(camera="gate", hour=14, condition=lit("overcast", 140, weather="snow")),
    Trial(camera="gate", hour=22, condition=lit("night", 34, noise=6.5)),
    Trial(camera="gate", hour=23, condition=lit("night", 34, weather="rain", wet=True, noise=6.5)),
    Trial(camera="lobby", hour=9, condition=lit("day", 146)),
    Trial(camera="lobby", hour=10, condition=lit("day", 146), people=(3, 4)),
    Trial(camera="lobby", hour=11, condition=lit("day", 146), spots=_PILLARS),
    Trial(camera="lobby", hour=12, condition=lit("day", 146, lens_px=3.5)),
    Trial(camera="lobby", hour=18, condition=lit("evening", 66, noise=3.0)),
)


def trials() -> tuple[Callable[[int], Script], ...]:
    """Give what writes each video's script from a seed."""
    return tuple(partial(_script, number) for number in range(len(_TRIALS)))


def _start_s(visit: int) -> float:
    return LEAD_S + GAP_S + visit * (VISIT_S + GAP_S)


def _script(number: int, seed: int) -> Script:
    trial = _TRIALS[number]
    rng = np.random.default_rng([seed, 53, number])
    walks: list[Walk] = []
    starts_s = [_start_s(visit) for visit in range(VISITS)]
    for visit in range(VISITS):
        people = trial.people[int(rng.integers(len(trial.people)))]
        walks += [visitor(rng, trial, starts_s[visit], jacket=(visit + i) % 2 == 0) for i in range(people)]
    return Script(
        camera=trial.camera,
        recorded_at=_FIRST_DAY + timedelta(days=number, hours=trial.hour),
        duration_s=_start_s(VISITS) - GAP_S,
        conditions=(trial.condition,),
        walks=tuple(walks),
        fps=_FPS,
        recorded_s=((0, LEAD_S), *((start_s, start_s + VISIT_S) for start_s in starts_s)),
    )


def visitor(rng: np.random.Generator, trial: Trial, start_s: float, *, jacket: bool) -> Walk:
    """Send a person somewhere and on, or, once in four times, let it stand there for the whole visit."""
    (left, near), (right, far) = trial.spots or _GROUNDS[trial.camera]
    # Evenly over the ground, nearly all would be far away.
    corners = [(float(rng.uniform(left, right)), near + (far - near) * float(rng.uniform()) ** 1.3) for _ in range(6)]
    stops = ((1, float(VISIT_S)),) if rng.random() < 0.25 else ()
    way = Walk(look=Look.draw(rng, jacket=jacket), start_s=start_s, corners=tuple(corners), stops=stops, speed_mps=1.4)
    return _until(way, start_s + VISIT_S)


def _until(walk: Walk, end_s: float) -> Walk:
    """Cut a way where its walker is at a moment."""
    times, corners, stops = walk.start_s, [walk.corners[0]], dict(walk.stops)
    for i, corner in enumerate(walk.corners[1:], start=1):
        before = corners[-1]
        step_s = float(np.hypot(corner[0] - before[0], corner[1] - before[1])) / walk.speed_mps
        if times + step_s >= end_s:
            share = (end_s - times) / step_s
            corners.append((before[0] + (corner[0] - before[0]) * share, before[1] + (corner[1] - before[1]) * share))
            break
        corners.append(corner)
        times += step_s
        if i in stops:
            left_s = end_s - times
            return Walk(
                look=walk.look, start_s=walk.start_s, corners=tuple(corners), stops=((i, left_s),),
                speed_mps=walk.speed_mps,
            )  # fmt: skip
    return Walk(look=walk.look, start_s=walk.start_s, corners=tuple(corners), speed_mps=walk.speed_mps)
