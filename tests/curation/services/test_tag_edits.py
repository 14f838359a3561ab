"""People's word on tags: checked, written down, taken back."""

import threading
import uuid

import pytest
import yaml
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from curation.models import Frame, Job, TagEdit
from curation.services import tag_edit_jobs, tag_edits
from curation.services.conditions import save_conditions
from curation.services.filtering import frames_matching
from curation.services.job_kinds import run_here
from curation.services.layers import refresh_tags
from curation.services.tag_edit_jobs import ask_edit, ask_undo, edit_many
from curation.services.tag_edits import edit_tags, undo_batch
from curation.services.tag_words import TagEditError, check_changes
from tests.factories import CameraFactory, FrameFactory, KeepFactory, VideoFactory

FACTORS = {
    "weather": {"from": "people", "values": ["rain", "snow", "dry"]},
    "wet": {"kind": "boolean", "from": "people"},
    "load": {"kind": "numeric", "bins": [1], "from": "people"},
    "place": {"from": "people"},
    "night": {"kind": "boolean", "from": "rules", "rules": [{"value": True, "when": "weather:snow"}]},
}


@pytest.fixture
def setting(db):
    save_conditions(text=yaml.safe_dump({"name": "mine", "factors": FACTORS}))


@pytest.fixture
def frames(setting):
    video = VideoFactory()
    made = [FrameFactory(video=video) for _ in range(4)]
    for frame in made:
        KeepFactory(frame=frame, tags={"lighting": "dim"})
    refresh_tags(made)
    return made


@pytest.fixture
def ann(db):
    return get_user_model().objects.create_user("ann")


def ids(frames):
    return [frame.pk for frame in frames]


def tags():
    return [frame.tags for frame in Frame.objects.order_by("pk")]


def trail():
    return [(e.frame_id, e.factor, e.before, e.value) for e in TagEdit.objects.order_by("id")]


def test_a_word_on_several_frames_is_written_down_with_what_stood_before(frames, ann):
    one, two, *_ = frames
    made = edit_tags(frames=ids([one, two]), changes={"weather": "snow", "lighting": "dark"}, user=ann, note="by eye")
    assert (made.frames, made.edits, made.changed) == (2, 4, 2)
    assert tags()[:2] == [{"lighting": "dark", "weather": "snow", "night": True}] * 2
    assert trail() == [
        (one.pk, "weather", None, "snow"), (one.pk, "lighting", "dim", "dark"),
        (two.pk, "weather", None, "snow"), (two.pk, "lighting", "dim", "dark"),
    ]  # fmt: skip
    assert {(e.by, e.batch, e.note) for e in TagEdit.objects.all()} == {(ann, made.batch, "by eye")}
    assert Frame.objects.get(pk=one.pk).evidence["weather"]["by"] == "ann"


def test_a_word_that_stands_is_not_written_again(frames, ann):
    edit_tags(frames=ids(frames), changes={"weather": "snow"}, user=ann)
    again = edit_tags(frames=ids(frames), changes={"weather": "snow", "wet": None}, user=ann)
    assert (again.frames, again.edits, again.changed) == (4, 0, 0)
    # What a machine says already is written down all the same: it is a label.
    sure = edit_tags(frames=ids(frames), changes={"lighting": "dim"}, user=ann)
    assert (sure.edits, sure.changed) == (4, 0)


def test_null_takes_peoples_word_back(frames, ann):
    edit_tags(frames=ids(frames[:1]), changes={"lighting": "dark"}, user=ann)
    made = edit_tags(frames=ids(frames[:1]), changes={"lighting": None}, user=ann)
    assert (made.edits, made.changed) == (1, 1)
    assert tags()[0] == {"lighting": "dim"}
    assert trail()[-1] == (frames[0].pk, "lighting", "dark", None)


def test_a_query_finds_the_frames(frames, ann):
    edit_tags(frames=ids(frames[:3]), changes={"weather": "snow"}, user=ann)
    made = edit_tags(frames=frames_matching("night:yes"), changes={"weather": "rain"}, user=ann)
    assert (made.frames, made.changed) == (3, 3)
    assert [t.get("weather") for t in tags()] == ["rain", "rain", "rain", None]


