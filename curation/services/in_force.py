"""The operating conditions in force: the newest version, or those that Winnow ships with."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction

from curation.core.operating import Conditions, parse, read_yaml
from curation.models import OperatingConditions

TEMPLATE = Path(__file__).resolve().parent.parent / "conditions" / "usual.yaml"
LOCK_KEY = 0x57494E43  # "WINC": one version at a time


def current() -> OperatingConditions:
    """Return the newest version; the built-in template is stored as the first where there is none."""
    newest = OperatingConditions.objects.order_by("-version").first()
    return newest or store_version(conditions=template(), text=template_text())[0]


def current_spec() -> Conditions:
    """Return what the newest version says, or the template where nothing is stored. One small query; writes nothing."""
    newest = OperatingConditions.objects.order_by("-version").values_list("pk", "created_at").first()
    return _parsed(*newest) if newest else template()


def conditions_of(row: OperatingConditions) -> Conditions:
    """Return what a stored version says. Parsed once in each process."""
    return _parsed(row.pk, row.created_at)


@transaction.atomic
def store_version(
    *, conditions: Conditions, text: str, user: AbstractBaseUser | AnonymousUser | None = None
) -> tuple[OperatingConditions, bool]:
    """Store the next version, unless the newest one means the same; tells whether it is new. Checks nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK_KEY])
    newest = OperatingConditions.objects.order_by("-version").first()
    spec: Mapping[str, Any] = conditions.to_dict()
    if newest is not None and newest.spec == spec and list(conditions_of(newest).factors) == list(conditions.factors):
        return newest, False
    row = OperatingConditions.objects.create(
        version=newest.version + 1 if newest else 1,
        name=conditions.name,
        text=text,
        spec=spec,
        created_by_id=user.pk if user is not None and user.is_authenticated else None,
    )
    return row, True


@cache
def template_text() -> str:
    """Read the YAML of the conditions that Winnow ships with."""
    return TEMPLATE.read_text(encoding="utf-8")


@cache
def template() -> Conditions:
    """Return the conditions that Winnow ships with."""
    return parse(read_yaml(template_text()))


@lru_cache(maxsize=8)
def _parsed(row_id: int, _created_at: object) -> Conditions:
    # A version never changes, so it is read once. The time guards against an id that is given out again.
    text, spec = OperatingConditions.objects.values_list("text", "spec").get(pk=row_id)
    stored = parse(spec)
    # jsonb forgets the order of keys, but later rules see what earlier ones said: the text knows it.
    order = [name for name in read_yaml(text)["factors"] if name in stored.factors]
    return replace(stored, factors={name: stored.factors[name] for name in (order or stored.factors)})
