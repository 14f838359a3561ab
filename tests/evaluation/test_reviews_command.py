"""`manage.py reviews`: suspect labels listed, sent, shown and decided."""

import json

import pytest
from django.core.management import CommandError, call_command

from curation.models import Annotation, DatasetVersion
from curation.services.datasets import create_version
from evaluation.models import LabelReview, ModelVersion
from tests.evaluation.factories import LabelReviewFactory, ScenarioResultFactory, TestRunFactory
from tests.evaluation.world import seen, visits

pytestmark = pytest.mark.django_db


def reviews(capsys, *words, **options):
    call_command("reviews", *map(str, words), **options)
    return capsys.readouterr().out


def as_json(capsys, *words):
    return json.loads(reviews(capsys, *words, "--json"))


@pytest.fixture
def frame():
    """The frame of street@1 whose label v1 and its neighbours contradict."""
    frames = visits(8)
    Annotation.objects.filter(frame=frames[4]).update(label="car")
    seen(create_version(dataset="street", frame_ids=[frame.pk for frame in frames]), "v1")
    return frames[4]


def test_suspects_are_listed_then_sent_once(capsys, frame):
    asked = ("open", "--dataset", "street@1", "--model", "v1")
    dry = reviews(capsys, *asked, "--dry-run")
    assert "v1 sees person here, not car" in dry
    assert "1 suspect labels; nothing was sent to review." in dry
    assert not LabelReview.objects.exists()
    plain = as_json(capsys, *asked)
    assert (plain["opened"], plain["known"]) == (1, 0)
    assert (plain["suspects"][0]["frame"], plain["suspects"][0]["kind"]) == (frame.pk, "wrong_label")
    assert "0 labels were sent to review" in reviews(capsys, *asked)


def test_where_a_test_run_was_is_looked_at(capsys, frame):
    version, model = DatasetVersion.objects.get(), ModelVersion.objects.get()
    run = TestRunFactory(model=model, version=version)
    for name, query in (("all", ""), ("night", "lighting:dark")):
        ScenarioResultFactory(run=run, name=name, record={"query": query})
    assert as_json(capsys, "open", "--run", run.pk, "--scenario", "night")["opened"] == 0
    assert as_json(capsys, "open", "--run", run.pk, "--scenario", "all")["opened"] == 1
    assert LabelReview.objects.get().test_run == run


def test_reviews_are_listed_decided_and_shown(capsys):
    assert "No label reviews here" in reviews(capsys, "list")
    first, second = LabelReviewFactory(suspicion=0.6), LabelReviewFactory(suspicion=0.9, label="[b]car[/b]")
    listed = as_json(capsys, "list")["reviews"]
    assert [one["id"] for one in listed] == [second.pk, first.pk]
    assert "[b]car[/b]" in reviews(capsys, "list", "--limit", 1)
    assert "wrong" in reviews(capsys, "decide", first.pk, second.pk, "wrong", "--note", "mannequins")
    assert as_json(capsys, "list", "--state", "open") == {"reviews": []}
    shown = reviews(capsys, "show", first.pk)
    assert "mannequins" in shown
    assert "by the shell" in shown
    assert as_json(capsys, "show", first.pk)["review"]["box"] == [10.0, 20.0, 60.0, 120.0]


@pytest.mark.parametrize(
    "words, said",
    [
        (("show", "999999"), "There is no label review 999999"),
        (("decide", "999999", "right"), "There is no label review"),
        (("open", "--dataset", "nowhere@1", "--model", "v1"), "There is no dataset"),
        (("open", "--dataset", "street@1", "--model", "v9"), "There is no model"),
        (("open", "--dataset", "street@1"), "Where"),
        (("open", "--run", "999999"), "999999"),
        (("open", "--run", "1", "--query", "x"), "--run says where"),
        (("open", "--dataset", "street@1", "--model", "v1", "--query", "people>0"), "The query is wrong"),
    ],
)
def test_what_cannot_be_done(capsys, frame, words, said):
    with pytest.raises(CommandError, match=said) as error:
        call_command("reviews", *words)
    assert error.value.returncode == 2
