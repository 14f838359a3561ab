"""A test of a model that is blind at night, and the round that is made of it."""

from curation.services.job_kinds import run_here
from evaluation.services.suites import save_suite
from evaluation.services.test_records import find_run
from evaluation.services.testing import request_test
from tests.activelearning.factories import a_round
from tests.evaluation.world import SUITE, by_day, seen, street


def ended(work):
    """Run a generator of progress to its end; returns what it returns."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


def run_of(model, text=SUITE, **asked):
    """Hold a model against a suite; returns the test run."""
    suite, _ = save_suite(text=text)
    run = request_test(suite=suite, model=model, here=True, **asked)
    run_here(run.job)
    return find_run(run.pk)


def blind_at_night(count=4, **values):
    """Make street@1, a model that finds nobody at night, its test run, and a round about the night."""
    run = run_of(seen(street(count), "v1", finds=by_day))
    return a_round(run, **({"scenarios": ["night"]} | values))
