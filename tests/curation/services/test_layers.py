"""Whose word stands: cameras, runs, imports, rules and people, over one another."""

import itertools

import pytest
import yaml
from django.db import connection
from django.test.utils import CaptureQueriesContext

from curation.models import Frame
from curation.services.conditions import save_conditions
from curation.services.layers import refresh_tags
from curation.services.rules import broken_rules
from tests.factories import CameraFactory, DataImportFactory, FrameFactory, KeepFactory, TagEditFactory, VideoFactory

pytestmark = pytest.mark.django_db


def set_rules(**rules):
    """Bring conditions into force: factor=[(value, when), …]; each of these factors is boolean."""
    factors = {
        name: {"kind": "boolean", "from": "rules", "rules": [{"value": value, "when": when} for value, when in listed]}
        for name, listed in rules.items()
    }
    text = {"name": "mine", "factors": {"weather": {"from": "people"}, **factors}}
    return save_conditions(text=yaml.safe_dump(text, sort_keys=False))[0]


def refreshed(frame):
    changes = refresh_tags([frame])
    frame.refresh_from_db()
    return frame, changes


def camera_says(frame, value):
    frame.camera.attributes = {"wet": value}
    frame.camera.save()


SAID = {
    "camera": camera_says,
    "tagger": lambda frame, value: KeepFactory(frame=frame, tags={"wet": value}),
    "rule": lambda frame, value: set_rules(wet=[(value, "*:*")]),
    "human": lambda frame, value: TagEditFactory(frame=frame, factor="wet", value=value),
}


@pytest.mark.parametrize("weaker, stronger", list(itertools.combinations(SAID, 2)))
def test_people_beat_rules_beat_taggers_beat_cameras(weaker, stronger):
    set_rules(other=[(True, "weather:x")])
    frame = FrameFactory()
    for value in (True, False):
        SAID[stronger](frame, value)
        SAID[weaker](frame, not value)
        frame, _ = refreshed(frame)
        assert frame.tags["wet"] is value
        assert frame.evidence["wet"]["source"] == stronger


def test_evidence_says_which_rule_held_and_who_spoke():
    set_rules(wet=[(False, "weather:dry"), (True, "weather:(rain OR snow)")])
    frame = FrameFactory()
    edit = TagEditFactory(frame=frame, factor="weather", value="rain")
    frame, changes = refreshed(frame)
    assert frame.tags == {"weather": "rain", "wet": True}
    assert frame.evidence == {
        "weather": {"source": "human", "by": "unknown", "confidence": 1.0, "edit": edit.pk},
        "wet": {"source": "rule", "by": "conditions", "confidence": 1.0, "when": "weather:(rain OR snow)"},
    }
    assert [(change.frame_id, change.before, change.after) for change in changes] == [(frame.pk, {}, frame.tags)]
    assert refreshed(frame)[1] == []


def test_of_several_rules_the_first_that_holds_decides():
    set_rules(wet=[(True, "weather:rain"), (False, "*:*")])
    rainy, other = FrameFactory(), FrameFactory()
    TagEditFactory(frame=rainy, factor="weather", value="rain")
    assert refreshed(rainy)[0].tags["wet"] is True
    assert refreshed(other)[0].tags["wet"] is False


def test_later_rules_see_what_earlier_ones_said_and_what_people_said_instead():
    set_rules(wet=[(True, "weather:rain")], slippery=[(True, "wet:yes"), (False, "wet:no")])
    frame = FrameFactory()
    TagEditFactory(frame=frame, factor="weather", value="rain")
    assert refreshed(frame)[0].tags["slippery"] is True
    TagEditFactory(frame=frame, factor="wet", value=False)
    assert refreshed(frame)[0].tags == {"weather": "rain", "wet": False, "slippery": False}


