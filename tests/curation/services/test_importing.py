"""Importing pictures and their labels: what goes in once is there once, and nothing is skipped without a reason."""

import json

import pytest
from PIL import Image

from curation.backends import storage
from curation.models import Annotation, DataImport, Embedding, Frame, Job, Keep, Video
from curation.services import importing
from curation.services.filtering import frames_matching
from curation.services.import_report import Tally
from tests.datasets import import_here, jpeg, rows_of_frames, sha256, skipped, write_coco
from tests.factories import CameraFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

TWO = {"a.jpg": [("person", 1, 2, 10, 20), ("dog", 30, 4, 5.5, 6)], "b.jpg": []}


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.WINNOW_DATA_DIR = tmp_path / "winnow"


@pytest.fixture
def two(tmp_path):
    return write_coco(tmp_path / "two", TWO)


def test_pictures_and_labels_come_in(two):
    row = import_here(two)
    a, b = Frame.objects.order_by("pts_us")
    assert (row.name, row.format, row.report["pictures_new"], row.report["boxes_stored"]) == ("two", "coco", 2, 2)
    assert row.report["skipped"] == []
    assert row.report["labels"] == {"dog": 1, "person": 1}
    assert [(x.label, x.x1, x.y1, x.x2, x.y2, x.source, x.by) for x in a.annotations.order_by("id")] == [
        ("person", 1, 2, 11, 22, "import", "two"), ("dog", 30, 4, 35.5, 10, "import", "two"),
    ]  # fmt: skip
    assert (b.annotations.count(), b.annotated_at is not None) == (0, True)
    assert a.picture_sha256 == sha256(jpeg(1))
    assert storage.read_bytes(a.image) == jpeg(1)  # stored as it is
    assert a.image.startswith("frames/two/")
    assert (a.width_px, a.height_px, a.camera.name) == (64, 48, "two")
    assert a.phash is not None
    assert Embedding.objects.filter(frame=a).count() == 1
    (keep,) = a.keeps.all()
    assert (keep.reason, keep.run, keep.made_in) == (Keep.Reason.IMPORT, None, row)
    assert a.tags["resolution"] == "SD"
    assert a.evidence["lighting"]["source"] == "tagger"
    video = a.video
    assert (video.kind, video.file, video.name, b.video) == (Video.Kind.PICTURES, "", "two", video)
    assert row.job.state == Job.State.DONE
    assert row.job.result["import"] == row.pk
    assert not importing.work_folder(row).exists()


def test_importing_again_changes_nothing(two):
    import_here(two)
    before = rows_of_frames()
    again = import_here(two)
    assert rows_of_frames() == before
    assert (again.report["pictures_new"], again.report["pictures_known"]) == (0, 2)
    assert Embedding.objects.count() == 2
    assert Video.objects.count() == 1


def test_another_name_knows_the_pictures_and_does_not_double_the_labels(two):
    import_here(two)
    before = [row["boxes"] for row in rows_of_frames()]
    again = import_here(two, name="other")
    assert [row["boxes"] for row in rows_of_frames()] == before
    assert (again.report["pictures_known"], again.report["boxes_known"], again.report["boxes_stored"]) == (2, 2, 0)
    assert Frame.objects.first().keeps.count() == 2


def corrected(two):
    """The same pictures with other labels for the first one."""
    document = json.loads((two / "instances.json").read_text())
    document["annotations"][0]["bbox"] = [2, 2, 10, 20]
    del document["annotations"][1]
    (two / "instances.json").write_text(json.dumps(document))
    return two


@pytest.mark.parametrize(
    "on_known, boxes",
    [
        ("replace", [("person", 2)]),
        ("add", [("person", 1), ("dog", 30), ("person", 2)]),
        ("skip", [("person", 1), ("dog", 30)]),
    ],
)
def test_known_pictures_are_treated_as_asked(two, on_known, boxes):
    import_here(two)
    row = import_here(corrected(two), on_known=on_known)
    assert list(Annotation.objects.order_by("id").values_list("label", "x1")) == boxes
    assert Frame.objects.count() == 2
    assert row.report["boxes_removed"] == (2 if on_known == "replace" else 0)


