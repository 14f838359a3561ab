"""One factor: what values it has, how often each is expected in use, and where a frame's value comes from."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any, Literal, TypeAlias

from curation.core.errors import SpecError

FactorKind: TypeAlias = Literal["categorical", "boolean", "numeric"]
Origin: TypeAlias = Literal["tagger", "camera", "rules", "prompts", "people"]
KINDS: tuple[FactorKind, ...] = ("categorical", "boolean", "numeric")
ORIGINS: tuple[Origin, ...] = ("tagger", "camera", "rules", "prompts", "people")
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
SHARE_SUM_TOLERANCE = 0.01
_KEYS = {"kind", "help", "values", "bins", "names", "expected", "from", "rules", "prompts", "embedder", "threshold"}
RULE_TYPES: Mapping[FactorKind, tuple[type, ...]] = {"categorical": (str,), "boolean": (bool,), "numeric": (int, float)}
BOOLEANS = ("false", "true")


@dataclass(frozen=True)
class Rule:
    """`value` where the query `when` holds; of several rules the first that holds decides."""

    value: str | bool | int | float
    when: str


@dataclass(frozen=True)
class Prompts:
    """What an image-text model is asked: for each value, sentences that describe a picture of it. `threshold` is the
    least probability of the best value, below which the frame gets none."""

    texts: Mapping[str, tuple[str, ...]]
    embedder: str = ""
    threshold: float = 0.5


@dataclass(frozen=True)
class FactorSpec:
    """`values` are the names of its values, in order: categories (none: whatever is found), false and true, or bins.

    `edges` cut a number into bins, each edge belongs to the bin above it: edges (1, 3) give <1, 1–3 and ≥3."""

    name: str
    kind: FactorKind
    help: str = ""
    values: tuple[str, ...] = ()
    edges: tuple[float, ...] = ()
    expected: Mapping[str, float] = field(default_factory=dict)
    origin: Origin = "tagger"
    rules: tuple[Rule, ...] = ()
    prompts: Prompts | None = None

    def to_dict(self) -> dict[str, Any]:
        """Write it out as plain values, which `parse_factor` reads again."""
        plain: dict[str, Any] = {"kind": self.kind, "help": self.help, "from": self.origin}
        if self.kind == "numeric":
            plain |= {"bins": list(self.edges), "names": list(self.values)}
        elif self.kind == "categorical":
            plain["values"] = list(self.values)
        if self.expected:
            plain["expected"] = dict(self.expected)
        if self.rules:
            plain["rules"] = [asdict(rule) for rule in self.rules]
        if self.prompts:
            texts = {value: list(texts) for value, texts in self.prompts.texts.items()}
            plain |= {"prompts": texts, "embedder": self.prompts.embedder, "threshold": self.prompts.threshold}
        return plain


def parse_factor(name: object, plain: object) -> FactorSpec:
    """Check plain values and make a factor of them. Raises SpecError naming what is wrong and what would be right."""
    where = f"factors.{name}"
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise SpecError(f"factors: {name!r} is no name; use lower-case letters, digits and '_', as in time_of_day.")
    if not isinstance(plain, dict):
        raise SpecError(f"{where} is {plain!r}; it must be a mapping, as in {{kind: boolean, from: camera}}.")
    if extra := sorted(set(map(str, plain)) - _KEYS):
        raise SpecError(f"{where}: there is no {extra[0]!r}. Valid ones: {', '.join(sorted(_KEYS))}.")
    kind = _one_of(plain.get("kind", "categorical"), KINDS, where=f"{where}.kind")
    origin = _one_of(plain.get("from", "tagger"), ORIGINS, where=f"{where}.from")
    values, edges = _values(kind, plain, where)
    rules = _rules(kind, values, plain.get("rules"), where)
    prompts = _prompts(kind, values, plain, where)
    for needed, given in (("rules", rules), ("prompts", prompts)):
        if (origin == needed) != bool(given):
            raise SpecError(f"{where}: `from: {needed}` and `{needed}:` belong together; give both or neither.")
    return FactorSpec(
        name=name,
        kind=kind,
        help=str(plain.get("help") or ""),
        values=values,
        edges=edges,
        expected=_expected(values, plain.get("expected"), where),
        origin=origin,
        rules=rules,
        prompts=prompts,
    )


def bin_names(edges: tuple[float, ...]) -> tuple[str, ...]:
    """Name the bins that edges cut.

    bin_names((1.0, 3.0)) -> ("<1", "1–3", "≥3")"""
    if not edges:
        return ()
    inner = (f"{low:g}–{high:g}" for low, high in pairwise(edges))
    return (f"<{edges[0]:g}", *inner, f"≥{edges[-1]:g}")


def _values(kind: FactorKind, plain: dict[str, Any], where: str) -> tuple[tuple[str, ...], tuple[float, ...]]:
    if kind != "numeric" and (plain.get("bins") or plain.get("names")):
        raise SpecError(f"{where}: bins and names are for `kind: numeric`.")
    if kind == "boolean":
        if plain.get("values"):
            raise SpecError(f"{where}: a boolean has the values false and true; leave `values` out.")
        return BOOLEANS, ()
    if kind == "categorical":
        values = tuple(str(value) for value in _listed(plain.get("values"), f"{where}.values"))
        if len(set(values)) < len(values):
            raise SpecError(f"{where}.values: a value is listed twice.")
        return values, ()
    edges = _listed(plain.get("bins"), f"{where}.bins")
    if not edges or not all(isinstance(edge, int | float) and not isinstance(edge, bool) for edge in edges):
        raise SpecError(f"{where}.bins is {edges!r}; a numeric factor needs rising numbers, as in bins: [1, 3].")
    rising = tuple(float(edge) for edge in edges)
    if any(low >= high for low, high in pairwise(rising)):
        raise SpecError(f"{where}.bins is {edges!r}; the numbers must rise.")
    names = tuple(str(name) for name in _listed(plain.get("names"), f"{where}.names")) or bin_names(rising)
    if len(names) != len(rising) + 1 or len(set(names)) < len(names):
        raise SpecError(f"{where}.names: {len(rising)} edges make {len(rising) + 1} bins, each with a name of its own.")
    return names, rising


def _expected(values: tuple[str, ...], plain: object, where: str) -> dict[str, float]:
    if plain is None:
        return {}
    if not isinstance(plain, dict):
        raise SpecError(f"{where}.expected is {plain!r}; it must map values to shares, as in {{rain: 0.3, dry: 0.7}}.")
    shares: dict[str, float] = {}
    for key, share in plain.items():
        value = str(key).lower() if isinstance(key, bool) else str(key)
        if values and value not in values:
            raise SpecError(f"{where}.expected: there is no value {value!r}. Valid ones: {', '.join(values)}.")
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
            raise SpecError(f"{where}.expected.{value} is {share!r}; it must be a share from 0 to 1.")
        shares[value] = float(share)
    total = sum(shares.values())
    if shares and abs(total - 1) > SHARE_SUM_TOLERANCE:
        raise SpecError(f"{where}.expected: the shares add up to {total:g}; they must add up to 1.")
    return shares


def _rules(kind: FactorKind, values: tuple[str, ...], plain: object, where: str) -> tuple[Rule, ...]:
    rules = []
    for position, one in enumerate(_listed(plain, f"{where}.rules")):
        here = f"{where}.rules[{position}]"
        if not isinstance(one, dict) or set(one) != {"value", "when"} or not isinstance(one["when"], str):
            raise SpecError(f"{here} is {one!r}; write {{value: true, when: 'objects:(couch OR bed)'}}.")
        value = one["value"]
        if type(value) not in RULE_TYPES[kind]:  # not isinstance: True is no number here
            raise SpecError(f"{here}.value is {value!r}; the factor is {kind}.")
        if kind == "categorical" and values and value not in values:
            raise SpecError(f"{here}: there is no value {value!r}. Valid ones: {', '.join(values)}.")
        rules.append(Rule(value, one["when"]))
    return tuple(rules)


def _prompts(kind: FactorKind, values: tuple[str, ...], plain: dict[str, Any], where: str) -> Prompts | None:
    asked = plain.get("prompts")
    if not asked:
        if plain.get("embedder") or plain.get("threshold") is not None:
            raise SpecError(f"{where}: embedder and threshold are for `prompts`.")
        return None
    if not isinstance(asked, dict) or len(asked) < 2 or kind == "numeric":
        raise SpecError(f"{where}.prompts must map at least two values to sentences; a number cannot be prompted.")
    texts: dict[str, tuple[str, ...]] = {}
    for key, sentences in asked.items():
        value = str(key).lower() if isinstance(key, bool) else str(key)
        if values and value not in values:
            raise SpecError(f"{where}.prompts: there is no value {value!r}. Valid ones: {', '.join(values)}.")
        listed = [sentences] if isinstance(sentences, str) else _listed(sentences, f"{where}.prompts.{value}")
        if not listed or not all(isinstance(text, str) and text.strip() for text in listed):
            raise SpecError(f"{where}.prompts.{value} must be one or more sentences.")
        texts[value] = tuple(listed)
    threshold = plain.get("threshold", Prompts.threshold)
    if isinstance(threshold, bool) or not isinstance(threshold, int | float) or not 0 <= threshold <= 1:
        raise SpecError(f"{where}.threshold is {threshold!r}; it must be a probability from 0 to 1.")
    return Prompts(texts, str(plain.get("embedder") or ""), float(threshold))


def _listed(value: object, where: str) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise SpecError(f"{where} is {value!r}; it must be a list.")
    return value


def _one_of(value: object, valid: tuple[Any, ...], *, where: str) -> Any:
    if value not in valid:
        raise SpecError(f"{where} is {value!r}; it must be one of {', '.join(valid)}.")
    return value
