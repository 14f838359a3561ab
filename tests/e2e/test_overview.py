"""A person looks at the first page."""

import re

import pytest
from playwright.sync_api import expect

from curation.models import Run
from tests.e2e import world
from tests.e2e.conftest import DESKTOP, PASSWORD, PHONE
from tests.factories import VideoFactory

pytestmark = pytest.mark.browser

NAMELESS = """() => [...document.querySelectorAll("a, button, input, img, [role=img]")].filter((one) => {
  const box = one.getBoundingClientRect();
  if (!box.width || getComputedStyle(one).visibility === "hidden") return false;
  if (one.tagName === "IMG") return !one.hasAttribute("alt");
  const label = one.id && document.querySelector(`label[for="${CSS.escape(one.id)}"]`);
  const said = one.getAttribute("aria-label") || one.title || one.textContent.trim();
  return !(said || label || one.querySelector("img[alt]"));
}).map((one) => one.outerHTML.slice(0, 200))"""
OVERFLOW = "document.documentElement.scrollWidth - window.innerWidth"


def open_full(page, path="/dashboard/"):
    page.goto(path)
    expect(page.locator(".frame, .fault, .grid .quiet").first).to_be_visible()
    expect(page.locator(".totals")).to_be_visible()
    return page


@pytest.fixture
def shown(site):
    return world.build()


def test_a_person_logs_in_and_is_told_how_to_begin(visits):
    page = visits.page(logged_in=False)
    page.goto("/dashboard/?q=people:%3E0")
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/dashboard/?q=people:%3E0")
    expect(page.get_by_role("heading", name="No footage yet")).to_be_visible()
    for command in ("make demo", "manage.py ingest", "/api/v1/uploads/"):
        expect(page.locator(".command", has_text=command).get_by_role("button", name="Copy")).to_be_visible()


def test_the_empty_page_fills_by_itself_with_the_first_video(visits):
    page = visits.page()
    page.goto("/dashboard/")
    expect(page.get_by_role("heading", name="No footage yet")).to_be_visible()
    VideoFactory(name="first.mp4")
    expect(page.locator(".video", has_text="first.mp4")).to_be_visible()
    expect(page.get_by_role("heading", name="No footage yet")).to_be_hidden()


def test_the_page_tells_what_came_in_what_was_kept_and_what_it_cost(visits, shown):
    page = open_full(visits.page())
    totals = page.locator(".totals")
    expect(totals).to_contain_text("4 videos")
    expect(totals).to_contain_text("34")
    expect(totals).to_contain_text("2.8% of 1,200 frames")
    expect(totals).to_contain_text("20%of the footage")
    funnel = page.locator(".funnel")
    for stage in ("decoded", "motion", "people fast", "people", "kept"):
        expect(funnel.get_by_role("rowheader", name=stage, exact=True)).to_be_visible()
    strip = page.locator(".video", has_text="gate.mp4").locator("img")
    expect(strip).to_have_attribute("alt", re.compile("people: 1 interval"))
    expect(page.locator(".video", has_text="broken.mp4")).to_contain_text("it ends before its index")
    expect(page.locator(".video", has_text="yard.mp4").get_by_role("progressbar")).to_be_visible()


def test_progress_moves_on_by_itself_and_rests_when_all_is_done(visits, shown):
    page = open_full(visits.page())
    expect(page.locator(".video", has_text="yard.mp4").get_by_role("progressbar")).to_be_visible()
    world.finish(Run.objects.get(status="running"))
    expect(page.locator(".video", has_text="yard.mp4").locator("img")).to_be_visible()
    page.wait_for_timeout(2500)  # a call that was under way
    calls = []
    page.on("request", lambda request: calls.append(request.url) if "_dash-update" in request.url else None)
    page.wait_for_timeout(3000)
    assert calls == []


def test_frames_are_shown_with_boxes_that_can_be_turned_off(visits, shown):
    page = open_full(visits.page())
    expect(page.locator(".frame")).to_have_count(30)
    first = page.locator(".frame").first
    assert first.locator("img").first.evaluate("one => one.decode().then(() => one.naturalWidth)") > 0
    assert first.locator("img").first.get_attribute("alt") == f"lobby, 0:00.0 into {world.LONG_NAME}: person × 1"
    picture, boxes = (first.locator(f".picture img:nth-child({n})").bounding_box() for n in (1, 2))
    assert picture == boxes
    page.get_by_label("Boxes").click(force=True)
    expect(first.locator(".boxes")).to_be_hidden()


def test_more_frames_come_when_asked_for(visits, shown):
    page = open_full(visits.page())
    expect(page.locator("#overview-count")).to_have_text("30 of 34 frames, spread over all footage")
    expect(page.locator(".frame", has_text="gate").first).to_be_visible()
    page.get_by_role("button", name="Show all in order").click()
    expect(page.locator("#overview-count")).to_have_text("34 frames")
    expect(page.locator(".frame")).to_have_count(30)
    page.get_by_role("button", name="Show more frames").click()
    expect(page.locator(".frame")).to_have_count(34)
    expect(page.get_by_role("button", name="Show more frames")).to_be_hidden()


