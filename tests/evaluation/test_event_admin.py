"""The admin's pages of events and looks open, with rows, and let nobody change what never changes."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from tests.evaluation.factories import EventFactory, EventSetFactory, EventStretchFactory, LookFactory

pytestmark = pytest.mark.django_db
ROWS = {"eventset": EventSetFactory, "event": EventFactory, "eventstretch": EventStretchFactory, "look": LookFactory}


@pytest.fixture
def root(client):
    client.force_login(User.objects.create_superuser("root"))
    return client


@pytest.mark.parametrize("name", ROWS)
def test_pages_open_and_are_read_only(root, name):
    row = ROWS[name]()
    listed = root.get(reverse(f"admin:evaluation_{name}_changelist"), {"q": str(row.pk)})
    assert listed.status_code == 200
    assert str(row.pk) in listed.content.decode()
    page = root.get(reverse(f"admin:evaluation_{name}_change", args=[row.pk]))
    assert page.status_code == 200
    assert 'name="_save"' not in page.content.decode()
    assert root.get(reverse(f"admin:evaluation_{name}_add")).status_code == 403


@pytest.mark.parametrize("name", ROWS)
def test_only_looks_can_be_removed_to_be_looked_anew(root, name):
    row = ROWS[name]()
    answer = root.get(reverse(f"admin:evaluation_{name}_delete", args=[row.pk]))
    assert answer.status_code == (200 if name == "look" else 403)


def test_a_set_leads_to_its_events(root):
    event = EventFactory()
    page = root.get(reverse("admin:evaluation_eventset_change", args=[event.event_set_id])).content.decode()
    assert f"event_set__id__exact={event.event_set_id}" in page
    url = reverse("admin:evaluation_event_changelist")
    assert root.get(url, {"event_set__id__exact": event.event_set_id}).status_code == 200
