"""What cells can give under caps: against every choice there is."""

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from curation.core.sampling.capacity import Network
from curation.core.sampling.constraints import Constraints, rules_of
from tests.curation.core.sampling.test_constraints import at


def network(cells, where, **constraints):
    caps = rules_of(Constraints(**constraints), where).caps
    return Network(np.asarray(cells, np.int64), max(cells, default=-1) + 1, caps), caps


def improve(net, wanted, chosen=()):
    return net.improve(net.given([np.asarray(chosen, np.int64)]), np.asarray(wanted, np.int64))


def test_a_choice_is_changed_where_another_gives_all():
    # Video 1 has a dark frame (0) and a bright one (1), video 2 a bright one (2). One frame a video.
    net, _ = network([0, 1, 1], at([1, 1, 2], [0, 1, 0]), max_per_video=1)
    change = improve(net, [1, 1], chosen=[1])
    assert isinstance(change, np.ndarray)
    of_row = change[net.pair_of]
    assert of_row.tolist() == [1, -1, 1]


def test_a_cut_names_the_cells_that_want_too_much_and_the_cap():
    net, _ = network([0, 1, 2], at([1, 1, 2], [0, 1, 0]), max_per_video=1)
    (cut,) = improve(net, [1, 1, 1])
    assert (cut.members.tolist(), cut.most, cut.because) == ([True, True, False], 1, "max_per_video")


def test_cells_that_share_no_group_have_cuts_of_their_own():
    net, _ = network([0, 0, 1, 1], at([1, 1, 2, 2], [0, 1, 0, 1]), max_per_video=1)
    first, second = improve(net, [2, 2])
    assert (first.members.tolist(), second.members.tolist()) == ([True, False], [False, True])
    assert (first.most, second.most) == (1, 1)


def test_what_is_not_there_cannot_be_given_whatever_the_caps():
    net, _ = network([0, 1], at([1, 2], [0, 0]), max_per_video=5)
    (cut,) = improve(net, [2, 1])
    assert (cut.members.tolist(), cut.most, cut.because) == ([True, False], 1, "")


def test_a_camera_stops_what_its_videos_let_through():
    net, _ = network([0] * 4, at([1, 2, 3, 4], [0] * 4, camera=[1, 1, 1, 2]), max_per_video=1, max_per_camera=2)
    assert isinstance(improve(net, [3]), np.ndarray)
    (cut,) = improve(net, [4])
    assert (cut.most, cut.because) == (3, "max_per_camera")


def test_nothing_wanted_and_nothing_there():
    net, _ = network([0], at([1], [0]), max_per_video=1)
    assert improve(net, [0]).tolist() == [0]
    net, _ = network([], at([], []), max_per_video=1)
    assert improve(net, []).tolist() == []


@st.composite
def tasks(draw):
    count = draw(st.integers(1, 7))
    column = lambda low, high: draw(st.lists(st.integers(low, high), min_size=count, max_size=count))  # noqa: E731
    video = column(1, 3)
    camera = [{1: 1, 2: 1, 3: 2}[v] for v in video]
    is_picture = draw(st.lists(st.booleans(), min_size=count, max_size=count))
    where = at(video, column(0, 3), camera=camera, is_picture=is_picture)
    limit = st.none() | st.integers(1, 3)
    constraints = {"max_per_interval": draw(limit), "max_per_video": draw(limit), "max_per_camera": draw(limit)}
    return (
        column(-1, 2),
        where,
        {**constraints, "interval_s": 2.0},
        draw(st.lists(st.integers(0, 3), min_size=3, max_size=3)),
    )


def is_allowed(rows, caps):
    return all(
        np.bincount(cap.groups[list(rows)][cap.groups[list(rows)] >= 0], minlength=1).max() <= cap.most for cap in caps
    )


@given(task=tasks())
def test_a_flow_gives_all_that_any_choice_could(task):
    cells, where, constraints, wanted = task
    caps = rules_of(Constraints(**constraints), where).caps
    net = Network(np.asarray(cells, np.int64), 3, caps)
    usable = [row for row, cell in enumerate(cells) if cell >= 0]
    choices = [rows for n in range(len(usable) + 1) for rows in combinations(usable, n) if is_allowed(rows, caps)]
    counts = [np.bincount([cells[row] for row in rows], minlength=3) for rows in choices]
    possible = any((count >= wanted).all() for count in counts)
    found = improve(net, wanted)
    assert isinstance(found, np.ndarray) == possible
    for cut in () if possible else found:
        # The cut is a true bound, as tight as can be, and what is wanted goes beyond it.
        assert max(int(count[cut.members].sum()) for count in counts) == cut.most
        assert sum(n for n, of in zip(wanted, cut.members, strict=True) if of) > cut.most
    assert possible or len(found)
