"""How a detector is written down: `KIND:WEIGHTS?option=value&option=value`."""

from dataclasses import dataclass
from typing import Any

from curation.core.errors import SpecError
from curation.core.params import parse_text


@dataclass(frozen=True)
class DetectorName:
    """A detector's name, taken apart.

    >>> DetectorName.parse("yolox_onnx:people.onnx?classes=person,jacket")
    DetectorName(kind='yolox_onnx', weights='people.onnx', options={'classes': ['person', 'jacket']})
    """

    kind: str
    weights: str
    options: dict[str, Any]

    @classmethod
    def parse(cls, name: str) -> "DetectorName":
        """Take a name apart. Raises SpecError that shows how it is written."""
        kind, colon, rest = name.partition(":")
        weights, _, tail = rest.partition("?")
        if not (kind and colon and weights):
            raise SpecError(
                f"detector {name!r} is not of the form KIND:WEIGHTS, such as yolox_onnx:weights/people.onnx."
            )
        options: dict[str, Any] = {}
        for pair in filter(None, tail.split("&")):
            key, equals, value = pair.partition("=")
            if not (key and equals and value):
                raise SpecError(f"detector {name!r}: option {pair!r} is not of the form key=value.")
            options[key] = parse_text(value)
        return cls(kind, weights, options)
