"""The coverage page says what there is and what is lacking."""

import pytest

from curation.core.coverage import Coverage, CriticalCover
from curation.core.gaps import Gap
from curation.core.profile import Distribution, ValueShare
from curation.services.footage_shares import FootageShare, FootageShares
from frontend import queries
from frontend.components import coverage
from frontend.pages.coverage import ask
from frontend.records import QueryFault
from tests.factories import DatasetVersionFactory, FrameFactory
from tests.frontend.test_components import all_of, text


def lighting(**changes):
    values = (
        ValueShare("dark", 3, 0.75, 0.5, None, None, "lighting:dark"),
        ValueShare("pitch_dark", 1, 0.25, 0.5, None, None, "lighting:pitch_dark"),
    )
    known = {"factor": "lighting", "kind": "categorical", "help": "", "values": values, "values_left_out": 0}
    counts = {"known": 4, "missing": 2, "missing_query": "NOT _exists_:lighting"}
    figures = {"divergence": 0.0488, "other_missing": None, "other_divergence": None}
    return Distribution(**{**known, **counts, **figures, **changes})


def test_a_factor_shows_shares_beside_what_is_expected():
    card = coverage.factor_card(lighting())
    said = text(card)
    assert "JSD 0.049" in said
    assert "pitch dark 25%" in " ".join(said.split())
    assert "2 frames without a value" in said
    ticks = [one.style["left"] for one in all_of(card, "Span") if getattr(one, "className", "") == "bar-tick"]
    assert ticks == ["50.00%", "50.00%"]
    assert "3 frames, 75%. 50% is expected." in {link.title for link in all_of(card, "Link")}


def test_a_factor_without_any_value_says_so():
    said = text(coverage.factor_card(lighting(values=(), known=0)))
    assert "No frame has a value yet." in said


def test_a_value_links_to_its_frames():
    hrefs = [link.href for link in all_of(coverage.factor_card(lighting()), "Link")]
    assert "/dashboard/?q=lighting%3Adark" in hrefs
    assert "/dashboard/?q=NOT+_exists_%3Alighting" in hrefs


def test_gaps_come_with_what_finds_frames_against_them():
    gap = Gap("value", 0.1, "lighting dark is 1% of the frames, 30% is expected.", "lighting:dark", 1200)
    said = text(coverage.gap_list([gap], has_expected=True))
    assert "30% is expected." in said
    assert "find 1,200" in said


@pytest.mark.parametrize(
    "has_expected, part", [(True, "Nothing that is expected is lacking"), (False, "conditions set")]
)
def test_without_gaps_it_says_whether_that_is_good(has_expected, part):
    assert part in text(coverage.gap_list([], has_expected=has_expected))


def test_a_critical_combination_shows_how_far_it_is():
    (row,) = coverage.critical_list([CriticalCover("night rain", {}, 50, 12, 38, "lighting:dark AND weather:rain")])
    assert "night rain" in text(row)
    assert "12 of 50" in text(row)


def test_the_matrix_marks_what_no_frame_has():
    pair = Coverage("lighting", "weather", ("dark", "dim"), ("rain", "dry"), ((3, 0), (1, 2)), None, 6, 1, (), 1, False)
    table = coverage.matrix(pair)
    cells = [(text(cell), getattr(cell, "className", "")) for cell in all_of(table, "Td")]
    assert cells == [("3", "number"), ("–", "absent"), ("1", "number"), ("2", "number")]
    assert "1 combination of 4 without a frame. 1 frame without a value for both." in text(table)


def test_footage_that_was_only_seen_by_the_way_is_a_lower_bound():
    motion = FootageShare("motion", 30.0, 120.0, 0.25, 1)
    jacket = FootageShare("jacket", 6.0, 120.0, 0.05, 1, by_the_way=True)
    said = text(coverage.footage_list(FootageShares(120.0, 1, 120.0, 1, motion, None, (jacket,), 0)))
    assert "motion 25%" in " ".join(said.split())
    assert "at least 5.0%" in said
    nothing = FootageShares(0.0, 0, 0.0, 0, None, None, (), 0)
    assert "once a cascade has run" in text(coverage.footage_list(nothing))


@pytest.mark.django_db
def test_a_profile_is_read_beside_a_version_that_there_is():
    FrameFactory(tags={"lighting": "dark"})
    version = DatasetVersionFactory()
    assert queries.version_names() == [str(version)]
    assert queries.coverage("", against=str(version)).against == str(version)
    for unknown in ("nothing@1", "nothing", "@", "x@" + "9" * 30):
        assert queries.coverage("lighting:dark", against=unknown).frames == 1


@pytest.mark.django_db
def test_a_wrong_query_is_a_fault_with_its_place():
    fault = queries.coverage("peple:1")
    assert isinstance(fault, QueryFault)
    assert fault.column == 1


@pytest.mark.django_db
def test_a_pair_that_is_none_is_a_fault():
    assert isinstance(queries.coverage("", pair=("lighting", "nothing")), QueryFault)


def test_what_is_asked_is_written_into_the_address():
    assert ask(None, 1, "d@1", "lighting", "people", " people:>0 ") == (
        "?q=people%3A%3E0&against=d%401&first=lighting&second=people"
    )
    assert ask(None, 1, None, 7, None, None) == "?"
