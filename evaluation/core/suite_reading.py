"""Reading a suite's YAML, and saying what is wrong with it."""

import re
from collections.abc import Mapping
from typing import Any

from curation.core.errors import SpecError
from curation.core.params import build
from curation.core.plain_yaml import read_mapping
from evaluation.core.metrics import METRICS, Metric
from evaluation.core.suite import AREAS, SCENARIO_KEYS, Options, Scenario, ScoreFrom, Suite
from evaluation.core.visits import Grouping

MOST_SCENARIOS = 5_000
BOUNDS = ("at_least", "at_most", "not_worse_by")
LEAST = {"least_images": 1, "least_instances": 1, "least_groups": 5}
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,79}")
_KEYS = ("suite", "description", "dataset", "group_by", "confidence", "replicates", "seed", "mode", "scenarios")


def read_yaml(text: str) -> dict[str, Any]:
    """Read a suite's YAML into plain values. Raises SpecError."""
    return read_mapping(
        text,
        it_is="The suite is",
        otherwise="A suite is a YAML mapping with `suite` (its name) and `scenarios`.",
        allow_nan=False,
    )


def parse_suite(plain: Mapping[str, Any]) -> Suite:
    """Check plain values and make a suite of them. Raises SpecError, which names the scenario."""
    _known(plain, _KEYS, where="suite")
    name = plain.get("suite")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise SpecError(
            f"suite: its name is {name!r}; it must be up to 80 lower-case letters, digits, '_', '.' and '-'."
        )
    listed = plain.get("scenarios")
    if not isinstance(listed, list) or not listed:
        raise SpecError("suite: `scenarios` must be a list of at least one scenario.")
    if len(listed) > MOST_SCENARIOS:
        raise SpecError(f"suite: there are {len(listed)} scenarios; at most {MOST_SCENARIOS} can be in one suite.")
    scenarios = tuple(_scenario(values, place) for place, values in enumerate(listed, start=1))
    seen: set[str] = set()
    for scenario in scenarios:
        if scenario.name in seen:
            raise SpecError(f"suite: two scenarios are named {scenario.name!r}; each needs a name of its own.")
        seen.add(scenario.name)
    options = {key: plain[key] for key in ("confidence", "replicates", "seed", "mode") if plain.get(key) is not None}
    return Suite(
        name=name,
        scenarios=scenarios,
        description=_text(plain, "description", "suite"),
        dataset=_text(plain, "dataset", "suite"),
        group_by=build(Grouping, _grouping(plain.get("group_by")), where="group_by"),
        options=build(Options, options, where="suite"),
    )


def _scenario(values: object, place: int) -> Scenario:
    where = f"scenario {place}"
    if not isinstance(values, dict):
        raise SpecError(f"{where} is {values!r}; it must be a mapping with a name, a metric and a bound.")
    name = values.get("name")
    if not isinstance(name, str) or not name.strip() or len(name) > 120 or not name.isprintable():
        raise SpecError(f"{where}: its name is {name!r}; it must be one line of up to 120 characters.")
    where = f"scenario {name.strip()!r}"
    _known(values, SCENARIO_KEYS, where=where)
    metric = _metric(values.get("metric"), where)
    bounds = _bounds(values, metric, where)
    _check_place(values, metric, where)
    score_from = values.get("score_from")
    if score_from is not None and not hasattr(metric, "score"):
        raise SpecError(f"{where}: score_from does not go with {metric.kind}, which counts at no one score.")
    return Scenario(
        name=name.strip(),
        metric=metric,
        why=_text(values, "why", where),
        query=_query(values, where),
        events=_text(values, "events", where),
        labels=_labels(values.get("labels"), where),
        area_px2=_area(values.get("area", "all"), where),
        critical=_flag(values.get("critical", False), where),
        share=_number(values, "share", where, low=0, high=1),
        score_from=None
        if score_from is None
        else build(ScoreFrom, _mapping(score_from, f"{where}.score_from"), where=f"{where}.score_from"),
        at_least=bounds.get("at_least"),
        at_most=bounds.get("at_most"),
        not_worse_by=bounds.get("not_worse_by"),
        **{key: _count(values.get(key), default, f"{where}.{key}") for key, default in LEAST.items()},
    )


