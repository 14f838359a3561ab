"""Opening ONNX files."""

from pathlib import Path
from typing import Any

from curation.backends.detect.boxes import thread_count
from curation.core.errors import WeightsUnusable

_ONLY_FATAL = 4


def open_session(weights: Path) -> Any:
    """Open an ONNX file for inference on the CPU. Raises WeightsUnusable if onnxruntime cannot read it."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = thread_count()
    options.inter_op_num_threads = 1
    options.log_severity_level = _ONLY_FATAL
    try:
        return onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        # onnxruntime's errors have no common class of their own.
        raise WeightsUnusable(f"{weights.name} is no readable ONNX file: copy it again. ({_short(error)})") from error


def _short(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
