"""The admin pages of batches, tasks and answers open with rows, at a fixed cost; their actions do what they say."""

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from activelearning.models import Answer, LabelBatch, LabelTask
from config.bootstrap import _make_roles
from curation.models import Job
from tests.activelearning.core.answers import answer, box
from tests.activelearning.factories import LabelBatchFactory, LabelProjectFactory, LabelTaskFactory
from tests.activelearning.services.test_answers import take

MODELS = (LabelBatch, LabelTask, Answer)
EVIL = "<b>0</b>"
pytestmark = pytest.mark.django_db


@pytest.fixture
def root(client):
    client.force_login(User.objects.create_superuser("root"))
    return client


def page(model, which, *ids):
    return reverse(f"admin:activelearning_{model._meta.model_name}_{which}", args=ids)


def make_rows():
    project = LabelProjectFactory()
    batch = LabelBatchFactory(name=EVIL, via="label_studio", project=project, merge={"policy": "newest", "truth": EVIL})
    task = LabelTaskFactory(batch=batch, project=project, state="sent", note=EVIL)
    take(task, answer(EVIL, box(), number=1, problems=(EVIL,), raw=(EVIL,)), answer("bob", box(), number=2))
    return batch


@pytest.mark.parametrize("model", MODELS)
def test_pages_open_and_show_text_as_text(root, model):
    make_rows()
    for url in (page(model, "changelist"), page(model, "change", model.objects.first().pk)):
        answered = root.get(url)
        assert answered.status_code == 200
        assert EVIL not in answered.content.decode()
    assert root.get(page(model, "add")).status_code == 403


@pytest.mark.parametrize("model", MODELS)
def test_lists_have_a_fixed_cost(root, model):
    counts = []
    for _ in range(2):
        make_rows()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            root.get(page(model, "changelist"))
        counts.append(len(queries))
        make_rows()
    assert counts[0] == counts[1]


def test_actions_ask_for_jobs_and_close(root, queue):
    batch = make_rows()
    LabelTaskFactory(batch=batch, project=batch.project)
    for action in ("send", "pull", "close"):
        done = root.post(
            page(LabelBatch, "changelist"), {"action": action, "_selected_action": [batch.pk]}, follow=True
        )
        assert done.status_code == 200
    assert list(Job.objects.order_by("id").values_list("kind", flat=True)) == ["push", "pull"]
    batch.refresh_from_db()
    assert batch.state == "closed"


def test_what_cannot_be_done_is_said(root, queue):
    batch = LabelBatchFactory()
    done = root.post(page(LabelBatch, "changelist"), {"action": "pull", "_selected_action": [batch.pk]}, follow=True)
    assert "nothing can be pulled" in done.content.decode()
    assert Job.objects.count() == 0


def test_viewers_have_no_actions(client, queue):
    _make_roles(refresh=True)
    user = User.objects.create_user("vera", is_staff=True)
    user.groups.add(Group.objects.get(name="viewer"))
    client.force_login(user)
    batch = make_rows()
    client.post(page(LabelBatch, "changelist"), {"action": "close", "_selected_action": [batch.pk]}, follow=True)
    batch.refresh_from_db()
    assert batch.state == "open"
