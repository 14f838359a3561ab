"""Boxes cut out of their pictures and embedded once."""

import numpy as np
import pytest

from activelearning.services import box_vectors
from activelearning.services.box_vectors import vectors_of_boxes
from curation.backends.embed import crop_boxes, load_embedder
from curation.core.types import Box
from evaluation.services.frame_pictures import _decoded
from tests.activelearning.services.mined import ended, footage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


def asked(frames, *, per_frame=2, source="run"):
    ids = np.repeat([frame.pk for frame in frames], per_frame)
    xyxy = np.tile([[10.0, 20.0, 60.0, 120.0], [200.5, 100.25, 300.0, 200.0]][:per_frame], (len(frames), 1))
    return ended(vectors_of_boxes(ids, xyxy, source=source, embedder=load_embedder("descriptor")))


def files(media):
    return sorted(path for path in (media / box_vectors.FOLDER).rglob("*.npz"))


def test_a_box_has_the_vector_of_its_crop(media):
    (frame,) = footage(1, "red")
    found = asked([frame])
    picture = _decoded((media / frame.image).read_bytes())
    crops = crop_boxes(picture, [Box("", 0, 10, 20, 60, 120), Box("", 0, 200.5, 100.25, 300, 200)])
    assert found.made == 2
    assert found.vectors == pytest.approx(load_embedder("descriptor").embed_pictures(crops), abs=1e-3)


def test_what_was_embedded_is_read_and_only_the_rest_is_embedded(media):
    frames = footage(3, "red")
    first = asked(frames[:2])
    both = asked(frames)
    assert (first.made, both.made, asked(frames).made) == (4, 2, 0)
    assert both.vectors[:4].tolist() == first.vectors.tolist()
    assert asked(frames, source="another run").made == 6


def test_a_damaged_file_is_made_again(media):
    frames = footage(2, "red")
    first = asked(frames)
    for path in files(media):
        path.write_bytes(path.read_bytes()[:100])
    again = asked(frames)
    assert again.made == first.made == 4
    assert again.vectors.tolist() == first.vectors.tolist()


def test_frames_far_apart_lie_in_files_of_their_own(media, monkeypatch):
    monkeypatch.setattr(box_vectors, "BUCKET", 1)
    asked(footage(3, "red"))
    assert len(files(media)) == 3


def test_pictures_that_are_gone_leave_zeros_and_are_told(media):
    frames = footage(20, "green")
    for frame in (frames[3], frames[17]):
        (media / frame.image).unlink()
    found = asked(frames, per_frame=1)
    assert found.unreadable == (frames[3].pk, frames[17].pk)
    assert np.flatnonzero(~found.vectors.any(axis=1)).tolist() == [3, 17]
    assert asked(frames, per_frame=1).made == 0


def test_nothing_is_nothing():
    assert asked([]).vectors.shape == (0, load_embedder("descriptor").dimension)
