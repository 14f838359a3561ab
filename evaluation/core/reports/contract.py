"""What a kind of report is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from evaluation.core.results import RunRecord


@dataclass(frozen=True)
class Extras:
    """What a report may show beside the record.

    `pictures` are JPEGs by frame_id; `base_url` is the dashboard's address, such as https://winnow.example, to which
    links go; `width` is a terminal's."""

    pictures: Mapping[int, bytes] = field(default_factory=dict)
    base_url: str = ""
    width: int = 100
    color: bool = False


@dataclass(frozen=True)
class Report:
    """A way to tell a test run. `render` is a pure function: the same record and extras give the same text.

    It raises ValueError where `base_url` is no web address."""

    media_type: str
    suffix: str
    """Of a file that holds it: ".html"."""
    render: Callable[[RunRecord, Extras], str]
    has_pictures: bool = False
