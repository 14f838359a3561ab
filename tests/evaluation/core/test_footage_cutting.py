"""Footage cut into independent pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.core.types import Box
from evaluation.core.footage_cutting import WatchedVideo, cut, evidence_of, leave_out
from evaluation.core.looks import looks_of
from tests.evaluation.core.footage import S, spans


def cut_s(looked, *events, around_s=10, quiet_s=60):
    (whole,) = spans(looked)
    pieces = cut(whole, spans(*events), around_us=around_s * S, quiet_us=quiet_s * S)
    return [(piece.start_us / S, piece.end_us / S) for piece in pieces]


@pytest.mark.parametrize(
    "looked, events, pieces",
    [
        ((0, 60), [], [(0, 60)]),
        ((0, 150), [], [(0, 75), (75, 150)]),  # 2.5 blocks: the even number
        ((0, 10), [], [(0, 10)]),
        ((0, 40), [(10, 20)], [(0, 40)]),
        ((0, 40), [(10, 14), (20, 30)], [(0, 17), (17, 40)]),  # the middle of the pause
        ((0, 40), [(10, 22), (20, 30)], [(0, 40)]),  # two at once are one piece
        ((0, 40), [(10, 20), (20, 30)], [(0, 40)]),
        ((0, 200), [(70, 80)], [(0, 60), (60, 90), (90, 145), (145, 200)]),
        ((0, 160), [(0, 10), (150, 160)], [(0, 20), (20, 80), (80, 140), (140, 160)]),
        ((100, 140), [(0, 10), (110, 120)], [(100, 140)]),  # events outside are none
        ((0, 60), [(0, 60)], [(0, 60)]),
        ((5, 5), [], []),
    ],
)  # fmt: skip
def test_each_event_has_its_surroundings_and_the_rest_is_blocks(looked, events, pieces):
    assert cut_s(looked, *events) == pieces


times = st.integers(0, 600)


@given(times, times, st.lists(st.tuples(times, times), max_size=6))
def test_pieces_cover_everything_once_and_cut_no_event(start, length, pairs):
    looked = (start, start + length)
    events = [(min(pair), max(pair)) for pair in pairs]

    pieces = cut_s(looked, *events)

    assert [end for _, end in pieces[:-1]] == [begin for begin, _ in pieces[1:]]
    if length:
        assert (pieces[0][0], pieces[-1][1]) == looked
    for edge, _ in pieces[1:]:
        assert not any(max(a, looked[0]) < edge < min(b, looked[1]) for a, b in events)


def watched(video=1, camera="gate", *, looked=None, events=None, names=None, seen=()):
    """Looks each second; `seen` are (second, label, score)."""
    looked = looked or {"person": spans((0, 120))}
    end_s = max(span.end_us for some in looked.values() for span in some) // S
    boxes = [[Box(label, score, 0, 0, 9, 9) for at, label, score in seen if at == t] for t in range(end_s)]
    return WatchedVideo(
        video, camera, looked, events or {}, names or {label: (label,) for label in looked},
        looks_of([t * S for t in range(end_s)], boxes),
    )  # fmt: skip


def test_stretches_carry_their_events_and_looks():
    made = evidence_of([watched(events={"person": spans((30, 40))}, seen=[(35, "person", 0.75), (100, "person", 0.5)])])

    assert [(s.start_us // S, s.end_us // S) for s in made.stretches] == [(0, 50), (50, 120)]
    assert [s.events for s in made.stretches] == [((30 * S, 40 * S),), ()]
    assert [len(s.pts_us) for s in made.stretches] == [50, 70]
    assert made.stretches[0].scores[35] == 0.75
    assert made.stretches[1].scores[50] == 0.5
    assert (made.group.tolist(), made.group_count) == ([0, 1], 2)


def test_labels_are_cut_alike_and_share_groups():
    looked = {"car": spans((0, 120)), "person": spans((0, 120))}
    made = evidence_of([watched(looked=looked, events={"person": spans((30, 40))})])

    assert [(s.label, s.start_us // S) for s in made.stretches] == [
        ("car", 0),
        ("person", 0),
        ("car", 50),
        ("person", 50),
    ]
    assert made.group.tolist() == [0, 0, 1, 1]
    assert [len(s.events) for s in made.stretches] == [0, 1, 0, 0]


def test_a_label_that_was_looked_for_in_a_part_has_stretches_there_alone():
    looked = {"car": spans((20, 40)), "person": spans((0, 50))}
    made = evidence_of([watched(looked=looked)])

    assert [(s.label, s.start_us // S, s.end_us // S) for s in made.stretches] == [("car", 20, 40), ("person", 0, 50)]
    assert made.group_count == 1


def test_a_label_goes_by_the_model_s_names_for_it():
    made = evidence_of(
        [watched(names={"person": ("pedestrian", "rider")}, seen=[(3, "rider", 0.5), (4, "person", 0.9)])]
    )

    assert made.stretches[0].scores[3] == 0.5
    assert made.stretches[0].scores[4] == 0


@pytest.mark.parametrize("group_by, groups", [("interval", 6), ("video", 3), ("camera", 2)])
def test_groups_are_intervals_videos_or_cameras(group_by, groups):
    videos = [watched(1), watched(2), watched(3, "yard")]
    made = evidence_of(videos, group_by=group_by)
    assert made.group_count == groups
    assert len(made.stretches) == 6


def test_no_footage():
    made = evidence_of([], least_score=0.1)
    assert (made.stretches, made.group_count, made.least_score) == ((), 0, 0.1)
    assert made.group.tolist() == []


@pytest.mark.parametrize(
    "away, looked, events",
    [
        ([], [(0, 60)], [(10, 20), (18, 25), (40, 50)]),
        ([(0, 5)], [(5, 60)], [(10, 20), (18, 25), (40, 50)]),
        ([(45, 46)], [(0, 40), (50, 60)], [(10, 20), (18, 25)]),
        ([(10, 12)], [(0, 10), (25, 60)], [(40, 50)]),  # one goes, and the one that overlaps it too
        ([(0, 90)], [], []),
    ],
)
def test_time_that_is_left_out_takes_whole_events_with_it(away, looked, events):
    found = leave_out(spans((0, 60)), spans((10, 20), (18, 25), (40, 50)), spans(*away))
    assert found == (spans(*looked), spans(*events))


def test_of_nothing_nothing_is_left_out():
    assert leave_out([], [], spans((0, 5))) == ([], [])
