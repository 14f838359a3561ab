"""Markdown of GitHub and GitLab from texts that may hold anything."""

import re
from collections.abc import Iterable, Sequence
from html import escape

from evaluation.core.reports.words import clean

_SPECIAL = re.compile(r"([\\`*_\[\]|~])")
_GAP = "\0"  # which `clean` lets nobody else write
# An invisible space takes from these what makes hosts turn them into mentions, references and links.
_CALLS = re.compile(r"(?<!\w)([@#])(?=\w)|(?<=\w)(:)(?=//)")


def text(said: str) -> str:
    """Escape a text for a line or a table's cell: no markup, no HTML, no mention of people.

    >>> text("a|b *c* <i> @all #1")
    'a\\\\|b \\\\*c\\\\* &lt;i&gt; @&#8203;all #&#8203;1'
    """
    calm = _CALLS.sub(lambda found: (found[1] or found[2]) + _GAP, clean(said))
    return _SPECIAL.sub(r"\\\1", escape(calm, quote=False)).replace(_GAP, "&#8203;")


def code(said: str) -> str:
    """Escape a text and set it in the letters of code. Backticks cannot hold a backtick, so it is an element."""
    return f"<code>{text(said)}</code>" if said else ""


def link(said: str, url: str) -> str:
    """Make a link, or the text alone where there is no URL."""
    return f"[{text(said)}]({url})" if url else text(said)


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, right: Iterable[str] = ()) -> list[str]:
    """Lay cells out, which must be escaped already; columns named in `right` are set flush right."""
    flush = set(right)
    lines = [_row(head), _row(["--:" if name in flush else "---" for name in head])]
    return lines + [_row(cells) for cells in rows]


def folded(summary: str, lines: Iterable[str]) -> list[str]:
    """Hide lines behind a summary, which must be escaped already. Blank lines let Markdown go on inside."""
    return [f"<details><summary>{summary}</summary>", "", *lines, "", "</details>", ""]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
