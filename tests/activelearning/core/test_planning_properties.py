"""What holds of every choice, whatever the pool, the strategy and the budget."""

import math
from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from activelearning.core.planning import choose
from activelearning.core.pool import Boxes, Pool
from activelearning.core.samplers import SAMPLERS
from activelearning.core.strategy import parse_strategy
from tests.activelearning.core.pools import LABELS, SECOND, coded, seeds, unit

KINDS = ("missed", "false_alarm", "low_confidence")
MANY = settings(max_examples=60, deadline=None)


@st.composite
def worlds(draw, most=40):
    """A pool with everything that a sampler may need, and seeds. Vectors are few, so that some are equal."""
    chance = np.random.default_rng(draw(st.integers(0, 10_000)))
    count = draw(st.integers(0, most))
    palette = unit(*chance.normal(size=(12, 6)))
    if count:
        video = np.sort(chance.integers(0, 4, count))
        pts_us = chance.integers(0, 60, count) * SECOND // 2
        vectors = palette[chance.integers(0, 12, count)] * (chance.random((count, 1)) > 0.1)
    else:
        video = pts_us = np.zeros(0, np.int64)
        vectors = np.zeros((0, 6))

    def seen():
        frame = np.sort(chance.integers(0, count, 3 * count)) if count else np.zeros(0, np.int64)
        corner = chance.integers(0, 3, (len(frame), 2)) * 8
        score = chance.choice([0.05, 0.3, 0.5, 0.7, 0.95], len(frame))
        return Boxes(
            frame,
            chance.integers(0, 2, len(frame)),
            score,
            np.hstack([corner, corner + 10]).astype(np.float64),
            palette[chance.integers(0, 12, len(frame))] if len(frame) else np.zeros((0, 6), np.float32),
        )

    looked = Pool(
        frame_ids=1000 + np.cumsum(chance.integers(1, 9, count)) if count else np.zeros(0, np.int64),
        video=video,
        camera=video // 2,
        pts_us=pts_us,
        is_picture=chance.random(count) < 0.1,
        labels=LABELS,
        boxes=seen(),
        others={"": seen()},
        vectors=vectors.astype(np.float32),
        tags={"light": coded("light", chance.choice(["day", "night", "dusk"], count).tolist())},
    )
    sought = seeds(
        *[(KINDS[i % 3], f"scenario {i % 2}") for i in range(6)],
        box_vectors=palette[:6],
        frame_vectors=palette[6:],
    )
    return looked, sought, palette[:2]


@st.composite
def strategies(draw):
    kinds = draw(st.lists(st.sampled_from(sorted(SAMPLERS)), min_size=1, max_size=4))
    maybe = lambda values: draw(st.none() | values)  # noqa: E731
    limits = {
        "max_per_interval": maybe(st.integers(1, 3)),
        "interval_s": draw(st.sampled_from([1.0, 5.0])),
        "max_per_video": maybe(st.integers(1, 6)),
        "max_per_camera": maybe(st.integers(1, 9)),
        "min_gap_s": maybe(st.sampled_from([0.0, 0.5, 2.0])),
        "max_similarity": maybe(st.sampled_from([0.9, 0.99, 1.0])),
    }
    return parse_strategy(
        {
            "mine": [{"kind": kind, "share": draw(st.sampled_from([0.5, 1.0, 3.0]))} for kind in kinds],
            "diversity": draw(st.sampled_from([False, {"oversample": 1}, {"oversample": 3}])),
            "limits": limits,
            "control": draw(st.sampled_from([0.0, 0.1, 0.5])),
            "seed": draw(st.integers(0, 99)),
        }
    )


