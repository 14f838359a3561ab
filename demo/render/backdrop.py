"""Pictures of the empty place: cast once, lit for each state, made wet or snowed upon."""

from dataclasses import dataclass
from functools import cache, cached_property

import cv2
import numpy as np

from demo.render.arrays import Bools, Floats, Image
from demo.render.cameras import CAMERAS
from demo.render.scene import Cast, Light, Place, cast, illuminate, sky, sunlit
from demo.render.texture import fbm
from demo.render.view import View

_LUMA = np.asarray([0.299, 0.587, 0.114], dtype=np.float32)
_SAMPLES = 2


@dataclass(frozen=True, kw_only=True)
class Plate:
    """The empty picture (H, W, 3) RGB before exposure, as 255 * sqrt(light / white)."""

    picture: Image
    white: float
    light: Light
    wet: float

    @cached_property
    def _response(self) -> tuple[Floats, Floats]:
        gains = np.geomspace(0.0005, 60.0, 40).astype(np.float32)
        small = np.ascontiguousarray(self.picture[::4, ::4])
        means = [float((cv2.LUT(small, _curve(float(gain))).reshape(-1, 3) @ _LUMA).mean()) for gain in gains]
        return gains, np.asarray(means, dtype=np.float32)

    def exposure(self, level: float) -> Image:
        """Find the curve (256,) uint8 under which the empty picture has mean luma `level`, 0..255."""
        gains, means = self._response
        return _curve(float(np.exp(np.interp(level, means, np.log(gains)))))


def _curve(gain: float) -> Image:
    light = np.square(np.arange(256, dtype=np.float32) / 255.0)
    return np.asarray(np.round(255.0 * (1 - np.exp(-gain * light)) ** (1 / 2.2)), dtype=np.uint8)