def test_a_query_is_asked_kept_in_the_address_and_taken_back(visits, shown):
    page = open_full(visits.page())
    page.keyboard.press("/")
    page.keyboard.type("lighting:dark")
    page.keyboard.press("Enter")
    expect(page.locator("#overview-count")).to_have_text("4 frames")
    expect(page.locator(".frame")).to_have_count(4)
    assert page.url.endswith("?q=lighting%3Adark")
    page.reload()
    expect(page.locator("#overview-count")).to_have_text("4 frames")
    expect(page.get_by_role("textbox")).to_have_value("lighting:dark")
    page.go_back()
    expect(page.locator("#overview-count")).to_contain_text("of 34 frames")
    expect(page.get_by_role("textbox")).to_have_value("")


def test_a_facet_narrows_down_and_a_second_click_takes_it_back(visits, shown):
    page = open_full(visits.page())
    page.get_by_role("link", name="dark 4").click()
    expect(page.locator("#overview-count")).to_have_text("4 frames")
    expect(page.get_by_role("textbox")).to_have_value("lighting:dark")
    page.locator(".facet-value.on").click()
    expect(page.locator("#overview-count")).to_contain_text("of 34 frames")


def test_an_example_and_a_videos_number_are_queries(visits, shown):
    page = open_full(visits.page())
    page.locator(".video", has_text="gate.mp4").get_by_role("link").click()
    expect(page.locator("#overview-count")).to_have_text("4 frames")
    page.get_by_role("link", name="people:>0", exact=True).click()
    expect(page.locator("#overview-count")).to_have_text("30 frames")


def test_a_query_that_finds_nothing_says_what_to_do(visits, shown):
    page = open_full(visits.page(), "/dashboard/?q=people:>7")
    expect(page.locator(".grid")).to_contain_text("No kept frame fits this query")
    expect(page.get_by_role("link", name="dark 4")).to_be_visible()


def test_a_wrong_query_is_marked_at_its_column(visits, shown):
    page = open_full(visits.page(), "/dashboard/?q=lighting:dark AND people>0")
    expect(page.get_by_role("alert")).to_contain_text("Column 19.")
    expect(page.locator(".fault mark")).to_have_text("people>0")
    page.get_by_role("textbox").fill("lighting:dark AND people:>0")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".fault")).to_be_hidden()


def test_a_frame_opens_moves_on_and_closes_with_the_keyboard(visits, shown):
    page = open_full(visits.page())
    page.locator(".frame a").first.focus()
    page.keyboard.press("Enter")
    window = page.get_by_role("dialog")
    expect(window).to_contain_text("0:00.0")
    expect(window.locator(".picture img.boxes")).to_be_visible()
    expect(window.get_by_role("row", name=re.compile("lighting bright tagger test 100%"))).to_be_visible()
    assert page.url.endswith(f"frame={shown['lobby'][0].id}")
    page.keyboard.press("ArrowRight")
    expect(window).to_contain_text("0:01.0")
    assert page.url.endswith(f"frame={shown['lobby'][1].id}")
    page.keyboard.press("Escape")
    expect(window).to_be_hidden()
    expect(page).to_have_url(re.compile(r"/dashboard/\?$"))


def test_an_address_opens_its_frame_and_one_that_is_gone_says_so(visits, shown):
    page = visits.page()
    page.goto(f"/dashboard/?q=lighting:dark&frame={shown['gate'][0].id}")
    expect(page.get_by_role("dialog")).to_contain_text("No detector found anything")
    page.goto("/dashboard/?frame=999999")
    expect(page.get_by_role("dialog")).to_contain_text("not there any more")


def test_the_colour_scheme_is_switched_and_remembered(visits, shown):
    page = open_full(visits.page(scheme="light"))
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.get_by_role("button", name="Switch between light and dark").click()
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    dark = page.evaluate(ground)
    assert dark != light
    open_full(page)
    assert page.evaluate(ground) == dark


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_nothing_is_cut_off_or_nameless_at_any_size(visits, shown, size, scheme):
    page = open_full(visits.page(size, scheme))
    assert page.evaluate(OVERFLOW) <= 0
    assert page.evaluate(NAMELESS) == []
    page.locator(".frame a").first.click()
    expect(page.locator(".detail")).to_be_visible()
    assert page.evaluate(OVERFLOW) <= 0
    assert page.evaluate(NAMELESS) == []
    wide = page.locator(".detail").evaluate("one => one.scrollWidth - one.clientWidth")
    assert wide <= 0


def test_the_first_stop_of_the_keyboard_leads_past_the_header(visits, shown):
    page = open_full(visits.page())
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()


def test_a_person_logs_out(visits, shown):
    page = open_full(visits.page())
    page.get_by_role("button", name="Menu of ada").click()
    expect(page.get_by_role("menuitem", name="API documentation")).to_be_visible()
    page.get_by_role("menuitem", name="Log out").click()
    page.wait_for_url("**/login/**")
    page.goto("/dashboard/")
    page.wait_for_url("**/login/?next=/dashboard/")


def test_a_log_in_that_ended_leads_to_the_log_in_and_back(visits, shown):
    page = open_full(visits.page())
    page.context.clear_cookies()
    page.get_by_role("link", name="dark 4").click()
    page.wait_for_url("**/login/?next=**")
    visits.faults = [fault for fault in visits.faults if "401" not in fault]


def test_a_page_that_is_not_there_leads_back(visits):
    page = visits.page()
    page.goto("/dashboard/nothing")
    expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()
    page.get_by_role("link", name="Go to the overview").click()
    expect(page.get_by_role("heading", name="No footage yet")).to_be_visible()
