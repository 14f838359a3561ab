"""The cameras of the demo world: what they are told to be, and how they are mounted."""

from collections.abc import Callable
from dataclasses import dataclass

from demo.render.places import corridor, courtyard, gate, lobby
from demo.render.scene import Place
from demo.render.view import View


@dataclass(frozen=True, kw_only=True)
class Camera:
    """A camera: its attributes for the product, its mounting, and the place it looks at."""

    name: str
    location: str
    angle: str
    indoor: bool
    height_m: float
    pitch_deg: float
    yaw_deg: float
    focal: float
    x_m: float
    build: Callable[[], Place]

    def view(self, *, width_px: int, height_px: int) -> View:
        """Give the camera's geometry for a picture size."""
        return View(
            width_px=width_px,
            height_px=height_px,
            focal=self.focal,
            height_m=self.height_m,
            pitch_deg=self.pitch_deg,
            yaw_deg=self.yaw_deg,
            x_m=self.x_m,
        )


CAMERAS: dict[str, Camera] = {
    camera.name: camera
    for camera in (
        Camera(
            name="corridor",
            location="office, first floor",
            angle="eye-level",
            indoor=True,
            height_m=2.5,
            pitch_deg=13.0,
            yaw_deg=-7.0,
            focal=0.72,
            x_m=0.9,
            build=corridor.build,
        ),
        Camera(
            name="courtyard",
            location="inner yard",
            angle="oblique",
            indoor=False,
            height_m=3.4,
            pitch_deg=9.0,
            yaw_deg=2.0,
            focal=0.78,
            x_m=0.0,
            build=courtyard.build,
        ),
        Camera(
            name="gate",
            location="north gate",
            angle="high",
            indoor=False,
            height_m=8.5,
            pitch_deg=25.0,
            yaw_deg=-3.0,
            focal=0.85,
            x_m=0.5,
            build=gate.build,
        ),
        Camera(
            name="lobby",
            location="main entrance",
            angle="oblique",
            indoor=True,
            height_m=3.3,
            pitch_deg=14.0,
            yaw_deg=0.0,
            focal=0.66,
            x_m=0.4,
            build=lobby.build,
        ),
    )
}
