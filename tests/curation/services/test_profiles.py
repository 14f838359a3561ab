"""Profiles of stored frames: the whole, a query, beside a dataset version; and every query in them finds its frames."""

import json
from datetime import timedelta

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from curation.core.query import QueryError
from curation.models import Frame
from curation.services.conditions import save_conditions
from curation.services.filtering import frames_matching
from curation.services.profiles import ProfileError, profile
from tests.factories import START, CameraFactory, DatasetFrameFactory, DatasetVersionFactory, FrameFactory, VideoFactory

pytestmark = pytest.mark.django_db

CONDITIONS = """
name: yard
factors:
  lighting: {values: [dark, dim, bright], expected: {dark: 0.5, bright: 0.5}}
  weather: {values: [dry, rain], from: people}
  people: {kind: numeric, bins: [1, 3], names: [nobody, some, crowd]}
  motion: {kind: boolean}
  location: {from: camera}
critical:
- {name: rainy night, when: {lighting: dark, weather: rain}, least_frames: 3}
"""
TAGS = [
    {"lighting": "dark", "weather": "rain", "people": 0, "motion": True, "object_counts": {"car": 2}},
    {"lighting": "bright", "weather": "dry", "people": 2, "object_counts": {"car": 1, "person": 2}},
    {"lighting": "bright", "weather": "dry", "people": 7, "object_counts": {"person": 7}},
    {"lighting": "bright", "people": 1, "motion": False, "object_counts": {}},
    {"lighting": "bright", "weather": "rain", "people": 3},
    {},
]


@pytest.fixture
def frames():
    save_conditions(text=CONDITIONS)
    gate = VideoFactory(camera=CameraFactory(name="gate"), recorded_at=START)
    yard = VideoFactory(camera=CameraFactory(name="yard-2"), recorded_at=START + timedelta(days=10))
    return [FrameFactory(video=gate if i < 4 else yard, pts_us=i * 1_000_000, tags=t) for i, t in enumerate(TAGS)]


def factor(found, name):
    return next(one for one in found.factors if one.factor == name)


def counts(distribution):
    return {value.value: value.frames for value in distribution.values}


def test_everything_is_counted(frames):
    found = profile(pairs=[("lighting", "weather")])
    assert (found.frames, found.conditions, found.has_expected, found.against) == (6, "yard", True, "")
    assert [one.factor for one in found.factors] == ["lighting", "weather", "people", "motion", "location"]
    assert counts(factor(found, "lighting")) == {"dark": 1, "dim": 0, "bright": 4}
    assert counts(factor(found, "people")) == {"nobody": 1, "some": 2, "crowd": 2}
    assert counts(factor(found, "motion")) == {"false": 1, "true": 1}
    assert factor(found, "location").missing == 6
    assert counts(found.cameras) == {"gate": 4, "yard-2": 2}
    assert found.time_width == "day"
    assert counts(found.time) == {"2026-01-05": 4, "2026-01-15": 2}
    assert found.pairs[0].counts == ((0, 1), (0, 0), (2, 1))
    assert [(c.name, c.frames, c.short_by) for c in found.critical] == [("rainy night", 1, 2)]
    assert [(c.label, c.frames, c.objects) for c in found.classes] == [("car", 2, 3), ("person", 2, 9)]
    assert found.not_looked_at == 2
    assert found.gaps[0].kind == "critical"
    assert any(gap.text.startswith("lighting: dark is 20.0% of the frames of which it is known") for gap in found.gaps)


def test_a_query_is_profiled_and_what_it_lacks_is_looked_for_elsewhere(frames):
    Frame.objects.filter(pk=frames[4].pk).update(held_out=True)
    found = profile("camera:gate AND lighting:bright")
    assert (found.frames, counts(factor(found, "lighting"))) == (3, {"dark": 0, "dim": 0, "bright": 3})
    dark = next(gap for gap in found.gaps if gap.text.startswith("lighting: dark"))
    assert dark.elsewhere == 1
    assert set(frames_matching(dark.query)) == {frames[0]}
    assert profile("lighting:dark").gaps[0].elsewhere == 0  # the rainy frame of the yard is bright


def test_frames_that_are_held_out_fill_no_gap(frames):
    Frame.objects.filter(pk=frames[0].pk).update(held_out=True)
    found = profile("lighting:bright")
    dark = next(gap for gap in found.gaps if gap.text.startswith("lighting: dark"))
    assert (dark.elsewhere, "The rest of the collection has none" in dark.text) == (0, True)
    assert profile().held_out == 1


def test_every_query_in_a_profile_finds_the_frames_that_were_counted(frames):
    asked = "camera:gate OR people:>2"
    found = profile(asked, pairs=[("lighting", "camera"), ("time", "people")])
    for one in (*found.factors, found.cameras, found.time):
        for value in one.values:
            assert frames_matching(f"({asked}) AND {value.query}").count() == value.frames, value.query
        assert frames_matching(f"({asked}) AND ({one.missing_query})").count() == one.missing
    for cover in found.critical:
        assert frames_matching(f"({asked}) AND {cover.query}").count() == cover.frames
    for matrix in found.pairs:
        assert all(not frames_matching(f"({asked}) AND {absent.query}").exists() for absent in matrix.absent)
    for gap in found.gaps:
        frames_matching(gap.query).count()


