"""Suites: stored in versions, found by name."""

import re

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import Max

from curation.core.errors import WinnowError
from curation.core.query import QueryError, render_error
from curation.services.fields import searchable_fields
from curation.services.filtering import parse_query
from evaluation.core.suite import Suite as SuiteSpec
from evaluation.core.suite_reading import parse_suite, read_yaml
from evaluation.models import Suite, SuiteVersion

NAMED = 10


class SuiteError(WinnowError):
    """A suite cannot be used as it is."""


class NoSuchSuite(SuiteError):
    """There is no such suite, or no such version of it."""


@transaction.atomic
def save_suite(
    *, text: str, user: AbstractBaseUser | AnonymousUser | None = None
) -> tuple[SuiteVersion, bool]:  # fmt: skip
    """Store a suite given as YAML, and tell whether it is new: what means the same as the newest version is that one.

    Raises SpecError for what is not valid, SuiteError where a scenario's query is not."""
    spec = parse_suite(read_yaml(text))
    check_queries(spec)
    Suite.objects.get_or_create(name=spec.name)
    home = Suite.objects.select_for_update().get(name=spec.name)
    newest = home.versions.order_by("-number").first()
    sha256 = spec.sha256()
    if newest is not None and newest.sha256 == sha256:
        return newest, False
    return (
        SuiteVersion.objects.create(
            suite=home,
            number=(home.versions.aggregate(last=Max("number"))["last"] or 0) + 1,
            text=text,
            spec=spec.to_dict(),
            sha256=sha256,
            created_by_id=user.pk if user is not None and user.is_authenticated else None,
        ),
        True,
    )


def check_queries(spec: SuiteSpec) -> None:
    """Check what the text alone cannot tell: that queries name fields that there are. Raises SuiteError."""
    fields = searchable_fields()
    for scenario in spec.scenarios:
        try:
            parse_query(scenario.query, fields=fields)
        except QueryError as error:
            raise SuiteError(
                f"The query of scenario {scenario.name!r} is wrong.\n{render_error(scenario.query, error)}"
            ) from error


def find_suite(reference: str) -> SuiteVersion:
    """Find `name@3`, or by `name` alone the newest. Raises NoSuchSuite, which lists what there is."""
    match = re.fullmatch(r"\s*([^@\s]+)(?:@([0-9]{1,9}))?\s*", reference)
    if match is None:
        raise NoSuchSuite(f"{reference[:100]!r} names no suite: write name@3, or the name alone.")
    name, number = match.groups()
    versions = SuiteVersion.objects.filter(suite__name=name).select_related("suite").order_by("-number")
    found = versions.filter(number=int(number)).first() if number else versions.first()
    if found is not None:
        return found
    if newest := versions.first():
        raise NoSuchSuite(f"There is no {name}@{number}; its versions go from 1 to {newest.number}.")
    there = ", ".join(Suite.objects.order_by("name").values_list("name", flat=True)[:NAMED])
    advice = f"There are: {there}" if there else "There is none yet: manage.py scenarios save FILE.yaml"
    raise NoSuchSuite(f"There is no suite {name[:80]!r}. {advice}.")


def spec_of(version: SuiteVersion) -> SuiteSpec:
    """Read a stored suite. Raises SpecError if this Winnow does not know one of its metrics any more."""
    return parse_suite(version.spec)
