"""`manage.py profile`, as a person and as a program use it."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from curation.services.conditions import save_conditions
from tests.factories import (
    CameraFactory,
    CascadeFactory,
    DatasetFrameFactory,
    DatasetVersionFactory,
    FrameFactory,
    RunFactory,
    VideoFactory,
)

pytestmark = pytest.mark.django_db

CONDITIONS = """
name: yard
factors:
  lighting: {values: [dark, dim, bright], expected: {dark: 0.5, bright: 0.5}}
  weather: {values: [dry, rain], from: people}
  season: {values: [summer, winter]}
critical:
- {name: rainy night, when: {lighting: dark, weather: rain}, least_frames: 3}
"""


@pytest.fixture
def frames():
    save_conditions(text=CONDITIONS)
    video = VideoFactory(name="lobby.mp4", camera=CameraFactory(name="lobby"), duration_s=600)
    stages = [{"name": "motion", "kind": "motion"}, {"name": "people", "kind": "objects", "classes": ["person"]}]
    RunFactory(
        video=video,
        cascade=CascadeFactory(name="people"),
        spec={"name": "people", "stages": stages},
        stages=[
            {"name": "motion", "cpu_s": 1, "duration_s": 300.0},
            {"name": "people", "cpu_s": 9, "duration_s": 90.0, "class_s": {"person": 60.0, "car": 3.0}},
        ],
    )
    tags = [
        {"lighting": "dark", "weather": "rain"},
        {"lighting": "bright", "weather": "dry"},
        {"lighting": "bright", "weather": "rain"},
        {"lighting": "bright"},
    ]
    return [FrameFactory(video=video, pts_us=i * 500_000, tags=t) for i, t in enumerate(tags)]


def run(*args):
    out = io.StringIO()
    call_command("profile", *args, stdout=out)
    return out.getvalue()


def refused(*args):
    """Return the message, the exit status and what was on stdout."""
    out = io.StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("profile", *args, stdout=out)
    return str(caught.value), caught.value.returncode, out.getvalue()


def test_a_person_reads_what_lacks_and_what_there_is(frames):
    shown = run("--pair", "lighting", "weather")
    lines = shown.splitlines()

    assert lines[0] == "4 frames in the collection: 0 labelled."
    assert "1. Critical: rainy night (" in shown
    assert "has 1 of at least 3 frames." in shown
    assert "lighting: dark is 25.0% of the frames, 50.0% is expected: 2 more would make it so." in shown
    assert "manage.py search 'lighting:dark'" in shown
    assert "season is not known of any frame." in shown
    dark = next(line for line in lines if line.strip().startswith("dark "))
    assert dark.split()[1:3] == ["1", "25.0%"]
    assert "██████     ┃" in dark
    assert dark.endswith("50.0%")
    bright = [line for line in lines if line.strip().startswith("bright")]
    assert bright[-1].split() == ["bright", "1", "1"]
    assert any(line.split() == ["dim", "none", "none"] for line in lines)
    assert "3 of 6 combinations have no frame." in shown
    assert "rainy night  1  of at least 3  2 short" in shown
    assert all(line == line.rstrip() for line in lines)


def test_the_whole_footage_is_told_of_too(frames):
    shown = run("lighting:dark")

    assert shown.startswith("1 frame matches lighting:dark: 0 labelled.")
    assert "10.0 min, of which a cascade was run over 10.0 min." in shown
    assert [line.split()[:2] for line in shown.splitlines() if line.startswith("  motion")] == [["motion", "50.0%"]]
    assert any(line.split()[:2] == ["person", "10.0%"] for line in shown.splitlines())
    assert "car      0.5%" in shown
    assert "seen by the way" in shown
    assert "No frame is rated yet: manage.py rate" in shown


def test_json_is_one_object_on_stdout(frames):
    answer = json.loads(run("lighting:bright", "--pair", "lighting", "camera", "--json"))

    assert (answer["query"], answer["frames"]) == ("lighting:bright", 3)
    assert [one["factor"] for one in answer["factors"]] == ["lighting", "weather", "season"]
    assert answer["pairs"][0]["counts"] == [[0], [0], [3]]
    assert answer["footage"]["motion"]["share"] == 0.5


def test_beside_a_dataset_version(frames):
    version = DatasetVersionFactory(dataset__name="roads", number=2)
    DatasetFrameFactory(version=version, frame=frames[0])
    for name in ("roads@2", "roads"):
        shown = run("--against", name)
        assert "How it differs from roads@2, the most first" in shown
        assert "lighting: bright is 75.0% of these frames and 0.0% of roads@2." in shown
        assert "manage.py search 'lighting:bright AND NOT dataset:\"roads@2\"'" in shown
        assert "roads@2" in next(line for line in shown.splitlines() if "factor and value" in line)


def test_long_queries_stay_on_one_line_to_be_copied(frames):
    query = " OR ".join(["lighting:bright"] * 20)
    (line, *_) = [line for line in run(query).splitlines() if "manage.py search" in line]
    assert line.endswith("'")


def test_quotes_in_a_query_survive_the_shell(frames):
    FrameFactory(video__camera=frames[0].camera, tags={"lighting": "dark", "weather": "it's"})
    assert "manage.py search 'camera:lobby AND NOT _exists_:season'" in run("camera:lobby")
    assert r"'\''" in run('weather:"it\'s"')


@pytest.mark.parametrize(
    "args, says",
    [
        (
            ["--pair", "lighting", "wether"],
            "no factor 'wether' to make a pair of. Valid ones: lighting, weather, season",
        ),
        (["--against", "nothing@1"], "no dataset 'nothing'"),
        (["--against", "nothing@x"], "'nothing@x' names no version"),
        (["--limit", "0"], "--limit is 0; it must be at least 1."),
    ],
)
def test_what_cannot_be_says_why(frames, args, says):
    message, status, out = refused(*args)
    assert says in message
    assert (status, out) == (2, "")


def test_a_wrong_query_is_shown_with_a_caret(frames):
    message, status, out = refused("people>0 AND lighting:dark", "--json")
    assert message.splitlines()[1:3] == ["people>0 AND lighting:dark", "^^^^^^^^"]
    assert (status, out) == (2, "")


def test_no_frames_say_what_to_do():
    assert run().strip() == "There are no frames yet. Take footage in: manage.py ingest PATH --wait"
    assert json.loads(run("--json"))["frames"] == 0


def test_a_query_that_nothing_matches_says_what_comes_near(frames):
    assert run("lighting:drak").strip() == "No frame matches. No frame has lighting:drak. Near: dark."


def test_without_expected_shares_it_says_how_to_give_them(frames):
    save_conditions(text="name: bare\nfactors:\n  lighting: {values: [dark]}\n")
    shown = " ".join(run().split())
    assert "No factor has expected shares" in shown
    assert "manage.py conditions set mine.yaml" in shown
    assert "JSD" not in shown
