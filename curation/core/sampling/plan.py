"""A sampling plan: what is drawn, how much, from what, under which constraints. Read from YAML, written out whole."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from curation.core.errors import SpecError
from curation.core.params import build
from curation.core.plain_yaml import read_mapping
from curation.core.sampling.constraints import Constraints, Diversity
from curation.core.sampling.contract import Sampler
from curation.core.sampling.samplers import SAMPLERS
from curation.core.splits import SplitSpec

_NAME = re.compile(r"[A-Za-z0-9_. -]{0,80}")
_KEYS = (
    "name", "description", "query", "frames", "beside", "size", "seed", "sampler", "constraints", "diversity", "splits"
)  # fmt: skip
SHORT = {"quotas": "quota", "uniform": "uniform", "undersample": "undersample"}
"""Keys that stand for a whole sampler: {quotas: ["40% lighting:dark"]}."""
MOST_FRAMES = 10_000_000
MOST_IDS = 1_000_000


@dataclass(frozen=True)
class Plan:
    """`query` says what may be drawn, and `frames`, if there are any, name the only ones that may by their ids.

    `beside` is a query for frames that are there already, as those of an older version: they are not drawn again, and
    diversity and likeness reckon with them. size None is as many as the sampler finds balanced."""

    sampler: Sampler
    size: int | None = None
    query: str = ""
    frames: tuple[int, ...] = ()
    beside: str = ""
    seed: int = 0
    constraints: Constraints = field(default_factory=Constraints)
    diversity: Diversity | None = None
    splits: SplitSpec | None = None
    name: str = ""
    description: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Write every parameter out, defaults too, as plain values that `parse_plan` reads again."""
        sampler: Any = self.sampler
        return {
            "name": self.name,
            "description": self.description,
            "query": self.query,
            "frames": list(self.frames),
            "beside": self.beside,
            "size": self.size,
            "seed": self.seed,
            "sampler": {"kind": self.sampler.kind, **asdict(sampler)},
            "constraints": asdict(self.constraints),
            "diversity": asdict(self.diversity) if self.diversity else None,
            "splits": asdict(self.splits) if self.splits else None,
        }


def read_yaml(text: str) -> dict[str, Any]:
    """Read a plan's YAML into plain values. Raises SpecError."""
    return read_mapping(
        text,
        it_is="The plan is",
        otherwise="A sampling plan is a YAML mapping with `size` and `sampler`, as in {size: 500, quotas: […]}.",
    )


def parse_plan(plain: Mapping[str, Any]) -> Plan:
    """Check plain values and make a plan of them. Raises SpecError."""
    if extra := sorted(set(map(str, plain)) - {*_KEYS, *SHORT}):
        raise SpecError(f"plan: there is no {extra[0]!r}. Valid ones: {', '.join((*_KEYS, *SHORT))}.")
    name = _text(plain, "name")
    if not _NAME.fullmatch(name):
        raise SpecError(f"plan: name is {name!r}; it must be up to 80 letters, digits, spaces, '_', '.' and '-'.")
    sampler = _sampler(plain)
    diversity = plain.get("diversity")
    return Plan(
        sampler=sampler,
        size=_size(plain.get("size"), sampler),
        query=_text(plain, "query"),
        frames=_ids(plain.get("frames")),
        beside=_text(plain, "beside"),
        seed=_seed(plain.get("seed")),
        constraints=build(Constraints, _mapping(plain.get("constraints"), "constraints"), where="constraints"),
        diversity=None if diversity in (None, False) else build(Diversity, _diversity(diversity), where="diversity"),
        splits=None
        if plain.get("splits") is None
        else build(SplitSpec, _mapping(plain["splits"], "splits"), where="splits"),
        name=name,
        description=_text(plain, "description"),
    )


def _sampler(plain: Mapping[str, Any]) -> Sampler:
    said = [key for key in ("sampler", *SHORT) if plain.get(key) is not None]
    if len(said) > 1:
        raise SpecError(f"plan: {said[0]} and {said[1]} are two ways to draw; give one.")
    if not said:
        return SAMPLERS["random"]()
    key, value = said[0], plain[said[0]]
    if key in SHORT:
        parameter = {"quotas": "quotas", "uniform": "factors", "undersample": "over"}[key]
        listed = value if isinstance(value, dict) else {parameter: value}
        if key == "quotas" and isinstance(value, dict):
            listed = {"shares": value}
        return build(SAMPLERS[SHORT[key]], listed, where=key)
    values = {"kind": value} if isinstance(value, str) else _mapping(value, "sampler")
    kind = values.get("kind")
    if not isinstance(kind, str) or kind not in SAMPLERS:
        raise SpecError(f"sampler: there is no kind {kind!r}. Valid ones: {', '.join(SAMPLERS)}.")
    return build(SAMPLERS[kind], {k: v for k, v in values.items() if k != "kind"}, where=f"sampler {kind}")


def _size(size: object, sampler: Sampler) -> int | None:
    if size is None:
        if sampler.needs_size:
            raise SpecError(f"plan: `size` is missing: how many frames a {sampler.kind} plan is to give.")
        return None
    if isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= MOST_FRAMES:
        raise SpecError(f"plan: size is {size!r}; it must be a whole number from 1 to {MOST_FRAMES:,}.")
    return size


def _seed(seed: object) -> int:
    if seed is None:
        return 0
    if isinstance(seed, bool) or not isinstance(seed, int) or not -(2**63) <= seed < 2**63:
        raise SpecError(f"plan: seed is {seed!r}; it must be a whole number of at most 63 bits.")
    return seed


def _ids(ids: object) -> tuple[int, ...]:
    if ids is None:
        return ()
    valid = isinstance(ids, list) and all(type(i) is int and 0 < i < 2**63 for i in ids)
    if not isinstance(ids, list) or not valid or len(ids) > MOST_IDS:
        raise SpecError(f"plan: frames must be a list of frame ids, at most {MOST_IDS:,}, as in frames: [17, 18].")
    return tuple(sorted(set(ids)))


def _text(plain: Mapping[str, Any], key: str) -> str:
    value = plain.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise SpecError(f"plan: {key} is {value!r}; it must be text.")
    return value.strip()


def _diversity(value: object) -> Mapping[str, Any]:
    if value is True:
        return {}
    return {"embedder": value} if isinstance(value, str) else _mapping(value, "diversity")


def _mapping(value: object, where: str) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise SpecError(f"{where} is {value!r}; it must be a mapping of parameters.")
    return value
