"""Where imports read from: folders, archives, the storage, a bucket; nothing outside it can be reached."""

import json
import os
import zipfile

import pytest

from curation.backends import storage
from curation.core.errors import SpecError
from curation.models import Frame
from curation.services.import_request import ImportFailed, read_request, request_import
from curation.services.job_kinds import run_here
from curation.services.stored_files import NoSuchFile
from tests.curation.backends.test_storage import bucket, s3_server  # noqa: F401
from tests.datasets import import_here, jpeg, skipped, write_coco

pytestmark = pytest.mark.django_db
TWO = {"a.jpg": [("person", 1, 1, 9, 9)], "b.jpg": []}


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path, media):
    settings.WINNOW_DATA_DIR = tmp_path / "winnow"


def packed(path, folder, *, links=()):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                made.write(file, file.relative_to(folder))
        for name, target in links:
            one = zipfile.ZipInfo(name)
            one.external_attr = 0o120777 << 16
            made.writestr(one, target)
    return path


def stored(folder, key):
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            storage.put_bytes(f"{key}/{file.relative_to(folder).as_posix()}", file.read_bytes())


def test_an_archive_is_read_without_being_unpacked(tmp_path):
    row = import_here(packed(tmp_path / "set.zip", write_coco(tmp_path / "set", TWO)))
    assert (row.name, row.report["pictures_new"], skipped(row)) == ("set", 2, {})


def test_a_link_in_an_archive_is_no_picture(tmp_path):
    folder = write_coco(tmp_path / "set", TWO)
    (folder / "images" / "b.jpg").unlink()
    (tmp_path / "secret.jpg").write_bytes(jpeg(9))
    archive = packed(tmp_path / "set.zip", folder, links=[("images/b.jpg", str(tmp_path / "secret.jpg"))])
    row = import_here(archive)
    assert (row.report["pictures_new"], list(skipped(row))) == (1, ["file that is no picture of a known kind"])


def test_a_link_that_leads_out_of_a_folder_is_not_followed(tmp_path):
    folder = write_coco(tmp_path / "set", TWO)
    (tmp_path / "secret.jpg").write_bytes((folder / "images" / "b.jpg").read_bytes())
    (folder / "images" / "b.jpg").unlink()
    os.symlink(tmp_path / "secret.jpg", folder / "images" / "b.jpg")
    row = import_here(folder)
    assert row.report["pictures_new"] == 1
    assert "picture that is not there" in skipped(row)


@pytest.mark.parametrize("name", ["../secret.jpg", "/etc/secret.jpg", "images/../../secret.jpg", "..\\secret.jpg"])
def test_a_name_that_leads_out_reads_nothing(tmp_path, name):
    folder = write_coco(tmp_path / "set", TWO)
    (tmp_path / "secret.jpg").write_bytes(jpeg(9))
    document = json.loads((folder / "instances.json").read_text())
    document["images"][1]["file_name"] = name
    (folder / "instances.json").write_text(json.dumps(document))
    row = import_here(folder)
    assert (row.report["pictures_new"], Frame.objects.count()) == (1, 1)
    assert row.report["skipped"]


def test_a_bomb_is_refused_whole(tmp_path):
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as made:
        for index in range(6):
            made.writestr(f"{index}.json", bytes(50 << 20))
    with pytest.raises(ImportFailed, match="times its size"):
        import_here(tmp_path / "bomb.zip", format="coco")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"nothing"])
def test_an_archive_that_is_none_is_refused(tmp_path, content):
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(ImportFailed, match="not a whole ZIP file"):
        import_here(tmp_path / "a.zip", format="coco")


def test_the_format_is_told_from_the_files_or_asked_for(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ImportFailed, match="Name its format: "):
        import_here(tmp_path / "empty")
    folder = write_coco(tmp_path / "set", TWO)
    with pytest.raises(ImportFailed, match=r"cannot be read as mot.*It looks like coco"):
        import_here(folder, format="mot")


def test_labels_may_lie_elsewhere(tmp_path):
    folder = write_coco(tmp_path / "set", TWO)
    (folder / "instances.json").rename(tmp_path / "labels.json")
    row = import_here(folder, annotations=str(tmp_path / "labels.json"))
    assert (row.report["pictures_new"], row.report["boxes_stored"], skipped(row)) == (2, 1, {})


def test_a_source_that_is_gone_when_its_turn_comes_is_told(tmp_path):
    folder = write_coco(tmp_path / "set", TWO)
    row = request_import(read_request({"root": str(folder), "place": "disk"}))
    folder.rename(tmp_path / "moved")
    with pytest.raises(ImportFailed, match="no longer there"):
        run_here(row.job)


@pytest.mark.parametrize("packs", [False, True])
def test_the_storage_is_read_by_key(tmp_path, packs):
    folder = write_coco(tmp_path / "set", TWO)
    key = "incoming/set.zip" if packs else "incoming/set"
    if packs:
        storage.put_bytes(key, packed(tmp_path / "set.zip", folder).read_bytes())
    else:
        stored(folder, key)
    row = import_here(key, place="storage")
    assert (row.name, row.report["pictures_new"], row.source) == ("set", 2, key)


@pytest.mark.parametrize("packs", [False, True])
def test_a_bucket_is_read_by_key(bucket, tmp_path, packs):  # noqa: F811
    folder = write_coco(tmp_path / "set", TWO)
    key = "incoming/set.zip" if packs else "incoming/set"
    if packs:
        storage.put_bytes(key, packed(tmp_path / "set.zip", folder).read_bytes())
    else:
        stored(folder, key)
    row = import_here(key, place="storage")
    assert (row.report["pictures_new"], skipped(row)) == (2, {})
    assert storage.read_bytes(Frame.objects.order_by("pts_us").first().image) == jpeg(1)


@pytest.mark.parametrize(
    "key, error", [("frames/x", SpecError), ("exports/x.zip", SpecError), ("../x", NoSuchFile), ("none", NoSuchFile)]
)
def test_keys_that_will_not_do(key, error):
    with pytest.raises(error):
        read_request({"root": key, "place": "storage"})
