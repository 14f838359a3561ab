"""Operating conditions: which are in force, and storing other ones."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import transaction

from curation.backends.embed import check_embedder_name, reads_text
from curation.core.errors import SpecError
from curation.core.operating import Conditions, FactorSpec, parse, read_yaml
from curation.core.taggers import FACTORS
from curation.models import OperatingConditions
from curation.services.carrying_over import carry_over
from curation.services.fields import COLUMNS, COUNT_FACTOR, KIND_OF
from curation.services.in_force import current, current_spec, store_version
from curation.services.rules import check_rules

RESERVED = {
    *(name for column in COLUMNS for name in (column.name, *column.aliases)),
    *("object", COUNT_FACTOR, "video_id", "camera_id", "pts_us", "width_px", "height_px", "kind", "phash"),
}
"""Names that mean something else in queries and tables."""


@transaction.atomic
def save_conditions(
    *, text: str, user: AbstractBaseUser | AnonymousUser | None = None
) -> tuple[OperatingConditions, bool]:
    """Store operating conditions given as YAML, and tell whether they are new.

    What means the same as the newest version is that version. The caller starts a `retag` job where they are new.
    Raises SpecError for what is not valid, and RuleError where the query of a rule is not."""
    conditions = parse(read_yaml(text))
    check(conditions)
    before = current()
    row, is_new = store_version(conditions=conditions, text=text, user=user)
    if is_new:
        carry_over(before, row)
    return row, is_new


def sync_template() -> None:
    """See to it that there are conditions: those that Winnow ships with, if there are none."""
    current()


def check(conditions: Conditions) -> None:
    """Check what the text alone cannot tell: names, taggers, embedders and queries. Raises SpecError, RuleError."""
    for factor in conditions.factors.values():
        _check_factor(factor)
        if factor.prompts and factor.prompts.embedder:
            _check_embedder(factor.prompts.embedder, where=f"factors.{factor.name}.embedder")
    check_rules(conditions)


def _check_factor(factor: FactorSpec) -> None:
    if factor.name in RESERVED:
        raise SpecError(f"factors.{factor.name}: the name means something else in queries; take another one.")
    tagged = FACTORS.get(factor.name)
    if tagged is None and factor.origin == "tagger":
        known = ", ".join(name for name, f in FACTORS.items() if f.kind in KIND_OF.values())
        raise SpecError(f"factors.{factor.name}: no tagger gives {factor.name!r}. They give: {known}.")
    if tagged is not None and tagged.kind != KIND_OF[factor.kind]:
        kind = next((ours for ours, theirs in KIND_OF.items() if theirs == tagged.kind), None)
        advice = f"write `kind: {kind}`" if kind else "it cannot be a factor"
        raise SpecError(f"factors.{factor.name} is {factor.kind}, but a tagger gives it as {tagged.kind}; {advice}.")


def _check_embedder(name: str, *, where: str) -> None:
    check_embedder_name(name)
    if not reads_text(name):
        raise SpecError(f"{where}: {name!r} cannot read text. Write clip:NAME, or leave it out.")


__all__ = ["check", "current", "current_spec", "save_conditions", "sync_template"]
