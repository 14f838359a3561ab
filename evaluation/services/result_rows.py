"""Rows of scenarios without what is heavy in them: a page of a thousand scenarios needs no curves and no boxes."""

from typing import Any

from django.db.models import F, Func, JSONField, QuerySet

from evaluation.models import ScenarioResult, TestRun

HEAVY = ("curves", "errors", "frames")


class _Light(Func):
    """The record without its heavy parts, taken out where it lies."""

    template = f"(%(expressions)s - '{{{','.join(HEAVY)}}}'::text[])"
    output_field = JSONField()


def light_results(run: TestRun) -> list[dict[str, Any]]:
    """Return each scenario's record in the suite's order, with its `position` and without curves, errors and frames.

    Empty where the run is not done. One query."""
    rows = without_heavy(run.results.order_by("position")).values_list("position", "light")
    return [{"position": position, **light} for position, light in rows]


def without_heavy(results: QuerySet[ScenarioResult]) -> QuerySet[Any]:
    """Add `light` to results: the record without its heavy parts."""
    return results.annotate(light=_Light(F("record")))
