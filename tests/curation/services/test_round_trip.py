"""What comes out goes in again unchanged, through the database both ways, for every format; trusted readers agree."""

import contextlib
import io
import json
import zipfile

import pytest
import yaml
from PIL import Image

from curation.core.formats import FORMATS
from curation.models import Annotation, Frame
from curation.services.datasets import create_version
from curation.services.exporting import archive_path
from tests.datasets import empty_database, export_here, import_here, jpeg, skipped, write_coco

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

HUMAN = {"source": "human", "by": "anna", "confidence": 1.0}
SET = {
    "a.jpg": {
        "boxes": [("person", 1.25, 2, 10.5, 20), ("dog", 30, 4, 5.5, 6)],
        "winnow": {"split": "train", "tags": {"weather": "rain", "people": 1}, "evidence": {"weather": HUMAN}},
    },
    "b.jpg": {"boxes": [("person", 0, 0, 64, 48)], "winnow": {"split": "val", "tags": {"indoor": True}}},
    "c.png": {"boxes": [], "winnow": {"split": "train"}},
    "d.jpg": {"boxes": [], "winnow": {"split": "val", "labelled": False}},
    "e.jpg": {"boxes": [("dog", 3, 3.75, 9, 9), ("cat", 5, 5, 20.125, 7)], "winnow": {"split": "train"}},
}  # fmt: skip
EVERYTHING = {"boxes", "labelled", "splits", "tags", "evidence", "extras"}
SAYS = {
    "coco": EVERYTHING,
    "yolo": {"boxes", "labelled", "splits"},
    "voc": {"boxes", "labelled", "splits"},
    "cvat": {"boxes", "labelled", "splits", "tags"},
    "label_studio": {"boxes", "labelled", "tags"},
    "mot": {"boxes"},
    "csv": {"tags"},
    "parquet": {"tags"},
    "folder": set(),
}


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.WINNOW_DATA_DIR = tmp_path / "winnow"


@pytest.fixture
def rich(tmp_path):
    """Five pictures with all that can be said of pictures and boxes."""
    folder = write_coco(tmp_path / "rich", SET)
    Image.open(io.BytesIO(jpeg(3))).save(folder / "images" / "c.png")
    document = json.loads((folder / "instances.json").read_text())
    first, second = document["annotations"][:2]
    first |= {"segmentation": [[1, 2, 11, 2, 11, 22]], "area": 77.5, "track_id": 4, "attributes": {"occluded": True}}
    second["iscrowd"] = 1
    (folder / "instances.json").write_text(json.dumps(document))
    import_here(folder, camera="gate")
    return folder


def state():
    """Write down what the database says of each frame, in order of camera and time."""
    found = []
    for frame in Frame.objects.order_by("camera__name", "pts_us").prefetch_related("annotations"):
        boxes = sorted(frame.annotations.all(), key=lambda a: (a.label, a.x1))
        said = {name: why for name, why in frame.evidence.items() if why["source"] == "human"}
        found.append({
            "size": (frame.width_px, frame.height_px),
            "boxes": [(a.label, a.x1, a.y1, a.x2, a.y2) for a in boxes],
            "extras": [(a.is_crowd, a.track_id, a.area_px2, a.segmentation, a.attributes) for a in boxes],
            "labelled": frame.annotated_at is not None,
            "splits": frame.tags.get("split"),
            "tags": {name: value for name, value in frame.tags.items() if name != "split"},
            "evidence": {name: why for name, why in said.items() if name != "split"},
        })  # fmt: skip
    return found


def close(before, after):
    """Compare boxes as formats round them."""
    assert [b[0] for b in before] == [b[0] for b in after]
    for old, new in zip(before, after, strict=True):
        assert new[1:] == pytest.approx(old[1:], abs=2e-3)


def check(before, after, *, says):
    assert len(after) == len(before)
    for old, new in zip(before, after, strict=True):
        assert new["size"] == old["size"]
        if "boxes" in says:
            close(old["boxes"], new["boxes"])
        for what in says - {"boxes", "evidence"}:
            assert new[what] == old[what], what
        if "evidence" in says:
            assert {n: w for n, w in new["evidence"].items() if n in old["evidence"]} == old["evidence"]


def sayable(before, name):
    """Leave out what a format has no place for: MOT unlabelled pictures, YOLO crowds."""
    if name == "mot":
        return [row for row in before if row["labelled"]]
    if name == "yolo":
        return [
            {**row, "boxes": [box for box, extra in zip(row["boxes"], row["extras"], strict=True) if not extra[0]]}
            for row in before
        ]
    return before


@pytest.mark.parametrize("source", ["query", "dataset"])
@pytest.mark.parametrize("name", [name for name, says in SAYS.items() if "boxes" in says])
def test_boxes_tags_and_splits_come_back(rich, name, source, tmp_path):
    before = state()
    if source == "dataset":
        create_version(dataset="set", frame_ids=list(Frame.objects.values_list("id", flat=True)))
    asked = {"dataset": "set@1"} if source == "dataset" else {"query": ""}
    out = tmp_path / f"{name}.zip"
    out.write_bytes(archive_path(export_here(format=name, **asked)).read_bytes())
    empty_database()
    row = import_here(out, format=name, camera="gate")
    assert skipped(row) == {}
    check(sayable(before, name), state(), says=SAYS[name])
    again = export_here(format=name)
    assert pictures_of(archive_path(again)) == pictures_of(out)


