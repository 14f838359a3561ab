"""A small ray caster for flat surfaces: a place is cast once, then lit for each state of its lamps and sky."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import cv2
import numpy as np

from demo.render.arrays import Bools, Floats, Point
from demo.render.texture import Shader, fbm
from demo.render.view import View

_FAR_M = 1e6


@dataclass(frozen=True, kw_only=True)
class Surface:
    """A rectangle from `origin` along two perpendicular edges, in metres."""

    origin: Point
    edge_s: Point
    edge_t: Point
    shader: Shader
    glow: float = 0.0
    ground: bool = False
    shadow: bool = True

    @cached_property
    def frame(self) -> tuple[Floats, Floats, Floats, float, float, Floats]:
        """Origin, unit edges, their lengths in metres, and the unit normal."""
        origin, s, t = (np.asarray(v, dtype=np.float32) for v in (self.origin, self.edge_s, self.edge_t))
        length_s, length_t = float(np.linalg.norm(s)), float(np.linalg.norm(t))
        s, t = s / length_s, t / length_t
        return origin, s, t, length_s, length_t, np.cross(s, t).astype(np.float32)

    def meet(self, start: Floats, rays: Floats) -> tuple[Floats, Floats, Floats, Bools]:
        """Intersect rays (..., 3) with the rectangle: distance, s_m, t_m, and whether it is hit."""
        origin, s, t, length_s, length_t, normal = self.frame
        slope = rays @ normal
        slope = np.where(np.abs(slope) < 1e-7, np.float32(1e-7), slope)
        distance = ((origin - start) @ normal / slope).astype(np.float32)
        spot = start - origin + distance[..., None] * rays
        along_s, along_t = spot @ s, spot @ t
        hit = (distance > 1e-3) & (along_s >= 0) & (along_s <= length_s) & (along_t >= 0) & (along_t <= length_t)
        return distance, along_s, along_t, hit


@dataclass(frozen=True, kw_only=True)
class Lamp:
    """A lamp: its place, its linear colour, the distance at which its light has fallen to a half."""

    at: Point
    colour: Point
    reach_m: float = 3.0


@dataclass(frozen=True, kw_only=True)
class Light:
    """One state of the light in a place. `glow` scales lit windows and lamp shades, `sky` the open sky."""

    ambient: Point
    sun: Point = (0.0, 0.0, 0.0)
    sun_from: Point = (-0.5, -0.4, 0.75)
    lamps: tuple[Lamp, ...] = ()
    glow: float = 1.0
    sky: Point = (0.0, 0.0, 0.0)
    clouds: float = 0.25


@dataclass(frozen=True, kw_only=True)
class Cast:
    """What rays of unit depth meet: depth (H, W), colour and normal (H, W, 3), glow and ground (H, W)."""

    start: Floats
    rays: Floats
    depth: Floats
    colour: Floats
    normal: Floats
    glow: Floats
    ground: Bools

    @property
    def spots(self) -> Floats:
        """Places that are seen, (H, W, 3) metres."""
        return np.asarray(self.start + np.minimum(self.depth, 500.0)[..., None] * self.rays, dtype=np.float32)


@dataclass(frozen=True, kw_only=True)
class Place:
    """A camera's surroundings: surfaces, states of light by name, and how polished the floor is, 0..1."""

    surfaces: tuple[Surface, ...]
    lights: dict[str, Light] = field(hash=False)
    polish: float = 0.0


def cast(surfaces: Sequence[Surface], *, start: Floats, rays: Floats, view: View, mirrored: bool = False) -> Cast:
    """Find the nearest surface along each ray; each is looked for only where it can be in the view.

    mirrored is for rays of the view's mirror image in the ground: they meet a surface where the view would see
    the surface's own mirror image."""
    shape = rays.shape[:2]
    depth = np.full(shape, _FAR_M, dtype=np.float32)
    colour, normal = np.zeros((*shape, 3), np.float32), np.zeros((*shape, 3), np.float32)
    glow, on_ground = np.zeros(shape, np.float32), np.zeros(shape, np.bool_)
    for surface in surfaces:
        window = _window(surface, view, shape, mirrored=mirrored)
        distance, s, t, hit = surface.meet(start, rays[window])
        hit &= distance < depth[window]
        if not hit.any():
            continue
        shaded = surface.shader(s[hit], t[hit])
        if shaded.shape[1] == 4:
            solid = shaded[:, 3] > 0.5
            hit[hit] = solid
            shaded = shaded[solid, :3]
        facing = surface.frame[5]
        depth[window][hit] = distance[hit]
        colour[window][hit] = shaded
        flip = np.where((rays[window][hit] @ facing) > 0, -1.0, 1.0).astype(np.float32)
        normal[window][hit] = flip[:, None] * facing
        glow[window][hit] = surface.glow
        on_ground[window][hit] = surface.ground
    return Cast(start=start, rays=rays, depth=depth, colour=colour, normal=normal, glow=glow, ground=on_ground)


