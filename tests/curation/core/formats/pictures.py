"""Labelled pictures for tests of formats: made by hand or by hypothesis, written to a folder, and read again."""

import io
import math
import tempfile
from collections import Counter
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from hypothesis import strategies as st
from PIL import Image

from curation.core.labels import LabelledBox, LabelledPicture

SIZES = ((64, 48), (100, 81), (33, 170))
KINDS = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".bmp": "BMP", ".webp": "WEBP", ".tif": "TIFF"}
LABELS = ("person", "traffic light", "Füßgänger", "猫", "no", "1", "a,b;c", "<b>&amp;'\"")


@cache
def picture_bytes(size, ending=".jpg"):
    buffer = io.BytesIO()
    Image.new("RGB", size, (90, 120, 40)).save(buffer, KINDS[ending])
    return buffer.getvalue()


def box(label="person", x1=1.0, y1=2.0, x2=11.0, y2=22.0, **more):
    return LabelledBox(label, x1, y1, x2, y2, **more)


def picture(name="a.jpg", boxes=(), size=(64, 48), **more):
    return LabelledPicture(name, *size, boxes=None if boxes is None else list(boxes), **more)


def put(root, path, content):
    """Write a file below a root, whatever it takes."""
    file = Path(root) / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def write(maker, pictures, root, *, classes=(), files=True):
    """Write a dataset and its pictures into a folder; returns what was lost."""
    losses = Counter()
    for path, content in maker.write(iter(pictures), classes=classes, losses=losses):
        assert not (Path(root) / path).exists(), path
        put(root, path, content)
    for one in pictures if files else ():
        if path := maker.picture_path(one):
            assert not (Path(root) / path).exists(), path
            put(root, path, picture_bytes((one.width_px, one.height_px), Path(path).suffix))
    return losses


def read(maker, root):
    """Read a folder; returns (pictures by name, reading)."""
    reading = maker.read(Path(root))
    found = list(reading.pictures)
    assert len({one.name for one in found}) == len(found)
    return {one.name: one for one in found}, reading


def there_and_back(maker, pictures, *, classes=(), files=True):
    """Write, then read again what was written; returns (pictures by name, losses)."""
    with tempfile.TemporaryDirectory() as root:
        losses = write(maker, pictures, root, classes=classes, files=files)
        found, reading = read(maker, root)
        assert reading.skips.total == 0, reading.skips
        for one in found.values():
            assert not one.picture_file or (Path(root) / one.picture_file).is_file()
        return found, losses


def by_name(pictures):
    return {one.name: one for one in pictures}


# Hypothesis.

_letters = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zl", "Zp"))
words = st.text(_letters, max_size=20)
_parts = st.text(_letters, min_size=1, max_size=12).filter(
    lambda part: "/" not in part and "\\" not in part and part not in (".", "..") and ":" not in part
)
ODD = ("a", "a_", "_a", "a__b", "A", "a.b", "~", "~2f", " x", "x ")
names = st.builds(
    lambda parts, ending: "/".join(parts) + ending,
    st.lists(st.one_of(_parts, st.sampled_from(ODD)), min_size=1, max_size=3),
    st.sampled_from([".jpg", ".jpg", ".png", ".bmp"]),
)  # fmt: skip
plain = st.recursive(
    st.one_of(words, st.booleans(), st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(words, inner, max_size=3)),
    max_leaves=4,
)
tag_values = st.one_of(
    words,
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.lists(words, max_size=3),
    st.dictionaries(words, st.integers(0, 99), max_size=3),
)
moments = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
factors = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)


@st.composite
def boxes(draw, /, size=(64, 48), *, inside=True, **more):
    wide, high = size
    reach = 0 if inside else 20
    xs = sorted(draw(st.lists(st.floats(-reach, wide + reach), min_size=2, max_size=2)))
    ys = sorted(draw(st.lists(st.floats(-reach, high + reach), min_size=2, max_size=2)))
    if not (xs[0] + 0.1 < xs[1] and ys[0] + 0.1 < ys[1] and min(xs[1], ys[1]) > 0.01 and xs[0] < wide and ys[0] < high):
        xs, ys = [1.25, 7.5], [0.0, 3.0]
    return LabelledBox(
        draw(st.sampled_from(LABELS)), xs[0], ys[0], xs[1], ys[1], **{k: draw(v) for k, v in more.items()}
    )


full_box = {
    "is_crowd": st.booleans(),
    "track_id": st.none() | st.integers(0, 2**40),
    "area_px2": st.none() | st.integers(1, 1000).map(lambda n: n / 8),
    "segmentation": st.none()
    | st.just([[1, 2, 3.5, 4, 5, 6]])
    | st.just({"size": [48, 64], "counts": "PPYo1"})
    | st.just({"size": [48, 64], "counts": [3072]}),
    "attributes": st.dictionaries(words, plain, max_size=2),
}
full_picture = {
    "split": st.sampled_from(["", "train", "val", "test", "unsplit", "süß/2"]),
    "tags": st.dictionaries(factors, tag_values, max_size=3),
    "evidence": st.dictionaries(factors, st.dictionaries(words, plain, max_size=2), max_size=2),
    "camera": words,
    "recorded_at": st.none() | moments,
    "sequence": words,
    "frame_index": st.none() | st.integers(0, 2**40),
    "time_s": st.none() | st.floats(0, 1e6),
}


@st.composite
def datasets(draw, *, box_fields=None, picture_fields=None, inside=True, labelled_only=False):
    """Up to four pictures with names of all kinds."""
    made = []
    for name in draw(st.lists(names, max_size=4, unique=True)):
        size = draw(st.sampled_from(SIZES))
        some = st.lists(boxes(size, inside=inside, **(box_fields or {})), max_size=3)
        more = {field: draw(values) for field, values in (picture_fields or {}).items()}
        made.append(LabelledPicture(name, *size, boxes=draw(some if labelled_only else st.none() | some), **more))
    return made


def near(left, right, *, within):
    """Tell whether boxes are the same but for their corners, which may differ a little."""
    corners = ("x1", "y1", "x2", "y2")
    return all(math.isclose(getattr(left, c), getattr(right, c), abs_tol=within) for c in corners)
