"""The metrics that scenarios can ask for. A new one is a file here and a line in `METRICS`."""

from collections.abc import Mapping
from types import MappingProxyType

from evaluation.core.metrics.at_score import F1, Precision, Recall
from evaluation.core.metrics.average_precision import AP50, AP75, AveragePrecision
from evaluation.core.metrics.average_recall import AverageRecall
from evaluation.core.metrics.calibration_error import CalibrationError
from evaluation.core.metrics.contract import Metric
from evaluation.core.metrics.count_error import CountError
from evaluation.core.metrics.event_recall import EventRecall
from evaluation.core.metrics.false_alarms import FalseAlarms
from evaluation.core.metrics.time_to_detection import TimeToDetection

METRICS: Mapping[str, type[Metric]] = MappingProxyType(
    {
        "ap": AveragePrecision,
        "ap50": AP50,
        "ap75": AP75,
        "ar": AverageRecall,
        "precision": Precision,
        "recall": Recall,
        "f1": F1,
        "count_error": CountError,
        "calibration_error": CalibrationError,
        "event_recall": EventRecall,
        "false_alarms": FalseAlarms,
        "time_to_detection": TimeToDetection,
    }
)

__all__ = ["METRICS", "Metric"]
