"""The admin pages of label reviews."""

import pytest
from django.contrib.auth.models import Group, User
from django.urls import reverse

from config.bootstrap import _make_roles
from evaluation.models import LabelReview
from tests.evaluation.factories import LabelReviewFactory

LIST = "admin:evaluation_labelreview_changelist"


@pytest.fixture
def browser_of(client, db):
    def make(role):
        _make_roles(refresh=True)
        user = User.objects.create_user(f"a-{role}", is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        client.force_login(user)
        return client

    return make


def act(client, action, *reviews):
    return client.post(
        reverse(LIST), {"action": action, "_selected_action": [one.pk for one in reviews]}, follow=True
    ).content.decode()


def test_a_curator_decides_and_opens_again(browser_of):
    browser = browser_of("curator")
    one, two = LabelReviewFactory(), LabelReviewFactory(label="<b>car</b>")
    page = browser.get(reverse(LIST)).content.decode()
    assert "&lt;b&gt;car&lt;/b&gt;" in page
    assert "2 decided" in act(browser, "say_wrong", one, two)
    assert set(LabelReview.objects.values_list("state", "decided_by__username")) == {("wrong", "a-curator")}
    act(browser, "say_right", one)
    act(browser, "open_again", two)
    assert list(LabelReview.objects.order_by("pk").values_list("state", flat=True)) == ["right", "open"]
    shown = browser.get(reverse("admin:evaluation_labelreview_change", args=[one.pk])).content.decode()
    assert "two models see nothing here" in shown


def test_a_viewer_only_looks(browser_of):
    browser, review = browser_of("viewer"), LabelReviewFactory()
    assert "say_wrong" not in browser.get(reverse(LIST)).content.decode()
    act(browser, "say_wrong", review)
    review.refresh_from_db()
    assert review.state == "open"
