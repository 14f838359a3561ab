"""Worst frames with the boxes of truth and prediction drawn over them."""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from evaluation.core.reports.markup import Markup, el
from evaluation.core.results import ScenarioRecord, ShownBox, ShownFrame

WORDS: Final = MappingProxyType(
    {
        "truth": "labelled and found",
        "found": "detection that is right",
        "missed": "labelled and missed",
        "false": "detection that is none",
        "ignored": "left out of the count",
    }
)
LETTERS_IN_WIDTH = 26


def frames_section(one: ScenarioRecord, pictures: Mapping[int, bytes], url: str) -> Markup | None:
    """Show a scenario's worst frames and what the lines mean; nothing where there are none."""
    if not one.frames:
        return None
    used = {box.what for frame in one.frames for box in frame.boxes}
    legend = [
        el("li", el("svg", el("line", x1=0, x2=22, y1=5, y2=5, class_=what), viewBox="0 0 22 10"), words)
        for what, words in WORDS.items()
        if what in used
    ]
    cards = [_frame(frame, has_picture=frame.frame_id in pictures, url=url) for frame in one.frames]
    return el(
        "section", el("h3", "Worst frames"), el("ul", legend, class_="legend"), el("div", cards, class_="frames")
    )  # fmt: skip


def picture_store(scenarios: Iterable[ScenarioRecord], pictures: Mapping[int, bytes]) -> Markup | None:
    """Hold each picture once, however many scenarios show it. A frame's size is the record's."""
    shown = {frame.frame_id: frame for one in scenarios for frame in one.frames if frame.frame_id in pictures}
    images = [
        el(
            "image", id=f"frame-{key}", width=frame.width_px, height=frame.height_px, preserveAspectRatio="none",
            href=f"data:image/jpeg;base64,{b64encode(pictures[key]).decode()}",
        )
        for key, frame in sorted(shown.items())
    ]  # fmt: skip
    return el("svg", el("defs", images), width=0, height=0, class_="store", aria_hidden="true") if images else None


def clock(pts_us: int) -> str:
    """Write a moment of a video, 72_460_000 µs, as 1:12.4; cut and not rounded, so that it never lies behind it."""
    tenths = max(pts_us, 0) // 100_000
    hours, rest = divmod(tenths, 36_000)
    minutes, rest = divmod(rest, 600)
    head = f"{hours}:{minutes:02}" if hours else f"{minutes}"
    return f"{head}:{rest // 10:02}.{rest % 10}"


def _frame(frame: ShownFrame, *, has_picture: bool, url: str) -> Markup:
    said = f"{_plural(frame.misses, 'missed', 'missed')}, {_plural(frame.false_alarms, 'false alarm', 'false alarms')}"
    size = f"{frame.width_px} {frame.height_px}"
    ground = el("use", href=f"#frame-{frame.frame_id}") if has_picture else _no_picture(frame)
    letters_px = frame.width_px / LETTERS_IN_WIDTH
    marked = [box for box in frame.boxes if box.what in ("missed", "false")]
    drawing = el(
        "svg", ground, [_box(box) for box in frame.boxes], [_words(box, letters_px) for box in marked],
        viewBox=f"0 0 {size}", class_="picture", role="img", aria_label=f"Frame {frame.frame_id}: {said}",
    )  # fmt: skip
    name = [el("b", frame.camera or "no camera"), el("span", clock(frame.pts_us), title=frame.video)]
    link = f"{url}&frame={frame.frame_id}" if url else None
    about = el("figcaption", el("span", name), el("span", said))
    return el("figure", el("a", drawing, href=link, rel="noreferrer") if link else drawing, about, class_="frame")


def _no_picture(frame: ShownFrame) -> Markup:
    return el("rect", class_="blank", width=frame.width_px, height=frame.height_px)


def _box(box: ShownBox) -> Markup:
    x1, y1, x2, y2 = box.box
    place = {"x": x1, "y": y1, "width": max(x2 - x1, 0.0), "height": max(y2 - y1, 0.0)}
    said = " ".join(word for word in (box.label, _score(box), WORDS.get(box.what, box.what), _kind(box)) if word)
    return el("g", el("title", said), el("rect", class_="halo", **place), el("rect", **place), class_=f"box {box.what}")


def _words(box: ShownBox, letters_px: float) -> Markup:
    x1, y1, _, y2 = box.box
    above = y1 - letters_px * 0.3
    y = above if above > letters_px else y2 + letters_px
    text = " ".join(word for word in (box.label, _score(box)) if word)
    return el("text", text, class_=box.what, x=x1, y=y, font_size=letters_px)


def _score(box: ShownBox) -> str:
    return "" if box.score is None else f"{box.score:.2f}"


def _kind(box: ShownBox) -> str:
    return f"({box.kind})" if box.kind and box.kind != box.what else ""


def _plural(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"
