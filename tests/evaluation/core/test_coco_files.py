"""COCO's two files: what they say, what is left out, and what is refused with a reason."""

import json

import pytest

from evaluation.core.coco_figures import TWELVE, twelve
from evaluation.core.coco_files import CocoFileError, coco_evidence, read_coco_files
from tests.evaluation.core.coco_cases import document, peer_figures

BOX = [0.0, 0.0, 10.0, 10.0]


def truth(**more):
    return {**document([5, 2], [1, 7], [((5, 1), BOX, False, None), ((2, 7), BOX, True, None)]), **more}


def found(**more):
    return {"image_id": 5, "category_id": 1, "bbox": BOX, "score": 0.5, **more}


def test_images_and_labels_are_numbered_by_id():
    files = coco_evidence(truth(), [found(), found(image_id=2, score=1)])
    assert files.notes == ()
    evidence = files.evidence
    assert evidence.labels == ("label 1", "label 7")
    assert (evidence.image_count, evidence.group.tolist()) == (2, [0, 1])
    assert evidence.truths.image.tolist() == [0, 1]
    assert evidence.truths.is_crowd.tolist() == evidence.truths.is_ignored.tolist() == [True, False]
    assert evidence.found.image.tolist() == [0, 1]
    assert evidence.found.score.tolist() == [1, 0.5]


def test_what_pycocotools_leaves_out_is_left_out_and_told():
    strange = [
        {"id": 8, "image_id": 99, "category_id": 1, "bbox": BOX, "area": 100, "iscrowd": 0},
        {"id": 9, "image_id": 5, "category_id": 99, "bbox": BOX, "area": 100, "iscrowd": 0},
    ]
    sloppy = truth(annotations=[*truth()["annotations"], *strange])
    detections = [found(), found(category_id=99)]
    files = coco_evidence(sloppy, detections, truth_name="gt.json")
    assert files.notes == (
        "1 annotations are of images that are not listed.",
        "1 annotations are of categories that are not listed.",
        "1 detections are of categories that gt.json does not list.",
    )
    figures = twelve(files.evidence)
    assert [figures[name] for name in TWELVE] == pytest.approx(peer_figures(sloppy, detections), abs=1e-12)


def test_without_an_area_the_boxes_area_is_taken():
    bare = {"id": 1, "image_id": 5, "category_id": 1, "bbox": [0, 0, 40, 40]}
    files = coco_evidence(truth(annotations=[bare]), [found(bbox=[0, 0, 40, 40])])
    assert files.notes == ("1 annotations have no area: their boxes' are taken.",)
    assert twelve(files.evidence)["APm"] == 1


def test_an_annotation_may_have_the_id_0():
    zero = [{**one, "id": number} for number, one in enumerate(truth()["annotations"])]
    assert twelve(coco_evidence(truth(annotations=zero), [found()]).evidence)["AP"] == 1


def test_categories_of_one_name_stay_apart():
    categories = [{"id": 1, "name": "person"}, {"id": 7, "name": "person"}, {"id": 9}]
    assert coco_evidence(truth(categories=categories), []).evidence.labels == ("person 1", "person 7", "9")


def test_files_of_nothing():
    nothing = {"images": [], "annotations": [], "categories": []}
    assert set(twelve(coco_evidence(nothing, []).evidence).values()) == {-1}
    assert twelve(coco_evidence(truth(), []).evidence)["AP"] == 0


@pytest.mark.parametrize(
    "asked, said",
    [
        (([], []), "truth has no lists `images`, `annotations` and `categories`"),
        (({"images": []}, []), "has no lists"),
        ((truth(), {"annotations": []}), "the detections is not a list"),
        ((truth(images=[{"file_name": "a.jpg"}]), []), r"images\[0\] has no `id`"),
        ((truth(images=[5]), []), r"images\[0\] is 5; it must be a JSON object"),
        ((truth(images=[{"id": 5}, {"id": "a"}]), []), "ids must be all numbers or all texts"),
        ((truth(), [found(), {"image_id": 5}]), r"detections\[1\] has no `category_id`"),
        ((truth(), [found(image_id=[5])]), r"`image_id` is \[5\]; it must be a number or a text"),
        ((truth(), [found(bbox=None)]), r"`bbox` is None; it must be \[x, y, width, height\]"),
        ((truth(), [found(), found(bbox=[0, 0, 10])]), r"detections\[1\]: `bbox` is \[0, 0, 10\]"),
        ((truth(), [found(bbox=[0, 0, -1, 5])]), "sides of 0 or more"),
        ((truth(), [found(bbox=[0, 0, 10**400, 5])]), "`bbox` is "),
        ((truth(), [found(bbox=[0, 0, "wide", 5])]), "`bbox` is "),
        ((truth(), [found(score="high")]), "`score` is 'high'; it must be a finite number"),
        ((truth(), [found(score=float("nan"))]), "`score` is nan"),
        ((truth(annotations=[{**truth()["annotations"][0], "area": "x"}]), []), "`area` is 'x'"),
        (
            (truth(), [found(image_id=6), found(image_id=6), found(image_id=8)]),
            "3 detections are on 2 images that the truth does not list: 6, 8. Do both files speak of the same images",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_place(asked, said):
    with pytest.raises(CocoFileError, match=said):
        coco_evidence(*asked)


@pytest.mark.parametrize(
    "content, said",
    [
        (b"{", "no valid JSON.*complete"),
        (b"\xff\xfe\x00", "no "),
        (b"", "no valid JSON"),
        (b"9" * 5000, "no valid JSON"),
        (b"[" * 200_000, "too deeply"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path, content, said):
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(json.dumps(truth()))
    bad.write_bytes(content)
    with pytest.raises(CocoFileError, match=rf"bad\.json is .*{said}"):
        read_coco_files(good, bad)
    with pytest.raises(CocoFileError, match=r"none\.json cannot be read: No such file"):
        read_coco_files(tmp_path / "none.json", good)
