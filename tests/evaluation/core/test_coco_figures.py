"""The twelve figures, beside published ones and beside pycocotools."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.core.coco_figures import TWELVE, coco_figures, twelve
from evaluation.core.coco_files import coco_evidence, read_coco_files
from tests.conftest import ROOT, SHARED_DATA
from tests.evaluation.core.coco_cases import cases, evidence, peer_figures

COCO100 = SHARED_DATA / "coco100"
BOX = (0, 0, 10, 10)


@pytest.mark.skipif(not COCO100.is_dir(), reason=f"{COCO100} is not here: it holds COCO's own annotations")
def test_the_figures_of_coco100_are_the_published_ones():
    files = read_coco_files(
        COCO100 / "instances_val2014_100.json", COCO100 / "instances_val2014_fakebbox100_results.json"
    )
    expected = json.loads((COCO100 / "expected_bbox.json").read_text())["bbox"]
    figures = twelve(files.evidence)
    assert set(expected) == set(figures)
    assert max(abs(figures[name] - expected[name]) for name in expected) < 1e-12


def test_by_hand():
    # Two of three objects are found by the first and the third of three detections: precision 1, 1/2, 2/3.
    truths = [(0, 0, BOX, ""), (1, 0, BOX, ""), (2, 0, BOX, "")]
    found = [(0, 0, BOX, 0.9), (1, 0, (50, 50, 10, 10), 0.8), (2, 0, BOX, 0.7)]
    figures = twelve(evidence(truths, found, images=3))
    expected = (34 * 1 + 33 * 2 / 3) / 101  # recalls 0 to 0.33, 0.34 to 0.66, and none above
    assert [figures[name] for name in ("AP", "AP50", "APs")] == pytest.approx([expected] * 3, abs=1e-12)
    assert figures["AR1"] == figures["AR100"] == pytest.approx(2 / 3)
    assert figures["APm"] == figures["ARl"] == -1


@pytest.mark.parametrize("found", [[], [(0, 0, BOX, 0.5)]])
def test_without_truth_there_is_no_figure(found):
    assert set(twelve(evidence([], found)).values()) == {-1.0}
    assert set(twelve(evidence([(0, 0, BOX, "crowd")], found)).values()) == {-1.0}
    assert set(twelve(evidence([], [], images=0)).values()) == {-1.0}


def test_truth_that_nothing_finds_is_0():
    assert twelve(evidence([(0, 0, BOX, "")], []))["AP"] == 0


@given(cases())
@settings(max_examples=200)
def test_the_figures_are_those_of_pycocotools(case):
    truth, detections = case
    figures = twelve(coco_evidence(truth, detections).evidence)
    assert np.allclose([figures[name] for name in TWELVE], peer_figures(truth, detections), rtol=0, atol=1e-12)


@given(cases(), st.lists(st.lists(st.booleans(), min_size=4, max_size=4), min_size=1, max_size=3))
@settings(max_examples=60)
def test_the_figures_of_slices_are_those_of_pycocotools_on_these_images(case, choices):
    truth, detections = case
    ids = np.array(sorted(image["id"] for image in truth["images"]))
    slices = np.array(choices, bool)[:, : len(ids)]
    figures = coco_figures(coco_evidence(truth, detections).evidence, slices)
    for row, slice_ in zip(figures, slices, strict=True):
        if slice_.any():
            peer = peer_figures(truth, detections, image_ids=ids[slice_].tolist())
            assert np.allclose(row, peer, rtol=0, atol=1e-12)
        else:
            assert (row == -1).all()


def test_many_images_with_many_detections_are_those_of_pycocotools():
    truth, detections = crowded_world(np.random.default_rng(5))
    figures = twelve(coco_evidence(truth, detections).evidence)
    assert np.allclose([figures[name] for name in TWELVE], peer_figures(truth, detections), rtol=0, atol=1e-12)


def crowded_world(chance, *, images=60):
    """More than a hundred detections in some images; scores of two digits, so hundreds tie."""
    annotations, detections = [], []
    for image in range(1, images + 1):
        for _ in range(chance.integers(0, 25)):
            (x, y), (width, height) = chance.uniform(0, 200, 2), chance.uniform(5, 140, 2)
            label = int(chance.integers(1, 4))
            annotations.append({
                "id": len(annotations) + 1, "image_id": image, "category_id": label,
                "iscrowd": int(chance.random() < 0.1), "bbox": [x, y, width, height],
                "area": width * height * chance.uniform(0.5, 1),
            })  # fmt: skip
            for _ in range(chance.integers(0, 20)):
                shift = chance.normal(0, 0.1, 4) * [width, height, width, height]
                detections.append({
                    "image_id": image, "category_id": label, "score": round(chance.random(), 2),
                    "bbox": [x + shift[0], y + shift[1], width + abs(shift[2]), height + abs(shift[3])],
                })  # fmt: skip
    return {
        "images": [{"id": image} for image in range(1, images + 1)], "annotations": annotations,
        "categories": [{"id": label, "name": str(label)} for label in (1, 2, 3)],
    }, detections  # fmt: skip


def test_threads_and_a_forked_process_measure_the_same():
    truth, detections = crowded_world(np.random.default_rng(6), images=20)
    proof = coco_evidence(truth, detections).evidence
    slices = np.random.default_rng(0).random((200, 20)) < 0.5
    figures = coco_figures(proof, slices)
    with ThreadPoolExecutor(4) as pool:
        for others in pool.map(lambda _: coco_figures(coco_evidence(truth, detections).evidence, slices), range(4)):
            assert np.array_equal(others, figures)
    # Workers fork after this code has run; a process of its own, so that no thread of the tests' is in the way.
    script = (
        "import os, numpy as np\n"
        "from evaluation.core.coco_figures import coco_figures\n"
        "from tests.evaluation.core.coco_cases import evidence\n"
        "proof = evidence([(0, 0, (0, 0, 9, 9), '')], [(0, 0, (0, 0, 9, 9), 0.5)])\n"
        "slices = np.ones((200, 1), bool)\n"
        "before = coco_figures(proof, slices)\n"
        "child = os.fork()\n"
        "if not child:\n"
        "    os._exit(0 if np.array_equal(coco_figures(proof, slices), before) else 1)\n"
        "raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, timeout=120)
