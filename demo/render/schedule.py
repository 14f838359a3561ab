"""The videos of the demo world: what happens when, at which camera."""

from collections.abc import Callable
from datetime import datetime

import numpy as np

from demo.render.fallen import falls
from demo.render.people import Look, Walk
from demo.render.pool import pool
from demo.render.script import Condition, Script
from demo.render.trials import trials

Corners = tuple[tuple[float, float], ...]
Stops = tuple[tuple[int, float], ...]


class _Cast:
    """Draws people one after another from a seed; about half of them wear a jacket."""

    def __init__(self, seed: int, stream: int) -> None:
        self._rng = np.random.default_rng([seed, 41, stream])

    def walk(
        self, start_s: float, *corners: tuple[float, float], stops: Stops = (), jacket: bool, speed_mps: float = 1.35
    ) -> Walk:
        """Send the next person along corners."""
        look = Look.draw(self._rng, jacket=jacket)
        speed = speed_mps * float(self._rng.uniform(0.95, 1.06))
        late = start_s + float(self._rng.uniform(0, 0.4))
        return Walk(look=look, start_s=late, corners=corners, stops=stops, speed_mps=speed)


def _corridor(seed: int) -> Script:
    cast = _Cast(seed, 1)
    return Script(
        camera="corridor",
        recorded_at=datetime(2026, 2, 12, 17, 5, 0),
        duration_s=80,
        conditions=(
            Condition(at_s=0, state="on", level=142),
            Condition(at_s=42, state="off", level=26, noise=5.0),
            Condition(at_s=56, state="off", level=6, noise=4.0),
            Condition(at_s=63, state="on", level=142),
        ),
        walks=(
            cast.walk(6.0, (-5.0, 8.0), (-0.4, 7.6), (1.3, 7.2), (0.9, 0.4), stops=((2, 12.0),), jacket=True),
            cast.walk(14.0, (0.5, 19.8), (0.4, 9.0), (-5.0, 8.2), jacket=False, speed_mps=1.6),
            cast.walk(44.5, (0.2, 0.4), (-0.2, 7.5), (-5.0, 8.0), jacket=False),
        ),
    )


def _courtyard_day(seed: int) -> Script:
    cast = _Cast(seed, 2)
    return Script(
        camera="courtyard",
        recorded_at=datetime(2026, 4, 21, 10, 15, 0),
        duration_s=90,
        conditions=(
            Condition(at_s=0, state="sun", level=150),
            Condition(at_s=22, state="sun", level=212, glare=1.0),
            Condition(at_s=33, state="sun", level=150),
            Condition(at_s=36, state="overcast", level=128),
            Condition(at_s=56, state="overcast", level=116, weather="rain", wet=True, noise=2.5),
        ),
        walks=(
            cast.walk(
                5.0, (-0.6, 21.9), (-0.4, 17.0), (2.2, 9.0), (-2.6, 7.2), (-9.0, 6.4), stops=((2, 11.0),), jacket=True
            ),
            cast.walk(13.0, (-11.5, 14.5), (-2.0, 13.8), (-0.8, 18.0), (-0.6, 21.9), jacket=False),
            cast.walk(64.0, (-0.6, 21.9), (0.6, 12.0), (1.0, 8.0), (1.2, 0.4), jacket=True, speed_mps=1.7),
        ),
    )


def _courtyard_snow(seed: int) -> Script:
    cast = _Cast(seed, 3)
    return Script(
        camera="courtyard",
        recorded_at=datetime(2026, 1, 21, 16, 20, 0),
        duration_s=70,
        conditions=(
            Condition(at_s=0, state="overcast", level=150, weather="snow"),
            Condition(at_s=16, state="overcast", level=66, drift_s=18, weather="snow", noise=3.0),
            Condition(at_s=36, state="dusk", level=66, weather="snow", noise=3.5),
            Condition(at_s=48, state="night", level=34, weather="snow", noise=5.5),
        ),
        walks=(
            cast.walk(4.0, (6.8, 7.6), (1.6, 9.5), (-0.6, 17.0), (-0.6, 21.9), jacket=False),
            cast.walk(39.0, (-0.6, 21.9), (-1.0, 15.0), (2.0, 10.4), (7.4, 8.4), stops=((2, 10.0),), jacket=True),
        ),
    )


