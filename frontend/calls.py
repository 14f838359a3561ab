"""Is the body of a callback's call one that Dash can take? Dash itself answers 500 to what it does not expect."""

from collections.abc import Mapping, Sequence
from typing import Any

Registered = Mapping[str, Mapping[str, Any]]


def fault_of(call: object, registered: Registered) -> str | None:
    """Say what is wrong with a call, None if nothing. `registered` is Dash's map of callbacks by output."""
    if not isinstance(call, dict):
        return "The body is no object."
    output = call.get("output")
    callback = registered.get(output) if isinstance(output, str) else None
    if callback is None:
        return "output names no callback."
    for name, own in (("inputs", callback["inputs"]), ("state", callback["state"])):
        if not _fits(call.get(name, []), own):
            return f"{name} does not fit the callback."
    changed = call.get("changedPropIds", [])
    if not (isinstance(changed, list) and all(isinstance(one, str) and "." in one for one in changed)):
        return "changedPropIds is no list of component.property."
    if not _fits_outputs(call.get("outputs"), callback):
        return "outputs does not fit the callback."
    return None


def _fits(given: object, own: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether a call gives the properties that a callback was registered with, in order."""
    return isinstance(given, list) and len(given) == len(own) and all(map(_is_that, given, own))


def _is_that(given: object, own: Mapping[str, Any]) -> bool:
    if own["id"].startswith("{"):  # a pattern: one component whose id is a dict, or a list of them
        return all(_is_property(one, dict) for one in (given if isinstance(given, list) else [given]))
    return (
        _is_property(given, str)
        and isinstance(given, dict)
        and (given["id"] == own["id"] and given["property"] == own["property"])
    )


def _fits_outputs(given: object, callback: Mapping[str, Any]) -> bool:
    if callback.get("no_output"):
        return True
    own = callback["output"]
    if not isinstance(own, Sequence):
        return _is_output(given)
    return isinstance(given, list) and len(given) == len(own) and all(map(_is_output, given))


def _is_output(given: object) -> bool:
    return all(_is_property(one, str, dict) for one in (given if isinstance(given, list) else [given]))


def _is_property(one: object, *kinds: type) -> bool:
    return isinstance(one, dict) and isinstance(one.get("id"), kinds) and isinstance(one.get("property"), str)
