"""Array types of the renderer."""

import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]
Point = tuple[float, float, float]


def rgb(code: str) -> Floats:
    """Turn "c08040" into a linear colour, (3,) in 0..1."""
    values = [int(code[i : i + 2], 16) / 255.0 for i in (0, 2, 4)]
    return np.asarray([v**2 for v in values], dtype=np.float32)
