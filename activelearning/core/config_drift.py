"""What became of a labelling configuration since it was last seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from activelearning.core.label_config import LabelConfig


@dataclass(frozen=True)
class ConfigDrift:
    """How the configuration there differs. missing: asked for here, not offered there; new: only there.

    values_missing: choices of a factor that are gone there, by factor. problems say why it cannot be used at all."""

    classes_missing: tuple[str, ...] = ()
    classes_new: tuple[str, ...] = ()
    factors_missing: tuple[str, ...] = ()
    factors_new: tuple[str, ...] = ()
    values_missing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    is_changed: bool = False
    """Whether its text is another one at all; what it offers may be the same."""


def config_drift(
    now: LabelConfig, *, classes: Sequence[str], factors: Mapping[str, Sequence[str]], is_changed: bool
) -> ConfigDrift:
    """Compare what is offered there with the classes and factors that are known here."""
    return ConfigDrift(
        classes_missing=tuple(one for one in classes if one not in now.classes),
        classes_new=tuple(one for one in now.classes if one not in classes),
        factors_missing=tuple(one for one in factors if one not in now.factors),
        factors_new=tuple(one for one in now.factors if one not in factors),
        values_missing={
            factor: lost
            for factor, values in factors.items()
            if factor in now.factors and (lost := tuple(one for one in values if one not in now.factors[factor]))
        },
        problems=now.problems,
        is_changed=is_changed,
    )