@pytest.mark.parametrize(
    "changes, code, said",
    [
        ({}, "no_changes", "There is nothing to change"),
        ({"wether": "rain"}, "unknown_factor", "There is no factor 'wether'. There are: blur, blurriness"),
        ({"object_counts": {"person": 1}}, "unknown_factor", "There is no factor 'object_counts'"),
        ({"camera": "gate"}, "unknown_factor", "There is no factor 'camera'"),
        ({"id": 1}, "unknown_factor", "There is no factor 'id'"),
        ({"weather": "hail"}, "wrong_value", "weather cannot be 'hail'; it is one of rain, snow, dry, or null"),
        ({"weather": True}, "wrong_value", "it is one of rain, snow, dry"),
        ({"lighting": "darkish"}, "wrong_value", "it is one of pitch_dark, dark, dim, normal, bright"),
        ({"wet": "yes"}, "wrong_value", "wet cannot be 'yes'; it is true or false"),
        ({"wet": 1}, "wrong_value", "it is true or false"),
        ({"load": True}, "wrong_value", "it is a number"),
        ({"load": "2"}, "wrong_value", "it is a number"),
        ({"load": 1e16}, "wrong_value", "it is a number"),
        ({"load": float("nan")}, "wrong_value", "it is a number"),
        ({"place": ""}, "wrong_value", "it is a text of 1 to 200 characters"),
        ({"place": "x" * 201}, "wrong_value", "it is a text of 1 to 200 characters"),
        ({"place": ["x"]}, "wrong_value", "it is a text"),
        ({"objects": "person"}, "wrong_value", "it is a list of texts"),
        ({"objects": ["person", "person"]}, "wrong_value", "it is a list of texts"),
        ({"objects": [1]}, "wrong_value", "it is a list of texts"),
    ],
)
def test_what_nobody_can_say_is_refused(setting, changes, code, said):
    with pytest.raises(TagEditError) as refused:
        check_changes(changes)
    assert refused.value.code == code
    assert said in str(refused.value)


def test_what_can_be_said(setting):
    CameraFactory(attributes={"floor": 2, "zone": "A"})
    said = {
        "weather": "dry", "wet": False, "load": 0.5, "place": "yard 50%", "objects": [], "people": 3, "motion": True,
        "night": None, "floor": 3, "zone": "B", "lighting": "dark",
    }  # fmt: skip
    assert check_changes(said) == said


def test_an_attribute_whose_name_is_too_long_for_the_trail_cannot_be_said(setting):
    CameraFactory(attributes={"x" * 41: 1})
    with pytest.raises(TagEditError, match="There is no factor"):
        check_changes({"x" * 41: 2})


def test_nothing_is_changed_where_one_frame_is_not_there(frames, ann):
    with pytest.raises(TagEditError, match=r"There is no frame 0, 999999\. Nothing was changed"):
        edit_tags(frames=[frames[0].pk, 999999, 0], changes={"wet": True}, user=ann)
    with pytest.raises(TagEditError, match="The note has 201 characters"):
        edit_tags(frames=ids(frames), changes={"wet": True}, user=ann, note="x" * 201)
    assert trail() == []


def test_no_frames_are_no_error(setting, ann):
    made = edit_tags(frames=[], changes={"wet": True}, user=ann)
    assert (made.frames, made.edits, made.changed) == (0, 0, 0)


def test_undoing_brings_back_what_people_said_before(frames, ann):
    one, two, *_ = frames
    edit_tags(frames=ids([one]), changes={"weather": "rain"}, user=ann)
    made = edit_tags(frames=ids([one, two]), changes={"weather": "snow", "wet": True}, user=ann)
    undone = undo_batch(batch=made.batch, user=ann, note="wrong film")
    assert (undone.frames, undone.edits, undone.changed) == (2, 4, 2)
    assert tags()[:2] == [{"lighting": "dim", "weather": "rain"}, {"lighting": "dim"}]
    again = undo_batch(batch=undone.batch, user=ann)  # undoing can be undone
    assert again.changed == 2
    assert tags()[0] == {"lighting": "dim", "weather": "snow", "wet": True, "night": True}
    assert TagEdit.objects.count() == 1 + 4 + 4 + 4  # the trail has no gap


