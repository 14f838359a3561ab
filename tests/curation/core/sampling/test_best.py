"""Quotas and even shares under caps, as a whole: no subset of the frames does better."""

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from curation.core.sampling.quota import Quota
from curation.core.sampling.uniform import Uniform
from tests.curation.core.sampling.frames import Frames, draw


@st.composite
def tasks(pick):
    count = pick(st.integers(1, 8))
    column = lambda values: pick(st.lists(st.sampled_from(values), min_size=count, max_size=count))  # noqa: E731
    frames = Frames(
        {"lighting": column(["dark", "dim", "bright"]), "weather": column(["rain", "dry"])},
        names={"lighting": ["dark", "dim", "bright"]},
        video=column([1, 2, 3]),
        pts_s=column([0, 1, 2, 3]),
    )
    frames.camera = [{1: 1, 2: 1, 3: 2}[video] for video in frames.video]
    limit = st.none() | st.integers(1, 3)
    caps = {name: pick(limit) for name in ("max_per_interval", "max_per_video", "max_per_camera")}
    return frames, pick(st.integers(1, 6)), {**caps, "interval_s": 2.0}


def allowed(frames, size, caps):
    """List all subsets of at most `size` frames that the caps allow."""
    keys = {
        "max_per_interval": [(v, t // 2) for v, t in zip(frames.video, frames.pts_s, strict=True)],
        "max_per_video": frames.video,
        "max_per_camera": frames.camera,
    }
    found = []
    for n in range(min(size, len(frames)) + 1):
        for rows in combinations(range(len(frames)), n):
            counted = [[keys[name][r] for r in rows] for name in keys]
            limits = [caps[name] for name in keys]
            if all(not m or all(k.count(x) <= m for x in set(k)) for k, m in zip(counted, limits, strict=True)):
                found.append(rows)
    return found


@given(task=tasks(), dark=st.sampled_from([25, 50, 75]), rain=st.sampled_from([">=25%", 50, ">=75%"]))
def test_no_draw_by_quota_misses_less(task, dark, rain):
    frames, size, caps = task
    sampler = Quota({"lighting:dark": dark, "weather:rain": rain})
    drawn = draw(frames, sampler, size=size, **caps)
    wanted = {s.name: s.wanted for s in drawn.strata if s.name != "the rest"}

    def rate(rows):
        rating = []
        for (_, count), (ask, factor, value) in zip(
            wanted.items(), zip(sampler.asks(), ("lighting", "weather"), ("dark", "rain"), strict=True), strict=True
        ):
            given = sum(frames.factors[factor][r] == value for r in rows)
            if given > count and not ask.at_least:
                return None
            rating.append((max(0, count - given), count))
        worst = max(missing / count for missing, count in rating if count) if any(c for _, c in rating) else 0
        return (round(worst, 9), sum(missing for missing, _ in rating), -len(rows))

    ratings = [rating for rows in allowed(frames, size, caps) if (rating := rate(rows)) is not None]
    assert rate(drawn.rows.tolist()) == min(ratings)


@given(task=tasks())
def test_no_draw_is_larger_or_more_even(task):
    frames, size, caps = task
    drawn = draw(frames, Uniform(["lighting"]), size=size, **caps)

    def counts(rows):
        names = [frames.factors["lighting"][r] for r in rows]
        return sorted(names.count(name) for name in ("dark", "dim", "bright"))

    subsets = allowed(frames, size, caps)
    assert tuple(drawn.rows.tolist()) in {tuple(rows) for rows in subsets}
    most = max(map(len, subsets))
    best = max(counts(rows) for rows in subsets if len(rows) == most)
    assert counts(drawn.rows.tolist()) == best
    assert np.all(np.diff(drawn.rows) > 0)
