"""Where each factor's values come from, and why there may be none."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from curation.core.operating import FactorSpec
from curation.core.taggers import FACTORS
from curation.models import Camera, OperatingConditions
from curation.services.in_force import conditions_of
from curation.services.prompts import asked, state_of
from curation.services.rules import broken_rules


@dataclass(frozen=True)
class FactorState:
    """A factor, and in words how things stand with the origin of its values."""

    factor: FactorSpec
    state: str


def factor_states(row: OperatingConditions) -> list[FactorState]:
    """Tell how things stand with each factor of stored conditions, in their order."""
    ready, cameras = asked(row), _cameras_with()
    broken: dict[str, list[str]] = {}
    for error in broken_rules(row):
        broken.setdefault(error.factor, []).append(str(error))
    found = []
    for factor in conditions_of(row).factors.values():
        match factor.origin:
            case "prompts":
                state = state_of(factor, row, ready)
            case "rules":
                state = "; ".join(["not asked any more", *broken[factor.name]]) if factor.name in broken else "ready"
            case "camera":
                state = _of_cameras(factor.name, cameras)
            case "people":
                state = "set by people"
            case _:
                state = "ready" if factor.name in FACTORS else "no tagger gives it"
        found.append(FactorState(factor, state))
    return found


def _of_cameras(name: str, cameras: Mapping[str, int]) -> str:
    if not cameras[""]:
        return "there are no cameras yet"
    if not cameras.get(name):
        return f"no camera has the attribute {name}"
    return f"{cameras[name]} of {cameras['']} cameras have the attribute {name}"


def _cameras_with() -> Mapping[str, int]:
    """Count the cameras that have each attribute; all of them under ""."""
    counts: Counter[str] = Counter()
    for attributes in Camera.objects.order_by().values_list("attributes", flat=True):
        counts.update(["", *attributes])
    return counts
