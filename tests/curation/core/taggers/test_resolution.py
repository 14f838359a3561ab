"""Resolution by the shorter side."""

import pytest

from curation.core.taggers.resolution import Resolution
from curation.core.types import Tag
from tests.curation.core.taggers.views import view


@pytest.mark.parametrize(
    "width_px, height_px, name",
    [
        (1, 1, "SD"), (704, 576, "SD"), (1279, 719, "SD"), (1280, 720, "HD"), (720, 1280, "HD"), (1440, 1079, "HD"),
        (1920, 1080, "FHD"), (1080, 1920, "FHD"), (2560, 1440, "QHD"), (3840, 2160, "4K"), (4096, 2160, "4K"),
        (7680, 4320, "8K"), (15360, 8640, "8K"),
    ],
)  # fmt: skip
def test_resolution_goes_by_the_shorter_side(width_px, height_px, name):
    (tag,) = Resolution().tag(view(width_px=width_px, height_px=height_px))
    assert tag == Tag("resolution", name, "tagger", "resolution", 1.0)
