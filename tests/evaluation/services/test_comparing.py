"""Two models on the same frames, models over time, and slices that nobody thought of."""

import pytest
import yaml

from curation.services.datasets import create_version
from curation.services.holdout import HoldoutError, lock_version
from curation.services.job_kinds import run_here
from evaluation.core.comparison_record import ComparisonRecord
from evaluation.core.record_json import from_plain
from evaluation.core.suite_reading import parse_suite, read_yaml
from evaluation.services.comparing import request_comparison
from evaluation.services.discovery import DiscoveryError, request_discovery, suite_text
from evaluation.services.suites import check_queries, save_suite
from evaluation.services.test_records import TestRunError
from evaluation.services.trends import trend_of
from tests.evaluation.services.test_testing import held
from tests.evaluation.world import SUITE, by_day, seen, street, visits

pytestmark = pytest.mark.django_db


def compared(old, new, **asked):
    job = request_comparison(suite=save_suite(text=SUITE)[0], model=old, other=new, here=True, **asked)
    return from_plain(ComparisonRecord, run_here(job).result)


def test_what_became_better_is_told_with_its_objects():
    version = street()
    record = compared(seen(version, "v1", finds=by_day), seen(version, "v2"))
    day, night = record.scenarios
    assert (day.verdict, day.difference, day.fixed_count, day.broken_count) == ("same", 0.0, 0, 0)
    assert (night.verdict, night.a, night.b, night.difference) == ("better", 0.0, 1.0, 1.0)
    assert (night.fixed_count, night.broken_count) == (36, 0)
    one = night.fixed[0]
    assert (one.label, one.box, one.score_a, one.score_b) == ("person", (10.0, 20.0, 60.0, 120.0), None, 0.9)
    back = compared(*(run.model for run in version.prediction_runs.order_by("-pk")))
    assert (back.scenarios[1].verdict, back.scenarios[1].broken_count) == ("worse", 36)


def test_few_groups_tell_nothing():
    version = street(3)
    record = compared(seen(version, "v1", finds=by_day), seen(version, "v2"))
    assert record.scenarios[1].verdict == "unknown"


def test_a_model_is_not_compared_with_itself_nor_on_a_hold_out():
    version = street(1)
    one, other = seen(version, "v1"), seen(version, "v2")
    with pytest.raises(TestRunError, match="with itself"):
        compared(one, one)
    with pytest.raises(TestRunError, match="margin"):
        compared(one, other, margin=-1)
    lock_version(version, user=None)
    with pytest.raises(HoldoutError, match="hold-out"):
        compared(one, other)
    version.refresh_from_db()
    with pytest.raises(HoldoutError, match="hold-out"):
        request_discovery(model=one, version=version)


def test_a_trend_has_the_newest_run_of_each_model_oldest_model_first():
    version = street(5)
    with pytest.raises(Exception, match="There is no suite"):
        trend_of("street")
    save_suite(text=SUITE)
    with pytest.raises(TestRunError, match="yet"):
        trend_of("street")
    old, new = seen(version, "v1", finds=by_day), seen(version, "v2")
    held(old)
    held(new)
    newest = held(old)
    records = trend_of("street", dataset="street@1")
    assert [record.model for record in records] == ["v1", "v2"]
    assert records[0].id == newest.id
    assert [record.model for record in trend_of("street@1")] == ["v1", "v2"]


def slices(model, version, **asked):
    job = request_discovery(model=model, version=version, here=True, least_images=5, **asked)
    return run_here(job).result


def test_the_slice_in_which_a_model_is_blind_is_found_and_becomes_a_scenario():
    version = street()
    found = slices(seen(version, "v1", finds=by_day), version)
    worst = found["slices"][0]
    assert worst["conditions"][0][0] in ("lighting", "camera")
    assert ("lighting", "dark") in [tuple(pair) for one in found["slices"] for pair in one["conditions"]]
    assert (worst["rate"], worst["q"] < 0.05) == (0.0, True)
    suite = parse_suite(read_yaml(suite_text(found)))
    check_queries(suite)
    assert suite.dataset == "street@1"
    assert yaml.safe_load(suite_text(found))["scenarios"][0]["why"].startswith("Found by discovery")


def test_where_a_model_is_as_good_everywhere_nothing_is_found():
    version = street()
    found = slices(seen(version, "v1"), version)
    assert (found["slices"], found["overall"]) == ([], 1.0)
    assert found["tested"] > 0


def test_an_unknown_factor_names_those_that_there_are():
    version = create_version(dataset="street", frame_ids=[frame.pk for frame in visits(1)])
    with pytest.raises(DiscoveryError, match=r"There are: .*lighting"):
        slices(seen(version, "v1"), version, factors=["lightning"])
    with pytest.raises(DiscoveryError, match="No frame has a vector"):
        slices(seen(version, "v2"), version, clusters=3)
