"""The admin pages of suites and test runs open with rows, for each kind of user, at a fixed cost; nothing changes."""

import re
from dataclasses import replace

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config.bootstrap import _make_roles
from evaluation.models import ScenarioResult, Suite, SuiteVersion, TestRun
from tests.evaluation.factories import ModelVersionFactory, SuiteVersionFactory, TestRunFactory, stored_run
from tests.evaluation.records import a_run
from tests.factories import JobFactory

MODELS = (Suite, SuiteVersion, TestRun, ScenarioResult)
EVIL = "<b>0</b>"


@pytest.fixture
def root(client, db):
    client.force_login(User.objects.create_superuser("root"))
    return client


def make_rows():
    suite = SuiteVersionFactory(text=EVIL, created_by=User.objects.create_user(f"u{User.objects.count()}"))
    begun = TestRunFactory(suite=suite, job=JobFactory(kind="test"), version=None)
    record = a_run(notes=(EVIL,))
    record = replace(record, scenarios=tuple(replace(one, name=EVIL) for one in record.scenarios))
    run = stored_run(record, suite=suite, job=JobFactory(kind="test"), baseline=ModelVersionFactory())
    return begun, run


def url(model, page, *args):
    return reverse(f"admin:evaluation_{model._meta.model_name}_{page}", args=args)


def sql_of(client, path):
    with CaptureQueriesContext(connection) as seen:
        assert client.get(path).status_code == 200
    return [query["sql"] for query in seen]


def test_every_model_has_a_page():
    assert [one for one in apps.get_app_config("evaluation").get_models() if not admin.site.is_registered(one)] == []


@pytest.mark.parametrize("model", MODELS)
def test_every_list_opens_and_searches_at_a_fixed_cost(root, model):
    make_rows()
    for query in ("", "?q=1", "?q=suite", "?q=%00", "?q=" + "9" * 30):
        assert root.get(url(model, "changelist") + query).status_code in (200, 302), query
    assert EVIL not in root.get(url(model, "changelist")).content.decode()
    before = sql_of(root, url(model, "changelist"))
    for _ in range(3):
        make_rows()
    after = sql_of(root, url(model, "changelist"))
    assert len(after) == len(before)
    assert not any(re.search(r'SELECT COUNT\(\*\) AS "__count" FROM "', sql) for sql in after)
    assert not any('"text"' in sql or '"spec"' in sql for sql in after) or model is SuiteVersion


@pytest.mark.parametrize("model", MODELS)
def test_every_row_opens_and_nothing_is_changed_by_hand(root, model):
    make_rows()
    for row in model.objects.all():
        page = root.get(url(model, "change", row.pk))
        assert page.status_code == 200
        said = page.content.decode()
        assert EVIL not in said
        assert '<select name="' not in said
        assert root.get(url(model, "delete", row.pk)).status_code == 403
    assert root.get(url(model, "add")).status_code == 403


def test_a_run_that_is_done_links_to_its_reports_and_an_open_one_to_its_job(root):
    begun, run = make_rows()
    assert f"/api/v1/test-runs/{run.pk}/report/?kind=junit" in root.get(url(TestRun, "change", run.pk)).content.decode()
    page = root.get(url(TestRun, "change", begun.pk)).content.decode()
    assert f"/admin/curation/job/{begun.job_id}/change/" in page
    assert "/report/" not in page


def test_a_viewer_on_the_staff_looks(client, db):
    make_rows()
    _make_roles(refresh=True)
    user = User.objects.create_user("ada", is_staff=True)
    user.groups.add(user.groups.model.objects.get(name="viewer"))
    client.force_login(user)
    for model in MODELS:
        assert client.get(url(model, "changelist")).status_code == 200
