"""A person looks at what a test said of a model."""

import pytest
from playwright.sync_api import expect

from curation.backends import storage
from curation.models import Frame
from tests.datasets import jpeg
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.test_overview import NAMELESS, OVERFLOW
from tests.evaluation.services.test_testing import held
from tests.evaluation.world import SUITE, by_day, seen, street

pytestmark = pytest.mark.browser
LONG = "people-of-the-north-side-by-night-and-in-heavy-rain-finetuned-twice-on-2026-11"


@pytest.fixture
def record(site, media):
    version = street(6)
    for frame in Frame.objects.all():
        storage.put_bytes(frame.image, jpeg(frame.pk, frame.width_px, frame.height_px))
    return held(seen(version, LONG, finds=by_day), SUITE)


def test_without_a_test_the_page_says_how_to_make_one(visits):
    page = visits.page()
    page.goto("/dashboard/tests")
    expect(page.get_by_role("heading", name="No model was tested yet")).to_be_visible()
    expect(page.locator(".command", has_text="scenarios run").get_by_role("button", name="Copy")).to_be_visible()


def test_a_scenario_opens_by_a_click_and_leads_to_its_frames(visits, record):
    page = visits.page()
    page.goto("/dashboard/tests")
    expect(page.get_by_text("Not ready: 1 of 2 critical scenarios failed: night.")).to_be_visible()
    page.get_by_role("link", name="night", exact=True).click()
    expect(page.get_by_role("heading", name="Scenario: night")).to_be_visible()
    expect(page.get_by_role("heading", name="Where most goes wrong")).to_be_visible()
    page.get_by_role("link", name="Show its frames").click()
    expect(page.locator("#overview-query")).to_have_value('dataset:"street@1" AND (lighting:dark)')
    page.wait_for_load_state("networkidle")  # pictures that come late would not be there any more


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_has_a_name_and_nothing_is_wider_than_the_window(visits, record, size, scheme):
    page = visits.page(size, scheme)
    page.goto(f"/dashboard/tests?run={record.id}&scenario=night")
    expect(page.get_by_role("heading", name="Scenario: night")).to_be_visible()
    expect(page.locator("#user")).to_be_in_viewport(ratio=1)
    assert page.evaluate(NAMELESS) == []
    assert page.evaluate(OVERFLOW) <= 0
    page.wait_for_load_state("networkidle")