class Backdrop:
    """A camera's place at one picture size: plates by state and weather, and the depth of what can hide people."""

    def __init__(self, camera: str, *, width_px: int, height_px: int) -> None:
        self.camera = CAMERAS[camera]
        self.view: View = self.camera.view(width_px=width_px, height_px=height_px)
        self.place: Place = self.camera.build()
        self._plates: dict[tuple[str, str, bool], Plate] = {}
        self._shade: dict[tuple[float, float, float], Floats] = {}

    @cached_property
    def _cast(self) -> Cast:
        view = self.view
        return cast(self.place.surfaces, start=view.position, rays=view.rays(samples=_SAMPLES), view=view)

    @cached_property
    def _mirror(self) -> Cast:
        start, rays = self.view.position.copy(), self.view.rays(samples=1)
        start[2] *= -1
        rays[..., 2] *= -1
        standing = [surface for surface in self.place.surfaces if not surface.ground]
        return cast(standing, start=start, rays=rays, view=self.view, mirrored=True)

    @cached_property
    def hiding_depth_m(self) -> Floats:
        """Depth of walls and things, (H, W) metres; the ground and the sky hide nobody."""
        depth = np.where(self._cast.ground, np.float32(1e6), self._cast.depth)
        return np.asarray(depth[::_SAMPLES, ::_SAMPLES], dtype=np.float32)

    @cached_property
    def floor(self) -> Floats:
        """Share of ground in each pixel, (H, W) 0..1."""
        share = self._cast.ground.astype(np.float32)
        return np.asarray(cv2.resize(share, self._size, interpolation=cv2.INTER_AREA), dtype=np.float32)

    @property
    def _size(self) -> tuple[int, int]:
        return self.view.width_px, self.view.height_px

    def plate(self, state: str, *, weather: str = "clear", wet: bool = False) -> Plate:
        """Give the empty picture for a state of the light, a weather, and a wet or dry ground."""
        key = (state, weather, wet)
        if key not in self._plates:
            self._plates[key] = self._paint(state, weather=weather, wet=wet)
        return self._plates[key]

    def _paint(self, state: str, *, weather: str, wet: bool) -> Plate:
        light = self.place.lights[state]
        shares = self._sun_shares(light)
        lit = self._lit(self._cast, light, shares, snowed=weather == "snow")
        picture: Floats = np.asarray(cv2.resize(lit, self._size, interpolation=cv2.INTER_AREA), dtype=np.float32)
        gloss = 0.75 if wet else self.place.polish
        if gloss > 0:
            picture = self._glossy(picture, light, gloss=gloss, wet=wet)
        if weather != "clear":
            picture = self._hazy(picture, light, metres=170.0 if weather == "rain" else 70.0)
        white = max(float(np.percentile(picture.max(-1), 99.6)), 1e-4)
        encoded = np.asarray(255.0 * np.sqrt(np.clip(picture / white, 0, 1)) + 0.5, dtype=np.uint8)
        return Plate(picture=encoded, white=white, light=light, wet=gloss)

    def _sun_shares(self, light: Light) -> Floats:
        if light.sun == (0.0, 0.0, 0.0):
            return np.zeros(self._cast.depth.shape, dtype=np.float32)
        if light.sun_from not in self._shade:
            spots = self._cast.spots[::_SAMPLES, ::_SAMPLES]
            share = sunlit(self.place.surfaces, spots, sun_from=light.sun_from)
            soft = cv2.GaussianBlur(share, (0, 0), 0.8)
            large = cv2.resize(soft, None, fx=_SAMPLES, fy=_SAMPLES, interpolation=cv2.INTER_LINEAR)
            self._shade[light.sun_from] = np.asarray(large, dtype=np.float32)
        return self._shade[light.sun_from]

    def _lit(self, seen: Cast, light: Light, shares: Floats, *, snowed: bool) -> Floats:
        spots = seen.spots
        colour = seen.colour
        if snowed:
            drift = 0.75 + 0.25 * fbm(spots[..., 0], spots[..., 1], metres=9.0, octaves=5)
            cover = np.clip(seen.normal[..., 2] * 1.4 - 0.3, 0, 1) * np.clip(drift, 0.25, 0.97)
            colour = colour * (1 - cover[..., None]) + np.float32(0.82) * cover[..., None]
        result = colour * illuminate(light, spots, seen.normal, shares)
        result += colour * seen.glow[..., None] * np.float32(light.glow)
        open_sky = seen.depth > 1e5
        if open_sky.any():
            result[open_sky] = sky(light, seen.rays)[open_sky]
        return np.asarray(result, dtype=np.float32)

    def _glossy(self, picture: Floats, light: Light, *, gloss: float, wet: bool) -> Floats:
        seen = self._mirror
        shares = np.full(seen.depth.shape, 0.6 if max(light.sun) > 0 else 0.0, dtype=np.float32)
        image = self._lit(seen, light, shares, snowed=False)
        scale = self.view.width_px / 640
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), sigmaX=1.2 * scale, sigmaY=4.0 * scale), dtype=np.float32)
        spots = self._cast.spots[::_SAMPLES, ::_SAMPLES]
        puddles = (
            np.clip(0.6 + 0.5 * fbm(spots[..., 0], spots[..., 1], metres=11.0, octaves=4), 0.25, 1.0) if wet else 1.0
        )
        slant = np.clip(1 - np.abs(seen.rays[..., 2]) / np.linalg.norm(seen.rays, axis=-1), 0, 1) ** 2
        near = np.clip(30.0 / self._cast.depth[::_SAMPLES, ::_SAMPLES], 0, 1) ** 2
        weight = (self.floor * puddles * slant * gloss * near)[..., None]
        darker = 1 - (0.45 if wet else 0.0) * self.floor[..., None]
        return np.asarray(picture * darker * (1 - weight) + image * weight * 1.3, dtype=np.float32)

    def _hazy(self, picture: Floats, light: Light, *, metres: float) -> Floats:
        depth = np.minimum(self._cast.depth[::_SAMPLES, ::_SAMPLES], 200.0)
        veil = np.asarray(light.sky, dtype=np.float32) + np.asarray(light.ambient, dtype=np.float32) * 0.3
        weight = (1 - np.exp(-depth / metres))[..., None] * 0.8
        return np.asarray(picture * (1 - weight) + veil * weight, dtype=np.float32)

    def hides(self, rows: slice, columns: slice, *, depth_m: float) -> Bools:
        """Tell where in a window of the picture something stands before a person at depth_m."""
        return np.asarray(self.hiding_depth_m[rows, columns] < depth_m - 0.25, dtype=np.bool_)


@cache
def backdrop(camera: str, width_px: int, height_px: int) -> Backdrop:
    """Build a camera's backdrop once for each picture size."""
    return Backdrop(camera, width_px=width_px, height_px=height_px)
