"""Reading COCO instances, also those of videos (`videos`, `frame_id`)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from curation.core.formats import checks
from curation.core.formats.coco_boxes import boxes_by_picture, is_key, read_box
from curation.core.formats.contract import FormatError, Reading, Skips
from curation.core.formats.names import clean_name
from curation.core.formats.opening import Names, Shelf, each_file_once, folder_of, open_tree, split_in
from curation.core.formats.own_fields import KEY, read_own_fields
from curation.core.formats.picture_size import picture_size
from curation.core.formats.text_files import Unreadable, read_json
from curation.core.formats.tree import Tree
from curation.core.labels import LabelledPicture

INFO = {"description": "Made by Winnow"}
_EXPECTED = "COCO is a JSON object with the lists `images`, `annotations` and `categories`"
_OF_A_PICTURE = {"id", "file_name", "width", "height", "license", KEY}


@dataclass(frozen=True)
class _File:
    """One JSON file of the dataset."""

    name: str
    content: Mapping[str, Any]
    labels: Mapping[Any, str]


def read_coco(root: Path) -> Reading:
    """Read every COCO file below a root. Raises FormatError if there is none."""
    skips = Skips()
    tree = open_tree(root, skips=skips)
    files = _files(tree, skips=skips)
    classes = list(dict.fromkeys(label for file in files for label in file.labels.values()))
    return Reading(each_file_once(_all_pictures(tree, files, skips=skips), skips=skips), skips, classes)


def _files(tree: Tree, *, skips: Skips) -> list[_File]:
    names = tree.named(".json")
    if instances := [name for name in names if PurePosixPath(name).name.startswith("instances")]:
        for name in sorted(set(names) - set(instances)):
            skips.add(name, "JSON file beside the files of instances")
        names = instances
    if not names:
        raise FormatError(f"There is no JSON file; {_EXPECTED}.")
    found, why = [], ""
    for name in names:
        content: Any = None
        try:
            content = read_json(tree, name)
        except Unreadable as error:
            why = str(error)
        else:
            why = _not_coco(content)
        if why:
            skips.add(name, why)
        else:
            found.append(_File(name, content, _labels(content, name=name, skips=skips)))
    if not found:
        raise FormatError(f"{names[-1]} is a {why}; {_EXPECTED}.")
    return found


def _not_coco(content: object) -> str:
    if isinstance(content, list) and content and isinstance(content[0], dict) and "score" in content[0]:
        return "list of detections (COCO results), which are no labels"
    lists = ("images", "annotations", "categories")
    if not isinstance(content, dict) or not all(isinstance(content.get(key), list) for key in lists):
        return "JSON file without the lists images, annotations and categories"
    return ""


def _labels(content: Mapping[str, Any], *, name: str, skips: Skips) -> dict[Any, str]:
    labels: dict[Any, str] = {}
    for position, category in enumerate(content["categories"]):
        number = category.get("id") if isinstance(category, dict) else None
        text = checks.label(category.get("name")) if isinstance(category, dict) else ""
        if not is_key(number) or not text:
            skips.add(f"{name} categories[{position}]", "category without a usable id and name")
        elif number in labels:
            skips.add(f"{name} categories[{position}]", "category whose id is another's too")
        else:
            labels[number] = text
    return labels


def _all_pictures(tree: Tree, files: list[_File], *, skips: Skips) -> Iterator[LabelledPicture]:
    names, shelf = Names(), Shelf(tree.pictures)
    for file in files:
        yield from _OneFile(tree, file, skips=skips).pictures(names=names, shelf=shelf)


class _OneFile:
    """The pictures of one file, while they are read."""

    def __init__(self, tree: Tree, file: _File, *, skips: Skips) -> None:
        self.tree, self.file, self.skips = tree, file, skips
        self.split, self.near = split_in(file.name), folder_of(file.name)
        listed = file.content.get("licenses")
        self.licences = {
            one["id"]: one for one in (listed if isinstance(listed, list) else ())
            if isinstance(one, dict) and is_key(one.get("id")) and checks.is_plain(one)
        }  # fmt: skip
        info = file.content.get("info")
        self.info = (
            {"info": info} if isinstance(info, dict) and checks.is_plain(info) and info not in ({}, INFO) else {}
        )
        videos = file.content.get("videos")
        self.videos = {
            one["id"]: checks.word(one.get("name") or one.get("file_name"))
            for one in (videos if isinstance(videos, list) else ())
            if isinstance(one, dict) and is_key(one.get("id"))
        }
        self.videos_found = Shelf(tree.videos)

    def pictures(self, *, names: Names, shelf: Shelf) -> Iterator[LabelledPicture]:
        boxes_of = boxes_by_picture(self.file.content["annotations"], file=self.file.name, skips=self.skips)
        seen: set[Any] = set()
        for position, image in enumerate(self.file.content["images"]):
            what = f"{self.file.name} images[{position}]"
            number = image.get("id") if isinstance(image, dict) else None
            if not is_key(number):
                self.skips.add(what, "picture without a usable id")
                continue
            if number in seen:
                self.skips.add(f"{what} (id {checks.shown(number)})", "picture whose id is another's too")
                continue
            seen.add(number)
            said = boxes_of.pop(number, [])
            picture = self._picture(image, what=what, names=names, shelf=shelf)
            if picture is None:
                self._skip_boxes(said, what=what, why="box of a picture that was skipped")
                continue
            found = (
                read_box(
                    one,
                    what=f"{self.file.name} annotations[{at}] of {picture.name}",
                    labels=self.file.labels,
                    picture=picture,
                    skips=self.skips,
                )
                for at, one in said
            )
            boxes = [box for box in found if box]
            # Boxes win over the word that nobody labelled the picture.
            yield replace(picture, boxes=boxes) if boxes or picture.boxes is not None else picture
        for number, said in boxes_of.items():
            what = f"{self.file.name} image_id {checks.shown(number)}"
            self._skip_boxes(said, what=what, why="box of a picture that is not there")

    def _skip_boxes(self, boxes: list[tuple[int, dict[str, Any]]], *, what: str, why: str) -> None:
        if boxes:
            self.skips.add(f"{len(boxes)} of {what}", why, count=len(boxes))

    def _picture(self, image: dict[str, Any], *, what: str, names: Names, shelf: Shelf) -> LabelledPicture | None:
        file_name = clean_name(image.get("file_name"))
        if not file_name:
            self.skips.add(
                f"{what} ({checks.shown(image.get('file_name'))})", "picture whose name is missing or not safe"
            )
            return None
        own = read_own_fields(image.get(KEY), what=what, skips=self.skips)
        own = {"split": self.split, "boxes": [], **self._moment(image), **own}
        files = shelf.find(file_name, near=self.near, split=own["split"])
        if len(files) > 1:
            self.skips.add(f"{file_name}: {', '.join(files[:3])}", "picture that could be one of several files")
            return None
        size = checks.side(image.get("width")), checks.side(image.get("height"))
        if None in size:
            size = (files and picture_size(self.tree, files[0])) or (None, None)
        if size[0] is None or size[1] is None:
            self.skips.add(file_name, "picture without a usable width and height")
            return None
        wish = own.pop("name", "")
        name = names.take(wish or file_name, f"{own['split']}/{file_name}" if own["split"] and not wish else "")
        if not name:
            self.skips.add(file_name, "picture whose name is another's too")
            return None
        kept = {**self._foreign(image), **self.info}
        extra = {**own.pop("extra", {}), **({"coco": kept} if kept else {})}
        return LabelledPicture(
            name, size[0], size[1], extra=extra, picture_file=files[0] if files else "", **own
        )  # fmt: skip

    def _moment(self, image: dict[str, Any]) -> dict[str, Any]:
        """Return which frame of which video a picture is, as COCO's datasets of videos say it."""
        video, index = image.get("video_id"), checks.whole(image.get("frame_id", image.get("frame_index")))
        name = self.videos.get(video, "") if is_key(video) else ""
        if not name or index is None or index < 0:
            return {}
        files = self.videos_found.find(name) if clean_name(name) == name else []
        return {"sequence": name, "frame_index": index, "video_file": files[0] if len(files) == 1 else ""}

    def _foreign(self, image: dict[str, Any]) -> dict[str, Any]:
        foreign = dict(checks.plain_items({k: v for k, v in image.items() if k not in _OF_A_PICTURE}))
        licence = image.get("license")
        if is_key(licence) and licence in self.licences:
            foreign["license"] = self.licences[licence]
        own = image.get(KEY)
        # An id that we gave when writing is not the picture's own.
        if is_key(number := own.get("id") if isinstance(own, dict) else image["id"]):
            foreign["id"] = number
        return foreign
