"""HTML that is escaped because it is made of elements and not of text."""

from collections.abc import Iterable
from html import escape
from typing import Any, TypeAlias

from evaluation.core.reports.words import clean


class Markup(str):
    """A text that is HTML already. Any other text is escaped when it goes into an element."""

    __slots__ = ()


Child: TypeAlias = "str | Iterable[str] | None"
VOID = frozenset({"meta", "link", "input", "br", "img"})


def el(name: str, /, *children: Child, **attributes: Any) -> Markup:
    """Make an element. Attributes that are None or False are left out, True ones have no value.

    A trailing underscore is dropped and others become hyphens.

    >>> el("a", "1 < 2", href="?a&b", class_="x", stroke_width=2)
    '<a href="?a&amp;b" class="x" stroke-width="2">1 &lt; 2</a>'
    """
    said = "".join(
        _attribute(key, value) for key, value in attributes.items() if value is not None and value is not False
    )
    if name in VOID:
        return Markup(f"<{name}{said}>")
    return Markup(f"<{name}{said}>{join(*children)}</{name}>")


def join(*children: Child) -> Markup:
    """Put pieces one behind the other; None is nothing."""
    return Markup("".join(_pieces(children)))


def _pieces(children: Iterable[Child]) -> Iterable[str]:
    for child in children:
        if isinstance(child, Markup):
            yield child
        elif isinstance(child, str):
            yield escape(clean(child))
        elif child is not None:
            yield from _pieces(child)


def _attribute(key: str, value: Any) -> str:
    name = key.rstrip("_").replace("_", "-")
    if value is True:
        return f" {name}"
    if isinstance(value, float):
        return f' {name}="{f"{value + 0.0:.2f}".rstrip("0").rstrip(".")}"'
    return f' {name}="{value}"' if isinstance(value, int) else f' {name}="{escape(clean(str(value)))}"'
