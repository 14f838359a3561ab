"""Reading a labelling configuration that somebody else wrote."""

from collections import Counter
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

# No types of its own. Entities, and files named in a DTD, are refused: both are ways to harm a reader.
from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]

from activelearning.core.label_config import LabelConfig, Names

MOST_CHARACTERS = 1_000_000
SHAPES = {
    "PolygonLabels": "polygons", "BrushLabels": "brush strokes", "KeyPointLabels": "points",
    "EllipseLabels": "ellipses", "VideoRectangle": "boxes in videos", "Labels": "labels apart from their shapes",
}  # fmt: skip
OTHER_OBJECTS = ("Video", "Audio", "Text", "HyperText", "TimeSeries", "Paragraphs", "Pdf")
QUIET = {"View", "Header", "Label", "Choice", "Style", "Image", "RectangleLabels", "Choices", "Collapse", "Panel"}


def read_config(xml: str) -> LabelConfig:
    """Read what a configuration offers: the labels of its boxes and its choices, by their names as answers say them.

    One that cannot be used says why in `problems`; nothing is raised."""
    if len(xml) > MOST_CHARACTERS:
        return LabelConfig(problems=(f"it has {len(xml)} characters; {MOST_CHARACTERS} are read",))
    try:
        root: Element = fromstring(xml, forbid_dtd=True)
    except (ParseError, ValueError, LookupError) as error:
        return LabelConfig(problems=(f"it is no XML that can be read: {error}"[:300],))
    images = list(root.iter("Image"))
    if len(images) != 1 or not _field(images[0]):
        return LabelConfig(problems=(_image_problem(root, images),))
    image = images[0].get("name", "")
    shapes = [one for one in root.iter("RectangleLabels") if _points_to(one, image)]
    if len(shapes) != 1:
        return LabelConfig(problems=(_shape_problem(root, shapes),), names=Names(image, _field(images[0])))
    classes = tuple(_worth(label) for label in shapes[0].iter("Label") if _worth(label))
    problems = _twice(classes) if classes else ("its boxes have no labels, or take them from each task's data",)
    factors, choices, notes = {}, {}, []
    for one in root.iter("Choices"):
        name, values = one.get("name", ""), tuple(_worth(choice) for choice in one.iter("Choice") if _worth(choice))
        if why := _not_a_tag(one, values, image):
            notes.append(f"its choices {name!r} are not read: {why}")
        else:
            factors[name], choices[name] = values, name
    names = Names(image, _field(images[0]), shapes[0].get("name", ""), choices)
    return LabelConfig(classes, factors, names, problems, (*notes, *_unread(root)))


def _image_problem(root: Element, images: list[Element]) -> str:
    if len(images) > 1:
        return f"it shows {len(images)} pictures at once; one is needed"
    if images:
        return 'its picture does not come from a field of the task: write <Image … value="$image"/>'
    other = next((kind for kind in OTHER_OBJECTS if root.find(f".//{kind}") is not None), "")
    return f"it shows no picture{f', but <{other}>' if other else ''}: it needs one <Image>"


def _shape_problem(root: Element, shapes: list[Element]) -> str:
    if len(shapes) > 1:
        return f"it has {len(shapes)} controls <RectangleLabels>; one is needed, so that each box has one label"
    other = next((kind for kind in SHAPES if root.find(f".//{kind}") is not None), "")
    said = f", but <{other}>: {SHAPES[other]}" if other else ""
    return f"it has no <RectangleLabels> for its picture{said}; boxes with labels are needed"


def _not_a_tag(choices: Element, values: tuple[str, ...], image: str) -> str:
    if not _points_to(choices, image):
        return "they are not about the picture"
    if choices.get("perRegion", "false").lower() == "true":
        return "they are about a box, not the picture"
    if choices.get("choice", "single").lower() == "multiple":
        return "several can be chosen at once"
    return "" if values else "they have no values of their own"


def _unread(root: Element) -> Iterator[str]:
    counts = Counter(one.tag for one in root.iter() if one.get("toName"))
    for tag in sorted(set(counts) - QUIET):
        yield f"its <{tag}> is not read"


def _twice(classes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(
        f"its label {label!r} is there {count} times" for label, count in Counter(classes).items() if count > 1
    )


def _points_to(control: Element, image: str) -> bool:
    return image in [name.strip() for name in control.get("toName", "").split(",")]


def _field(image: Element) -> str:
    value = image.get("value", "")
    return value[1:] if value.startswith("$") and value[1:].isidentifier() else ""


def _worth(choice: Element) -> str:
    """Return the word that answers hold: the alias where there is one."""
    value = choice.get("alias") or choice.get("value") or ""
    return "" if value.startswith("$") else value
