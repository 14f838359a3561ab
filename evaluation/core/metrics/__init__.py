"""The metrics that scenarios can ask for. A new one is a file here and a line in `METRICS`."""

from collections.abc import Mapping
from types import MappingProxyType

from evaluation.core.metrics.contract import Metric
from evaluation.core.metrics.event_recall import EventRecall
from evaluation.core.metrics.false_alarms import FalseAlarms
from evaluation.core.metrics.time_to_detection import TimeToDetection

METRICS: Mapping[str, type[Metric]] = MappingProxyType(
    {
        "event_recall": EventRecall,
        "false_alarms": FalseAlarms,
        "time_to_detection": TimeToDetection,
    }
)

__all__ = ["METRICS", "Metric"]
