"""What a page says of itself: each file of `pages/` has a `PAGE` and a `layout`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Page:
    """A page's place in the dashboard; `order` counts from the left of the header."""

    name: str
    path: str
    title: str
    order: int = 99
    in_header: bool = True
