"""Small COCO documents, and what pycocotools makes of them."""

import contextlib
import io

import numpy as np
from hypothesis import strategies as st
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from evaluation.core.boxes import Evidence, Found, Truths


def peer_figures(truth, detections, *, image_ids=None):
    """The twelve figures by pycocotools (12,); none of its annotations may have the id 0."""
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = {**truth, "annotations": [dict(one) for one in truth["annotations"]]}
        coco.createIndex()
        found = COCO()
        found.dataset = {
            **truth,
            "annotations": [
                {**one, "id": number, "area": one["bbox"][2] * one["bbox"][3], "iscrowd": 0}
                for number, one in enumerate(detections, start=1)
            ],
        }
        found.createIndex()
        peer = COCOeval(coco, found, "bbox")
        if image_ids is not None:
            peer.params.imgIds = image_ids
        peer.evaluate()
        peer.accumulate()
        peer.summarize()
    return np.array(peer.stats)


# Few places and sizes, so that boxes meet; sides at the borders of COCO's area ranges, and scores that tie.
corner = st.integers(0, 6).map(lambda n: 4.0 * n)
side = st.sampled_from([3.0, 8.0, 12.5, 31.0, 32.0, 33.0, 64.0, 96.0, 100.0])
boxes = st.tuples(corner, corner, side, side).map(list)
scores = st.sampled_from([0.1, 0.25, 0.5, 0.5000000001, 0.9, 1.0])


@st.composite
def cases(draw, *, most_images=4, unlike_scores=False):
    """Draw (truth, detections): labels without truth, images without anything, crowds, ties."""
    images = draw(st.lists(st.integers(1, 50), min_size=1, max_size=most_images, unique=True))
    labels = [1, 3, 7]
    places = st.tuples(st.sampled_from(images), st.sampled_from(labels))
    truths = draw(st.lists(st.tuples(places, boxes, st.booleans(), st.none() | side), max_size=12))
    found = draw(st.lists(st.tuples(places, boxes, scores), max_size=24))
    # A detection often is truth moved a little.
    near = draw(st.lists(st.tuples(st.integers(0, 11), st.sampled_from([0.0, 0.5, 1.0, 3.0]), scores), max_size=12))
    found += [
        (place, [box[0] + shift, *box[1:]], score)
        for at, shift, score in near
        if at < len(truths)
        for place, box, *_ in [truths[at]]
    ]
    if unlike_scores:
        found = [(place, box, 0.9 - 0.01 * number) for number, (place, box, _) in enumerate(found)]
    return document(images, labels, truths), [
        {"image_id": image, "category_id": label, "bbox": box, "score": score} for (image, label), box, score in found
    ]


def document(images, labels, truths):
    return {
        "images": [{"id": image, "width": 200, "height": 200} for image in images],
        "categories": [{"id": label, "name": f"label {label}"} for label in labels],
        "annotations": [
            {
                "id": number, "image_id": image, "category_id": label, "bbox": box,
                "area": box[2] * box[3] if area is None else area * area, "iscrowd": int(is_crowd),
            }
            for number, ((image, label), box, is_crowd, area) in enumerate(truths, start=1)
        ],
    }  # fmt: skip


def evidence(truths, found, *, images=1, labels=("a",), group=None):
    """Evidence from rows: truths (image, label, xywh, what) with what "", "crowd" or "ignored"; found (…, score)."""
    whats = [what for *_, what in truths]
    group = np.arange(images) if group is None else np.array(group)
    xywh = np.array([box for _, _, box, _ in truths], float).reshape(-1, 4)
    return Evidence(
        labels,
        group,
        int(group.max(initial=-1)) + 1,
        Truths(
            np.array([row[0] for row in truths], np.int64),
            np.array([row[1] for row in truths], np.int64),
            xywh,
            xywh[:, 2] * xywh[:, 3],
            np.array([what == "crowd" for what in whats], bool),
            np.array([what != "" for what in whats], bool),
        ),
        Found(
            np.array([row[0] for row in found], np.int64),
            np.array([row[1] for row in found], np.int64),
            np.array([row[2] for row in found], float).reshape(-1, 4),
            np.array([row[3] for row in found], float),
        ),
    )
