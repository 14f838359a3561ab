"""The metrics that scenarios can ask for. A new one is a file here and a line in `METRICS`."""

from collections.abc import Mapping
from types import MappingProxyType

from evaluation.core.metrics.contract import Metric

METRICS: Mapping[str, type[Metric]] = MappingProxyType({})

__all__ = ["METRICS", "Metric"]