def _gate_night(seed: int) -> Script:
    cast = _Cast(seed, 4)
    return Script(
        camera="gate",
        recorded_at=datetime(2026, 1, 26, 22, 40, 0),
        duration_s=80,
        conditions=(
            Condition(at_s=0, state="night", level=34, noise=6.5),
            Condition(at_s=30, state="night", level=34, weather="rain", wet=True, noise=6.5),
            Condition(at_s=58, state="night", level=6, noise=4.5),
            Condition(at_s=70, state="night", level=34, wet=True, noise=6.5),
        ),
        walks=(
            cast.walk(
                6.0,
                (5.8, 17.2),
                (5.7, 15.0),
                (2.2, 14.6),
                (3.4, 15.0),
                (5.7, 15.0),
                (5.8, 17.2),
                stops=((2, 10.0),),
                jacket=True,
            ),
            cast.walk(44.0, (-5.6, 5.5), (-5.6, 12.0), (-3.4, 18.0), (-2.8, 27.0), jacket=False, speed_mps=1.8),
        ),
    )


def _lobby(seed: int) -> Script:
    cast = _Cast(seed, 5)
    return Script(
        camera="lobby",
        recorded_at=datetime(2026, 2, 18, 15, 50, 0),
        duration_s=80,
        conditions=(
            Condition(at_s=0, state="day", level=146),
            Condition(at_s=24, state="day", level=146, lens_px=3.5),
            Condition(at_s=40, state="day", level=146, lens_px=1.3),
            Condition(at_s=50, state="day", level=66, drift_s=20, noise=3.0),
            Condition(at_s=74, state="evening", level=130),
        ),
        walks=(
            cast.walk(
                4.0, (-0.4, 15.8), (0.6, 11.0), (3.9, 5.9), (1.0, 3.5), (0.0, 0.3), stops=((2, 10.0),), jacket=False
            ),
            cast.walk(9.0, (-6.0, 4.6), (-3.2, 8.6), (-0.8, 11.5), (-0.4, 15.8), jacket=True),
            cast.walk(30.0, (0.0, 15.8), (-1.4, 9.0), (-4.0, 5.8), (-6.2, 4.4), jacket=True, speed_mps=1.6),
        ),
    )


def _tiny(seed: int) -> Script:
    cast = _Cast(seed, 6)
    return Script(
        camera="courtyard",
        recorded_at=datetime(2026, 3, 4, 9, 0, 0),
        duration_s=20,
        conditions=(
            Condition(at_s=0, state="overcast", level=130),
            Condition(at_s=13, state="night", level=28, noise=5.0),
        ),
        walks=(
            cast.walk(2.0, (-8.0, 8.0), (-0.5, 7.0), (7.2, 7.4), stops=((1, 2.0),), jacket=True, speed_mps=2.4),
            cast.walk(14.0, (7.6, 8.4), (0.5, 9.0), jacket=False, speed_mps=2.4),
        ),
        width_px=320,
        height_px=180,
    )


_WORLDS: dict[str, tuple[Callable[[int], Script], ...]] = {
    "full": (_corridor, _courtyard_day, _courtyard_snow, _gate_night, _lobby),
    "tiny": (_tiny,),
    "test": (*trials(), *falls()),
    "pool": pool(),
}


def scripts(seed: int, *, world: str = "full") -> tuple[Script, ...]:
    """Give the scripts of a world: "full" (five videos, 400 s), "tiny" (one of 20 s at 320 x 180), "test" (many
    videos of one condition each, of short visits), or "pool" (ordinary days, for nobody to have labelled yet).

    The seed draws people's looks, pace and moments. Raises ValueError for another world."""
    if world not in _WORLDS:
        raise ValueError(f"world {world!r} is unknown; choose one of {sorted(_WORLDS)}")
    return tuple(write(seed) for write in _WORLDS[world])