def test_beside_a_dataset_version_differences_come_worst_first(frames):
    version = DatasetVersionFactory(dataset__name="roads", number=2)
    for frame in frames[:2]:
        DatasetFrameFactory(version=version, frame=frame)
    found = profile(against=version)
    assert (found.against, found.against_frames) == ("roads@2", 2)
    lighting = factor(found, "lighting")
    assert [(v.value, v.frames, v.other_frames) for v in lighting.values] == [
        ("dark", 1, 1),
        ("dim", 0, 0),
        ("bright", 4, 1),
    ]
    assert lighting.other_divergence == pytest.approx(0.073, abs=0.001)
    assert counts(found.cameras) == {"gate": 4, "yard-2": 2}
    assert [one.part for one in found.differences] == sorted((one.part for one in found.differences), reverse=True)
    crowd = next(one for one in found.differences if one.value == "crowd")
    assert set(frames_matching(crowd.query)) == {frames[2], frames[4]}
    assert all(one.factor != "location" for one in found.differences)  # known of none in either


def test_a_version_is_a_query_too(frames):
    version = DatasetVersionFactory(dataset__name="roads", number=2)
    DatasetFrameFactory(version=version, frame=frames[1])
    assert profile("dataset:roads@2", against=version).differences == ()


def test_nothing_at_all_has_a_profile():
    found = profile(pairs=[("lighting", "time")])
    assert (found.frames, found.gaps, found.time.values, found.classes) == (0, (), (), ())
    assert found.rating.rated == 0
    assert found.rating.mean_uniqueness is None
    assert json.loads(json.dumps(found.to_dict()))["frames"] == 0


def test_a_query_that_nothing_matches_has_a_profile(frames):
    found = profile("people:>99", pairs=[("lighting", "camera")])
    assert (found.frames, found.gaps, found.pairs[0].known) == (0, (), 0)
    assert factor(found, "lighting").divergence is None


def test_ratings_are_summed_up_where_there_are_any(frames):
    assert profile().rating.duplicates is None
    Frame.objects.filter(pk=frames[0].pk).update(uniqueness=0.5, typicality=2.0, outlier_score=4.0)
    Frame.objects.filter(pk=frames[1].pk).update(
        uniqueness=0.1, typicality=1.0, outlier_score=0.0, duplicate_of=frames[0].pk
    )
    rating = profile().rating
    assert (rating.rated, rating.duplicates, rating.outliers) == (2, 1, 1)
    assert (rating.mean_uniqueness, rating.mean_typicality) == (pytest.approx(0.3), pytest.approx(1.5))
    assert profile("lighting:bright").rating.outliers == 0


@pytest.mark.parametrize(
    "pairs, code, says",
    [
        ([("lighting", "wether")], "unknown_factor", "no factor 'wether'.*Valid ones: lighting, .*camera, time"),
        ([("lighting", "lighting")], "bad_pair", "two different factors"),
        ([("lighting", "weather")] * 21, "too_many_pairs", "at most 20"),
    ],
)
def test_a_pair_that_cannot_be_says_what_can(frames, pairs, code, says):
    with pytest.raises(ProfileError, match=says) as caught:
        profile(pairs=pairs)
    assert caught.value.code == code


def test_a_wrong_query_is_refused(frames):
    with pytest.raises(QueryError):
        profile("people>0")


def test_time_can_be_left_out(frames):
    found = profile(by_time=False)
    assert (found.time, found.time_width) == (None, None)


def test_new_conditions_and_new_frames_are_seen_at_once(frames):
    assert profile().frames == 6
    FrameFactory(video=frames[0].video, tags={"lighting": "dim"})
    save_conditions(text="name: other\nfactors:\n  lighting: {values: [dim]}\n")
    found = profile()
    assert (found.frames, [one.factor for one in found.factors]) == (7, ["lighting"])
    assert counts(found.factors[0]) == {"dim": 1, "bright": 4, "dark": 1}


def test_no_frame_is_read_by_sql_for_what_is_in_memory(frames):
    profile()
    with CaptureQueriesContext(connection) as queries:
        profile("lighting:bright AND people:>0", pairs=[("lighting", "weather")])
    assert len(queries) < 12


def test_it_is_what_counting_one_by_one_gives():
    """Against a slow, obvious version, on many random frames."""
    save_conditions(text=CONDITIONS)
    rng = np.random.default_rng(7)
    video = VideoFactory()
    rows = []
    for i in range(300):
        tags = {}
        if rng.random() < 0.9:
            tags["lighting"] = str(rng.choice(["dark", "dim", "bright", "odd"]))
        if rng.random() < 0.5:
            tags["weather"] = str(rng.choice(["dry", "rain"]))
        if rng.random() < 0.8:
            tags["people"] = int(rng.integers(0, 6))
        rows.append(Frame(video=video, camera=video.camera, pts_us=i, image=f"{i}", width_px=1, height_px=1, tags=tags))
    Frame.objects.bulk_create(rows)
    chosen = [row for row in rows if row.tags.get("people", 0) > 2]
    found = profile("people:>2", pairs=[("lighting", "weather")])
    assert found.frames == len(chosen)
    for value in factor(found, "lighting").values:
        assert value.frames == sum(row.tags.get("lighting") == value.value for row in chosen)
    matrix = found.pairs[0]
    for i, first in enumerate(matrix.first_values):
        for j, second in enumerate(matrix.second_values):
            both = [row for row in chosen if (row.tags.get("lighting"), row.tags.get("weather")) == (first, second)]
            assert matrix.counts[i][j] == len(both)
