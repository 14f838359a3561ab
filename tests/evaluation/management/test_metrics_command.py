"""`manage.py metrics`, as a person and as a program use it: without a database."""

import io
import json
import os
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command

from tests.conftest import ROOT
from tests.evaluation.core.coco_cases import document

BOX = [0.0, 0.0, 10.0, 10.0]


@pytest.fixture
def files(tmp_path):
    truth, detections = tmp_path / "truth.json", tmp_path / "detections.json"
    truth.write_text(json.dumps(document([5, 2], [1], [((5, 1), BOX, False, None), ((2, 1), BOX, False, None)])))
    detections.write_text(json.dumps([{"image_id": 5, "category_id": 1, "bbox": BOX, "score": 0.5}]))
    return truth, detections


def run(truth, detections, *args):
    out, err = io.StringIO(), io.StringIO()
    call_command("metrics", "--truth", str(truth), "--detections", str(detections), *args, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_a_person_reads_a_table(files):
    out, err = run(*files)
    assert [line.split()[:2] for line in out.splitlines()[1:3]] == [["AP", "0.505"], ["AP50", "0.505"]]
    assert len(out.splitlines()) == 13
    assert err == ""


def test_a_program_gets_one_object(files):
    figures = json.loads(run(*files, "--json", "--iou-type", "bbox")[0])
    assert list(figures) == [
        "AP", "AP50", "AP75", "APs", "APm", "APl", "AR1", "AR10", "AR100", "ARs", "ARm", "ARl",
    ]  # fmt: skip
    assert figures["AP"] == pytest.approx(51 / 101)
    assert figures["AR100"] == 0.5
    assert figures["APl"] == -1


def test_what_was_left_out_goes_to_stderr(files):
    truth, detections = files
    detections.write_text(json.dumps([{"image_id": 5, "category_id": 3, "bbox": BOX, "score": 0.5}]))
    out, err = run(truth, detections, "--json")
    assert json.loads(out)["AP"] == 0
    assert "1 detections are of categories that truth.json does not list." in err


def test_a_broken_file_is_an_error_of_its_own_status(files, tmp_path):
    truth, detections = files
    with pytest.raises(CommandError, match=r"cannot be read: No such file") as caught:
        run(truth, tmp_path / "gone.json")
    assert caught.value.returncode == 2
    with pytest.raises(CommandError, match="Truth is a JSON object"):
        run(detections, detections)


def test_it_needs_no_database_and_leaves_nothing(files, tmp_path):
    nowhere = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:9/nothing", "REDIS_URL": "redis://127.0.0.1:9/0"}
    ran = subprocess.run(
        [sys.executable, "manage.py", "metrics", "--truth", files[0], "--detections", files[1], "--json"],
        cwd=ROOT, env={**os.environ, **nowhere, "WINNOW_DATA_DIR": str(tmp_path / "data"),
                       "DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert json.loads(ran.stdout)["AR100"] == 0.5
    assert not (tmp_path / "data" / "postgres").exists()
