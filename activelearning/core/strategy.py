"""Strategies as people write them: read from YAML, checked, and told what is wrong."""

import re
from collections.abc import Mapping
from typing import Any

from activelearning.core.samplers import SAMPLERS, Sampler
from activelearning.core.strategy_parts import Diversity, Limits, SeedCounts
from activelearning.core.strategy_spec import POOL_MOST, Strategy
from curation.core.errors import SpecError
from curation.core.params import build
from curation.core.plain_yaml import read_mapping

__all__ = ["Strategy", "parse_strategy", "read_yaml"]

_NAME = re.compile(r"[A-Za-z0-9_. -]{0,80}")
KEYS = (
    "name", "description", "pool", "pool_most", "seeds", "mine", "embedder", "diversity", "limits", "control", "seed"
)  # fmt: skip
MOST_SAMPLERS = 50
MOST_CONTROL = 0.9
MOST_POOL = 1_000_000


def read_yaml(text: str) -> dict[str, Any]:
    """Read a strategy's YAML into plain values. Raises SpecError."""
    return read_mapping(
        text,
        it_is="The strategy is",
        otherwise="A strategy is a YAML mapping with `mine`, a list of samplers, as in {mine: [entropy]}.",
        allow_nan=False,
    )


def parse_strategy(plain: Mapping[str, Any]) -> Strategy:
    """Check plain values and make a strategy of them. Raises SpecError."""
    if extra := sorted(set(map(str, plain)) - set(KEYS)):
        raise SpecError(f"strategy: there is no {extra[0]!r}. Valid ones: {', '.join(KEYS)}.")
    name = _text(plain, "name")
    if not _NAME.fullmatch(name):
        raise SpecError(f"strategy: name is {name!r}; it must be up to 80 letters, digits, spaces, '_', '.' and '-'.")
    return Strategy(
        mine=_samplers(plain.get("mine")),
        pool=_text(plain, "pool"),
        pool_most=_pool_most(plain.get("pool_most")),
        seeds=build(SeedCounts, _mapping(plain.get("seeds"), "seeds"), where="seeds"),
        embedder=_text(plain, "embedder"),
        diversity=_diversity(plain),
        limits=build(Limits, _mapping(plain.get("limits"), "limits"), where="limits"),
        control=_control(plain.get("control")),
        seed=_seed(plain.get("seed")),
        name=name,
        description=_text(plain, "description"),
    )


def _samplers(said: object) -> tuple[Sampler, ...]:
    if not isinstance(said, list) or not 0 < len(said) <= MOST_SAMPLERS:
        raise SpecError(
            f"strategy: `mine` must be a list of 1 to {MOST_SAMPLERS} samplers, as in "
            "mine: [{kind: similar_boxes, share: 3}, entropy]."
        )
    return tuple(_sampler(one, place) for place, one in enumerate(said, start=1))


def _sampler(said: object, place: int) -> Sampler:
    values = {"kind": said} if isinstance(said, str) else said
    if not isinstance(values, dict):
        raise SpecError(f"mine {place} is {said!r}; it must be a sampler, as in {{kind: entropy, share: 2}}.")
    kind = values.get("kind")
    if not isinstance(kind, str) or kind not in SAMPLERS:
        raise SpecError(f"mine {place}: there is no kind {kind!r}. Valid ones: {', '.join(SAMPLERS)}.")
    rest = {key: value for key, value in values.items() if key != "kind"}
    return build(SAMPLERS[kind], rest, where=f"mine {place}, {kind}")


def _diversity(plain: Mapping[str, Any]) -> Diversity | None:
    said = plain.get("diversity", True)
    if said is None or said is False:
        return None
    return build(Diversity, {} if said is True else _mapping(said, "diversity"), where="diversity")


def _pool_most(said: object) -> int:
    if said is None:
        return POOL_MOST
    if isinstance(said, bool) or not isinstance(said, int) or not 1 <= said <= MOST_POOL:
        raise SpecError(f"strategy: pool_most is {said!r}; it must be a number of frames from 1 to {MOST_POOL}.")
    return said


def _control(said: object) -> float:
    if said is None:
        return 0.0
    if isinstance(said, bool) or not isinstance(said, int | float) or not 0 <= said <= MOST_CONTROL:
        raise SpecError(f"strategy: control is {said!r}; it must be a share of the budget from 0 to {MOST_CONTROL}.")
    return float(said)


def _seed(said: object) -> int:
    if said is None:
        return 0
    if isinstance(said, bool) or not isinstance(said, int) or not -(2**63) <= said < 2**63:
        raise SpecError(f"strategy: seed is {said!r}; it must be a whole number of at most 63 bits.")
    return said


def _text(plain: Mapping[str, Any], key: str) -> str:
    value = plain.get(key)
    if value is not None and not isinstance(value, str):
        raise SpecError(f"strategy: {key} is {value!r}; it must be text.")
    return (value or "").strip()


def _mapping(value: object, where: str) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise SpecError(f"{where} is {value!r}; it must be a mapping of parameters.")
    return value
