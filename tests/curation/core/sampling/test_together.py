"""All kinds of plans under all constraints: whatever is asked, the constraints hold, and nothing that fits is left."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from curation.core.sampling.quota import Quota
from curation.core.sampling.random import Random
from curation.core.sampling.undersample import Undersample
from curation.core.sampling.uniform import Uniform
from curation.core.sampling.weighted import Weighted
from tests.curation.core.sampling.frames import Frames, alike, draw


@st.composite
def tasks(pick):
    count = pick(st.integers(0, 24))
    column = lambda values: pick(st.lists(st.sampled_from(values), min_size=count, max_size=count))  # noqa: E731
    frames = Frames(
        {"lighting": column(["dark", "dim", "bright", None]), "weather": column(["rain", "dry"])},
        values={"uniqueness": column([0.1, 0.5, 1.0, None])},
        video=column([1, 2, 3]),
        pts_s=column([0, 1, 2, 3, 5, 8]),
        is_picture=column([False, False, True]),
    )
    frames.camera = [{1: 1, 2: 1, 3: 2}[video] for video in frames.video]
    angles = np.asarray(column([0.0, 0.3, 1.5, 3.0, 4.5]), float)
    vectors = np.column_stack([np.cos(angles), np.sin(angles)])
    sampler = pick(
        st.sampled_from(
            [
                Random(),
                Quota({"lighting:dark": 40, "weather:rain": 30}),
                Quota(quotas=["60% lighting:dark", ">=60% weather:rain"], when_short="shrink"),
                Uniform(["lighting", "weather"]),
                Uniform(["lighting", "weather"], over="values", unknown=True),
                Undersample(["lighting"]),
                Weighted({"lighting:dark": 4}, field="uniqueness"),
            ]
        )
    )
    limit = st.none() | st.integers(1, 4)
    constraints = {
        "max_per_interval": pick(limit),
        "max_per_video": pick(limit),
        "max_per_camera": pick(limit),
        "interval_s": 3.0,
        "min_gap_s": pick(st.sampled_from([None, 1.5])),
    }
    likeness = pick(st.sampled_from([None, {"most": 0.9}, {"covers": 50}, {"most": 0.9, "covers": 50}]))
    return frames, sampler, pick(st.integers(1, 15)), constraints, likeness, vectors


def breaks(frames, rows, constraints, vectors, most):
    """Name the constraints that some rows break together."""
    said = set()
    for name, key in (
        ("max_per_interval", lambda r: (frames.video[r], frames.pts_s[r] // 3)),
        ("max_per_video", lambda r: frames.video[r]),
        ("max_per_camera", lambda r: frames.camera[r]),
    ):
        counted = [key(r) for r in rows if name == "max_per_camera" or not frames.is_picture[r]]
        if constraints[name] and any(counted.count(k) > constraints[name] for k in counted):
            said.add(name)
    for i in rows:
        for j in rows:
            near = frames.video[i] == frames.video[j] and abs(frames.pts_s[i] - frames.pts_s[j]) < (
                constraints["min_gap_s"] or 0
            )
            if i < j and near and not frames.is_picture[i] and not frames.is_picture[j]:
                said.add("min_gap_s")
            if i < j and most < 1 and float(np.float32(vectors[i]) @ np.float32(vectors[j])) > most + 1e-6:
                said.add("max_similarity")
    return said


@given(task=tasks())
def test_whatever_is_asked_the_constraints_hold(task):
    frames, sampler, size, constraints, options, vectors = task
    likeness = alike(vectors, **options) if options and len(frames) else None
    drawn = draw(frames, sampler, size=size, likeness=likeness, **constraints)
    rows = drawn.rows.tolist()
    most = (options or {}).get("most", 1.0)
    assert len(set(rows)) == len(rows) <= size
    assert not breaks(frames, rows, constraints, vectors, most)
    for stratum in drawn.strata:
        assert 0 <= stratum.given <= stratum.available
        assert bool(stratum.reason) == (stratum.given < stratum.wanted), stratum
    if isinstance(sampler, Random) and len(rows) < size:
        for other in set(range(len(frames))) - set(rows):
            assert breaks(frames, [*rows, other], constraints, vectors, most - 1e-5)
