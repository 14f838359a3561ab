"""The place with its people: who is before whom, their light, shadows and reflections, and their boxes."""

import cv2
import numpy as np

from demo.render.arrays import Floats, Image
from demo.render.backdrop import Backdrop, Plate, backdrop
from demo.render.people import JOINTS, Walk
from demo.render.scene import illuminate, sunlit
from demo.render.script import Condition, Script
from demo.render.sprite import Sprite, draw
from demo.render.truth import Box

_MOVED_PX = 0.5
_NEAREST_M = 0.6
_LIMBS = (
    ("hip_l", "knee_l"), ("knee_l", "ankle_l"), ("hip_r", "knee_r"), ("knee_r", "ankle_r"), ("neck", "crown"),
    ("shoulder_l", "elbow_l"), ("elbow_l", "wrist_l"), ("shoulder_r", "elbow_r"), ("elbow_r", "wrist_r"),
    ("hip_l", "shoulder_r"), ("hip_r", "shoulder_l"), ("hip_l", "shoulder_l"), ("hip_r", "shoulder_r"),
)  # fmt: skip
_LIMB_AT = [(JOINTS.index(a), JOINTS.index(b)) for a, b in _LIMBS]
Window = tuple[slice, slice]


class Stage:
    """Draws a script's place and people at a moment; remembers what has not changed since the last one."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.place: Backdrop = backdrop(script.camera, script.width_px, script.height_px)
        self._empty: tuple[tuple[int, float], Image, Image] | None = None
        self._drawn: dict[int, tuple[Floats, Sprite]] = {}
        self._light: dict[tuple[int, int, int], Floats] = {}
        self._sun: dict[tuple[int, int, int], Floats] = {}

    def draw(self, time_s: float, now: Condition, level: float) -> tuple[Image, tuple[Box, ...], bool]:
        """Draw the world without weather and lens: the picture, the boxes, whether a person moved."""
        plate = self.place.plate(now.state, weather=now.weather, wet=now.wet)
        curve, empty = self._exposed(plate, level)
        present = {i: w for i, w in enumerate(self.script.walks) if w.start_s <= time_s < w.end_s}
        self._drawn = {i: seen for i, seen in self._drawn.items() if i in present}
        if not present:
            return empty, (), False
        projected = ((i, walk, self.place.view.project(walk.joints(time_s))) for i, walk in present.items())
        people = [person for person in projected if float(person[2][:, 2].min()) > _NEAREST_M]
        people.sort(key=lambda person: float(person[2][:, 2].mean()))
        picture = plate.picture.copy()
        for _, walk, points in people:
            if not self._is_hidden(points):
                self._shadow(picture, plate, walk, points, time_s)
        boxes, moved = self._cast_people(picture, plate, people, time_s)
        return np.asarray(cv2.LUT(picture, curve), dtype=np.uint8), boxes, moved

    def _exposed(self, plate: Plate, level: float) -> tuple[Image, Image]:
        key = (id(plate), level)
        if self._empty is None or self._empty[0] != key:
            curve = plate.exposure(level)
            self._empty = (key, curve, np.asarray(cv2.LUT(plate.picture, curve), dtype=np.uint8))
        return self._empty[1], self._empty[2]

    def _cast_people(
        self, picture: Image, plate: Plate, people: list[tuple[int, Walk, Floats]], time_s: float
    ) -> tuple[tuple[Box, ...], bool]:
        """Lay people on the picture, nearest first, each only where nothing and nobody is before them."""
        taken: Image = np.zeros(picture.shape[:2], dtype=np.uint8)
        boxes: list[Box] = []
        moved = False
        for i, walk, points in people:
            before = self._drawn.get(i)
            still = before is not None and bool((before[0] == points).all())
            sprite = before[1] if before and still else draw(walk.look, points, focal_px=self.place.view.focal_px)
            self._drawn[i] = (points, sprite)
            window, inner = _overlap(sprite, picture.shape)
            if window is None:
                continue
            depth_m = float(points[:, 2].mean())
            free = np.where(self.place.hides(*window, depth_m=depth_m), np.uint8(0), 255 - taken[window])
            light = self._light_on(plate, walk, time_s)
            if plate.wet > 0 and not walk.lies and not self._is_hidden(points):
                self._reflect(picture, plate, sprite, points, light)
            cover, jacket = (_share(part[inner], free) for part in (sprite.cover, sprite.jacket))
            colour = _share(sprite.colour[inner], free) * light
            kept = picture[window] * ((255 - cover) * np.float32(1 / 255))[..., None]
            picture[window] = np.clip(kept + colour + 0.5, 0, 255).astype(np.uint8)
            taken[window] = np.maximum(taken[window], cover)
            found = _boxes(i, window, person=(cover, sprite.cover), jacket=(jacket, sprite.jacket))
            boxes += found
            step = None if before is None else float(np.abs(before[0] - points)[:, :2].max())
            moved |= bool(found) and (step is None or step > _MOVED_PX)
        return tuple(boxes), moved

    def _is_hidden(self, points: Floats) -> bool:
        """Tell whether all of a person's joints in the picture are behind something, as behind a door."""
        columns, rows = points[:, 0].astype(int), points[:, 1].astype(int)
        inside = (columns >= 0) & (columns < self.script.width_px) & (rows >= 0) & (rows < self.script.height_px)
        before_m = self.place.hiding_depth_m[rows[inside], columns[inside]]
        return bool(inside.any()) and bool((before_m < points[inside, 2] - 0.25).all())

    def _light_on(self, plate: Plate, walk: Walk, time_s: float) -> Floats:
        """Factor for a person's colours under the plate's light, (3,); remembered on a grid of 0.25 m."""
        x, y = walk.place(time_s)
        key = (id(plate), round(x * 4), round(y * 4))
        if key not in self._light:
            spots = np.asarray([(x, y, z) for z in (0.4, 1.0, 1.6)], dtype=np.float32)
            toward = self.place.view.position - spots
            normals = toward / np.linalg.norm(toward, axis=1, keepdims=True) * 0.8 + np.asarray(
                [0, 0, 0.5], dtype=np.float32
            )
            normals = (normals / np.linalg.norm(normals, axis=1, keepdims=True)).astype(np.float32)
            shares = self._sun_on(plate, x, y)
            mean = illuminate(plate.light, spots, normals, shares).mean(0)
            self._light[key] = np.sqrt(mean / plate.white).astype(np.float32)
        return self._light[key]

    def _sun_on(self, plate: Plate, x: float, y: float) -> Floats:
        """Share of the sun at a person's knees, belly and head, (3,); remembered on a grid of 0.5 m."""
        if max(plate.light.sun) == 0:
            return np.zeros(3, dtype=np.float32)
        key = (id(plate), round(x * 2), round(y * 2))
        if key not in self._sun:
            spots = np.asarray([(key[1] / 2, key[2] / 2, z) for z in (0.4, 1.0, 1.6)], dtype=np.float32)
            self._sun[key] = sunlit(self.place.place.surfaces, spots, sun_from=plate.light.sun_from)
        return self._sun[key]

    def _shadow(self, picture: Image, plate: Plate, walk: Walk, points: Floats, time_s: float) -> None:
        """Darken the ground: the sun's shadow of each limb, or a soft patch under the feet."""
        view, shape = self.place.view, picture.shape
        unit = view.focal_px / float(points[:, 2].mean())
        mask: Image = np.zeros(shape[:2], dtype=np.uint8)
        if max(plate.light.sun) > 0:
            joints = walk.joints(time_s)
            sun = plate.light.sun_from
            ground = joints.copy()
            ground[:, :2] -= joints[:, 2:] * np.asarray([sun[0] / sun[2], sun[1] / sun[2]], dtype=np.float32)
            ground[:, 2] = 0.0
            spots = np.clip(view.project(ground)[:, :2], -4000, 4000).astype(np.int32)
            for a, b in _LIMB_AT:
                cv2.line(mask, spots[a].tolist(), spots[b].tolist(), (255,), max(int(0.15 * unit), 1))
            depth, soft, strength = spots, 0.9, 0.42
        else:
            feet = points[[JOINTS.index("ankle_l"), JOINTS.index("ankle_r")], :2]
            middle = np.clip(feet.mean(0), -4000, 4000).astype(int)
            axes = (max(int(0.34 * unit), 2), max(int(0.13 * unit), 1))
            cv2.ellipse(mask, middle.tolist(), axes, 0, 0, 360, (255,), -1)
            depth, soft, strength = middle[None], 0.07 * unit, 0.36
        reach = int(0.4 * unit + 6)
        (x0, y0), (x1, y1) = depth.min(0) - reach, depth.max(0) + reach
        window = np.s_[max(y0, 0) : max(min(y1, shape[0]), 0), max(x0, 0) : max(min(x1, shape[1]), 0)]
        if mask[window].size:
            dark = (
                cv2.GaussianBlur(mask[window], (0, 0), max(soft, 0.5))
                * self.place.floor[window]
                * np.float32(strength / 255)
            )
            picture[window] = (picture[window] * (1 - dark)[..., None]).astype(np.uint8)

    def _reflect(self, picture: Image, plate: Plate, sprite: Sprite, points: Floats, light: Floats) -> None:
        """Mirror a person in a wet or polished floor."""
        feet = float(points[[JOINTS.index("ankle_l"), JOINTS.index("ankle_r")], 1].max()) + 0.02 * sprite.cover.shape[0]
        top = int(2 * feet) - sprite.top_px - sprite.cover.shape[0]
        size = (0, 0)
        colour, cover = (cv2.GaussianBlur(p[::-1], size, sigmaX=0.8, sigmaY=2.5) for p in (sprite.colour, sprite.cover))
        flipped = Sprite(left_px=sprite.left_px, top_px=top, colour=colour, cover=cover, jacket=cover)  # type: ignore[arg-type]
        window, inner = _overlap(flipped, picture.shape)
        if window is None:
            return
        weight = self.place.floor[window] * np.float32(min(0.75 * plate.wet, 0.4))
        share = (cover[inner] * np.float32(1 / 255) * weight)[..., None]
        mirrored = colour[inner] * light * weight[..., None]
        picture[window] = np.clip(picture[window] * (1 - share) + mirrored, 0, 255).astype(np.uint8)


