"""Calibrating a prompted factor on people's labels."""

import numpy as np
import pytest

from curation.core.errors import WinnowError
from curation.models import PromptVector
from curation.services import prompts
from curation.services.calibration import CalibrationError, calibrate_factor
from curation.services.in_force import current
from curation.services.job_kinds import run_here
from curation.services.prompts import asked
from curation.services.retagging import start_retag
from tests.curation.services.test_prompts import WEATHER, WET, at, conditions, embedded, give_vectors, state
from tests.factories import EmbedderFactory, FrameFactory, KeepFactory, TagEditFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def leaning():
    """Frames at 0 to 38 degrees, wet below 20; but the sentences stand at 0 and 24, so that the model turns at 12."""
    row = conditions(wet=WET)
    toy = EmbedderFactory(name="clip:toy", dimension=4)
    give_vectors(row, "wet", toy, true=at(0), false=at(24))
    frames = [embedded(toy, degrees) for degrees in range(0, 40, 2)]
    for frame in frames:
        KeepFactory(frame=frame)
    return frames


def label(frames):
    for place, frame in enumerate(frames):
        TagEditFactory(frame=frame, factor="wet", value=place * 2 < 20)


def test_labels_move_the_line_and_that_is_kept_and_used(leaning):
    label(leaning)
    learnt = calibrate_factor(factor="wet")
    assert current().calibration == {"wet": learnt}
    assert (learnt["labels"], learnt["labels_by_value"]) == (20, {"false": 10, "true": 10})
    assert learnt["before"]["accuracy"] <= 0.8
    assert learnt["after"]["accuracy"] >= 0.9
    assert learnt["after"]["log_loss"] < learnt["before"]["log_loss"]
    assert learnt["biases"]["true"] > learnt["biases"]["false"]
    assert state(current(), "wet") == "ready, by clip:toy, calibrated"
    # A frame that nobody labelled, between the model's line and people's.
    new = embedded(EmbedderFactory(name="clip:toy"), 17)
    KeepFactory(frame=new)
    run_here(start_retag(here=True))
    new.refresh_from_db()
    assert new.tags["wet"] is True


def test_the_newest_word_counts_and_a_word_taken_back_does_not(leaning):
    for frame in leaning:
        TagEditFactory(frame=frame, factor="wet", value=None)
    TagEditFactory(frame=leaning[0], factor="wet", value=True)
    with pytest.raises(CalibrationError, match=r"wet has 1 labels by people \(true 1\); it takes 8, 2 each of two"):
        calibrate_factor(factor="wet")
    label(leaning)
    assert calibrate_factor(factor="wet")["labels"] == 20


def test_held_out_frames_teach_nothing(leaning):
    label(leaning)
    for frame in leaning[:14]:
        frame.held_out = True
        frame.save()
    with pytest.raises(CalibrationError, match="wet has 6 labels"):
        calibrate_factor(factor="wet")


def test_labels_of_frames_without_a_vector_are_told_apart(leaning):
    label(leaning[:4])
    for _ in range(6):
        TagEditFactory(frame=FrameFactory(), factor="wet", value=False)
    with pytest.raises(CalibrationError, match="6 more are of frames that its embedder has not embedded"):
        calibrate_factor(factor="wet")


def test_only_prompted_factors_with_vectors_can_be_calibrated():
    conditions(place={"from": "people"})
    with pytest.raises(CalibrationError, match="'place' is no prompted factor of mine@2; there are none"):
        calibrate_factor(factor="place")
    conditions(wet=WET, weather=WEATHER)
    with pytest.raises(CalibrationError, match="'wether' is no prompted factor of mine@3; they are: wet, weather"):
        calibrate_factor(factor="wether")
    with pytest.raises(CalibrationError, match="no embedder that reads text has embedded frames"):
        calibrate_factor(factor="wet")


def test_weights_that_are_gone_are_named(monkeypatch):
    def gone(name):
        raise WinnowError(f"The weights of {name} are not on this machine.")

    monkeypatch.setattr(prompts, "load_embedder", gone)
    conditions(wet=WET)
    embedded(EmbedderFactory(name="clip:toy", dimension=4), 0)
    with pytest.raises(CalibrationError, match="wet cannot be calibrated: The weights of clip:toy are not on this"):
        calibrate_factor(factor="wet")


def test_a_threshold_that_a_person_changes_later_is_theirs(leaning):
    label(leaning)
    learnt = calibrate_factor(factor="wet")
    same = conditions(wet=WET, weather={"from": "people"})
    assert asked(same)[0].shape.threshold == learnt["threshold"]
    changed = conditions(wet=WET | {"threshold": 0.91})
    (one,) = asked(changed)
    assert one.shape.threshold == 0.91
    assert one.shape.sharpness == learnt["sharpness"]


def test_what_was_learnt_of_another_embedder_is_left_aside(leaning):
    label(leaning)
    calibrate_factor(factor="wet")
    row = current()
    PromptVector.objects.filter(conditions=row).delete()
    give_vectors(row, "wet", EmbedderFactory(name="clip:other", dimension=4), true=at(0), false=at(30))
    assert asked(row)[0].shape.sharpness == 1.0
    assert np.all(np.asarray(asked(row)[0].shape.biases) == 0)
