"""`manage.py search`, as a person and as a program use it."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from tests.factories import DetectionFactory, EmbeddingFactory, FrameFactory, VideoFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def frames():
    video = VideoFactory(name="lobby.mp4", camera__name="lobby")
    tags = [
        {"lighting": "dark", "people": 2, "objects": ["person"], "has_people": True},
        {"lighting": "bright", "people": 0, "objects": [], "motion": False},
        {"lighting": "dark", "people": 1, "note": "[bold]not markup[/bold]"},
    ]
    made = [FrameFactory(video=video, pts_us=i * 500_000, tags=t) for i, t in enumerate(tags)]
    for frame, vector in zip(made, ([1, 0, 0, 0], [0, 1, 0, 0], [0.6, 0.8, 0, 0]), strict=True):
        EmbeddingFactory(frame=frame, vector=vector)
    return made


def run(*args):
    out = io.StringIO()
    call_command("search", *args, stdout=out)
    return out.getvalue()


def refused(*args):
    """Return the message, the exit status and what was on stdout."""
    out = io.StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("search", *args, stdout=out)
    return str(caught.value), caught.value.returncode, out.getvalue()


def test_json_is_one_object_on_stdout(frames):
    answer = json.loads(run("people:>0 AND lighting:dark", "--limit", "1", "--json"))

    assert answer == {
        "count": 2,
        "frames": [{"id": frames[0].pk, "video": "lobby.mp4", "pts_s": 0.0, "score": None, "tags": frames[0].tags}],
    }


def test_json_of_nothing_is_an_empty_list(frames):
    assert json.loads(run("people:>99", "--json")) == {"count": 0, "frames": []}


def test_likeness_shows_the_score(frames):
    answer = json.loads(run("--like", str(frames[0].pk), "--json"))

    assert [(f["id"], round(f["score"], 2)) for f in answer["frames"]] == [(frames[2].pk, 0.6), (frames[1].pk, 0.0)]
    assert "0.600" in run("--like", str(frames[0].pk))


def test_boxes_alike_name_their_detection(frames):
    boxes = [DetectionFactory(frame=frame, run__video=frame.video) for frame in frames[:2]]
    for box, vector in zip(boxes, ([1, 0, 0, 0], [0.8, 0.6, 0, 0]), strict=True):
        EmbeddingFactory(frame=box.frame, detection=box, vector=vector)

    [found] = json.loads(run("--like-box", str(boxes[0].pk), "--json"))["frames"]

    assert found["detection"] == {
        **{"id": boxes[1].pk, "label": "person", "score": 0.9},
        "xyxy": [10.0, 20.0, 60.0, 120.0],
    }
    assert f"{boxes[1].pk} person" in run("--like-box", str(boxes[0].pk))


def test_people_get_a_table_with_a_count(frames):
    shown = run("lighting:dark")

    assert "lobby.mp4" in shown
    assert "lighting:dark" in shown
    assert "1.00 s" in shown
    assert "2 frames match, all shown." in shown


def test_the_next_page_is_one_argument_away(frames):
    shown = run("--limit", "2")
    cursor = shown.rsplit("--cursor ", 1)[1].strip()

    assert "3 frames match, 2 shown." in shown
    assert "3 frames match" in run("--limit", "2", "--cursor", cursor)


@pytest.mark.parametrize("extra", [[], ["--json"]])
def test_a_wrong_query_is_shown_with_a_caret_and_nothing_on_stdout(frames, extra):
    message, status, out = refused("people>0 AND lighting:dark", *extra)

    assert message.splitlines()[1:3] == ["people>0 AND lighting:dark", "^^^^^^^^"]
    assert "Write people:>0." in message
    assert (status, out) == (2, "")


@pytest.mark.parametrize(
    "args, says",
    [
        (["--like", "999999"], "no frame 999999"),
        (["--text", "a person"], "reads text"),
        (["--limit", "0"], "limit is 0"),
        (["--embedder", "descriptor"], "by likeness"),
    ],
)
def test_a_search_that_cannot_be_done_says_why(frames, args, says):
    message, status, out = refused(*args)

    assert says in message
    assert (status, out) == (2, "")


def test_an_empty_result_says_what_to_do(frames):
    assert "No frame has lighting:drak. Near: dark." in run("lighting:drak")
    assert "Loosen a condition" in run("people:>99")


def test_an_empty_installation_says_what_to_do():
    assert "manage.py ingest PATH --wait" in run()
