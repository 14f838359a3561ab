"""What the address bar says: which query is asked and which frame is open. A view is shared by its address."""

from dataclasses import dataclass, replace
from urllib.parse import parse_qs, urlencode

MAX_QUERY_CHARS = 2000
AND, OR = " AND ", " OR "


@dataclass(frozen=True)
class Place:
    """One state of the page."""

    query: str = ""
    frame: int | None = None

    @property
    def search(self) -> str:
        """The address's part from `?` on; "?" where there is nothing to say, so that a link to it goes somewhere."""
        named = {"q": self.query, "frame": self.frame}
        return f"?{urlencode({key: value for key, value in named.items() if value})}"

    def asking(self, query: str) -> "Place":
        """Ask another query; an open frame closes."""
        return Place(query=query)

    def opening(self, frame: int | None) -> "Place":
        return replace(self, frame=frame)


def place_of(*, query: object = "", frame: object = None) -> Place:
    """Read what came from outside; what makes no sense is taken as not said."""
    text = query if isinstance(query, str) else ""
    digits = str(frame) if isinstance(frame, str | int) else ""
    # Postgres knows no NUL in a text, and no bigint above 2**63.
    number = int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 19 else None
    return Place(query=text.replace("\0", "").strip()[:MAX_QUERY_CHARS], frame=number)


def words_of(search: object) -> dict[str, str]:
    """Read the named words of an address from `?` on; what makes no sense is taken as not said."""
    named = parse_qs(search.removeprefix("?")) if isinstance(search, str) else {}
    return {name: values[-1].replace("\0", "").strip()[:MAX_QUERY_CHARS] for name, values in named.items()}


def place_at(search: str) -> Place:
    """Read the part of an address from `?` on."""
    named = words_of(search)
    return place_of(query=named.get("q", ""), frame=named.get("frame", ""))


def terms(query: str) -> list[str]:
    """Split a query at the ANDs of its top level. A query with an OR there is one term."""
    return [query.strip()] if _has_or(query) else [term for term in _split(query, AND) if term]


def toggle(query: str, term: str) -> str:
    """Add a term to a query, or take it out if it is there.

    >>> toggle("people:>0 AND lighting:dark", "lighting:dark")
    'people:>0'
    >>> toggle("a:1 OR b:2", "lighting:dark")
    '(a:1 OR b:2) AND lighting:dark'
    """
    there = terms(query)
    if term in there:
        return AND.join(one for one in there if one != term)
    if _has_or(query):
        there = [f"({query.strip()})"]
    return AND.join((*there, term))


def _has_or(query: str) -> bool:
    return len(_split(query, OR)) > 1


def _split(query: str, word: str) -> list[str]:
    """Split a query at a word, but not within brackets or quotes."""
    parts, depth, quoted, start = [], 0, False, 0
    for at, sign in enumerate(query):
        if sign == '"' and query[at - 1 : at] != "\\":
            quoted = not quoted
        elif not quoted:
            depth += (sign in "([{") - (sign in ")]}")
            if depth == 0 and at >= start and query.startswith(word, at):
                parts.append(query[start:at].strip())
                start = at + len(word)
    return [*parts, query[start:].strip()]
