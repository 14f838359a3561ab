"""The page of tests tells what a run said of a model, and what went wrong in a scenario."""

import pytest

from curation.models import Job
from evaluation.services.suites import save_suite
from evaluation.services.testing import request_test
from frontend import queries
from frontend.pages.tests import show
from frontend.result_figures import calibration_svg, interval_svg, precision_svg, result_boxes_svg
from tests.evaluation.records import a_run
from tests.evaluation.services.test_testing import held
from tests.evaluation.world import SUITE, by_day, seen, street
from tests.frontend.test_components import all_of, text


@pytest.mark.django_db
def test_before_the_first_test_the_page_says_how_to_make_one():
    listed, run, style, one, _ = show("")
    assert "scenarios run" in text(listed)
    assert (run, style, one) == ([], {"display": "none"}, [])


@pytest.mark.django_db
def test_the_newest_run_is_shown_with_failures_first_and_links_to_reports():
    held(seen(street(), "v1", finds=by_day))
    listed, run, _, one, _ = show("")
    said = text(run)
    assert "Not ready: 1 of 2 critical scenarios failed: night." in said
    assert said.index("night") < said.index("day ")
    assert "street@1" in text(listed)
    assert one == []
    hrefs = [link.href for link in all_of(run, "A")]
    assert any("report/?kind=html" in href for href in hrefs)


@pytest.mark.django_db
def test_a_scenario_shows_why_with_its_errors_curves_and_frames():
    record = held(seen(street(), "v1", finds=by_day))
    one = show(f"?run={record.id}&scenario=night")[3]
    said = text(one)
    assert "Who is there at night matters most." in said
    assert "missed 36" in said
    assert "Where most goes wrong" in said
    assert any("dataset" in (link.href or "") for link in all_of(one, "Link"))


@pytest.mark.django_db
@pytest.mark.parametrize("search", ["?run=99", "?run=x", "?run=" + "9" * 30])
def test_a_run_that_is_not_there_is_said(search):
    held(seen(street(1), "v1"))
    assert "There is no test run" in text(show(search)[1])


@pytest.mark.django_db
def test_a_run_under_way_and_one_that_failed_say_so():
    run = request_test(suite=save_suite(text=SUITE)[0], model=seen(street(1), "v1"))
    assert "not done: queued" in text(show(f"?run={run.pk}")[1])
    Job.objects.update(state="failed", error="The weights are gone.")
    said = text(show(f"?run={run.pk}")[1])
    assert "The weights are gone." in said
    assert "run it again" in said


@pytest.mark.django_db
def test_the_list_is_one_query(django_assert_num_queries):
    for _ in range(3):
        held(seen(street(1), "v1"))
    with django_assert_num_queries(1):
        assert len(queries.test_runs()) == 3


def test_every_kind_of_scenario_can_be_drawn_and_names_are_escaped():
    record = a_run()
    for one in record.scenarios:
        assert interval_svg(one).startswith("<svg")
        if one.curves.precision:
            assert "polyline" in precision_svg(one.curves.precision, one.curves.operating_point)
        assert "<svg" in calibration_svg(one.curves.calibration)
        for frame in one.frames:
            svg = result_boxes_svg(frame.boxes, width_px=frame.width_px, height_px=frame.height_px)
            assert "<script" not in svg
