"""A person follows a round: looks through its candidates, drops one, sends the rest, and sees what it brought."""

import re

import pytest
from playwright.sync_api import expect

from activelearning.models import Candidate, Round
from curation.backends import storage
from curation.models import Frame, Job
from tests.activelearning import rounds_world
from tests.datasets import jpeg
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.test_overview import NAMELESS, OVERFLOW

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def with_pictures():
    for frame in Frame.objects.all():
        storage.put_bytes(frame.image, jpeg(frame.pk, frame.width_px, frame.height_px))


@pytest.fixture
def run(site, media):
    return rounds_world.a_tested_run(visits=3, name=rounds_world.LONG_MODEL)


def test_a_red_test_leads_to_a_round(visits, run, queue):
    page = visits.page()
    page.goto(f"/dashboard/tests?run={run.pk}")
    page.get_by_role("link", name="Start a round from it").click()
    expect(page.get_by_role("heading", name="No round yet")).to_be_visible()
    page.get_by_label("Frames to label at most").fill("12")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("heading", name=re.compile(r"^Round \d+: "))).to_be_visible()
    expect(page.locator(".board-now", has_text="Seeds")).to_be_visible()
    made = Round.objects.get()
    assert (made.test_run_id, made.budget, made.via, made.created_by.username) == (run.pk, 12, "files", "ada")
    assert queue.job_ids == [f"job-{made.job_id}-0"]


def test_candidates_are_dropped_brought_back_and_sent(visits, run, queue):
    made = rounds_world.at_candidates(run, rounds_world.pool(26))
    with_pictures()
    page = visits.page()
    page.goto("/dashboard/rounds")
    first = page.locator(".candidate").first
    expect(first).to_contain_text("0.93 like a person missed in night.")
    first.get_by_role("button", name="Drop").click()
    expect(first.get_by_role("button", name="Restore")).to_be_visible()
    expect(page.get_by_role("button", name="Send 24 frames")).to_be_visible()
    assert Candidate.objects.get(round=made, rank=0).note == "by ada"
    first.get_by_role("button", name="Restore").click()
    expect(first.get_by_role("button", name="Drop")).to_be_visible()
    page.get_by_role("button", name="Show more candidates").click()
    expect(page.locator(".candidate")).to_have_count(26)
    page.get_by_role("link", name="flicker").click()
    expect(page.locator(".candidate").first).to_contain_text("seen before and after")
    page.get_by_role("button", name="Send 25 frames").click()
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    assert Job.objects.filter(kind="round", state="queued", params__round=made.pk).exists()
    page.wait_for_load_state("networkidle")


def test_what_a_closed_round_brought_leads_to_its_tests(visits, run):
    rounds_world.closed(run, rounds_world.pool(4))
    with_pictures()
    page = visits.page()
    page.goto("/dashboard/rounds")
    expect(page.get_by_text("Worse than before: rain.")).to_be_visible()
    expect(page.locator(".turns tr.worse")).to_contain_text("rain")
    expect(page.get_by_role("heading", name="Was the strategy worth it?")).to_be_visible()
    page.wait_for_load_state("networkidle")
    page.locator(".turns").get_by_role("link", name="night", exact=True).click()
    page.wait_for_url("**/dashboard/tests?run=*&scenario=night")
    page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_has_a_name_and_nothing_is_wider_than_the_window(visits, run, size, scheme):
    shown = [
        rounds_world.at_candidates(run, rounds_world.pool(3)),
        rounds_world.at_labelling(run, rounds_world.pool(3)),
    ]
    shown += [rounds_world.closed(run, rounds_world.pool(3)), rounds_world.failed(run)]
    with_pictures()
    page = visits.page(size, scheme)
    for one in shown:
        page.goto(f"/dashboard/rounds?round={one.pk}")
        expect(page.get_by_role("heading", name=f"Round {one.pk}: ")).to_be_visible()
        expect(page.get_by_role("heading", name="All rounds")).to_be_visible()
        expect(page.locator("#user")).to_be_in_viewport(ratio=1)
        page.wait_for_load_state("networkidle")
        assert page.evaluate(NAMELESS) == []
        assert page.evaluate(OVERFLOW) <= 0
