"""People: how they look, where they walk and stand, and where their joints are at any moment."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from demo.render.arrays import Floats

Colour = tuple[int, int, int]
_STRIDE_M = 1.35
SKINS: tuple[Colour, ...] = ((236, 196, 168), (214, 164, 128), (168, 116, 82), (110, 74, 54), (226, 180, 146))
HAIRS: tuple[Colour, ...] = ((40, 30, 26), (92, 62, 38), (176, 142, 84), (120, 120, 122), (24, 22, 24))
SHIRTS: tuple[Colour, ...] = (
    (236, 234, 228), (84, 118, 158), (150, 58, 60), (64, 66, 72),
    (196, 184, 150), (96, 132, 104), (128, 104, 150), (202, 146, 150),
)  # fmt: skip
TROUSERS: tuple[Colour, ...] = ((52, 62, 88), (48, 48, 50), (112, 98, 78), (88, 92, 96), (62, 72, 60), (84, 66, 56))
JACKETS: tuple[Colour, ...] = (
    (246, 122, 26),
    (222, 230, 48),
    (206, 46, 40),
    (34, 92, 178),
    (248, 142, 40),
    (214, 226, 60),
)


@dataclass(frozen=True, kw_only=True)
class Look:
    """A person's body and clothes. Colours are RGB; without a jacket the arms are bare."""

    height_m: float
    skin: Colour
    hair: Colour
    shirt: Colour
    trousers: Colour
    jacket: Colour | None
    striped: bool = True
    build: float = 1.0

    @classmethod
    def draw(cls, rng: np.random.Generator, *, jacket: bool) -> "Look":
        """Draw a look at random."""

        def pick(colours: tuple[Colour, ...]) -> Colour:
            return colours[int(rng.integers(len(colours)))]

        skin, hair, shirt, trousers, coat = pick(SKINS), pick(HAIRS), pick(SHIRTS), pick(TROUSERS), pick(JACKETS)
        return cls(
            height_m=float(rng.uniform(1.60, 1.90)),
            skin=skin,
            hair=hair,
            shirt=shirt,
            trousers=trousers,
            jacket=coat if jacket else None,
            striped=bool(rng.random() < 0.8),
            build=float(rng.uniform(0.92, 1.12)),
        )


@dataclass(frozen=True, kw_only=True)
class Walk:
    """A person's way over the ground: corners (x_m, y_m), and stops {corner: seconds} of standing completely still.

    Who `lies` lies on the ground all the time, the head in the direction of the way."""

    look: Look
    start_s: float
    corners: tuple[tuple[float, float], ...]
    stops: tuple[tuple[int, float], ...] = ()
    speed_mps: float = 1.3
    lies: bool = False

    @cached_property
    def _way(self) -> tuple[Floats, Floats, Floats, Floats]:
        stops = dict(self.stops)
        times, xs, ys, walked = [self.start_s], [self.corners[0][0]], [self.corners[0][1]], [0.0]
        for i, (x, y) in enumerate(self.corners):
            step = math.hypot(x - xs[-1], y - ys[-1])
            if i > 0:
                times.append(times[-1] + max(step / self.speed_mps, 1e-3))
                xs, ys, walked = [*xs, x], [*ys, y], [*walked, walked[-1] + step]
            if i in stops:
                times.append(times[-1] + stops[i])
                xs, ys, walked = [*xs, x], [*ys, y], [*walked, walked[-1]]
        way = np.asarray([times, xs, ys, walked], dtype=np.float32)
        return way[0], way[1], way[2], way[3]

    @property
    def end_s(self) -> float:
        """Second at which the last corner is reached."""
        return float(self._way[0][-1])

    def _at(self, time_s: float) -> tuple[float, float, float]:
        times, xs, ys, walked = self._way
        return (
            float(np.interp(time_s, times, xs)),
            float(np.interp(time_s, times, ys)),
            float(np.interp(time_s, times, walked)),
        )

    def place(self, time_s: float) -> tuple[float, float]:
        """Place on the ground, metres."""
        x, y, _ = self._at(time_s)
        return x, y

    def joints(self, time_s: float) -> Floats:
        """Joints at a moment, (N, 3) metres in the order of JOINTS."""
        x, y, walked = self._at(time_s)
        before, after = self._at(time_s - 0.25), self._at(time_s + 0.25)
        times, xs, ys, _ = self._way
        dx, dy = after[0] - before[0], after[1] - before[1]
        moved = math.hypot(dx, dy)
        swing = min(moved / 0.5 / self.speed_mps, 1.0)
        if moved < 1e-3:
            i = int(np.clip(np.searchsorted(times, time_s, side="right") - 1, 1, len(times) - 1))
            dx, dy = float(xs[i] - xs[i - 1]), float(ys[i] - ys[i - 1])
            while dx == 0 and dy == 0 and i > 1:
                i -= 1
                dx, dy = float(xs[i] - xs[i - 1]), float(ys[i] - ys[i - 1])
        turn = math.atan2(dx, dy)
        body = _body(self.look.height_m, self.look.build, phase=walked / _STRIDE_M * 2 * math.pi, swing=swing)
        if self.lies:
            body = _lying(self.look.height_m, self.look.build)
        ahead, left = np.asarray([math.sin(turn), math.cos(turn), 0]), np.asarray([-math.cos(turn), math.sin(turn), 0])
        spots = body[:, :1] * ahead + body[:, 1:2] * left + body[:, 2:] * np.asarray([0, 0, 1.0])
        return np.asarray(spots + np.asarray([x, y, 0.0]), dtype=np.float32)


