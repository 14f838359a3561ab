"""`manage.py sample`, as a person and as a program use it."""

import io
import json

import pytest
import yaml
from django.core.management import CommandError, call_command

from curation.core.sampling import parse_plan, read_yaml
from curation.models import Dataset, DatasetVersion, Frame
from tests.factories import FrameFactory, VideoFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def frames():
    """20 frames of one video, the first 4 dark, every second in the rain."""
    video = VideoFactory(name="lobby.mp4", camera__name="lobby")
    return [
        FrameFactory(
            video=video,
            pts_us=i * 1_000_000,
            tags={"lighting": "dark" if i < 4 else "bright", "weather": ["rain", "clear"][i % 2], "people": i % 3},
        )
        for i in range(20)
    ]


def run(*args):
    """Return what was printed, and the exit status."""
    out, status = io.StringIO(), 0
    try:
        call_command("sample", *args, stdout=out)
    except SystemExit as end:
        status = end.code
    return out.getvalue(), status


def refused(*args):
    out = io.StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("sample", *args, stdout=out)
    assert (caught.value.returncode, out.getvalue()) == (2, "")
    return str(caught.value)


def test_a_preview_says_what_each_part_gives_and_how_to_go_on(frames):
    shown, status = run("--size", "10", "--quota", "20% lighting:dark", "--quota", "40% weather:rain", "--seed", "3")

    assert status == 0
    assert shown.startswith("10 of 10 frames, drawn from 20 with seed 3 (quota).\n")
    assert "20% lighting:dark       2      2          4" in shown
    assert "40% weather:rain" in shown
    assert "manage.py dataset create NAME --plan FILE" in shown
    assert not Dataset.objects.exists()


def test_what_falls_short_says_why_and_the_exit_status_is_1(frames):
    shown, status = run("--size", "10", "--quota", "80% lighting:dark", "--max-per-interval", "9", "--interval", "100")

    assert status == 1
    assert shown.startswith("9 of 10 frames")
    assert "There are only 4 such frames." in shown
    assert "Kept out by constraints: 11 by max_per_interval." in shown


def test_json_is_one_object_on_stdout(frames):
    shown, status = run("lighting:dark", "--size", "3", "--json")
    answer = json.loads(shown)

    assert status == 0
    assert {key: answer[key] for key in ("size", "given", "is_short", "candidates", "left_out")} == {
        **{"size": 3, "given": 3, "is_short": False, "candidates": 4, "left_out": {}}
    }
    assert len(answer["frames"]) == 3
    assert set(answer["frames"]) <= {frame.pk for frame in frames[:4]}
    assert parse_plan(answer["plan"]).query == "lighting:dark"


def test_ids_are_one_a_line_and_nothing_else(frames):
    shown, status = run("lighting:dark", "--size", "9", "--ids")

    assert status == 1
    assert shown.split() == [str(frame.pk) for frame in frames[:4]]


@pytest.mark.parametrize(
    "args, kind",
    [
        (["--size", "6", "--uniform", "camera"], "uniform"),
        (["--undersample", "people"], "undersample"),
        (["--size", "6", "--weighted-by", "people"], "weighted"),
        (["--size", "6", "--random"], "random"),
        (["--size", "6", "--random", "--min-gap", "2", "--max-per-video", "6", "--no-duplicates"], "random"),
    ],
)
def test_every_kind_can_be_typed(frames, args, kind):
    shown, status = run(*args, "--json")
    assert (json.loads(shown)["plan"]["sampler"]["kind"], status) == (kind, 0)
    assert f"({kind})" in run(*args)[0]


def test_a_plan_from_a_file_with_another_size(frames, tmp_path):
    file = tmp_path / "plan.yaml"
    file.write_text("query: camera:lobby\nsize: 500\nseed: 7\nuniform: [lighting]\n")

    answer = json.loads(run("--plan", str(file), "--size", "8", "--json")[0])

    assert (answer["given"], answer["plan"]["seed"], answer["plan"]["size"]) == (8, 7, 8)
    assert f"dataset create NAME --plan {file}" in run("--plan", str(file), "--size", "8")[0]