def pictures_of(archive):
    with zipfile.ZipFile(archive) as opened:
        return sorted(opened.read(name) for name in opened.namelist() if name.endswith(".jpg"))


@pytest.mark.parametrize("name", ["csv", "parquet"])
def test_tables_of_tags_come_back_onto_the_same_frames(rich, name, tmp_path):
    before = state()
    out = tmp_path / f"{name}.zip"
    out.write_bytes(archive_path(export_here(format=name)).read_bytes())
    row = import_here(out, format=name)
    assert row.report["pictures_known"] == 5
    assert [(r["tags"], r["boxes"], r["labelled"]) for r in state()] == [
        (r["tags"], r["boxes"], r["labelled"]) for r in before
    ]  # fmt: skip


@pytest.mark.parametrize("name", sorted(SAYS))
def test_back_in_the_same_database_nothing_doubles(rich, name, tmp_path):
    if not FORMATS[name].writes:
        pytest.skip("it is not written")
    before = [(r["boxes"], r["tags"]) for r in state()]
    out = tmp_path / f"{name}.zip"
    out.write_bytes(archive_path(export_here(format=name)).read_bytes())
    row = import_here(out, format=name, camera="elsewhere")
    assert (row.report["pictures_new"], Frame.objects.count()) == (0, 5)
    assert [(r["boxes"], r["tags"]) for r in state()] == before
    assert Annotation.objects.count() == 5


def test_every_format_is_walked():
    assert set(SAYS) == set(FORMATS)


def test_labels_that_were_corrected_elsewhere_come_back_without_the_pictures(rich, tmp_path):
    with zipfile.ZipFile(archive_path(export_here(settings={"one_file": True}))) as opened:
        document = json.loads(opened.read("annotations/instances.json"))
    document["annotations"][0]["bbox"][0] += 1
    (tmp_path / "fixed.json").write_text(json.dumps(document))
    x1 = Annotation.objects.order_by("id").first().x1
    row = import_here(tmp_path / "fixed.json", name="rich")
    assert (row.report["pictures_known"], row.report["boxes_removed"], row.report["boxes_stored"]) == (5, 5, 5)
    assert x1 + 1 in Annotation.objects.values_list("x1", flat=True)


def test_pycocotools_reads_what_comes_out(rich, tmp_path):
    from pycocotools.coco import COCO

    with zipfile.ZipFile(archive_path(export_here(settings={"one_file": True}))) as opened:
        opened.extractall(tmp_path / "out")
    with contextlib.redirect_stdout(io.StringIO()):
        found = COCO(str(next((tmp_path / "out" / "annotations").glob("*.json"))))
    assert len(found.imgs) == 5
    read = sorted(
        (found.cats[a["category_id"]]["name"], *a["bbox"], a["iscrowd"], a["area"]) for a in found.anns.values()
    )  # fmt: skip
    assert read == sorted(
        (a.label, a.x1, a.y1, a.x2 - a.x1, a.y2 - a.y1, int(a.is_crowd),
         a.area_px2 or (a.x2 - a.x1) * (a.y2 - a.y1)) for a in Annotation.objects.all()
    )  # fmt: skip
    for image in found.loadImgs(found.getImgIds()):
        with Image.open(tmp_path / "out" / "images" / image["file_name"]) as picture:
            assert picture.size == (image["width"], image["height"])


def test_ultralytics_reads_what_comes_out(rich, tmp_path):
    from ultralytics.data.dataset import YOLODataset

    with zipfile.ZipFile(archive_path(export_here(format="yolo"))) as opened:
        opened.extractall(tmp_path / "out")
    data = yaml.safe_load((tmp_path / "out" / "data.yaml").read_text())
    names = data["names"] if isinstance(data["names"], dict) else dict(enumerate(data["names"]))
    read = []
    for split in ("train", "val"):
        folder = tmp_path / "out" / data[split]
        for said in YOLODataset(str(folder), data={**data, "channels": 3}, task="detect", augment=False).labels:
            height, width = said["shape"]
            for (number,), (x, y, w, h) in zip(said["cls"], said["bboxes"], strict=True):
                corners = ((x - w / 2) * width, (y - h / 2) * height, (x + w / 2) * width, (y + h / 2) * height)
                read.append((names[int(number)], *corners))
    close(
        sorted((a.label, a.x1, a.y1, a.x2, a.y2) for a in Annotation.objects.filter(is_crowd=False)),
        sorted(read),
    )


@pytest.mark.slow
def test_hundreds_of_frames_out_and_in(tmp_path):
    import_here(
        write_coco(tmp_path / "many", {f"{i:04d}.jpg": [("person", 1, 1, 9, 9)] for i in range(300)}, size=(16, 12))
    )
    before = state()
    out = tmp_path / "out.zip"
    out.write_bytes(archive_path(export_here()).read_bytes())
    empty_database()
    row = import_here(out)
    assert row.report["pictures_new"] == 300
    check(before, state(), says=EVERYTHING - {"evidence"})