def _overlap(sprite: Sprite, shape: tuple[int, ...]) -> tuple[Window | None, Window]:
    """Window of the picture that a sprite covers, and the window of the sprite that is in the picture."""
    height, width = sprite.cover.shape
    y0, y1 = max(sprite.top_px, 0), min(sprite.top_px + height, shape[0])
    x0, x1 = max(sprite.left_px, 0), min(sprite.left_px + width, shape[1])
    inner = np.s_[y0 - sprite.top_px : y1 - sprite.top_px, x0 - sprite.left_px : x1 - sprite.left_px]
    return (np.s_[y0:y1, x0:x1] if y0 < y1 and x0 < x1 else None), inner


def _share(part: Image, free: Image) -> Image:
    factor = free if part.ndim == 2 else cv2.merge([free, free, free])
    return np.asarray(cv2.multiply(part, factor, scale=1 / 255), dtype=np.uint8)


def _boxes(track: int, window: Window, *, person: tuple[Image, Image], jacket: tuple[Image, Image]) -> list[Box]:
    """Boxes around what is visible; each pair is the visible cover within the window and the whole cover."""
    boxes = []
    for label, (visible, whole) in (("person", person), ("jacket", jacket)):
        rows, columns = np.flatnonzero(visible.any(axis=1)), np.flatnonzero(visible.any(axis=0))
        if not len(rows) or int(visible.max()) < 64:
            continue
        left, top = float(window[1].start), float(window[0].start)
        xyxy = (
            left + float(columns[0]),
            top + float(rows[0]),
            left + float(columns[-1]) + 1,
            top + float(rows[-1]) + 1,
        )
        fraction = round(float(visible.sum(dtype=np.int64)) / max(float(whole.sum(dtype=np.int64)), 1.0), 3)
        boxes.append(Box(track_id=track, label=label, xyxy=xyxy, visible_fraction=fraction))  # type: ignore[arg-type]
    return boxes
