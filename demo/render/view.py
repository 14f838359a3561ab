"""A pinhole camera over a ground plane. Metres: x right, y forward, z up; the ground is z = 0."""

import math
from dataclasses import dataclass

import numpy as np

from demo.render.arrays import Floats


@dataclass(frozen=True, kw_only=True)
class View:
    """A fixed camera at (x_m, 0, height_m), turned right by yaw_deg and tilted down by pitch_deg."""

    width_px: int
    height_px: int
    focal: float
    height_m: float
    pitch_deg: float
    yaw_deg: float = 0.0
    x_m: float = 0.0

    @property
    def focal_px(self) -> float:
        """Focal length in pixels; `focal` is the fraction of the picture's width."""
        return self.focal * self.width_px

    @property
    def position(self) -> Floats:
        """Place of the lens, (3,) metres."""
        return np.asarray([self.x_m, 0.0, self.height_m], dtype=np.float32)

    @property
    def axes(self) -> Floats:
        """Rows right, down and forward of the camera, (3, 3)."""
        yaw, pitch = math.radians(self.yaw_deg), math.radians(self.pitch_deg)
        ahead = np.asarray([math.sin(yaw), math.cos(yaw), 0.0])
        right = np.asarray([math.cos(yaw), -math.sin(yaw), 0.0])
        up = np.asarray([0.0, 0.0, 1.0])
        forward = math.cos(pitch) * ahead - math.sin(pitch) * up
        down = -math.sin(pitch) * ahead - math.cos(pitch) * up
        return np.asarray([right, down, forward], dtype=np.float32)

    def project(self, points: Floats) -> Floats:
        """Project (N, 3) metres to (N, 3): x_px, y_px, depth_m. Depth is kept at 0.05 m or more."""
        local = (points - self.position) @ self.axes.T
        depth = np.maximum(local[:, 2], 0.05)
        x = self.width_px / 2 + self.focal_px * local[:, 0] / depth
        y = self.height_px / 2 + self.focal_px * local[:, 1] / depth
        return np.stack([x, y, depth], axis=1).astype(np.float32)

    def rays(self, *, samples: int) -> Floats:
        """Directions through a grid of samples x samples points a pixel, (H*s, W*s, 3), of unit depth."""
        xs = (np.arange(self.width_px * samples) + 0.5) / samples - self.width_px / 2
        ys = (np.arange(self.height_px * samples) + 0.5) / samples - self.height_px / 2
        right, down, forward = self.axes
        across = xs[None, :, None] / self.focal_px * right
        below = ys[:, None, None] / self.focal_px * down
        return np.asarray(across + below + forward, dtype=np.float32)