def _metric(value: object, where: str) -> Metric:
    plain = {"kind": value} if isinstance(value, str) else value
    valid = ", ".join(METRICS)
    if not isinstance(plain, dict) or not isinstance(plain.get("kind"), str) or plain["kind"] not in METRICS:
        kind = plain.get("kind") if isinstance(plain, dict) else plain
        raise SpecError(f"{where}: there is no metric {kind!r}. Valid ones: {valid}.")
    rest = {key: each for key, each in plain.items() if key != "kind"}
    return build(METRICS[plain["kind"]], rest, where=f"{where}.metric")


def _bounds(values: Mapping[str, Any], metric: Metric, where: str) -> dict[str, float | None]:
    given = [key for key in BOUNDS if values.get(key) is not None]
    if len(given) != 1:
        said = f"it has {', '.join(given)}" if given else "it has none"
        raise SpecError(f"{where}: exactly one of at_least, at_most and not_worse_by must be given; {said}.")
    better = "at_least" if metric.is_higher_better else "at_most"
    if given[0] in ("at_least", "at_most") and given[0] != better:
        more = "higher" if metric.is_higher_better else "lower"
        raise SpecError(f"{where}: {metric.kind} is better when it is {more}, so its bound is {better}.")
    high = 1.0 if metric.unit == "" else None
    return {given[0]: _number(values, given[0], where, low=0, high=high)}


def _check_place(values: Mapping[str, Any], metric: Metric, where: str) -> None:
    if metric.source == "events" and not values.get("events"):
        raise SpecError(f"{where}: {metric.kind} is measured over time, so it needs `events: NAME`, a set of events.")
    if metric.source == "boxes" and values.get("events"):
        raise SpecError(f"{where}: {metric.kind} is measured on frames; leave `events` out, or take another metric.")
    if metric.source == "events" and values.get("query", "*") not in ("", "*", "*:*"):
        raise SpecError(f"{where}: `query` does not go with events; make a set of events of the videos that matter.")
    if metric.source == "events" and values.get("area", "all") not in ("all", [0, 1e10]):
        raise SpecError(f"{where}: `area` does not go with events, which have no boxes.")


def _query(values: Mapping[str, Any], where: str) -> str:
    said = _text(values, "query", where)
    return "*:*" if said in ("", "*") else said  # the query language knows no field named *


def _area(value: object, where: str) -> tuple[float, float]:
    if isinstance(value, str) and value in AREAS:
        return AREAS[value]
    match value:
        case [int() | float() as low, int() | float() as high] if 0 <= low < high:
            return float(low), float(high)
    raise SpecError(f"{where}: area is {value!r}; it must be {', '.join(AREAS)}, or [low, high] in square pixels.")


def _labels(value: object, where: str) -> tuple[str, ...]:
    listed = [value] if isinstance(value, str) else value
    if listed is None:
        return ()
    if not isinstance(listed, list) or not all(isinstance(one, str) and one.strip() for one in listed):
        raise SpecError(f"{where}: labels is {value!r}; it must be a list of labels.")
    return tuple(dict.fromkeys(one.strip() for one in listed))


def _number(
    values: Mapping[str, Any], key: str, where: str, *, low: float, high: float | None
) -> float | None:  # fmt: skip
    value = values.get(key)
    if value is None:
        return None
    if not _is_number(value) or value < low or (high is not None and value > high):
        upto = f"from {low:g} to {high:g}" if high is not None else f"of at least {low:g}"
        raise SpecError(f"{where}: {key} is {value!r}; it must be a number {upto}.")
    return float(value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _count(value: object, default: int, where: str) -> int:
    if value is None:
        return default
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise SpecError(f"{where} is {value!r}; it must be a whole number of at least 0.")
    return value


def _flag(value: object, where: str) -> bool:
    if not isinstance(value, bool):
        raise SpecError(f"{where}: critical is {value!r}; it must be true or false.")
    return value


def _text(values: Mapping[str, Any], key: str, where: str) -> str:
    value = values.get(key)
    if value is not None and not isinstance(value, str):
        raise SpecError(f"{where}: {key} is {value!r}; it must be text.")
    return (value or "").strip()


def _grouping(value: object) -> dict[str, Any]:
    return {"kind": value} if isinstance(value, str) else _mapping(value or {}, "group_by")


def _mapping(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise SpecError(f"{where} is {value!r}; it must be a mapping.")
    return value


def _known(values: Mapping[str, Any], valid: tuple[str, ...], *, where: str) -> None:
    if extra := sorted(set(map(str, values)) - set(valid)):
        raise SpecError(f"{where}: there is no {extra[0]!r}. Valid ones: {', '.join(valid)}.")
