"""A person looks at the datasets."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.test_overview import NAMELESS, OVERFLOW
from tests.factories import DatasetFactory, DatasetVersionFactory
from tests.frontend.test_datasets import REPORT

pytestmark = pytest.mark.browser
LONG = "every-camera-of-the-north-side-by-night-and-in-heavy-rain-labelled-twice-2026"


@pytest.fixture
def versions(site):
    splits = {"train": 80, "val": 10, "test": 10}
    home = DatasetFactory(name=LONG)
    return [
        DatasetVersionFactory(
            dataset=home, number=n, frame_count=100, splits=splits, report=REPORT, plan_text="size: 1"
        )
        for n in (1, 2)
    ]


def test_without_a_dataset_the_page_says_how_to_make_one(visits):
    page = visits.page()
    page.goto("/dashboard/datasets")
    expect(page.get_by_role("heading", name="No dataset yet")).to_be_visible()
    expect(page.locator(".command", has_text="dataset create").get_by_role("button", name="Copy")).to_be_visible()


def test_a_version_opens_by_a_click_and_by_its_address(visits, versions):
    page = visits.page()
    page.goto("/dashboard/datasets")
    page.get_by_role("link", name=f"{LONG}@1").click()
    expect(page.get_by_text("only 12 match")).to_be_visible()
    page.goto(f"/dashboard/datasets?version={LONG}@2")
    expect(page.get_by_role("heading", name=f"{LONG}@2")).to_be_visible()
    page.get_by_role("link", name="Compare with all frames").click()
    expect(page.get_by_role("heading", name="Coverage")).to_be_visible()


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_has_a_name_and_nothing_is_wider_than_the_window(visits, versions, size, scheme):
    page = visits.page(size, scheme)
    page.goto(f"/dashboard/datasets?version={LONG}@2")
    expect(page.get_by_text("only 12 match")).to_be_visible()
    expect(page.locator("#user")).to_be_in_viewport(ratio=1)
    assert page.locator(".split").first.bounding_box()["height"] > 5
    assert page.evaluate(NAMELESS) == []
    assert page.evaluate(OVERFLOW) <= 0
