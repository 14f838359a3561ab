"""Reading MOT Challenge: sequences of pictures, or videos beside their annotations."""

import configparser
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path, PurePosixPath

from curation.core.formats import checks
from curation.core.formats.contract import FormatError, Reading, Skips
from curation.core.formats.names import stem_of
from curation.core.formats.opening import Labels, Names, folder_of, open_tree, split_in
from curation.core.formats.picture_size import picture_size
from curation.core.formats.text_files import Unreadable, read_text
from curation.core.formats.tree import Tree
from curation.core.labels import LabelledBox, LabelledPicture

FRAME_OFFSET = 1
IGNORED, VISIBILITY = "ignored", "visibility"
_MOT17 = dict(enumerate((
    "pedestrian", "person on vehicle", "car", "bicycle", "motorbike", "non motorized vehicle", "static person",
    "distractor", "occluder", "occluder on the ground", "occluder full", "reflection", "crowd",
), start=1))  # fmt: skip
"""MOT17's classes, from 1."""
_LEAST_COLUMNS = 6
_MOST_FRAMES = 5_000_000
_EXPECTED = "MOT Challenge has a gt/gt.txt in the folder of each sequence"
_NO_FRAME = "box of a frame that is not there"


@dataclass(frozen=True)
class _Sequence:
    """What is known of a sequence before its rows are read. `frames` maps numbers from 1 to pictures, "" if none."""

    folder: str
    name: str
    frames: Mapping[int, str] | range
    width_px: int
    height_px: int
    video: str

    def picture(self, number: int) -> str:
        return self.frames[number] if isinstance(self.frames, Mapping) else ""


def truth_files(tree: Tree) -> list[str]:
    """Return the files of labels, one a sequence."""
    return [name for name in tree.names if f"/{name}".endswith("/gt/gt.txt")]


def read_mot(root: Path) -> Reading:
    """Read every sequence below a root. Raises FormatError if there is none, or detections alone."""
    skips = Skips()
    tree = open_tree(root, skips=skips)
    detections = [name for name in tree.names if PurePosixPath(name).name == "det.txt"]
    truths = truth_files(tree)
    if not truths and detections:
        raise FormatError(f"{detections[0]} holds detections, which are no labels; {_EXPECTED}.")
    if not truths:
        raise FormatError(f"There is none; {_EXPECTED}.")
    for name in detections:
        skips.add(name, "file of detections, which are no labels")
    seen = Labels()
    return Reading(_pictures(tree, truths, skips=skips, seen=seen), skips, seen.listed)


def _pictures(tree: Tree, truths: list[str], *, skips: Skips, seen: Labels) -> Iterator[LabelledPicture]:
    names = Names()
    for truth in truths:
        try:
            sequence = _sequence(tree, folder_of(folder_of(truth)), skips=skips)
            rows = _rows(read_text(tree, truth), file=truth, skips=skips)
        except Unreadable as error:
            skips.add(truth, str(error))
            continue
        labels = _labels(tree, truth)
        if labels is not _MOT17:
            seen.add(labels[number] for number in sorted(labels))
        for number in sequence.frames:
            file = sequence.picture(number)
            name = names.take(file or f"{sequence.folder or sequence.name}/{number:06d}.jpg")
            said = rows.pop(number, [])
            if not name:
                skips.add(file or f"{truth} frame {number}", "picture whose name is another's too")
                continue
            boxes = [box for line in said if (box := _box(line, sequence, file=truth, labels=labels, skips=skips))]
            seen.add(box.label for box in boxes)
            yield LabelledPicture(
                name, sequence.width_px, sequence.height_px, boxes=boxes,
                split=split_in(folder_of(sequence.folder) + "/x"), sequence=sequence.name,
                frame_index=number - FRAME_OFFSET, picture_file=file, video_file=sequence.video,
            )  # fmt: skip
        for number, said in rows.items():
            skips.add(f"{truth} frame {number}", _NO_FRAME, count=len(said))


