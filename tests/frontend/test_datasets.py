"""The datasets page tells what a version is, what its plan gave, and who opened a hold-out."""

import pytest
from django.utils import timezone

from curation.models import DatasetVersion, HeldFrame, HoldoutUse
from frontend import queries
from frontend.components import datasets
from frontend.pages.datasets import show
from frontend.records import VersionRow
from tests.factories import START, DatasetVersionFactory, FrameFactory
from tests.frontend.test_components import all_of, text

REPORT = {
    "strata": [{"name": "lighting:dark", "wanted": 40, "given": 12, "available": 12, "reason": "only 12 match"}],
    "notes": ["28 were filled from the rest."],
    "left_out": {"held out by roads@1": 5},
    "leakage": {"summary": "Clean: compared by descriptor."},
}


def row(**changes):
    known = {"name": "roads@2", "dataset": "roads", "frames": 10, "annotations": 3, "splits": {"val": 2, "train": 8}}
    return VersionRow(**{**known, "created_at": START, "created_by": "ada", **changes})


def test_a_version_is_listed_with_its_splits_in_their_order():
    said = text(datasets.version_list([row()], chosen=""))
    assert "train 8, val 2" in said
    assert "hold-out" not in said
    assert "none" in text(datasets.version_list([row(splits={})], chosen=""))


def test_a_hold_out_is_marked():
    assert "hold-out" in text(datasets.version_list([row(locked_at=START)], chosen="roads@2"))


@pytest.mark.django_db
def test_before_the_first_version_the_page_says_how_to_make_one():
    listed, version, style = show("")
    assert "dataset create" in text(listed)
    assert (version, style) == ([], {"display": "none"})


@pytest.mark.django_db
def test_a_version_shows_what_its_plan_gave_and_why_it_fell_short():
    version = DatasetVersionFactory(report=REPORT, plan_text="size: 40\n", splits={"train": 1})
    listed, shown, _ = show(f"?version={version}")
    said = text(shown)
    assert str(version) in text(listed)
    assert "lighting:dark 40 12 12 only 12 match" in said
    assert "28 were filled from the rest." in said
    assert "5 frames left out: held out by roads@1." in said
    assert "Clean: compared by descriptor." in said
    assert "size: 40" in said
    assert "Ledger" not in said
    hrefs = {link.href for link in all_of(shown, "Link")}
    assert any("/dashboard/coverage?against=" in href for href in hrefs)


@pytest.mark.django_db
def test_the_ledger_of_a_hold_out_says_who_opened_it():
    version = DatasetVersionFactory()
    HeldFrame.objects.create(version=version, frame=FrameFactory(held_out=True), reason="member")
    DatasetVersion.objects.filter(pk=version.pk).update(locked_at=timezone.now())
    _, shown, _ = show(f"?version={version}")
    assert "keeps 1 frame away" in text(shown)
    assert "never used" in text(shown)
    HoldoutUse.objects.create(
        version=version, purpose="evaluation", model="v3", metric="AP", value=0.512, by_name="ada", note="release"
    )
    assert "ada: final evaluation of v3, AP 0.512: release" in text(show(f"?version={version}")[1])


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["roads@9", "roads", "@", "x@" + "9" * 30, "%00@1"])
def test_a_version_that_is_not_there_is_said(name):
    DatasetVersionFactory()
    assert "There is no dataset version" in text(show(f"?version={name}")[1])


@pytest.mark.django_db
def test_the_list_is_one_query(django_assert_num_queries):
    DatasetVersionFactory.create_batch(3)
    with django_assert_num_queries(1):
        assert len(queries.dataset_versions()) == 3