def _window(surface: Surface, view: View, shape: tuple[int, ...], *, mirrored: bool) -> tuple[slice, slice]:
    origin, s, t = (np.asarray(v, dtype=np.float32) for v in (surface.origin, surface.edge_s, surface.edge_t))
    corners = np.stack([origin, origin + s, origin + t, origin + s + t])
    if mirrored:
        corners[:, 2] *= -1
    if (((corners - view.position) @ view.axes[2]) < 0.1).any():
        return slice(None), slice(None)
    points = view.project(corners) * (shape[1] / view.width_px)
    low, high = np.floor(points.min(0)).astype(int) - 1, np.ceil(points.max(0)).astype(int) + 2
    return slice(max(low[1], 0), max(high[1], 0)), slice(max(low[0], 0), max(high[0], 0))


def sunlit(surfaces: Sequence[Surface], spots: Floats, *, sun_from: Point) -> Floats:
    """Share of the sun that reaches each spot (..., 3): 1 in the open, 0 in the shadow of a surface."""
    toward = np.asarray(sun_from, dtype=np.float32)
    lit = np.ones(spots.shape[:-1], dtype=np.float32)
    for surface in surfaces:
        if surface.ground or not surface.shadow:
            continue
        origin, s_axis, t_axis, length_s, length_t, normal = surface.frame
        slope = float(toward @ normal)
        if abs(slope) < 1e-3:
            continue
        distance = ((origin - spots) @ normal) / slope
        meeting = spots + distance[..., None] * toward - origin
        s, t = (np.asarray(meeting @ axis, dtype=np.float32) for axis in (s_axis, t_axis))
        hit = (distance > 0.03) & (s >= 0) & (s <= length_s) & (t >= 0) & (t <= length_t)
        if not hit.any():
            continue
        shaded = surface.shader(s[hit], t[hit])
        if shaded.shape[1] == 4:
            hit[hit] = shaded[:, 3] > 0.5
        lit[hit] = 0.0
    return lit


def illuminate(light: Light, spots: Floats, normals: Floats, sun_share: Floats) -> Floats:
    """Light that falls on spots (..., 3) with unit normals (..., 3): linear (..., 3)."""
    upward = 0.75 + 0.25 * normals[..., 2:3]
    total = upward * np.asarray(light.ambient, dtype=np.float32)
    toward = np.asarray(light.sun_from, dtype=np.float32)
    toward = toward / np.linalg.norm(toward)
    cosine = np.maximum(normals @ toward, 0.0) * sun_share
    total = total + cosine[..., None] * np.asarray(light.sun, dtype=np.float32)
    for lamp in light.lamps:
        ray = np.asarray(lamp.at, dtype=np.float32) - spots
        distance2 = np.maximum((ray * ray).sum(-1), 1e-4)
        cosine = np.maximum((ray * normals).sum(-1) / np.sqrt(distance2), 0.0) * 0.8 + 0.2
        fall = cosine / (1 + distance2 / lamp.reach_m**2)
        total = total + fall[..., None] * np.asarray(lamp.colour, dtype=np.float32)
    return np.asarray(total, dtype=np.float32)


def sky(light: Light, rays: Floats) -> Floats:
    """Colour of the open sky along rays, linear (..., 3): paler toward the horizon, with clouds."""
    height = rays[..., 2] / np.maximum(np.linalg.norm(rays, axis=-1), 1e-6)
    flat = np.maximum(height, 0.02)
    cloud = fbm(
        np.asarray(rays[..., 0] / flat, np.float32), np.asarray(rays[..., 1] / flat, np.float32), metres=16.0, octaves=5
    )
    cloud = np.asarray(cv2.GaussianBlur(cloud, (0, 0), 1.5), dtype=np.float32)
    tone = np.asarray(light.sky, dtype=np.float32)
    pale = np.full(3, tone.mean(), dtype=np.float32) * 1.15
    weight = np.clip(np.exp(-height * 4.0) * 0.8 + light.clouds * np.clip(cloud, 0, 2), 0, 1)[..., None]
    return np.asarray(tone * (1 - weight) + pale * weight, dtype=np.float32)
