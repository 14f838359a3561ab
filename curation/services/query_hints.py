"""What to try where a query finds nothing: values that no frame has, and the ones that come near."""

import difflib

from curation.core.query import Equals, Field, Query, leaves
from curation.models import Annotation, Camera, Cascade, DatasetVersion, Frame, Video
from curation.services.filtering import frames_matching
from curation.services.sql_terms import member

SAMPLE_FRAMES = 2000
MAX_HINTS = 5


def hints(query: Query) -> list[str]:
    """Name the values in a query that no frame has: `No frame has lighting:drak. Near: dark.`"""
    said: list[str] = []
    for leaf in dict.fromkeys(leaves(query)):
        if len(said) == MAX_HINTS:
            break
        if isinstance(leaf, Equals) and isinstance(leaf.value, str) and not frames_matching(leaf).exists():
            found = _values(leaf.field)
            near = difflib.get_close_matches(leaf.value, found, n=3, cutoff=0.5) or found[:6]
            said.append(f"No frame has {leaf.field.name}:{_quoted(leaf.value)}.{_listed(near)}")
    return said


def _listed(near: list[str]) -> str:
    return f" Near: {', '.join(_quoted(value) for value in near)}." if near else ""


def _values(listed: Field) -> list[str]:
    """List values that the field has; of tags, what the newest frames have."""
    named = {
        "camera": (Camera, "name"),
        "video": (Video, "name"),
        "cascade": (Cascade, "name"),
        "label": (Annotation, "label"),
    }
    if listed.name in named:
        model, column = named[listed.name]
        return sorted(set(model._default_manager.order_by("-id").values_list(column, flat=True)[:SAMPLE_FRAMES]))
    if listed.name == "dataset":
        versions = DatasetVersion.objects.order_by("-id").values_list("dataset__name", "number")[:SAMPLE_FRAMES]
        return sorted({written for name, number in versions for written in (name, f"{name}@{number}")})
    # Not `tags__NAME`: the ORM would make the name, which somebody gave to a camera's attribute, part of the SQL.
    newest = Frame.objects.order_by("-id").annotate(value=member("tags", listed.name)).values_list("value", flat=True)
    found: set[str] = set()
    for value in newest[:SAMPLE_FRAMES]:
        found.update(v for v in (value if isinstance(value, list) else [value]) if isinstance(v, str))
    return sorted(found)


def _quoted(value: str) -> str:
    return f'"{value}"' if not value.replace("_", "").replace("-", "").replace(".", "").isalnum() else value
