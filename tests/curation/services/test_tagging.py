"""Tags of one frame, and whose word stands."""

from datetime import UTC, datetime
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.core.spec import parse
from curation.core.types import Box, Tag
from curation.services.tagging import RANK, as_json, camera_tags, merge, tag_frame

SPEC = parse({"name": "mine", "stages": [{"kind": "motion"}]})


def layer(**said):
    """One layer: factor=(value, source)."""
    return (
        {factor: value for factor, (value, _) in said.items()},
        {factor: {"source": source} for factor, (_, source) in said.items()},
    )


def test_a_cameras_attributes_are_its_tags():
    attributes = {
        "location": "lobby",
        "indoor": True,
        "angle": 30,
        "height_m": 2.5,
        "notes": ["a"],
        "map": {},
        "x": None,
    }
    assert camera_tags(attributes) == [
        Tag("angle", 30, "camera", "camera"),
        Tag("height_m", 2.5, "camera", "camera"),
        Tag("indoor", True, "camera", "camera"),
        Tag("location", "lobby", "camera", "camera"),
    ]
    assert camera_tags({}) == []


def test_values_and_evidence_are_stored_apart():
    tag = Tag("indoor", True, "rule", "indoor", 0.8, {"because": ["tv"]})
    assert as_json([tag]) == (
        {"indoor": True},
        {"indoor": {"source": "rule", "by": "indoor", "confidence": 0.8, "because": ["tv"]}},
    )
    assert as_json([]) == ({}, {})


@pytest.mark.parametrize(
    "weaker, stronger",
    [("camera", "model"), ("camera", "tagger"), ("model", "rule"), ("tagger", "rule"), ("rule", "human")],
)
def test_human_beats_rule_beats_model_beats_camera_whoever_came_first(weaker, stronger):
    low, high = layer(indoor=(False, weaker)), layer(indoor=(True, stronger))
    assert merge([low, high]) == merge([high, low]) == high


@pytest.mark.parametrize("source", sorted(RANK))
def test_of_equals_the_later_word_stands(source):
    assert merge([layer(people=(1, source)), layer(people=(2, source))]) == layer(people=(2, source))


def test_layers_add_up():
    low, high = layer(angle=(30, "camera"), indoor=(True, "camera")), layer(indoor=(False, "rule"), people=(1, "model"))
    assert merge([low, high]) == layer(angle=(30, "camera"), indoor=(False, "rule"), people=(1, "model"))


def test_nothing_merges_to_nothing():
    assert merge([]) == ({}, {})
    assert merge([({}, {})]) == ({}, {})


def test_merging_leaves_the_layers_alone():
    given_ = layer(people=(1, "model"))
    _, evidence = merge([given_])
    evidence["people"]["source"] = "human"
    assert given_ == layer(people=(1, "model"))


LAYERS = st.lists(st.tuples(st.integers(), st.sampled_from(sorted(RANK))), min_size=1, max_size=5)


@given(LAYERS)
def test_the_last_of_the_strongest_stands(said):
    strongest = max(RANK[source] for _, source in said)
    winner = [one for one in said if RANK[one[1]] == strongest][-1]
    assert merge([layer(people=one) for one in said]) == layer(people=winner)


@given(st.sets(st.sampled_from(["camera", "model", "rule", "human"]), min_size=1))
def test_the_order_of_layers_of_different_strength_does_not_matter(sources):
    layers = [layer(indoor=(index, source)) for index, source in enumerate(sorted(sources))]
    assert all(merge(order) == merge(layers) for order in permutations(layers))


class GreyPicture:
    is_full_range = True

    def luma(self):
        return np.full((720, 1280), 100, np.uint8)


def frame_tags(*, camera=(), **known):
    frame = {
        "width_px": 1280, "height_px": 720, "recorded_at": None, "motion_percent": None, "boxes": None, "detector": "",
    }  # fmt: skip
    tags = tag_frame(spec=SPEC, picture=GreyPicture(), camera=camera, **(frame | known))
    return as_json(tags)[0]


def test_what_is_not_known_is_not_tagged():
    assert frame_tags() == {
        "brightness": 100.0, "lighting": "normal", "contrast": 0.0, "blur": 1.0, "blurriness": "blurred",
        "resolution": "HD",
    }  # fmt: skip


def test_every_tagger_has_its_word():
    tags = frame_tags(
        recorded_at=datetime(2026, 3, 1, 7, tzinfo=UTC),
        motion_percent=0.5,
        boxes=[Box("person", 0.9, 0, 0, 1, 1), Box("tv", 0.8, 0, 0, 1, 1)],
        detector="toy:1",
    )
    assert tags.keys() == {factor.name for tagger in SPEC.taggers.values() for factor in tagger.factors}
    assert (tags["people"], tags["indoor"], tags["motion"], tags["time_of_day"]) == (1, True, True, "morning")


def test_taggers_read_what_the_camera_says():
    seven = datetime(2026, 3, 1, 7, tzinfo=UTC)
    camera = camera_tags({"timezone": "Asia/Tokyo"})
    assert frame_tags(recorded_at=seven, camera=camera)["time_of_day"] == "afternoon"
