"""Drawings of rounds: curves with gaps, intervals before and after, boxes."""

import re
from xml.etree import ElementTree

import pytest

from frontend.round_figures import _round_up, change_svg, lines_svg, marks_svg, series_of
from tests.activelearning.closed_round import a_turn, some_turns


def drawn(svg):
    return ElementTree.fromstring(svg)


def points(svg):
    return [
        [tuple(map(float, pair.split(","))) for pair in line.split()] for line in re.findall(r'points="([^"]*)"', svg)
    ]


def test_lines_run_from_the_first_epoch_to_the_last_and_lower_is_lower():
    [line] = points(lines_svg({"box": [2.0, 1.0, 0.5]}, most=2.0))
    (x1, y1), (x2, y2), (x3, y3) = line
    assert x1 < x2 < x3
    assert x2 - x1 == pytest.approx(x3 - x2, abs=0.2)
    assert y1 < y2 < y3
    assert y1 == pytest.approx(10.0)


def test_a_gap_cuts_a_line_and_what_is_no_number_is_a_gap():
    rows = [{"losses": {"box": 1.0}}, {"losses": {"box": "nan"}}, {}, {"losses": {"box": 0.5, "cls": 2}}]
    series = series_of(rows, "losses")
    assert series == {"box": [1.0, None, None, 0.5], "cls": [None, None, None, 2.0]}
    assert len(points(lines_svg(series))) == 3
    assert series_of([{"losses": [1, 2]}, {"losses": {"box": True, "dfl": float("inf")}}], "losses") == {
        "box": [None, None],
        "dfl": [None, None],
    }


@pytest.mark.parametrize("series", [{}, {"box": []}, {"box": [None, None]}, {"box": [0.0]}, {"box": [3.0]}])
def test_no_epoch_one_epoch_and_nothing_but_gaps_can_be_drawn(series):
    assert drawn(lines_svg(series)).tag.endswith("svg")


@pytest.mark.parametrize("value, top", [(0.0, 1.0), (0.7, 1.0), (1.0, 1.0), (3.1, 5.0), (0.021, 0.025), (180.0, 200.0)])
def test_scales_end_at_numbers_that_read_well(value, top):
    assert _round_up(value) == pytest.approx(top)


def test_before_lies_above_after_each_with_its_interval_on_one_scale():
    svg = change_svg(a_turn())
    before, after = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', svg)
    assert float(before[0]) < float(after[0])
    assert float(before[1]) < float(after[1])
    assert svg.count("<rect") == 3  # what is good enough, and two intervals
    for turn in some_turns():
        assert drawn(change_svg(turn)).tag.endswith("svg")


def test_a_box_is_drawn_where_it_is_over_its_dark_line():
    svg = marks_svg([((10.0, 20.0, 60.0, 120.0), "#fff"), ((5.0, 5.0, 1.0, 1.0), "#000")], width_px=640, height_px=360)
    assert svg.count('x="10.0" y="20.0" width="50.0" height="100.0"') == 2
    assert 'width="0.0"' in svg
    assert 'viewBox="0 0 640 360"' in svg
