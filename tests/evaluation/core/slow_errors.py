"""Error kinds the slow, obvious way: matching by pycocotools, then the definitions, word by word."""

import numpy as np
from pycocotools import mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from evaluation.core.error_kinds import NAMES


def kinds_of(part, *, score, iou):
    """Return the names of the kinds of all detections and truths: "" outside."""
    evidence = part.evidence
    truths, found = evidence.truths, evidence.found
    keep = [d for d in range(len(found.score)) if part.images[found.image[d]] and found.score[d] >= score]
    matched, ignored, truth_ignored, counted = coco_matches(part, keep, iou)
    kinds, truth_kinds = [""] * len(found.score), [""] * len(truths.label)
    near, taken = set(), set()
    for d in counted:
        if ignored[d]:
            kinds[d] = "ignored"
        elif d in matched:
            kinds[d] = "found"
        else:
            kinds[d], t = kind_of(evidence, d, iou)
            if kinds[d] == "localisation":
                near.add(t)
            if kinds[d] == "class":
                taken.add(t)
    hit = {t for d, t in matched.items() if not ignored[d]}
    for t in range(len(truths.label)):
        if not part.images[truths.image[t]]:
            continue
        ways = {"ignored": truth_ignored[t], "found": t in hit, "class": t in taken, "localisation": t in near}
        truth_kinds[t] = next((name for name, holds in ways.items() if holds), "missed")
    asked = part.labels or evidence.labels
    kinds = [k if evidence.labels[found.label[d]] in asked else "" for d, k in enumerate(kinds)]
    truth_kinds = [k if evidence.labels[truths.label[t]] in asked else "" for t, k in enumerate(truth_kinds)]
    return kinds, truth_kinds


def kind_of(evidence, d, iou):
    truths, found = evidence.truths, evidence.found
    explains = [
        t
        for t in range(len(truths.label))
        if truths.image[t] == found.image[d] and not truths.is_crowd[t] and not truths.is_ignored[t]
    ]
    overlaps = {t: mask.iou([found.xywh[d]], [truths.xywh[t]], [0])[0, 0] for t in explains}
    own = [t for t in explains if truths.label[t] == found.label[d]]
    other = [t for t in explains if truths.label[t] != found.label[d]]
    best_own = max(own, key=overlaps.get, default=-1)
    best_other = max(other, key=overlaps.get, default=-1)
    if 0.1 <= overlaps.get(best_own, 0) < iou:
        return "localisation", best_own
    if overlaps.get(best_other, 0) >= iou:
        return "class", best_other
    if overlaps.get(best_own, 0) >= iou:
        return "duplicate", best_own
    if max(overlaps.values(), default=0) < 0.1:
        return "background", -1
    return "both", best_other


def coco_matches(part, keep, iou):
    """Match by pycocotools: {detection: truth}, ignored by detection, ignored by truth, and which detections count."""
    evaluated = coco_eval(part, keep, iou)
    matched, ignored, counted = {}, {}, []
    truth_ignored = list(part.evidence.truths.is_ignored)
    for one in filter(None, evaluated.evalImgs):
        for g, flag in zip(one["gtIds"], one["gtIgnore"], strict=True):
            truth_ignored[g - 1] = bool(flag)
        for position, d in enumerate(one["dtIds"]):
            counted.append(d - 1)
            ignored[d - 1] = bool(one["dtIgnore"][0, position])
            if one["dtMatches"][0, position]:
                matched[d - 1] = int(one["dtMatches"][0, position]) - 1
    return matched, ignored, truth_ignored, counted


def coco_eval(part, keep, iou):
    evidence = part.evidence
    truths, found = evidence.truths, evidence.found
    gt, dt = COCO(), COCO()
    images = [{"id": i} for i in range(evidence.image_count)]
    categories = [{"id": i} for i in range(len(evidence.labels))]
    gt.dataset = {"images": images, "categories": categories, "annotations": [
        {
            "id": t + 1, "image_id": int(truths.image[t]), "category_id": int(truths.label[t]),
            "bbox": truths.xywh[t].tolist(), "area": float(truths.area_px2[t]), "iscrowd": int(truths.is_crowd[t]),
            "left_out": int(truths.is_ignored[t]),
        }
        for t in range(len(truths.label))
    ]}  # fmt: skip
    dt.dataset = {"images": images, "categories": categories, "annotations": [
        {
            "id": d + 1, "image_id": int(found.image[d]), "category_id": int(found.label[d]), "iscrowd": 0,
            "bbox": found.xywh[d].tolist(), "area": float(found.xywh[d, 2] * found.xywh[d, 3]),
            "score": float(found.score[d]),
        }
        for d in keep
    ]}  # fmt: skip
    gt.createIndex()
    dt.createIndex()
    evaluation = HonestEval(gt, dt, "bbox")
    evaluation.params.iouThrs = np.array([iou])
    evaluation.params.imgIds = np.flatnonzero(part.images).tolist()
    evaluation.params.areaRng, evaluation.params.areaRngLbl = [list(part.area_px2)], ["asked"]
    evaluation.params.maxDets = [1, 10, 100]
    evaluation.evaluate()
    return evaluation


class HonestEval(COCOeval):  # type: ignore[misc]
    """COCOeval takes `ignore` from `iscrowd` alone: what is left out for another reason is left out here too."""

    def _prepare(self):
        super()._prepare()
        for rows in self._gts.values():
            for row in rows:
                row["ignore"] = int(row["iscrowd"] or self.cocoGt.anns[row["id"]].get("left_out", 0))


def names(codes):
    return [NAMES[code] for code in codes]
