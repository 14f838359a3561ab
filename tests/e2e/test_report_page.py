"""The HTML report as a browser shows it, opened from a file."""

import cv2
import numpy as np
import pytest

from evaluation.core.reports import Extras
from evaluation.core.reports.html import render_html
from tests.e2e.conftest import DESKTOP, PHONE
from tests.evaluation.records import a_run

pytestmark = pytest.mark.browser


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desktop", "phone"])
def page(request, browser, tmp_path):
    jpeg = cv2.imencode(".jpg", np.full((270, 480, 3), 90, np.uint8))[1].tobytes()
    file = tmp_path / "report.html"
    extras = Extras(pictures=dict.fromkeys((1, 2, 7), jpeg), base_url="https://w.example")
    file.write_text(render_html(a_run(), extras), encoding="utf-8")
    width, height = request.param
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme="dark")
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("dialog", lambda dialog: complaints.append("a dialog"))
    opened.on("request", lambda asked: complaints.append(asked.url) if asked.url.startswith("http") else None)
    opened.goto(file.as_uri())
    yield opened
    assert complaints == []
    context.close()


def test_nothing_is_wider_than_the_window_with_all_unfolded(page):
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_filter_leaves_the_scenarios_of_one_verdict(page):
    rows = page.locator(".scenario:visible")
    assert rows.count() == 8
    for words, count in (("2 failed", 2), ("4 inconclusive", 4), ("2 passed", 2), ("All 8", 8)):
        page.get_by_text(words, exact=True).click()
        assert rows.count() == count


def test_a_row_unfolds_by_keyboard(page):
    row = page.locator("summary").nth(2)
    row.focus()
    page.keyboard.press("Enter")
    assert page.locator("details").nth(2).get_attribute("open") is not None


def test_pictures_are_drawn(page):
    first = page.locator(".picture use").first
    box = first.bounding_box()
    assert box is not None
    assert box["width"] > 200


def test_the_page_is_dark_where_one_likes_it_dark(page):
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(20, 24, 27)"