def _sequence(tree: Tree, folder: str, *, skips: Skips) -> _Sequence:
    said = _info(tree, f"{folder}/seqinfo.ini" if folder else "seqinfo.ini")
    inside = f"{folder}/{said.get('imdir', 'img1')}/".lstrip("/")
    frames: dict[int, str] = {}
    for file in tree.pictures:
        stem = PurePosixPath(stem_of(file)).name
        if file.startswith(inside) and stem.isdecimal() and 0 < len(stem) < 10:
            if frames.setdefault(int(stem), file) != file:
                skips.add(file, "picture whose frame number is another's too")
        elif file.startswith(inside):
            skips.add(file, "picture whose name is no frame number")
    name = checks.word(said.get("name", "")) or PurePosixPath(folder).name or "sequence"
    video = "" if frames else _video(tree, folder)
    width, height = (checks.side(checks.number_in(said.get(key))) for key in ("imwidth", "imheight"))
    if (width is None or height is None) and frames:
        width, height = picture_size(tree, next(iter(frames.values()))) or (None, None)
    if width is None or height is None:
        raise Unreadable("sequence whose width and height neither a seqinfo.ini nor a picture says")
    length = checks.whole(checks.number_in(said.get("seqlength")))
    if not frames and (length is None or not 0 < length <= _MOST_FRAMES):
        raise Unreadable("sequence without pictures whose length no seqinfo.ini says")
    numbers = dict(sorted(frames.items())) if frames else range(1, (length or 0) + 1)
    return _Sequence(folder, name, numbers, width, height, video)


def _info(tree: Tree, name: str) -> Mapping[str, str]:
    if name not in tree:
        return {}
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(read_text(tree, name))
        return dict(parser["Sequence"])
    except (configparser.Error, KeyError) as error:
        raise Unreadable("sequence whose seqinfo.ini is not valid") from error


def _video(tree: Tree, folder: str) -> str:
    """Return the only video in the folder of a sequence, or the one of its name beside it; empty if none."""
    inside = [file for file in tree.videos if folder_of(file) == folder]
    beside = [file for file in tree.videos if folder and stem_of(file) == folder]
    return next((found[0] for found in (beside, inside) if len(found) == 1), "")


def _labels(tree: Tree, truth: str) -> Mapping[int, str]:
    """Return the classes by number, from a labels.txt beside the truth, else MOT17's."""
    name = f"{folder_of(truth)}/labels.txt"
    if name not in tree:
        return _MOT17
    try:
        lines = read_text(tree, name).splitlines()
    except Unreadable:
        return _MOT17
    return {number: text for number, line in enumerate(lines, start=1) if (text := checks.label(line))}


def _rows(text: str, *, file: str, skips: Skips) -> dict[int, list[str]]:
    """Return the lines by frame number."""
    rows: dict[int, list[str]] = defaultdict(list)
    for line in filter(None, (line.strip() for line in text.splitlines())):
        number = checks.whole(checks.number_in(line.split(",", 1)[0]))
        if number is None:
            skips.add(f"{file}: {line:.80}", "row without a frame number")
        else:
            rows[number].append(line)
    return rows


def _box(line: str, sequence: _Sequence, *, file: str, labels: Mapping[int, str], skips: Skips) -> LabelledBox | None:
    what, words = f"{file}: {line:.80}", [word.strip() for word in line.split(",")]
    values = [checks.number_in(word) for word in words]
    if len(values) < _LEAST_COLUMNS or None in values[2:_LEAST_COLUMNS]:
        skips.add(what, checks.NO_NUMBER)
        return None
    x1, y1 = (float(Decimal(word) - 1) for word in words[2:4])
    corners = x1, y1, x1 + float(values[4] or 0), y1 + float(values[5] or 0)
    found = checks.usable(corners, width_px=sequence.width_px, height_px=sequence.height_px)
    track = checks.whole(values[1])
    kind, seen = (values[column] if len(values) > column else None for column in (7, 8))
    label = labels.get(1 if kind in (None, -1) else int(kind or 0))  # MOT15 has no classes: all are pedestrians
    if isinstance(found, str) or label is None:
        skips.add(what, found if isinstance(found, str) else "row of a class that is not listed")
        return None
    attributes: dict[str, float | bool] = {IGNORED: True} if len(values) > _LEAST_COLUMNS and values[6] == 0 else {}
    if seen is not None and 0 <= seen < 1:
        attributes[VISIBILITY] = seen
    return LabelledBox(label, *found, track_id=None if track in (None, -1) else track, attributes=attributes)
