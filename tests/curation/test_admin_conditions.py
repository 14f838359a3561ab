"""The admin page of the operating conditions: what is saved there is the next version."""

import pytest
import yaml
from django.contrib.auth.models import User
from django.urls import reverse

from curation.models import Job, OperatingConditions
from curation.services.conditions import current

PAGES = "admin:curation_operatingconditions"
MINE = {"name": "mine", "factors": {"weather": {"from": "people", "values": ["dry", "rain"]}}}


@pytest.fixture
def root(client, db):
    client.force_login(User.objects.create_superuser("root"))
    return client


def save(client, url, text):
    return client.post(url, {"text": text}, follow=True).content.decode()


def test_another_text_is_the_next_version_and_starts_a_retag(root, queue, django_capture_on_commit_callbacks):
    old = current()
    url = reverse(PAGES + "_change", args=[old.pk])
    assert "no embedder that reads text has embedded frames" in root.get(url).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        page = save(root, url, yaml.safe_dump(MINE).replace("\n", "\r\n"))
    job = Job.objects.get()
    assert f"In force now: mine@2. Job {job.pk} tags all frames anew." in page
    assert len(queue.job_ids) == 1
    new = current()
    assert (new.version, new.text, new.created_by.username) == (2, yaml.safe_dump(MINE), "root")
    old.refresh_from_db()
    assert (old.version, old.name) == (1, "usual")
    # Saved again, it is what is in force already; the old version's text brings that back, as a version of its own.
    assert "which is in force" in save(root, reverse(PAGES + "_change", args=[new.pk]), new.text)
    save(root, url, old.text)
    assert [(row.version, row.name) for row in OperatingConditions.objects.all()] == [
        (3, "usual"), (2, "mine"), (1, "usual")
    ]  # fmt: skip


def test_a_new_one_begins_with_what_is_in_force(root):
    page = root.get(reverse(PAGES + "_add")).content.decode()
    assert "name: usual" in page
    save(root, reverse(PAGES + "_add"), yaml.safe_dump(MINE))
    assert str(current()) == "mine@2"


@pytest.mark.parametrize(
    "text, said",
    [
        ("name: [", "not valid YAML"),
        ("name: x\nfactors: {fog: {}}", "no tagger gives"),
        (
            "name: x\nfactors: {a: {kind: boolean, from: rules, rules: [{value: true, when: 'people>0'}]}}",
            "Write people:&gt;0",
        ),
    ],
)
def test_what_is_not_valid_is_said_on_the_page(root, text, said):
    row = current()
    assert said in save(root, reverse(PAGES + "_change", args=[row.pk]), text)
    assert current() == row


def test_nobody_removes_a_version(root):
    assert root.post(reverse(PAGES + "_delete", args=[current().pk]), {"post": "yes"}).status_code == 403