@MANY
@given(worlds(), strategies(), st.integers(0, 60))
def test_never_more_than_the_budget_no_frame_twice_and_all_limits_hold(world, strategy, budget):
    looked, sought, labelled = world
    choice = choose(looked, sought, strategy, budget=budget, labelled_vectors=labelled)
    rows = np.asarray([pick.row for pick in choice.picks], np.int64)
    assert len(rows) <= budget
    assert len(set(rows.tolist())) == len(rows)
    assert looked.frame_ids[rows].tolist() == [pick.frame_id for pick in choice.picks]
    limits, of_video = strategy.limits, ~looked.is_picture[rows]
    videos, times = looked.video[rows][of_video].tolist(), looked.pts_us[rows][of_video].tolist()
    most = {"video": limits.max_per_video, "camera": limits.max_per_camera, "interval": limits.max_per_interval}
    groups = {
        "video": videos,
        "camera": looked.camera[rows].tolist(),
        "interval": [(v, t // round(limits.interval_s * SECOND)) for v, t in zip(videos, times, strict=True)],
    }
    for name, cap in most.items():
        assert cap is None or max(Counter(groups[name]).values(), default=0) <= cap
    gap_us = (limits.min_gap_s or 0) * SECOND
    for at, (video, time) in enumerate(zip(videos, times, strict=True)):
        others = zip(videos[:at], times[:at], strict=True)
        assert all(v != video or abs(t - time) >= gap_us for v, t in others)
    if limits.max_similarity is not None and limits.max_similarity < 1 and len(rows):
        near = looked.vectors[rows].astype(np.float64)
        alike = near @ np.concatenate([labelled.astype(np.float64), near]).T
        alike[np.arange(len(rows)), len(labelled) + np.arange(len(rows))] = 0
        assert alike.max() <= limits.max_similarity + 1e-5


@MANY
@given(worlds(), strategies(), st.integers(0, 60))
def test_the_control_is_exact_and_what_is_missing_is_told(world, strategy, budget):
    looked, sought, labelled = world
    choice = choose(looked, sought, strategy, budget=budget, labelled_vectors=labelled)
    arms = Counter(pick.arm for pick in choice.picks)
    wanted = math.floor(budget * strategy.control + 0.5)
    assert arms["control"] <= wanted
    assert arms["strategy"] <= budget - wanted
    if arms["control"] < wanted:  # then nothing at all was left that limits allow
        assert arms["strategy"] == 0
    if len(looked) and len(choice.picks) < budget:
        start, _, told = choice.notes[-1].partition(" were asked for were found")
        assert start == f"{len(choice.picks)} of the {budget} frames that"
        numbers = [int(word) for word in told.replace(",", "").split() if word.isdigit()]
        if "there are no more" not in told:
            assert numbers[0] == len(looked) - len(choice.picks)
            assert sum(numbers[1:]) == numbers[0]  # each of the others is accounted for, once
    assert all(0 <= pick.score <= 1 and pick.reasons[0].reason.text for pick in choice.picks)
    assert sum(choice.given.values()) == len(choice.picks)


@MANY
@given(worlds(), strategies(), st.integers(1, 30))
def test_the_same_seed_gives_the_same_picks_and_reasons(world, strategy, budget):
    looked, sought, labelled = world
    first, second = (choose(looked, sought, strategy, budget=budget, labelled_vectors=labelled) for _ in range(2))
    assert first.notes == second.notes
    assert [(p.row, p.arm, [t.to_dict() for t in p.reasons]) for p in first.picks] == [
        (p.row, p.arm, [t.to_dict() for t in p.reasons]) for p in second.picks
    ]


@MANY
@given(worlds(), st.sampled_from(sorted(SAMPLERS)), st.integers(0, 99), st.data())
def test_a_sampler_wants_frames_of_the_pool_by_score_and_gives_a_reason_for_each(world, kind, seed, data):
    looked, sought, _ = world
    proposal = SAMPLERS[kind]().propose(looked, sought, seed=seed)
    assert proposal.score.shape == (len(looked),)
    wanted = set(np.flatnonzero(~np.isnan(proposal.score)).tolist())
    assert all(0 <= proposal.score[row] <= 1 for row in wanted)
    assert {row for part in proposal.parts for row in part.rows.tolist()} == wanted
    for number, part in enumerate(proposal.parts):
        assert part.share > 0
        assert len(set(part.rows.tolist())) == len(part.rows)
        for row in part.rows.tolist():
            reason = proposal.why(row, number)
            assert reason.text.endswith(".")
            assert reason.similarity is None or 0 <= reason.similarity <= 1


@MANY
@given(worlds(most=25), st.sampled_from(sorted(SAMPLERS)), st.integers(0, 9))
def test_frames_that_were_added_behind_do_not_change_what_is_wanted_of_the_others(world, kind, seed):
    looked, sought, _ = world
    if kind in ("attributes", "flicker"):  # they look at the others
        return
    half = len(looked) // 2
    keep = looked.boxes.frame < half
    cut = Boxes(*(column[keep] for column in (
        looked.boxes.frame, looked.boxes.label, looked.boxes.score, looked.boxes.xyxy, looked.boxes.vectors
    )))  # fmt: skip
    theirs = looked.others[""]
    kept = theirs.frame < half
    other = Boxes(theirs.frame[kept], theirs.label[kept], theirs.score[kept], theirs.xyxy[kept])
    part = Pool(
        looked.frame_ids[:half], looked.video[:half], looked.camera[:half], looked.pts_us[:half],
        looked.is_picture[:half], looked.labels, cut, {"": other}, looked.vectors[:half],
    )  # fmt: skip
    whole_score = SAMPLERS[kind]().propose(looked, sought, seed=seed).score[:half]
    part_score = SAMPLERS[kind]().propose(part, sought, seed=seed).score
    assert np.array_equal(whole_score, part_score, equal_nan=True)
