"""A person looks at what the frames cover."""

import pytest
from playwright.sync_api import expect

from tests.e2e import world
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.test_overview import NAMELESS, OVERFLOW

pytestmark = pytest.mark.browser


@pytest.fixture
def shown(site):
    return world.build()


def open_coverage(page, search=""):
    page.goto(f"/dashboard/coverage{search}")
    expect(page.locator(".factor").first).to_be_visible()
    return page


def test_the_shares_of_each_factor_are_shown_and_lead_to_their_frames(visits, shown):
    page = open_coverage(visits.page())
    expect(page.locator("#coverage-count")).to_contain_text("34 frames by the conditions usual")
    expect(page.get_by_role("link", name="Coverage")).to_have_attribute("aria-current", "page")
    dark = page.locator(".factor", has_text="lighting").locator("li", has_text="dark").last
    expect(dark).to_contain_text("12%")
    page.locator(".factor", has_text="lighting").get_by_role("link", name="dark", exact=True).click()
    page.wait_for_url("**/dashboard/?q=lighting%3Adark")
    expect(page.locator("#overview-count")).to_contain_text("4 frames")


def test_a_query_narrows_the_page_and_the_address_says_so(visits, shown):
    page = open_coverage(visits.page())
    page.get_by_label("Query in Lucene syntax").fill("camera:gate")
    page.keyboard.press("Enter")
    page.wait_for_url("**/coverage?q=camera%3Agate**")
    expect(page.locator("#coverage-count")).to_have_text("4 frames by the conditions usual")
    page.get_by_label("Query in Lucene syntax").fill("camra:gate")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("alert")).to_contain_text("There is no field 'camra'")
    expect(page.locator("#coverage-content")).to_be_hidden()


def test_combinations_without_a_frame_are_marked(visits, shown):
    page = open_coverage(visits.page(), "?first=lighting&second=people")
    cells = page.locator(".matrix td.absent")
    expect(cells.first).to_be_visible()
    expect(page.locator("#coverage-matrix")).to_contain_text("without a frame")


def test_without_any_footage_the_page_says_what_is_missing(visits):
    page = open_coverage(visits.page())
    expect(page.locator("#coverage-footage")).to_contain_text("once a cascade has run over a video")
    expect(page.locator("#coverage-count")).to_contain_text("0 frames")


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_has_a_name_and_nothing_is_wider_than_the_window(visits, shown, size, scheme):
    page = open_coverage(visits.page(size, scheme))
    assert page.evaluate(NAMELESS) == []
    assert page.evaluate(OVERFLOW) <= 0