def test_what_was_typed_is_saved_as_a_plan_that_gives_the_same(frames, tmp_path):
    file = tmp_path / "plan.yaml"
    args = ["lighting:bright", "--size", "6", "--quota", "50% weather:rain", "--max-per-video", "9", "--seed", "4"]

    typed = json.loads(run(*args, "--save-plan", str(file), "--json")[0])

    assert yaml.safe_load(file.read_text()) == {
        **{"query": "lighting:bright", "size": 6, "seed": 4, "quotas": ["50% weather:rain"]},
        "constraints": {"max_per_video": 9},
    }
    assert parse_plan(read_yaml(file.read_text())).to_dict() == typed["plan"]
    assert json.loads(run("--plan", str(file), "--json")[0])["frames"] == typed["frames"]


def test_the_version_that_is_made_of_a_plan_has_the_frames_of_its_preview(frames, tmp_path, media):
    file = tmp_path / "plan.yaml"
    seen = json.loads(run("--size", "8", "--quota", "25% lighting:dark", "--save-plan", str(file), "--json")[0])

    call_command("dataset", "create", "mixed", "--plan", str(file), stdout=io.StringIO())

    version = DatasetVersion.objects.get(dataset__name="mixed")
    assert list(version.members.order_by("frame_id").values_list("frame_id", flat=True)) == seen["frames"]
    assert {key: value for key, value in version.plan.items() if key != "splits"} == {
        key: value for key, value in seen["plan"].items() if key != "splits"
    }
    assert version.plan_text == file.read_text()
    assert version.report["strata"] == seen["strata"]


def test_many_parts_are_cut_short_and_those_that_lack_frames_are_shown(frames):
    shown, status = run("--size", "30", "--uniform", "lighting", "weather", "people", "--limit", "3")

    assert status == 1
    assert "… and 72 more parts: --limit 75." in shown
    assert shown.count("There is no such frame.") == 3
    # Those that have some, though too few, come first.
    shown, _ = run("--size", "300", "--uniform", "lighting", "weather", "people", "--limit", "3")
    assert shown.count("There are only") + shown.count("There is only") == 3


def test_held_frames_are_counted_and_asking_for_them_is_refused(frames):
    Frame.objects.filter(pk=frames[0].pk).update(held_out=True)

    assert "Left out before: 1 held out." in run("--size", "5")[0]
    assert "held_out:true" in refused("held_out:true", "--size", "5")
    assert "are held out" in refused(f"id:{frames[0].pk}", "--size", "5")


@pytest.mark.parametrize(
    "args, says",
    [
        ([], "`size` is missing"),
        (["--size", "0"], "size is 0"),
        (["--size", "5", "--quota", "40 lighting:dark"], "write it as '40% lighting:dark'"),
        (["--size", "5", "--quota", "40% lighting>dark"], "the query 'lighting>dark' cannot be understood"),
        (["--size", "5", "--uniform", "lihgting"], "Valid ones: weather, lighting"),
        (["--size", "5", "--max-per-video", "0"], "at least 1"),
        (["--size", "5", "--max-similarity", "2"], "0 to 1"),
        (["--size", "5", "--diverse"], "No frame has a vector"),
        (["--size", "5", "--limit", "0"], "--limit is 0"),
        (["--plan", "nowhere.yaml"], "nowhere.yaml cannot be read as a sampling plan"),
        (["--plan", "nowhere.yaml", "--uniform", "lighting"], "leave uniform out"),
        (["camera:x", "--plan", "nowhere.yaml"], "leave query out"),
        (["--size", "5", "--save-plan", "/nowhere/plan.yaml"], "cannot be written"),
    ],
)
def test_a_command_that_is_wrong_says_what_would_be_right(frames, args, says):
    assert says in refused(*args)


def test_a_wrong_query_is_shown_with_a_caret(frames):
    lines = refused("people>0 AND lighting:dark", "--size", "5").splitlines()
    assert lines[1:3] == ["people>0 AND lighting:dark", "^^^^^^^^"]
    assert "Write people:>0." in lines[3]


def test_an_empty_result_and_an_empty_installation_say_what_to_do(frames):
    assert "No frame has lighting:drak. Near: dark." in run("lighting:drak", "--size", "5")[0]
    Frame.objects.all().delete()
    assert run("--size", "5") == ("There are no frames yet. Take footage in: manage.py ingest PATH --wait\n", 1)
