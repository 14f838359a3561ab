"""The near-duplicates of one frame, as things stand."""

import numpy as np
import pytest

from curation.core.rating import Nearness
from curation.services.embedding import store_frame_vectors
from curation.services.near_duplicates import near_duplicates
from curation.services.seeds import SearchError
from tests.factories import EmbedderFactory, FrameFactory, VideoFactory

pytestmark = pytest.mark.django_db
NEAR = Nearness(min_similarity=0.99, hash_similarity=0.98, max_bits=4)


def frames_at(*degrees, hashes=None, embedder=None):
    """Return frames with vectors in a plane; None makes one without."""
    video = VideoFactory()
    frames = [FrameFactory(video=video, phash=one) for one in hashes or [None] * len(degrees)]
    given = [(frame.pk, np.radians(at)) for frame, at in zip(frames, degrees, strict=True) if at is not None]
    if given:
        ids, angles = zip(*given, strict=True)
        vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
        store_frame_vectors(embedder or EmbedderFactory(dimension=2), ids, vectors)
    return frames


def found(frame, **more):
    return [one.frame for one in near_duplicates(frame, nearness=NEAR, **{"limit": 50, **more}).found]


def test_near_frames_come_nearest_first_without_the_frame_itself():
    frames = frames_at(0, 7, 3, 60)

    answer = near_duplicates(frames[0], nearness=NEAR, limit=50)

    assert [one.frame for one in answer.found] == [frames[2], frames[1]]
    assert [one.similarity for one in answer.found] == pytest.approx(np.cos(np.radians([3, 7])), abs=2e-3)
    assert (answer.embedder.name, answer.more) == ("descriptor", False)


def test_a_little_less_alike_will_do_where_the_hashes_are_alike():
    frames = frames_at(0, 10, 10, 20, hashes=[0b1111, 0b1100, 0xFF00, 0b1111])

    assert found(frames[0]) == [frames[1]]
    (one,) = near_duplicates(frames[0], nearness=NEAR, limit=50).found
    assert one.bits == 2


def test_there_are_more_than_were_asked_for():
    frames = frames_at(*range(5))

    answer = near_duplicates(frames[0], nearness=NEAR, limit=2)
    assert ([one.frame for one in answer.found], answer.more) == ([frames[1], frames[2]], True)
    assert not near_duplicates(frames[0], nearness=NEAR, limit=4).more


def test_a_frame_without_a_vector_is_compared_by_its_hash():
    frames = frames_at(None, 0, None, None, None, hashes=[0b1, 0b1, 0b111, 0b11111, None])

    answer = near_duplicates(frames[0], nearness=NEAR, limit=50)

    assert [(one.frame, one.similarity, one.bits) for one in answer.found] == [
        (frames[1], None, 0), (frames[2], None, 2),
    ]  # fmt: skip
    assert answer.embedder is None


def test_hashes_with_the_sign_bit_are_compared_too():
    frames = frames_at(None, None, None, hashes=[-1, -2, 1])

    assert found(frames[0]) == [frames[1]]


@pytest.mark.parametrize("phash", [None, 0])
def test_without_vector_and_look_nothing_is_near(phash):
    frames = frames_at(None, None, hashes=[phash, phash])

    assert found(frames[0]) == []


def test_an_embedder_that_did_not_embed_the_frame_is_an_error():
    (frame,) = frames_at(0)

    with pytest.raises(SearchError, match="no embedding by onnx:x"):
        near_duplicates(frame, nearness=NEAR, embedder="onnx:x", limit=5)
