"""Small, cheap scripts for tests of the demo world."""

from datetime import datetime

import numpy as np
import pytest

from demo.world import Condition, Look, Script, Walk


@pytest.fixture
def look():
    return Look.draw(np.random.default_rng(5), jacket=True)


@pytest.fixture
def make_script():
    def make(*walks, camera="courtyard", duration_s=2.0, state="overcast", level=130, width_px=320, **condition):
        return Script(
            camera=camera,
            recorded_at=datetime(2026, 3, 4, 9, 0, 0),
            duration_s=duration_s,
            conditions=(Condition(at_s=0, state=state, level=level, **condition),),
            walks=walks,
            width_px=width_px,
            height_px=width_px * 9 // 16,
        )

    return make


@pytest.fixture
def passer_by(look):
    """Walks across the courtyard for the whole of a short video."""
    return Walk(look=look, start_s=-1.0, corners=((-3.0, 8.0), (4.0, 8.5)), speed_mps=1.3)