def test_rules_ask_for_counts_camera_video_and_time():
    set_rules(
        a=[(True, "count.person:>1")],
        b=[(True, "camera:gate AND video:film.mp4")],
        c=[(True, "recorded_at:2026-01-05 AND pts_s:<2")],
        d=[(True, "NOT objects:dog AND people:[* TO *]")],
    )
    frame = FrameFactory(video=VideoFactory(name="film.mp4", camera=CameraFactory(name="gate")), pts_us=1_900_000)
    KeepFactory(frame=frame, tags={"object_counts": {"person": 2}, "objects": ["person"], "people": 2})
    tags = refreshed(frame)[0].tags
    assert {name for name in "abcd" if tags.get(name)} == set("abcd")


def test_the_newest_word_of_people_stands_and_null_takes_it_back():
    frame = FrameFactory()
    KeepFactory(frame=frame, tags={"weather": "fog"}, evidence={"weather": {"source": "model"}})
    for value, stands in (("rain", "rain"), ("snow", "snow"), (None, "fog"), ("rain", "rain")):
        TagEditFactory(frame=frame, factor="weather", value=value)
        assert refreshed(frame)[0].tags["weather"] == stands


def test_an_import_speaks_after_all_runs():
    frame = FrameFactory()
    imported = DataImportFactory()
    KeepFactory(frame=frame, run=None, made_in=imported, reason="import", tags={"people": 3})
    KeepFactory(frame=frame, tags={"people": 1})
    assert refreshed(frame)[0].tags == {"people": 3}


@pytest.mark.parametrize(
    "said, stands",
    [
        ({"people": 0}, {"people": 0, "has_people": False}),
        ({"people": 2}, {"people": 2, "has_people": True}),
        ({"has_people": False}, {"people": 0, "has_people": False}),
        ({"has_people": True}, {"people": 1, "has_people": True}),
        ({"people": 2, "has_people": False}, {"people": 2, "has_people": False}),  # both are people's own words
    ],
)
def test_a_word_on_how_many_people_is_one_on_whether_there_are_any(said, stands):
    frame = FrameFactory()
    KeepFactory(frame=frame, tags={"people": 1, "has_people": True})
    for factor, value in said.items():
        TagEditFactory(frame=frame, factor=factor, value=value)
    assert refreshed(frame)[0].tags == stands


def test_a_rule_whose_field_is_gone_holds_for_nothing_and_is_named():
    gate = CameraFactory(attributes={"mood": "grim"})
    row = set_rules(dire=[(True, "mood:grim")], wet=[(True, "*:*")])
    frame = FrameFactory(video=VideoFactory(camera=gate))
    assert refreshed(frame)[0].tags["dire"] is True
    gate.attributes = {}
    gate.save()
    assert refreshed(frame)[0].tags == {"wet": True}
    (broken,) = broken_rules(row)
    assert broken.factor == "dire"
    assert "There is no field 'mood'" in str(broken)


def test_what_did_not_change_is_not_written():
    frame = FrameFactory()
    KeepFactory(frame=frame, tags={"people": 1})
    refreshed(frame)
    with CaptureQueriesContext(connection) as queries:
        assert refresh_tags([frame]) == []
    assert not [one for one in queries if "UPDATE" in one["sql"] and "FOR UPDATE" not in one["sql"]]


def test_true_is_not_one():
    frame = FrameFactory()
    keep = KeepFactory(frame=frame, tags={"floor": True})
    refreshed(frame)
    keep.tags = {"floor": 1}
    keep.save()
    frame, changes = refreshed(frame)
    assert frame.tags["floor"] is not True
    assert len(changes) == 1


def test_as_many_queries_for_many_frames_as_for_few():
    set_rules(wet=[(True, "weather:rain")])
    video = VideoFactory()
    counts = []
    for number in (1, 30):
        frames = [FrameFactory(video=video) for _ in range(number)]
        for frame in frames:
            KeepFactory(frame=frame, run=None, made_in=DataImportFactory(), reason="import", tags={"people": 1})
            TagEditFactory(frame=frame, value="rain")
        refresh_tags(frames[:1])
        with CaptureQueriesContext(connection) as queries:
            refresh_tags(frames)
        counts.append(len(queries) - (number == 30))  # the one that writes
    assert counts[0] == counts[1]
    assert {frame.tags["wet"] for frame in Frame.objects.all()} == {True}


def test_nothing_to_refresh_is_no_error():
    assert refresh_tags([]) == []
