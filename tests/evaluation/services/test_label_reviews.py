"""Suspect labels found, sent to review, and decided."""

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from curation.models import Annotation, Frame
from curation.services.datasets import create_version
from curation.services.holdout import lock_version
from evaluation.core.suspects import Suspect
from evaluation.models import LabelReview
from evaluation.services.label_reviews import (
    MOST_NOTE_CHARS,
    NoSuchReview,
    ReviewError,
    decide_review,
    find_review,
    open_reviews,
)
from evaluation.services.predicting import NoPredictions
from evaluation.services.suspect_labels import find_suspects
from tests.evaluation.factories import LabelReviewFactory, ModelVersionFactory
from tests.evaluation.world import seen, visits
from tests.factories import AnnotationFactory, FrameFactory

pytestmark = pytest.mark.django_db


def suspect(image=0, **more):
    said = {"kind": "spurious", "label": "person", "box": (1.004, 2.0, 3.0, 4.0), "suspicion": 0.8, "truth": 0}
    return Suspect(**{"image": image, "reasons": ("a sees nothing here",), **said, **more})


@pytest.fixture
def frames():
    return visits(10)


@pytest.fixture
def version(frames):
    """A label too many, one of another label in the middle of a visit, and one missing at a visit's end."""
    AnnotationFactory(frame=frames[0], x1=300, y1=20, x2=350, y2=120)
    Annotation.objects.filter(frame=frames[4]).update(label="car")
    Annotation.objects.filter(frame=frames[8]).delete()
    return create_version(dataset="street", frame_ids=[frame.pk for frame in frames])


def test_what_models_and_neighbours_contradict_is_found(version, frames):
    models = [seen(version, "a"), seen(version, "b")]
    found = find_suspects(version=version, models=models)
    assert {(one.kind, int(found.frame_ids[one.image]), one.label) for one in found.suspects} == {
        ("spurious", frames[0].pk, "person"), ("wrong_label", frames[4].pk, "car"), ("missing", frames[8].pk, "person")
    }  # fmt: skip
    swapped = next(one for one in found.suspects if one.kind == "wrong_label")
    assert set(swapped.reasons) == {
        "a sees person here, not car", "b sees person here, not car",
        "the frames before and after show person here, not car",
    }  # fmt: skip
    assert [one.suspicion for one in found.suspects] == sorted((one.suspicion for one in found.suspects), reverse=True)


def test_neighbours_are_near_in_time(version, frames):
    found = find_suspects(
        version=version, models=[seen(version, "a")], near_s=0.5, min_suspicion=0.3, least_witnesses=1
    )
    swapped = next(one for one in found.suspects if one.kind == "wrong_label")
    assert swapped.reasons == ("a sees person here, not car",)


def test_what_one_model_alone_does_not_see_is_no_suspect(version, frames):
    blind = seen(version, "a", finds=lambda frame: frame.pk != frames[6].pk)
    assert all(len(one.reasons) > 1 for one in find_suspects(version=version, models=[blind]).suspects)
    alone = find_suspects(version=version, models=[blind], least_witnesses=1, near_s=0.1, min_suspicion=0.1)
    assert frames[6].pk in {int(alone.frame_ids[one.image]) for one in alone.suspects}


def test_only_frames_of_a_query_and_only_so_many(version, frames):
    model = seen(version, "a")
    assert find_suspects(version=version, models=[model], query="lighting:dark").suspects == ()
    assert len(find_suspects(version=version, models=[model], limit=1).suspects) == 1


def test_what_was_sent_before_is_not_found_again_whatever_came_of_it(version):
    model = seen(version, "a")
    found = find_suspects(version=version, models=[model])
    opened = open_reviews(suspects=found.suspects, frame_ids=found.frame_ids)
    assert (opened.new, opened.known) == (len(found.suspects), 0)
    LabelReview.objects.update(state=LabelReview.State.RIGHT)
    again = find_suspects(version=version, models=[model])
    assert (again.suspects, again.known) == ((), len(found.suspects))


def test_what_cannot_be_looked_for(version):
    with pytest.raises(ReviewError, match="0 models were named"):
        find_suspects(version=version, models=[])
    with pytest.raises(NoPredictions):
        find_suspects(version=version, models=[ModelVersionFactory(name="unseen")])


def test_labels_of_a_holdout_are_not_looked_at(version):
    model = seen(version, "a")
    lock_version(version=version, user=None)
    version.refresh_from_db()
    with pytest.raises(ReviewError, match="locked as a hold-out"):
        find_suspects(version=version, models=[model])


def test_a_suspect_is_sent_once():
    frame, user = FrameFactory(), User.objects.create_user("ann")
    first = open_reviews(suspects=[suspect()], frame_ids=[frame.pk], user=user)
    again = open_reviews(suspects=[suspect(box=(1.0, 2.0, 3.0, 4.0)), suspect(label="car")], frame_ids=[frame.pk])
    assert (first.new, first.known, again.new, again.known) == (1, 0, 1, 1)
    row = LabelReview.objects.get(label="person")
    assert (row.x1, row.state, row.reasons, row.opened_by) == (1.0, "open", ["a sees nothing here"], user)


def test_nothing_is_sent_where_a_frame_is_gone():
    with pytest.raises(ReviewError, match="Frame 999999"):
        open_reviews(suspects=[suspect(), suspect(1)], frame_ids=[FrameFactory().pk, 999_999])
    assert not LabelReview.objects.exists()
    assert open_reviews(suspects=[], frame_ids=[]).new == 0


def test_the_last_word_stands():
    review, user = LabelReviewFactory(), User.objects.create_user("ann")
    done = decide_review(review=review, state="wrong", note="a mannequin", user=user)
    assert (done.state, done.note, done.decided_by, done.decided_at <= timezone.now()) == (
        "wrong", "a mannequin", user, True
    )  # fmt: skip
    assert decide_review(review=review, state="right", user=user).note == "a mannequin"
    again = decide_review(review=review, state="open")
    assert (again.state, again.decided_by, again.decided_at) == ("open", None, None)


def test_what_cannot_be_decided():
    review = LabelReviewFactory()
    with pytest.raises(ReviewError, match="it is one of open, right, wrong"):
        decide_review(review=review, state="maybe")
    with pytest.raises(ReviewError, match="are allowed"):
        decide_review(review=review, state="right", note="x" * (MOST_NOTE_CHARS + 1))
    Frame.objects.filter(pk=review.frame_id).delete()
    with pytest.raises(NoSuchReview, match="not there any more"):
        decide_review(review=review, state="right")
    with pytest.raises(NoSuchReview, match="There is no label review"):
        find_review(review.pk)
