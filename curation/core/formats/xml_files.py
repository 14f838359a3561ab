"""XML of strangers, read without entities; and XML of our own."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError, SubElement, indent, tostring

# No types of its own. Entities, and files named in a DTD, are refused: both are ways to harm a reader.
from defusedxml.ElementTree import fromstring, iterparse  # type: ignore[import-untyped]

from curation.core.formats.checks import number_in
from curation.core.formats.text_files import Unreadable
from curation.core.formats.tree import Tree

_DAMAGED = "file that is not whole XML"


def read_xml(tree: Tree, name: str) -> Element:
    """Read a small XML file as a whole. Raises Unreadable."""
    try:
        root: Element = fromstring(tree.read(name))
    except (ParseError, OSError, ValueError, LookupError) as error:  # LookupError: an encoding nobody knows
        raise Unreadable(_DAMAGED) from error
    return root


def walk_xml(tree: Tree, name: str, *, wanted: set[str]) -> Iterator[Element]:
    """Yield the wanted children of the root one by one, without holding the file in memory. Raises Unreadable."""
    try:
        with tree.open(name) as file:
            depth, root = 0, None
            for event, element in iterparse(file, events=("start", "end")):
                root = element if root is None else root
                depth += 1 if event == "start" else -1
                if event == "end" and depth == 1:
                    if element.tag in wanted:
                        yield element
                    root.clear()
    except (ParseError, OSError, ValueError, LookupError) as error:
        raise Unreadable(_DAMAGED) from error


def text_of(element: Element | None, path: str) -> str:
    """Return the text of a child without blanks around it; empty where there is none."""
    found = None if element is None else element.findtext(path)
    return (found or "").strip()


def number_of(element: Element | None, path: str) -> float | None:
    """Return the finite number in a child; None where there is none."""
    return number_in(text_of(element, path) or None)


def add(parent: Element, tag: str, text: str = "", **attributes: str) -> Element:
    """Add a child with a text. What XML cannot hold becomes a question mark in a box (U+FFFD)."""
    child = SubElement(parent, tag, {key: xml_text(value) for key, value in attributes.items()})
    child.text = xml_text(text) or None
    return child


def xml_text(text: str) -> str:
    """Return a text with U+FFFD for each character that XML cannot hold."""
    return "".join(c if _is_allowed(ord(c)) else "\ufffd" for c in text)


def to_xml(root: Element) -> bytes:
    """Write an element as an indented file in UTF-8."""
    indent(root)
    content: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return content + b"\n"


def _is_allowed(code: int) -> bool:
    return code in (0x9, 0xA) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or code >= 0x10000