def test_labels_from_elsewhere_stay_and_are_told(two):
    import_here(two)
    frame = Frame.objects.order_by("pts_us").first()
    Annotation.objects.create(frame=frame, label="cat", x1=0, y1=0, x2=9, y2=9, source="labelling", by="anna")
    row = import_here(corrected(two))
    assert sorted(frame.annotations.values_list("label", "by")) == [("cat", "anna"), ("person", "two")]
    assert [note["count"] for note in row.report["notes"]] == [1]


def test_one_bad_picture_never_stops_the_rest(two):
    folder = write_coco(two, {f"{name}.jpg": [("person", 1, 1, 5, 5)] for name in "abcdef"})
    images = folder / "images"
    (images / "b.jpg").write_bytes(b"")
    (images / "c.jpg").write_bytes(b"<html>not found</html>")
    (images / "d.jpg").write_bytes(jpeg(4)[:300])
    (images / "e.jpg").unlink()
    row = import_here(folder)
    assert [frame.image for frame in Frame.objects.all()] == [
        f"frames/two/pictures/{digest[:2]}/{digest}.jpg" for digest in (sha256(jpeg(1)), sha256(jpeg(6)))
    ]  # fmt: skip
    assert skipped(row) == {
        "picture file of 0 bytes": (1, ["b.jpg"]),
        "file that is no picture of a known kind": (1, ["c.jpg"]),
        "damaged picture": (1, ["d.jpg"]),
        "picture that is not there": (1, ["e.jpg"]),
    }
    assert Annotation.objects.count() == 2


def test_what_reading_skips_is_in_the_report(two):
    document = json.loads((two / "instances.json").read_text())
    document["annotations"] += [
        {"id": 9, "image_id": 1, "category_id": 1, "bbox": [1, 1, 0, 5]},
        {"id": 10, "image_id": 77, "category_id": 1, "bbox": [1, 1, 5, 5]},
    ]
    (two / "instances.json").write_text(json.dumps(document))
    assert {why: count for why, (count, _) in skipped(import_here(two)).items()} == {
        "box without area": 1, "box of a picture that is not there": 1,
    }  # fmt: skip


def test_a_picture_of_another_size_than_its_labels_is_skipped(two):
    (two / "images" / "a.jpg").write_bytes(jpeg(1, 32, 24))
    assert skipped(import_here(two)) == {"picture of another size than its annotations were made for": (1, ["a.jpg"])}
    import_here(write_coco(two, TWO))
    document = json.loads((two / "instances.json").read_text())
    document["images"][0] |= {"width": 128, "height": 96}
    (two / "instances.json").write_text(json.dumps(document))
    assert skipped(import_here(two)) == {"picture of another size than its annotations were made for": (1, ["a.jpg"])}


def test_turned_pictures_are_stored_upright(two):
    exif = Image.Exif()
    exif[0x0112] = 6
    (two / "images" / "b.jpg").write_bytes(jpeg(2, 48, 64, exif=exif))
    import_here(two)
    frame = Frame.objects.order_by("pts_us").last()
    assert (frame.width_px, frame.height_px) == (64, 48)
    assert storage.read_bytes(frame.image) != jpeg(2, 48, 64, exif=exif)
    assert Image.open(storage.local_path(frame.image)).size == (64, 48)


def test_the_time_is_the_pictures_in_its_cameras_zone(two):
    exif = Image.Exif()
    exif[0x8769] = {0x9003: "2026:07:01 23:30:00"}
    (two / "images" / "a.jpg").write_bytes(jpeg(1, exif=exif))
    CameraFactory(name="gate", attributes={"timezone": "Europe/Vienna"})
    import_here(two, camera="gate")
    frame = Frame.objects.exclude(recorded_at=None).get()
    assert frame.recorded_at.isoformat() == "2026-07-01T21:30:00+00:00"
    assert frame.tags["time_of_day"] == "night"


def test_two_copies_of_a_picture_are_one_frame(two):
    (two / "images" / "b.jpg").write_bytes(jpeg(1))
    row = import_here(two)
    assert Frame.objects.count() == 1
    assert skipped(row) == {"picture that is another one's copy": (1, ["b.jpg"])}
    assert Annotation.objects.count() == 2


