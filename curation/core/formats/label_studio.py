"""Label Studio's JSON: tasks with annotations. https://labelstud.io/guide/export#Label-Studio-JSON-format-of-annotated-tasks

Corners are percent of the picture; what is read is rounded to 0.000001 px. Choices are tags, by
the name of their control. A task without annotations is a picture that nobody labelled; one whose annotation is empty
shows nothing. What Label Studio has no word for stands under `data.winnow` and `meta.winnow`."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

from curation.core.formats.contract import Reading
from curation.core.formats.label_studio_reading import looks_like_tasks, read_label_studio
from curation.core.formats.names import flat
from curation.core.formats.own_fields import KEY, own_box_fields, own_fields
from curation.core.formats.text_files import to_json
from curation.core.formats.tree import LOOKED_AT, Tree
from curation.core.labels import LabelledBox, LabelledPicture
from curation.core.params import param

_MOST_HEAD_BYTES = 65536


@dataclass(frozen=True)
class LabelStudio:
    """Label Studio JSON: tasks with annotations, corners in percent; choices are tags."""

    reads: ClassVar[bool] = True
    writes: ClassVar[bool] = True
    has_pictures: ClassVar[bool] = True
    prefix: str = param(
        "", help="What stands before a picture's path in a task, such as https://host/files/ or s3://bucket/."
    )
    control: str = param("label", help="Name of the RectangleLabels control in the labelling configuration.")
    target: str = param("image", help="Name of the Image tag, and of the task's field, in the labelling configuration.")

    @classmethod
    def fits(cls, tree: Tree) -> bool:
        return any(looks_like_tasks(tree.head(name, _MOST_HEAD_BYTES)) for name in tree.named(".json")[:LOOKED_AT])

    def read(self, root: Path) -> Reading:
        return read_label_studio(root)

    def picture_path(self, picture: LabelledPicture) -> str:
        return f"images/{flat(picture.name)}"

    def write(
        self, pictures: Iterable[LabelledPicture], *, classes: Sequence[str], losses: Counter[str]
    ) -> Iterator[tuple[str, bytes]]:
        tasks = [to_json(self._task(picture)) for picture in pictures]
        yield "tasks.json", b"[" + b",\n".join(tasks) + b"]\n"

    def _task(self, picture: LabelledPicture) -> dict[str, Any]:
        path = self.picture_path(picture)
        where = self.prefix + (quote(path) if "://" in self.prefix else path)
        said = {"width": picture.width_px, "height": picture.height_px, **own_fields(picture)}
        task: dict[str, Any] = {"data": {self.target: where, KEY: said}}
        if picture.boxes is not None:
            boxes = [self._box(box, picture, number=n) for n, box in enumerate(picture.boxes, start=1)]
            choices = [self._choice(factor, value) for factor, value in picture.tags.items()]
            task["annotations"] = [{"result": [*boxes, *filter(None, choices)]}]
        return task

    def _box(self, box: LabelledBox, picture: LabelledPicture, *, number: int) -> dict[str, Any]:
        wide, high, own = picture.width_px, picture.height_px, own_box_fields(box)
        value = {
            "x": 100 * box.x1 / wide,
            "y": 100 * box.y1 / high,
            "width": 100 * (box.x2 - box.x1) / wide,
            "height": 100 * (box.y2 - box.y1) / high,
            "rotation": 0,
            "rectanglelabels": [box.label],
        }
        said: dict[str, Any] = {"id": f"box{number}", "type": "rectanglelabels", "from_name": self.control}
        said |= {"to_name": self.target, "original_width": wide, "original_height": high, "image_rotation": 0}
        return said | {"value": value} | ({"meta": {KEY: own}} if own else {})

    def _choice(self, factor: str, value: object) -> dict[str, Any]:
        """Write a tag as a choice, where it is one: a text or a list of texts."""
        chosen = [value] if isinstance(value, str) else value if isinstance(value, list) else []
        said = {"id": f"tag-{factor}", "type": "choices", "from_name": factor, "to_name": self.target}
        return said | {"value": {"choices": chosen}} if chosen else {}
