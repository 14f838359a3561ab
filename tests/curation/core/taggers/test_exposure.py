"""Lighting by mean luma."""

import pytest

from curation.core.taggers.exposure import LIGHTING, Exposure
from curation.core.types import Tag
from tests.curation.core.taggers.views import view


@pytest.mark.parametrize(
    "brightness, lighting",
    [
        (0, "pitch_dark"), (11.99, "pitch_dark"), (12, "dark"), (44.99, "dark"), (45, "dim"), (89.99, "dim"),
        (90, "normal"), (184.99, "normal"), (185, "bright"), (255, "bright"),
    ],
)  # fmt: skip
def test_lighting_is_a_bin_of_the_brightness(brightness, lighting):
    assert Exposure().tag(view(brightness=brightness))[1].value == lighting


def test_the_numbers_are_kept_with_their_evidence():
    assert Exposure().tag(view(brightness=50.123, contrast=7.777)) == [
        Tag("brightness", 50.12, "tagger", "exposure", 1.0),
        Tag("lighting", "dim", "tagger", "exposure", 1.0),
        Tag("contrast", 7.78, "tagger", "exposure", 1.0),
    ]


def test_thresholds_belong_to_the_run():
    assert Exposure(dark_from=60, dim_from=70).tag(view(brightness=50))[1].value == "pitch_dark"


def test_thresholds_must_rise():
    with pytest.raises(ValueError, match="must rise"):
        Exposure(dark_from=50)
    assert Exposure(dark_from=45).tag(view(brightness=45))[1].value == "dim"


def test_bins_are_the_factors_values():
    assert Exposure.factors[1].values == LIGHTING
