"""Boxes that an import brings, beside those that are there."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from curation.core.labels import LabelledBox
from curation.models import Annotation, DataImport
from curation.services.import_report import Tally

SAME_PX = 0.01
"""Corners so near are one corner: formats round."""
_FROM_ELSEWHERE = (
    "frames that have labels of another import or a labelling tool too, which stay. To replace an import's, give this "
    "one its name"
)


def write_labels(row: DataImport, *, boxes: Mapping[int, Sequence[LabelledBox]], replaces: bool, tally: Tally) -> None:
    """Write the boxes of frames, by the frame's id.

    With `replaces`, those of earlier imports of the same name go first. A box that is there already, whoever said it,
    is not written twice."""
    frames = list(boxes)
    if replaces:
        earlier = Annotation.objects.filter(
            frame__in=frames, source=Annotation.Source.IMPORT, made_in__name=row.name
        )  # fmt: skip
        removed, _ = earlier.delete()
        tally.counts["boxes_removed"] += removed
    there: dict[int, list[Annotation]] = defaultdict(list)
    for annotation in Annotation.objects.filter(frame__in=frames).order_by("id"):
        there[annotation.frame_id].append(annotation)
    rows: list[Annotation] = []
    for frame_id, said in boxes.items():
        left = there.get(frame_id, [])
        for box in said:
            same = next((old for old in left if _is_same(old, box)), None)
            if same is not None:
                left.remove(same)
                tally.counts["boxes_known"] += 1
            else:
                rows.append(_annotation(row, frame_id, box))
                tally.labels[box.label] += 1
        if any(old.made_in_id is None or old.by != row.name for old in left):
            tally.note(_FROM_ELSEWHERE)
    Annotation.objects.bulk_create(rows, batch_size=1000)
    tally.counts["boxes_stored"] += len(rows)


def _is_same(old: Annotation, box: LabelledBox) -> bool:
    """Compare label and place: what else is said of a box, many formats cannot say."""
    apart = max(abs(old.x1 - box.x1), abs(old.y1 - box.y1), abs(old.x2 - box.x2), abs(old.y2 - box.y2))
    return old.label == box.label and apart <= SAME_PX


def _annotation(row: DataImport, frame_id: int, box: LabelledBox) -> Annotation:
    return Annotation(
        frame_id=frame_id, label=box.label, x1=box.x1, y1=box.y1, x2=box.x2, y2=box.y2, is_crowd=box.is_crowd,
        track_id=box.track_id, area_px2=box.area_px2, segmentation=box.segmentation, attributes=dict(box.attributes),
        source=Annotation.Source.IMPORT, by=row.name, made_in=row,
    )  # fmt: skip
