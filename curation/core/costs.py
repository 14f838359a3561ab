"""What it costs to have pictures labelled: prices and times for each picture, box and tag, and what they come to."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from curation.core.errors import SpecError
from curation.core.params import build, param

_KEYS = {"currency", "services", "cpu_hour"}
MAX_SERVICES = 50


@dataclass(frozen=True)
class Service:
    """Somebody who labels: prices, and the time that it takes their people."""

    name: str = param(help="What it is called.")
    help: str = param("", help="What one gets.")
    per_picture: float = param(0.0, help="Price of each picture.", minimum=0, maximum=1e6)
    per_box: float = param(0.0, help="Price of each box.", minimum=0, maximum=1e6)
    per_tag: float = param(0.0, help="Price of each tag: one factor of one picture.", minimum=0, maximum=1e6)
    seconds_per_picture: float = param(0.0, help="Time for each picture.", unit="s", minimum=0, maximum=1e6)
    seconds_per_box: float = param(0.0, help="Time for each box.", unit="s", minimum=0, maximum=1e6)
    seconds_per_tag: float = param(0.0, help="Time for each tag.", unit="s", minimum=0, maximum=1e6)
    wage_per_hour: float = param(
        0.0, help="Price of an hour of that time, where it is paid apart.", minimum=0, maximum=1e6
    )
    people: int = param(1, help="People who work at once.", minimum=1, maximum=100_000)

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise ValueError("name is empty; each service needs one.")


@dataclass(frozen=True)
class PriceList:
    """Services in order, and what an hour of one processor core costs; money is in `currency`."""

    currency: str
    services: tuple[Service, ...]
    cpu_hour: float = 0.0


@dataclass(frozen=True)
class Work:
    """What there is to label."""

    pictures: int
    boxes: float
    tags: float


@dataclass(frozen=True)
class CostLine:
    """What a service takes for some work: money, hours that people work in all, and hours until it is done."""

    service: str
    help: str
    money: float
    work_hours: float
    wait_hours: float


def read_prices(text: str) -> PriceList:
    """Read a price list from YAML. Raises SpecError naming what is wrong and what would be right."""
    try:
        # Through JSON, so that dates, sets and lists that hold themselves are refused.
        plain = json.loads(json.dumps(yaml.safe_load(text)))
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise SpecError(f"The price list is not valid YAML of plain values: {error}") from error
    if not isinstance(plain, dict):
        raise SpecError("A price list is a YAML mapping with `currency` and `services`.")
    return parse_prices(plain)


def parse_prices(plain: Mapping[str, Any]) -> PriceList:
    """Check plain values and make a price list of them. Raises SpecError."""
    if extra := sorted(set(map(str, plain)) - _KEYS):
        raise SpecError(f"prices: there is no {extra[0]!r}. Valid ones: {', '.join(sorted(_KEYS))}.")
    currency = plain.get("currency")
    if not isinstance(currency, str) or not 1 <= len(currency.strip()) <= 8:
        raise SpecError(f"prices: currency is {currency!r}; it must be 1 to 8 letters, as in USD.")
    listed = plain.get("services")
    if not isinstance(listed, list) or not 1 <= len(listed) <= MAX_SERVICES:
        raise SpecError(
            f"prices: services must be a list of 1 to {MAX_SERVICES}, as in [{{name: crowd, per_tag: 0.01}}]."
        )
    services = tuple(_service(position, values) for position, values in enumerate(listed))
    names = [service.name for service in services]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise SpecError(f"prices: there are two services {twice!r}; give each a name of its own.")
    return PriceList(currency.strip(), services, _cpu_hour(plain.get("cpu_hour", 0.0)))


def cost(service: Service, work: Work) -> CostLine:
    """Work out what a service takes: prices and wages, and the time of its people, who share the work evenly.

    cost(Service("in-house", seconds_per_picture=5, wage_per_hour=20), Work(720, 0, 0)) -> 1 h, and 20 of money"""
    seconds = (
        work.pictures * service.seconds_per_picture
        + work.boxes * service.seconds_per_box
        + work.tags * service.seconds_per_tag
    )
    prices = work.pictures * service.per_picture + work.boxes * service.per_box + work.tags * service.per_tag
    hours = seconds / 3600
    # More people than pictures cannot all have one.
    at_once = max(1, min(service.people, work.pictures))
    return CostLine(
        service.name, service.help, round(prices + hours * service.wage_per_hour, 2), hours, hours / at_once
    )


def _service(position: int, values: object) -> Service:
    where = f"services[{position}]"
    if not isinstance(values, dict):
        raise SpecError(f"{where} is {values!r}; it must be a mapping, as in {{name: crowd, per_tag: 0.01}}.")
    return build(Service, values, where=where)


def _cpu_hour(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1e6:
        raise SpecError(f"prices: cpu_hour is {value!r}; it must be a price from 0.")
    return float(value)
