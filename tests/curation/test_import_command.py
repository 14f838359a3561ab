"""`manage.py import` and `manage.py export`, as a person and as a program use them."""

import hashlib
import io
import json
import zipfile
from contextlib import nullcontext

import pytest
from django.core.management import CommandError, call_command

from curation.models import Annotation, DataExport, DataImport, Frame, HoldoutUse, Job
from curation.services.datasets import create_version
from curation.services.holdout import lock_version
from tests.datasets import jpeg, write_coco

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
TWO = {"a.jpg": [("person", 1, 1, 9, 9), ("dog", 2, 2, 3, 3)], "b.jpg": []}


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.WINNOW_DATA_DIR = tmp_path / "winnow"


@pytest.fixture
def folder(tmp_path):
    return write_coco(tmp_path / "yard", TWO)


def run(*args, status=0):
    """Run a command; returns what is on stdout. `status` is the exit status it should have."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.raises(SystemExit) if status else nullcontext() as ended:
        call_command(*map(str, args), stdout=out, stderr=err)
    assert not status or ended.value.code == status
    return out.getvalue()


def refused(*args):
    out = io.StringIO()
    with pytest.raises(CommandError) as caught:
        call_command(*map(str, args), stdout=out, stderr=io.StringIO())
    assert (caught.value.returncode, out.getvalue()) == (2, "")
    return str(caught.value)


def test_an_import_says_what_it_did(folder):
    assert run("import", folder, "--camera", "yard").splitlines() == [
        "yard was read as coco: 2 pictures.",
        "  2 new, 0 known already, 0 skipped.",
        "  2 boxes stored (dog 1, person 1).",
        "Look at what is labelled: manage.py search 'annotated:true'",
        "Nothing was skipped.",
    ]
    assert Frame.objects.count() == 2


def test_again_it_says_that_nothing_is_new(folder):
    run("import", folder)
    assert "  0 new, 2 known already, 0 skipped." in run("import", folder)


def test_what_is_skipped_is_named_and_the_exit_status_says_so(folder):
    (folder / "images" / "b.jpg").write_bytes(b"")
    said = run("import", folder, status=1)
    assert "  1 new, 0 known already, 1 skipped." in said
    assert "  1 × picture file of 0 bytes: b.jpg" in said


def test_markup_in_names_is_only_text(folder):
    document = json.loads((folder / "instances.json").read_text())
    document["categories"][0]["name"] = "[bold]dog[/bold]"
    (folder / "instances.json").write_text(json.dumps(document))
    assert "[bold]dog[/bold] 1" in run("import", folder)


def test_json_is_one_object(folder):
    report = json.loads(run("import", folder, "--json"))
    row = DataImport.objects.get()
    assert (report["import"], report["name"], report["format"]) == (row.pk, "yard", "coco")
    assert (report["pictures"], report["pictures_new"], report["boxes_stored"], report["skipped"]) == (2, 2, 2, [])


def test_a_dry_run_writes_nothing(folder):
    (folder / "images" / "b.jpg").unlink()
    said = run("import", folder, "--dry-run", status=1)
    assert said.startswith("yard reads as coco: 1 picture would come in, 1 of them labelled.")
    assert "picture that is not there: b.jpg" in said
    assert [model.objects.count() for model in (Frame, DataImport, Job)] == [0, 0, 0]
    assert json.loads(run("import", folder, "--dry-run", "--json", status=1))["labels"] == {"person": 1, "dog": 1}


@pytest.mark.parametrize(
    "more, message",
    [
        (["--format", "docx"], "Valid ones: auto, mot"),
        (["--set", "x"], "PARAM=VALUE"),
        (["--set", "x=1"], "need its name"),
        (["--format", "coco", "--set", "nonsense=1"], "nonsense"),
        (["--camera-from-path", "("], "regular expression"),
        (["--embedder", "nonsense"], "no embedder"),
        (["--annotations", "/nowhere.json"], "There is no file or folder /nowhere.json"),
        (["--format", "mot"], "cannot be read as mot"),
        (["--camera", "!!!"], "makes no camera name"),
    ],
)
def test_a_wrong_command_is_status_2_with_the_reason(folder, more, message):
    assert message in refused("import", folder, *more)
    assert not Frame.objects.exists()


def test_a_folder_that_is_not_there_is_told():
    assert refused("import", "/nowhere/at/all") == "There is no file or folder /nowhere/at/all."


# Exports -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def frames(folder):
    run("import", folder, "--camera", "yard")
    return list(Frame.objects.order_by("pts_us"))


def test_an_export_says_where_it_is_and_what_is_in_it(frames, tmp_path):
    out = tmp_path / "out.zip"
    said = run("export", "camera:yard", "--format", "coco", "--out", out)
    row = DataExport.objects.get()
    assert said.splitlines() == [
        "The frames as coco: 2 pictures, 2 boxes of 2 labels.",
        f"  {out} ({row.size_bytes / 1e6:,.1f} MB in 4 files)",
        f"  SHA-256 {row.sha256}",
    ]
    assert hashlib.sha256(out.read_bytes()).hexdigest() == row.sha256
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []


def test_it_says_what_the_format_has_no_place_for(frames, tmp_path):
    assert "yolo has no place for: " in run("export", "--format", "yolo", "--out", tmp_path)
    assert (tmp_path / f"frames-{DataExport.objects.get().pk}-yolo.zip").is_file()


def test_unlabelled_pictures_are_pointed_out(frames, tmp_path):
    Frame.objects.filter(pk=frames[1].pk).update(annotated_at=None)
    said = run("export", "--format", "coco", "--out", tmp_path)
    assert "1 picture without labels" in said
    assert "annotated:true" in said


def test_unpacked_it_is_a_folder(frames, tmp_path):
    out = tmp_path / "unpacked"
    run("export", "--format", "coco", "--out", out, "--unpack")
    assert sorted(path.name for path in out.iterdir()) == ["annotations", "images", "manifest.json"]
    assert sorted(path.read_bytes() for path in (out / "images").iterdir()) == sorted([jpeg(1), jpeg(2)])
    assert "not an empty folder" in refused("export", "--format", "coco", "--out", out, "--unpack")
    (tmp_path / "empty").mkdir()
    run("export", "--format", "coco", "--out", tmp_path / "empty", "--unpack")


def test_a_version_and_json(frames, tmp_path):
    create_version(dataset="gates", frame_ids=[frame.pk for frame in frames])
    answer = json.loads(run("export", "--dataset", "gates", "--format", "coco", "--out", tmp_path, "--json"))
    assert answer["path"] == str(tmp_path / "gates-v1-coco.zip")
    assert (answer["pictures"], answer["boxes"], answer["classes"]) == (2, 2, ["dog", "person"])


def test_classes_without_pictures(frames, tmp_path):
    out = tmp_path / "out.zip"
    said = run("export", "--format", "coco", "--classes", "person", "--no-pictures", "--out", out)
    assert "Left out: 1 boxes of other classes." in said
    with zipfile.ZipFile(out) as opened:
        assert opened.namelist() == ["annotations/instances.json", "pictures.tsv", "manifest.json"]


@pytest.mark.parametrize(
    "args, message",
    [
        (["camra:yard", "--format", "coco"], "^^^^^"),
        (["--format", "docx"], "Valid ones: coco"),
        (["--dataset", "none", "--format", "coco"], "There is no dataset"),
        (["a", "--dataset", "b", "--format", "coco"], "not both"),
        (["--format", "coco", "--set", "x"], "PARAM=VALUE"),
        (["--format", "coco", "--purpose", "evaluation"], "needs the model"),
    ],
)
def test_a_wrong_export_is_status_2_with_the_reason(frames, args, message, tmp_path):
    assert message in refused("export", *args, "--out", tmp_path / "x.zip")
    assert not DataExport.objects.exists()


def test_a_place_that_is_not_there_is_told_before_the_work(frames, tmp_path):
    assert "There is no folder" in refused("export", "--format", "coco", "--out", tmp_path / "none" / "x.zip")
    assert not DataExport.objects.exists()


def test_a_hold_out_opens_with_its_purpose_and_model(frames, tmp_path):
    version = create_version(dataset="final", frame_ids=[frames[0].pk])
    lock_version(version, user=None)
    args = ["export", "--dataset", "final", "--format", "coco", "--out", tmp_path]
    assert "purpose evaluation" in refused(*args)
    assert not list(tmp_path.glob("*.zip"))
    run(*args, "--purpose", "evaluation", "--model", "detector 7", "--note", "release 2")
    use = HoldoutUse.objects.get()
    assert (use.model, use.note, use.by) == ("detector 7", "release 2", None)
    assert use.by_name.endswith("(shell)")
    said = run("export", "--format", "coco", "--out", tmp_path)
    assert "held out." in said


def test_what_came_out_goes_in_again(frames, tmp_path):
    before = list(Annotation.objects.order_by("id").values_list("label", "x1", "y1", "x2", "y2"))
    run("export", "--format", "coco", "--out", tmp_path / "out.zip")
    Frame.objects.all().delete()
    run("import", tmp_path / "out.zip")
    assert list(Annotation.objects.order_by("id").values_list("label", "x1", "y1", "x2", "y2")) == before
    assert set(Frame.objects.values_list("camera__name", flat=True)) == {"yard"}