def test_cameras_come_from_the_file_then_the_path_then_the_import(tmp_path):
    folder = write_coco(
        tmp_path / "set",
        {
            "cam-gate/1.jpg": [], "cam-lobby/1.jpg": [],
            "elsewhere/2.jpg": {"boxes": [], "winnow": {"camera": "Yard 7"}},
        },
    )  # fmt: skip
    import_here(folder, camera="unused", camera_from_path=r"cam-(\w+)/")
    assert set(Frame.objects.values_list("camera__name", flat=True)) == {"gate", "lobby", "yard-7"}
    row = import_here(write_coco(tmp_path / "other", {"x/1.jpg": []}, size=(32, 24)), camera_from_path=r"cam-(\w+)/")
    assert skipped(row) == {"picture whose camera has no usable name": (1, ["x/1.jpg"])}


def test_folders_keep_their_order_and_stand_apart(tmp_path):
    names = ["night/2.jpg", "night/1.jpg", "day/1.jpg"]
    import_here(write_coco(tmp_path / "set", {name: [] for name in names}))
    found = Frame.objects.order_by("video__name", "pts_us").values_list("video__name", "pts_us", "picture_sha256")
    assert list(found) == [
        ("day", 0, sha256(jpeg(3))), ("night", 0, sha256(jpeg(2))), ("night", 1_000_000, sha256(jpeg(1))),
    ]  # fmt: skip


def test_tags_of_a_file_are_peoples_words_and_its_own_evidence_stands(two):
    folder = write_coco(two, {
        "a.jpg": {"boxes": [], "winnow": {
            "tags": {"lighting": "bright", "Weather": "rain", "people": 3, "indoor": "yes", "blurriness": "blurred"},
            "evidence": {"blurriness": {"source": "tagger", "by": "elsewhere"}, "people": {"source": "nonsense"}},
            "split": "val",
        }},
    })  # fmt: skip
    row = import_here(folder)
    frame = Frame.objects.get()
    assert {k: frame.tags[k] for k in ("lighting", "weather", "people", "indoor", "split", "blurriness")} == {
        "lighting": "bright", "weather": "rain", "people": 3, "indoor": True, "split": "val", "blurriness": "blurred",
    }  # fmt: skip
    human = {"source": "human", "by": "import two", "confidence": 1.0}
    assert frame.evidence["lighting"] == frame.evidence["weather"] == frame.evidence["people"] == human
    assert frame.evidence["blurriness"]["by"] == "elsewhere"
    assert row.report["tags"] == 6
    assert list(frames_matching("split:val")) == [frame]
    assert row.report["notes"] == []


def test_tags_that_no_query_knows_are_pointed_out(two):
    row = import_here(write_coco(two, {"a.jpg": {"boxes": [], "winnow": {"tags": {"Mood": "gloomy"}}}}))
    assert Frame.objects.get().tags["mood"] == "gloomy"
    ((text, count),) = ((note["text"], note["count"]) for note in row.report["notes"])
    assert ("`mood`" in text, count) == (True, 1)


@pytest.mark.parametrize(
    "tags", [{"people": "many"}, {"brightness": "high"}, {"indoor": "perhaps"}, {"": 1}, {"9": 1}, {"note": "x" * 300}]
)
def test_tags_that_cannot_be_stored_are_skipped_with_the_reason(two, tags):
    folder = write_coco(two, {"a.jpg": {"boxes": [], "winnow": {"tags": tags}}})
    row = import_here(folder)
    assert [count for count, _ in skipped(row).values()] == [1]
    assert Frame.objects.get().evidence["brightness"]["source"] == "tagger"


def test_unlabelled_pictures_stay_unlabelled(two):
    row = import_here(write_coco(two, {"a.jpg": {"boxes": [], "winnow": {"labelled": False}}}))
    assert Frame.objects.get().annotated_at is None
    assert (row.report["labelled"], row.report["unlabelled"]) == (0, 1)


def test_without_an_embedder_nothing_is_embedded(two):
    import_here(two, embedder="")
    assert not Embedding.objects.exists()


def test_nothing_to_import_is_no_error(tmp_path):
    row = import_here(write_coco(tmp_path / "none", {}))
    assert (row.report["total"], row.report["pictures_new"], row.job.state) == (0, 0, "done")


def test_the_report_names_few_and_counts_all(tmp_path):
    folder = write_coco(tmp_path / "many", {f"{i}.jpg": [] for i in range(40)})
    for path in (folder / "images").iterdir():
        path.write_bytes(b"")
    row = import_here(folder)
    ((count, examples),) = skipped(row).values()
    assert (count, len(examples), row.report["at"]) == (40, 5, 40)
    assert DataImport.objects.count() == 1
    assert Tally.from_json(row.report).skipped == 40
