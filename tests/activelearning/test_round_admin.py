"""The admin pages of rounds, seeds, candidates and loops open with rows, at a fixed cost; nothing changes."""

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from activelearning.models import Candidate, LabelBatch, Loop, Round, Seed
from config.bootstrap import _make_roles
from tests.activelearning.factories import CandidateFactory, LoopFactory, SeedFactory, TrainingFactory, a_round
from tests.evaluation.factories import ModelVersionFactory, TestRunFactory, stored_run
from tests.evaluation.records import a_run
from tests.factories import DatasetVersionFactory, JobFactory

MODELS = (Round, Seed, Candidate, Loop)
EVIL = "<b>0</b>"


@pytest.fixture
def root(client, db):
    client.force_login(User.objects.create_superuser("root"))
    return client


def make_rows():
    run = stored_run(a_run(), model=ModelVersionFactory())
    loop = LoopFactory(first_run=run, job=JobFactory(kind="loop"), options={"strategy": EVIL}, reason=EVIL)
    made = a_round(
        run,
        scenarios=[EVIL],
        strategy_text=EVIL,
        strategy={"name": EVIL},
        loop=loop,
        job=JobFactory(kind="round"),
        base_version=DatasetVersionFactory(),
        version=DatasetVersionFactory(),
        retest=TestRunFactory(),
        training=TrainingFactory(),
        notes=[EVIL],
        report={"note": EVIL},
        created_by=User.objects.create_user(f"u{User.objects.count()}"),
    )
    seed = SeedFactory(round=made, scenario=EVIL, x1=None)
    return made, seed, CandidateFactory(round=made, reasons=[{"text": EVIL}], note=EVIL), loop


def url(model, page, *args):
    return reverse(f"admin:activelearning_{model._meta.model_name}_{page}", args=args)


def sql_of(client, path):
    with CaptureQueriesContext(connection) as seen:
        assert client.get(path).status_code == 200
    return [query["sql"] for query in seen]


@pytest.mark.parametrize("model", MODELS)
def test_every_list_opens_and_searches_at_a_fixed_cost(root, model):
    make_rows()
    for query in ("", "?q=1", "?q=night", "?q=%00", "?q=" + "9" * 30):
        assert root.get(url(model, "changelist") + query).status_code in (200, 302), query
    assert EVIL not in root.get(url(model, "changelist")).content.decode()
    before = sql_of(root, url(model, "changelist"))
    for _ in range(3):
        make_rows()
    assert len(sql_of(root, url(model, "changelist"))) == len(before)


def test_every_row_opens_with_its_links_and_nothing_of_it_is_markup(root):
    made, seed, candidate, loop = make_rows()
    for row in (made, seed, candidate, loop):
        page = root.get(url(type(row), "change", row.pk)).content.decode()
        assert EVIL not in page, row
    page = root.get(url(Round, "change", made.pk)).content.decode()
    for linked in (made.test_run, made.retest, made.version, made.base_version, made.loop, made.job, made.training):
        meta = linked._meta
        assert reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[linked.pk]) in page, linked
    assert f"{url(Seed, 'changelist')}?round__id__exact={made.pk}" in page
    assert root.get(f"{url(LabelBatch, 'changelist')}?round__id__exact={made.pk}").status_code == 200
    assert root.get(f"{url(Candidate, 'changelist')}?round__id__exact={made.pk}").status_code == 200
    assert "the whole frame" in root.get(url(Seed, "change", seed.pk)).content.decode()


def test_nobody_changes_what_rounds_did(client, db):
    rows = make_rows()
    _make_roles(refresh=True)
    for role in ("viewer", "curator"):
        user = User.objects.create_user(f"a-{role}", is_staff=True)
        user.groups.add(user.groups.model.objects.get(name=role))
        client.force_login(user)
        for row in rows:
            assert client.get(url(type(row), "change", row.pk)).status_code == 200, (role, row)
            assert client.post(url(type(row), "change", row.pk), {}).status_code == 403
            assert client.get(url(type(row), "add")).status_code == 403
            assert client.post(url(type(row), "delete", row.pk), {"post": "yes"}).status_code == 403
