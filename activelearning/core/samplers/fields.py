"""What parameters that several samplers have say of themselves."""

from typing import Any

SHARE: dict[str, Any] = {
    "help": "Its part of the budget, beside the shares of the other samplers.",
    "minimum": 0.001,
    "maximum": 1000,
}
OVER: dict[str, Any] = {"help": "What counts of a frame's boxes: max, mean or sum."}
FLOOR: dict[str, Any] = {"help": "Boxes below this score are background and do not count.", "minimum": 0, "maximum": 1}
