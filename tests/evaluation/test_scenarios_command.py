"""`manage.py scenarios`, as somebody at a terminal, or a CI job, uses it."""

import json
from xml.etree import ElementTree

import pytest
from django.core.management import CommandError, call_command

from curation.models import HoldoutUse
from curation.services.holdout import lock_version
from evaluation.models import SuiteVersion, TestRun
from tests.evaluation.world import SUITE, by_day, seen, street

pytestmark = pytest.mark.django_db


@pytest.fixture
def suite(tmp_path):
    path = tmp_path / "street.yaml"
    path.write_text(SUITE)
    return path


def run(capsys, *arguments):
    """Return the exit status and what was printed."""
    status = 0
    try:
        call_command("scenarios", *map(str, arguments))
    except SystemExit as end:
        status = end.code
    return status, capsys.readouterr().out


def refused(*arguments):
    with pytest.raises(CommandError) as caught:
        call_command("scenarios", *map(str, arguments))
    assert caught.value.returncode == 2
    return str(caught.value)


def test_a_failed_critical_scenario_is_status_1_and_stands_last(capsys, suite):
    seen(street(), "v1", finds=by_day)
    status, out = run(capsys, "run", "--model", "v1", "--suite", suite)
    assert status == 1
    assert out.index("day") < out.index("night")
    assert "Not ready: 1 of 2 critical scenarios failed: night." in out


def test_ready_is_status_0_and_undecided_3(capsys, suite):
    seen(street(), "v1")
    assert run(capsys, "run", "--model", "v1", "--suite", suite)[0] == 0
    seen(street(3), "v2")
    assert run(capsys, "run", "--model", "v2", "--suite", suite, "--dataset", "street@2")[0] == 3


def test_all_reports_are_written_and_come_again_byte_for_byte(capsys, suite, tmp_path):
    seen(street(6), "v1", finds=by_day)
    kinds = {"junit": "a.xml", "html": "a.html", "markdown": "a.md", "json": "a.json"}
    files = [part for kind, name in kinds.items() for part in (f"--{kind}", tmp_path / name)]
    status, _ = run(capsys, "run", "--model", "v1", "--suite", suite, *files)
    first = {name: (tmp_path / name).read_bytes() for name in kinds.values()}
    assert run(capsys, "report", TestRun.objects.get().pk, *files)[0] == status == 1
    assert {name: (tmp_path / name).read_bytes() for name in kinds.values()} == first
    said = json.loads(first["a.json"])
    assert (said["verdict"], [one["name"] for one in said["scenarios"]]) == ("failed", ["day", "night"])
    assert ElementTree.fromstring(first["a.xml"]).iter("failure")
    assert b"<!doctype html>" in first["a.html"].lower()
    assert "night" in first["a.md"].decode()


def test_json_on_stdout_is_nothing_but_json(capsys, suite):
    seen(street(6), "v1")
    _, out = run(capsys, "run", "--model", "v1", "--suite", suite, "--json", "-")
    assert set(json.loads(out)["scenarios"][0]) >= {
        "name", "critical", "metric", "value", "low", "high", "threshold", "images", "instances", "groups", "verdict",
    }  # fmt: skip


def test_what_cannot_be_run_is_status_2_and_says_why(suite, tmp_path):
    assert "There is no model" in refused("run", "--model", "v9", "--suite", suite)
    assert "cannot be read" in refused("run", "--model", "v9", "--suite", tmp_path / "no.yaml")
    street(1)
    seen_model = seen(street(1), "v1")
    assert "no such folder" in refused("run", "--model", "v1", "--suite", suite, "--html", tmp_path / "no" / "a.html")
    assert "There is no dataset 'road'" in refused("run", "--model", "v1", "--suite", suite, "--dataset", "road@1")
    assert "no test run" in refused("report", "99")
    seen_model.prediction_runs.all().delete()
    assert "manage.py predict v1" in refused("run", "--model", "v1", "--suite", suite)


def test_a_suite_is_saved_listed_and_shown(capsys, suite):
    assert "docs/scenarios.md" in run(capsys, "list")[1]
    assert "street@1 stored: 2 scenarios." in run(capsys, "save", suite)[1]
    assert "was stored already" in run(capsys, "save", suite)[1]
    assert SuiteVersion.objects.count() == 1
    assert run(capsys, "show", "street")[1].strip() == SUITE.strip()
    seen(street(6), "v1")
    run(capsys, "run", "--model", "v1", "--suite", "street")
    out = run(capsys, "list")[1]
    assert "street" in out
    assert "v1" in out


def test_the_final_evaluation_says_how_often_and_asks(capsys, suite):
    version = street()
    seen(version, "v1")
    lock_version(version, user=None)
    assert "scenarios final" in refused("run", "--model", "v1", "--suite", suite)
    assert "--yes" in refused("final", "--model", "v1", "--suite", suite)
    assert HoldoutUse.objects.count() == 0
    status = 0
    try:
        call_command("scenarios", "final", "--model", "v1", "--suite", str(suite), "--yes")
    except SystemExit as end:
        status = end.code
    printed = capsys.readouterr()
    assert status == 0
    assert "street@1 was used for a final evaluation never before" in printed.err
    assert "never used before" in printed.out
    assert HoldoutUse.objects.get().by_name.endswith("(shell)")


def test_two_models_are_compared_and_a_trend_is_shown(capsys, suite, tmp_path):
    version = street()
    seen(version, "v1", finds=by_day)
    seen(version, "v2")
    for model in ("v1", "v2"):
        run(capsys, "run", "--model", model, "--suite", suite)
    status, out = run(capsys, "compare", "v1", "v2", "--suite", "street", "--json", tmp_path / "c.json")
    assert (status, "better" in out) == (0, True)
    assert json.loads((tmp_path / "c.json").read_text())
    out = run(capsys, "trend", "street", "--markdown", tmp_path / "t.md")[1]
    assert out.index("v1") < out.index("v2")
    assert "night" in (tmp_path / "t.md").read_text()


def test_slices_are_discovered_and_become_a_suite_that_runs(capsys, tmp_path):
    seen(street(), "v1", finds=by_day)
    found = tmp_path / "found.yaml"
    _, out = run(
        capsys, "discover", "--model", "v1", "--dataset", "street@1", "--least-images", 5, "--labels", "person",
        "--factors", "lighting", "--out", found,
    )  # fmt: skip
    assert "lighting dark" in out
    assert run(capsys, "run", "--model", "v1", "--suite", found)[0] in (1, 3)