def _lying(height: float, build: float) -> Floats:
    """Joints of somebody who lies on the back, one leg drawn up, in the body's own axes: ahead (the head), left, up."""
    stood = _body(height, build, phase=0.6, swing=0.5)
    ahead, left, up = stood.T
    return np.stack([up - 0.5 * height, left * 1.15, 0.02 + 0.076 * height - 0.6 * ahead], axis=1).astype(np.float32)


JOINTS = (
    "hip_l", "knee_l", "ankle_l", "toe_l", "hip_r", "knee_r", "ankle_r", "toe_r",
    "shoulder_l", "elbow_l", "wrist_l", "shoulder_r", "elbow_r", "wrist_r",
    "neck", "head", "face", "crown", "chest", "belly", "hem", "chest_back",
)  # fmt: skip


def _body(height: float, build: float, *, phase: float, swing: float) -> Floats:
    """Joints in the body's own axes: ahead, left, up."""
    parts: list[tuple[float, float, float]] = []
    bob = 0.012 * height * swing * math.cos(2 * phase)
    for side in (1, -1):
        angle = 0.46 * swing * math.sin(phase if side > 0 else phase + math.pi)
        bend = 0.75 * swing * max(0.0, math.cos(phase if side > 0 else phase + math.pi)) ** 2 + 0.04
        hip = (0.0, side * 0.055 * height * build, 0.52 * height + bob)
        knee = (hip[0] + 0.245 * height * math.sin(angle), hip[1], hip[2] - 0.245 * height * math.cos(angle))
        shin = angle - bend
        ankle = (knee[0] + 0.24 * height * math.sin(shin), hip[1], knee[2] - 0.24 * height * math.cos(shin))
        lift = max(0.028 * height - ankle[2], 0.0)
        ankle = (ankle[0], ankle[1], ankle[2] + lift)
        parts += [hip, knee, ankle, (ankle[0] + 0.085 * height, ankle[1] * 1.15, max(ankle[2] - 0.012 * height, 0.015))]
    for side in (1, -1):
        angle = -0.42 * swing * math.sin(phase if side > 0 else phase + math.pi)
        shoulder = (0.0, side * 0.105 * height * build, 0.805 * height + bob)
        elbow = (
            0.165 * height * math.sin(angle),
            side * 0.135 * height * build,
            shoulder[2] - 0.165 * height * math.cos(angle),
        )
        fore = angle + 0.18 + 0.35 * swing
        wrist = (elbow[0] + 0.16 * height * math.sin(fore), elbow[1], elbow[2] - 0.16 * height * math.cos(fore))
        parts += [shoulder, elbow, wrist]
    deep = 0.065 * height * build
    for ahead, up in ((0.0, 0.85), (0.01, 0.93), (0.042, 0.922), (-0.012, 0.952)):
        parts.append((ahead * height, 0.0, up * height + bob))
    parts += [
        (deep, 0.0, 0.72 * height + bob),
        (deep, 0.0, 0.58 * height + bob),
        (deep * 0.9, 0.0, 0.47 * height + bob),
    ]
    parts.append((-deep, 0.0, 0.72 * height + bob))
    return np.asarray(parts, dtype=np.float32)
