"""Blur as a number and as a bin."""

import pytest

from curation.core.taggers.blurriness import Blurriness
from curation.core.types import Tag
from tests.curation.core.taggers.views import view


@pytest.mark.parametrize(
    "blur, name",
    [(0, "sharp"), (0.4199, "sharp"), (0.42, "soft"), (0.5499, "soft"), (0.55, "blurred"), (1, "blurred")],
)
def test_blurriness_is_a_bin_of_the_blur(blur, name):
    assert Blurriness(soft_from=0.42, blurred_from=0.55).tag(view(blur=blur))[1].value == name


def test_the_number_is_kept_with_its_evidence():
    assert Blurriness(soft_from=0.1, blurred_from=0.1).tag(view(blur=0.123456)) == [
        Tag("blur", 0.1235, "tagger", "blurriness", 1.0),
        Tag("blurriness", "blurred", "tagger", "blurriness", 1.0),
    ]


def test_thresholds_must_rise():
    with pytest.raises(ValueError, match=r"soft_from 0\.6 is above blurred_from 0\.55"):
        Blurriness(soft_from=0.6, blurred_from=0.55)
