"""`manage.py rounds` and `manage.py loop`, as people and programs read them."""

import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from activelearning.core.shipped import SHIPPED, shipped_text
from activelearning.models import Loop, Round
from activelearning.services.rounds import find_round
from curation.models import Frame
from evaluation.models import ModelVersion
from tests.activelearning.services.mined import blind_at_night, footage, predicted
from tests.evaluation.world import seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def red(settings, media):
    """A test run with a red scenario, and footage that nobody labelled."""
    settings.WINNOW_TRUTHS = {"painted": "tests.activelearning.services.test_whole_round.truth"}
    stub = blind_at_night()
    run = stub.test_run
    stub.delete()
    predicted(run.model, [*footage(6, "red"), *footage(6, "green")])
    ModelVersion.objects.filter(pk=run.model_id).update(detector="ultralytics:v1.pt", weights_sha256="1" * 64)
    return run


def said(capsys, *arguments):
    """Run a command; returns what it printed on stdout."""
    call_command(*map(str, arguments))
    return capsys.readouterr().out


def test_a_round_is_walked_by_the_command_line(red, capsys):
    out = said(capsys, "rounds", "start", "--test-run", red.pk, "--budget", 6, "--trainer", "none")
    number = Round.objects.get().pk
    assert f"Round {number} from test run {red.pk}: v1 against street@1" in out
    assert "About: day, night" in out  # by default all that is not green; four visits are too few for a verdict
    assert "6 candidates (6 chosen by the strategy)" in out
    assert f"manage.py rounds go {number} --via label_studio" in out.replace("\n", " ")
    frame = Round.objects.get().candidates.order_by("rank").first().frame_id
    assert "5 candidates" in said(capsys, "rounds", "drop", number, frame, "--note", "blurred")
    assert "6 candidates" in said(capsys, "rounds", "restore", number, frame)
    out = said(capsys, "rounds", "go", number, "--via", "truth")
    assert f"rounds attach {number} MODEL" in out.replace("\n", " ")
    better = seen(red.version, "v2")
    said(capsys, "rounds", "attach", number, better.name)
    report = said(capsys, "rounds", "report", number)
    assert "turned green" in report or "undecided" in report
    assert "6 frames labelled (6 boxes)" in report
    plain = json.loads(said(capsys, "rounds", "show", number, "--json"))
    assert (plain["state"], plain["retest"], plain["candidates"]) == ("closed", find_round(number).retest_id, 6)
    assert "closed" in said(capsys, "rounds", "list")


def test_people_are_asked_for_what_the_round_says(red, capsys):
    asked = ["--factors", "lighting", "weather", "--classes", "person"]
    said(capsys, "rounds", "start", "--test-run", red.pk, "--budget", 4, "--trainer", "none", *asked)
    said(capsys, "rounds", "go", Round.objects.get().pk, "--via", "files")
    batch = Round.objects.get().batches.get()
    assert (batch.factors, batch.classes) == (["lighting", "weather"], ["person"])


def test_a_report_goes_into_a_file(red, capsys, tmp_path):
    said(
        capsys, "rounds", "start", "--test-run", red.pk, "--budget", 4, "--via", "truth", "--auto", "--trainer", "none"
    )
    number = Round.objects.get().pk
    with pytest.raises(CommandError, match="its report comes when it is closed"):
        call_command("rounds", "report", str(number))
    said(capsys, "rounds", "attach", number, seen(red.version, "v2").name)
    path = tmp_path / "round.md"
    assert f"Wrote {path}" in said(capsys, "rounds", "report", number, "--kind", "markdown", "--out", path)
    assert "| → | **night**" in path.read_text()
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("rounds", "report", str(number), "--out", str(tmp_path / "no" / "such"))


@pytest.mark.parametrize(
    "arguments,message",
    [
        (["start", "--budget", "5"], "Say what to start from"),
        (["start", "--test-run", "999999", "--budget", "5"], "There is no test run"),
        (["show", "7"], "There is no round"),
        (["go", "7"], "There is no round"),
    ],
)
def test_what_is_wrong_is_said_with_status_2(arguments, message):
    with pytest.raises(CommandError, match=message) as refused:
        call_command("rounds", *arguments)
    assert refused.value.returncode == 2


@pytest.mark.parametrize(
    "more,message",
    [
        (["--raise", "night"], "write SCENARIO=SHARE"),
        (["--raise", "night=2"], "between 0 and 1"),
        (["--set", "epochs"], "write OPTION=VALUE"),
        (["--strategy", "nosuch.yaml"], "neither a shipped strategy"),
        (["--scenario", "fog"], "has no scenario"),
    ],
)
def test_settings_that_mean_nothing_start_no_round(red, more, message):
    with pytest.raises(CommandError, match=message):
        call_command("rounds", "start", "--test-run", str(red.pk), "--budget", "5", *more)
    assert not Round.objects.exists()


def test_with_no_rounds_the_lists_say_how_to_start(capsys):
    assert "manage.py rounds start" in said(capsys, "rounds", "list")
    assert "manage.py loop start" in said(capsys, "loop", "list")


def test_strategies_are_listed_and_printed(capsys):
    listed = said(capsys, "rounds", "strategies")
    assert all(name in listed for name in SHIPPED)
    assert said(capsys, "rounds", "strategies", "--yaml", "default") == shipped_text("default")
    with pytest.raises(CommandError, match="There is no strategy"):
        call_command("rounds", "strategies", "--yaml", "oracle")


def test_a_loop_that_is_not_ready_ends_with_status_1(red, capsys):
    Frame.objects.filter(annotated_at=None).update(annotated_at="2026-01-01T00:00:00Z")
    with pytest.raises(SystemExit) as ended:
        call_command("loop", "--test-run", str(red.pk), "--budget", "6", "--rounds", "2", "--via", "truth")
    assert ended.value.code == 1
    loop = Loop.objects.get()
    out = capsys.readouterr().out
    assert loop.ended == "no_candidates"
    assert f"Loop {loop.pk} over street@1, from v1" in out
    plain = json.loads(said(capsys, "loop", "list", "--json"))
    assert [one["ended"] for one in plain["loops"]] == ["no_candidates"]


def test_a_loop_names_what_it_lacks(red):
    with pytest.raises(CommandError, match="Say what to begin with"):
        call_command("loop", "--budget", "5")
    with pytest.raises(CommandError, match="Name the loop"):
        call_command("loop", "show")
    with pytest.raises(CommandError, match="give 1 or more"):
        call_command("loop", "--test-run", str(red.pk))
    with pytest.raises(CommandError, match="A loop trains by itself"):
        call_command("loop", "--test-run", str(red.pk), "--budget", "5", "--trainer", "none")
    assert not Loop.objects.exists()
