"""Cascades by name and version."""

from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from django.db import transaction

from curation.core.errors import SpecError
from curation.core.spec import CascadeSpec, parse, read_yaml
from curation.models import Cascade

BUILTIN_FOLDER = Path(__file__).resolve().parent.parent / "cascades"


def find(name: str) -> Cascade:
    """Find a cascade by `name` (its newest version) or `name@version`. Raises SpecError that lists what there is."""
    base, _, version = name.partition("@")
    if base in _builtin_texts():
        save_cascade(text=_builtin_texts()[base])
    found = Cascade.objects.filter(name=base)
    if version:
        if not version.isdigit():
            raise SpecError(f"cascade {name!r}: the version after '@' must be a number.")
        found = found.filter(version=int(version))
    cascade = found.order_by("-version").first()
    if cascade is None:
        names = sorted({*Cascade.objects.values_list("name", flat=True), *_builtin_texts()})
        near = get_close_matches(base, names, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise SpecError(f"There is no cascade {name!r}.{hint} There are: {', '.join(names)}.")
    return cascade


@transaction.atomic
def save_cascade(*, text: str) -> Cascade:
    """Store a cascade given as YAML; the same spec is the same version. Raises SpecError."""
    return save_spec(spec=parse(read_yaml(text)))


@transaction.atomic
def save_spec(*, spec: CascadeSpec) -> Cascade:
    """Store a cascade under the next version of its name, unless its newest version says the same."""
    plain: dict[str, Any] = spec.to_dict()
    newest = Cascade.objects.select_for_update().filter(name=spec.name).order_by("-version").first()
    if newest is not None and newest.spec == plain:
        return newest
    version = newest.version + 1 if newest else 1
    cascade, _ = Cascade.objects.get_or_create(name=spec.name, version=version, defaults={"spec": plain})
    return cascade


def sync_builtin() -> None:
    """Store the cascades that Winnow ships with."""
    for text in _builtin_texts().values():
        save_cascade(text=text)


@cache
def _builtin_texts() -> dict[str, str]:
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(BUILTIN_FOLDER.glob("*.yaml"))}
