"""Queries for what is known of a frame besides its tags: annotations, datasets, hold-outs, likeness."""

import pytest
from django.utils import timezone

from curation.core.query import QueryError
from curation.models import Frame
from curation.services.fields import searchable_fields
from curation.services.filtering import frames_matching
from curation.services.search import search
from tests.factories import (
    AnnotationFactory,
    CameraFactory,
    DataImportFactory,
    DatasetFactory,
    DatasetFrameFactory,
    DatasetVersionFactory,
    FrameFactory,
    KeepFactory,
    OperatingConditionsFactory,
    RunFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def frames():
    """Four frames: `plain`, `labelled` (a car and a dog), `empty` (nothing in it, says somebody), `rated`."""
    made = {name: FrameFactory() for name in ("plain", "labelled", "empty", "rated")}
    for name in ("labelled", "empty"):
        Frame.objects.filter(pk=made[name].pk).update(annotated_at=timezone.now())
    AnnotationFactory(frame=made["labelled"], label="car")
    AnnotationFactory(frame=made["labelled"], label="dog")
    AnnotationFactory(frame=made["plain"], label="cat")  # some of it is marked, but not all
    night, day = DatasetFactory(name="night"), DatasetFactory(name="day-1")
    for number, names in ((1, ["plain"]), (2, ["plain", "rated"])):
        version = DatasetVersionFactory(dataset=night, number=number)
        for name in names:
            DatasetFrameFactory(version=version, frame=made[name])
    DatasetFrameFactory(version=DatasetVersionFactory(dataset=day, number=1), frame=made["empty"])
    # Last: what is held out comes into no version any more.
    Frame.objects.filter(pk=made["rated"].pk).update(
        uniqueness=0.25, typicality=2, outlier_score=-1.5, duplicate_of=made["plain"], held_out=True
    )
    return made


@pytest.mark.parametrize(
    "query, expected",
    [
        ("annotated:yes", "empty labelled"),
        ("annotated:no", "plain rated"),
        ("_exists_:annotated", "empty labelled plain rated"),
        ("label:car", "labelled"),
        ("label:(car AND dog)", "labelled"),
        ("label:c*", "labelled plain"),
        ("label:*", "labelled plain"),
        ("NOT label:*", "empty rated"),
        ("annotated:yes NOT label:*", "empty"),
        ("label:unicorn", ""),
        ("dataset:night", "plain rated"),
        ('dataset:"night@1"', "plain"),
        ("dataset:night@2", "plain rated"),
        ("dataset:night@3", ""),
        ("dataset:*@1", "empty plain"),
        ("dataset:*t", "plain rated"),
        ("dataset:(night OR day-1)", "empty plain rated"),
        ("NOT dataset:*", "labelled"),
        ("held_out:yes", "rated"),
        ("held_out:no", "empty labelled plain"),
        ("duplicate:yes", "rated"),
        ("duplicate:no AND annotated:no", "plain"),
        ("uniqueness:<0.5", "rated"),
        ("uniqueness:0.25", "rated"),
        ("uniqueness:>0.25", ""),
        ("NOT uniqueness:<0.5", "empty labelled plain"),
        ("typicality:[2 TO 3]", "rated"),
        ("typicality:>9007199254740993", ""),
        ('outlier_score:>="-1.5"', "rated"),
        ("_exists_:outlier_score", "rated"),
        ("outlier_score:[* TO *]", "rated"),
    ],
)
def test_a_query_finds_the_frames_it_means(frames, query, expected):
    names = {frame.pk: name for name, frame in frames.items()}
    assert sorted(names[pk] for pk in frames_matching(query).values_list("pk", flat=True)) == expected.split()


def test_a_frame_that_only_an_import_keeps_has_no_run():
    frame = FrameFactory()
    KeepFactory(frame=frame, run=None, made_in=DataImportFactory(), reason="import")
    kept = KeepFactory(run=RunFactory()).frame
    for query in ("_exists_:run", "cascade:*", "run:>0"):
        assert list(frames_matching(query)) == [kept]


@pytest.mark.parametrize("query", ["annotated:x*", "label:>1", "uniqueness:high", "held_out:>0", "dataset:[1 TO 2]"])
def test_what_a_field_cannot_be_is_refused(frames, query):
    with pytest.raises(QueryError):
        frames_matching(query)


@pytest.mark.parametrize(
    "query, hint",
    [
        ("label:dgo", "No frame has label:dgo. Near: dog."),
        ("dataset:nihgt", 'No frame has dataset:nihgt. Near: night, "night@2", "night@1".'),
        ("dataset:night@9", 'No frame has dataset:"night@9". Near: "night@2", "night@1", night.'),
    ],
)
def test_nothing_found_says_which_values_come_near(frames, query, hint):
    assert search(query).hints == [hint]


def test_factors_of_the_conditions_in_force_are_fields():
    factors = {
        "weather": {"values": ["rain", "dry"]},
        "wind": {"kind": "numeric", "bins": [5]},
        "wet": {"kind": "boolean"},
    }
    for name, more in (("old", {"gone": {}}), ("new", {})):
        OperatingConditionsFactory(
            name=name,
            spec={"name": name, "factors": {k: v | {"from": "people"} for k, v in {**factors, **more}.items()}},
        )
    windy = FrameFactory(tags={"weather": "rain", "wind": 7, "wet": True})

    fields = searchable_fields()

    assert [fields.find(name).kind for name in ("weather", "wind", "wet")] == ["text", "number", "boolean"]
    assert fields.find("weather").choices == ("rain", "dry")
    assert fields.find("gone") is None
    assert list(frames_matching("weather:Rain wind:>5 wet:yes")) == [windy]


def test_fields_cost_two_queries(django_assert_num_queries):
    CameraFactory(attributes={"floor": 1})
    searchable_fields()
    with django_assert_num_queries(2):
        searchable_fields()


def test_an_attribute_that_is_called_like_a_count_is_no_field():
    CameraFactory(attributes={"count.person": "x", "label": "y", "floor": 1})
    FrameFactory(tags={"count.person": "x"})
    assert {field.name for field in searchable_fields()} >= {"floor", "label"}
    assert searchable_fields().find("label").kind == "text_list"
    assert frames_matching("count.person:>0").count() == 0
