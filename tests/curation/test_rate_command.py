"""`manage.py rate`, as a person and as a program use it."""

import io
import json

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from curation.models import Frame, Job
from curation.services.embedding import store_frame_vectors
from curation.services.rating import start_rating
from tests.factories import EmbedderFactory, FrameFactory, VideoFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


def frames_at(*degrees):
    video = VideoFactory()
    frames = [FrameFactory(video=video, phash=0) for _ in degrees]
    angles = np.radians(degrees)
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    store_frame_vectors(EmbedderFactory(dimension=2), [frame.pk for frame in frames], vectors)
    return frames


def run(*args):
    out = io.StringIO()
    call_command("rate", *args, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def refused(*args):
    with pytest.raises(CommandError) as caught:
        run(*args)
    return str(caught.value), caught.value.returncode


def test_a_person_reads_what_was_found_and_how_to_see_it():
    frames = frames_at(0, 1, 2, 90, 95, 180)

    said = run()

    assert "6 frames compared by descriptor." in said
    assert "3 are near-duplicates of 2 others" in said
    assert "manage.py search 'duplicate:true'" in said
    assert f"Least like the rest: frames {frames[5].pk}" in said
    assert Frame.objects.exclude(duplicate_of=None).count() == 3


def test_outliers_are_named_with_the_search_that_finds_them():
    rng = np.random.default_rng(0)
    frames = frames_at(*rng.normal(0, 1, 200), 180)

    said = " ".join(run("--min-similarity", "1").split())

    assert f"frames {frames[-1].pk} (" in said
    assert "manage.py search 'outlier_score:>3.5'" in said


def test_a_program_gets_one_object():
    frames_at(0, 1, 90)

    found = json.loads(run("--json", "--min-similarity", "0.999", "--max-bits", "0"))

    assert (found["frames"], found["duplicates"], found["groups"]) == (3, 1, 1)
    assert (found["embedder"], found["min_similarity"], found["max_bits"]) == ("descriptor", 0.999, 0)
    assert found["job"] == Job.objects.get().pk
    assert Job.objects.get().state == Job.State.DONE


def test_without_frames_it_says_what_to_do():
    assert "manage.py ingest" in run()


def test_without_vectors_and_pictures_it_says_so():
    FrameFactory.create_batch(2)

    said = " ".join(run().split())

    assert "None has a vector" in said
    assert "2 pictures are missing or damaged" in said
    assert "Do the runs or imports that keep them again" in said


def test_a_wrong_command_is_refused_with_status_2():
    frames_at(0)

    assert refused("--min-similarity", "2") == ("min_similarity is 2.0, but more than 0 and at most 1 is wanted.", 2)
    assert refused("--embedder", "nope") == ("No frame was embedded by 'nope'. There are: descriptor.", 2)
    start_rating()
    message, status = refused()
    assert "rating all frames already" in message
    assert status == 2