def test_what_somebody_said_since_stays(frames, ann):
    made = edit_tags(frames=ids(frames[:2]), changes={"weather": "snow"}, user=ann)
    edit_tags(frames=ids(frames[:1]), changes={"weather": "rain"}, user=ann)
    undone = undo_batch(batch=made.batch, user=ann)
    assert (undone.frames, undone.edits) == (2, 1)
    assert [t.get("weather") for t in tags()[:2]] == ["rain", None]
    assert undo_batch(batch=made.batch, user=ann).edits == 0


def test_a_batch_that_is_not_there_cannot_be_undone(ann):
    with pytest.raises(TagEditError, match="There is no batch") as refused:
        undo_batch(batch=uuid.uuid4(), user=ann)
    assert refused.value.code == "not_found"


def test_as_many_queries_for_many_frames_as_for_few(setting, ann):
    video, counts = VideoFactory(), []
    refresh_tags([FrameFactory(video=video)])  # rules are parsed once
    for number in (1, 40):
        made = [FrameFactory(video=video) for _ in range(number)]
        with CaptureQueriesContext(connection) as queries:
            batch = edit_tags(frames=ids(made), changes={"wet": True, "weather": "snow"}, user=ann).batch
        with CaptureQueriesContext(connection) as more:
            undo_batch(batch=batch, user=ann)
        counts.append((len(queries), len(more)))
    assert counts[0] == counts[1]


# Many frames.


@pytest.fixture
def small_bites(monkeypatch):
    monkeypatch.setattr(tag_edit_jobs, "AT_ONCE", 2)
    monkeypatch.setattr(tag_edits, "BATCH", 2)


def test_many_frames_are_a_job_and_its_batch_can_be_undone_by_another(frames, ann, small_bites):
    few = ask_edit(query=f"id:<={frames[1].pk}", changes={"wet": False}, user=ann)
    assert few.frames == 2
    job = ask_edit(query="NOT wet:yes", changes={"wet": True}, user=ann, note="all")
    assert isinstance(job, Job)
    late = FrameFactory(video=frames[0].video)  # it was not there when the person looked
    done = run_here(job)
    assert done.result | {"batch": 0} == {"batch": 0, "frames": 4, "edits": 4, "changed": 4}
    assert (done.done, done.total) == (4, 4)
    assert [t.get("wet") for t in tags()] == [True, True, True, True, None]
    assert set(TagEdit.objects.filter(batch=done.result["batch"]).values_list("by__username", "note")) == {
        ("ann", "all")
    }
    undo = run_here(ask_undo(batch=uuid.UUID(done.result["batch"]), user=ann))
    assert undo.result["changed"] == 4
    assert [t.get("wet") for t in tags()] == [False, False, None, None, None]
    assert late.edits.count() == 0


def test_a_job_that_stopped_goes_on_and_writes_nothing_twice(frames, ann, small_bites):
    job = ask_edit(query="lighting:dim", changes={"lighting": "dark"}, user=ann)
    first = next(edit_many(job))  # committed, but the checkpoint was lost
    assert first.done == 2
    done = run_here(job)
    assert [t["lighting"] for t in tags()] == ["dark"] * 4
    assert TagEdit.objects.count() == 4
    assert done.result["edits"] == 2  # the two that it still had to write


def test_a_wrong_job_is_refused_before_it_is_one(frames, ann, small_bites):
    with pytest.raises(TagEditError, match="no factor"):
        ask_edit(query="", changes={"wether": "rain"}, user=ann)
    with pytest.raises(TagEditError, match="no batch"):
        ask_undo(batch=uuid.uuid4(), user=ann)
    assert not Job.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_both_stand_in_the_trail(frames, ann):
    values = ["rain", "snow", "dry"] * 3

    def edit(value):
        try:
            edit_tags(frames=ids(frames), changes={"weather": value}, user=ann)
        finally:
            connection.close()

    threads = [threading.Thread(target=edit, args=(value,)) for value in values]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for frame in Frame.objects.all():
        words = list(frame.edits.order_by("id").values_list("before", "value"))
        assert frame.tags["weather"] == words[-1][1]
        # Each was told what stood until then.
        assert [before for before, _ in words] == [None, *(value for _, value in words[:-1])]
