"""What a format cannot say, counted by sentence, so that an export can tell."""

from collections import Counter
from collections.abc import Collection

from curation.core.labels import LabelledBox, LabelledPicture


def note_lost(picture: LabelledPicture, *, losses: Counter[str], but: Collection[str] = ()) -> None:
    """Count what of a picture is lost. `but` names fields of pictures and boxes that the format can say."""
    of_a_picture = {
        "tags": "tags of a picture",
        "evidence": "evidence of tags",
        "camera": "camera of a picture",
        "recorded_at": "time at which a picture was taken",
        "split": "split of a picture",
        "extra": "other fields of a picture",
    }
    for field, sentence in of_a_picture.items():
        if field not in but and getattr(picture, field):
            losses[sentence] += 1
    if "sequence" not in but and (picture.sequence or picture.time_s is not None or picture.frame_index is not None):
        losses["video and moment of a picture"] += 1
    for box in picture.boxes or ():
        note_box_lost(box, losses=losses, but=but)


def note_box_lost(box: LabelledBox, *, losses: Counter[str], but: Collection[str] = ()) -> None:
    """Count what of a box is lost, in the same way."""
    of_a_box = {
        "track_id": "track of a box",
        "area_px2": "area of an object that is not its box's",
        "segmentation": "outline of an object",
        "attributes": "attributes of a box",
    }
    for field, sentence in of_a_box.items():
        if field not in but and getattr(box, field) not in (None, {}):
            losses[sentence] += 1
