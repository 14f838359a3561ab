"""Hashes of stored pictures: filled in where they lack, whatever has become of the files."""

import cv2
import numpy as np
import pytest

from curation.backends import storage
from curation.core.phash import phash
from curation.models import Frame
from curation.services import picture_hashes
from curation.services.picture_hashes import hash_pictures, unhashed
from tests.curation.core.test_phash import bits, scene
from tests.factories import FrameFactory, VideoFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


def stored(seed=0, *, width_px=640, height_px=360, **more):
    """Return a frame with a picture in the storage."""
    luma = scene(seed, width_px=width_px, height_px=height_px)
    frame = FrameFactory(width_px=width_px, height_px=height_px, **more)
    storage.put_bytes(frame.image, cv2.imencode(".jpg", luma)[1].tobytes())
    return frame, phash(luma)


def hash_all(*, after=0):
    return list(hash_pictures(after=after, until=10**9))


@pytest.mark.parametrize("size", [(64, 48), (640, 360), (1920, 1080)])
def test_a_stored_picture_gets_the_hash_of_what_was_kept(size):
    frame, wanted = stored(width_px=size[0], height_px=size[1])

    (batch,) = hash_all()

    frame.refresh_from_db()
    assert bits(frame.phash, wanted) <= 4
    assert (batch.last_id, batch.count, batch.unreadable) == (frame.pk, 1, [])


def test_a_hash_that_is_there_stays():
    frame, _ = stored(phash=77)

    assert hash_all() == []
    frame.refresh_from_db()
    assert frame.phash == 77


def test_missing_and_damaged_pictures_are_counted_and_the_rest_goes_on():
    video = VideoFactory()
    good, _ = stored(video=video)
    gone = FrameFactory(video=video)
    broken = [FrameFactory(video=video) for _ in range(4)]
    whole = storage.read_bytes(good.image)
    for frame, content in zip(broken, (b"", b"GIF89a", whole[:40], b"\xff\xd8" + b"\0" * 99), strict=True):
        storage.put_bytes(frame.image, content)
    outside = FrameFactory(video=video, image="../../etc/passwd")
    folder = FrameFactory(video=video, image="frames")
    storage.put_bytes("frames/x.jpg", b"x")
    last, _ = stored(1, video=video)

    (batch,) = hash_all()

    assert batch.unreadable == [gone.pk, *(frame.pk for frame in broken), outside.pk, folder.pk]
    assert batch.count == 9
    assert set(Frame.objects.exclude(phash=None)) == {good, last}


def test_a_picture_cut_short_is_hashed_by_what_is_left_or_left_out():
    frame, _ = stored()
    storage.put_bytes(frame.image, storage.read_bytes(frame.image)[:-2000])

    (batch,) = hash_all()

    assert batch.count == 1


def test_pictures_are_hashed_in_batches_and_gone_on_with(monkeypatch):
    monkeypatch.setattr(picture_hashes, "BATCH", 2)
    video = VideoFactory()
    frames = [stored(seed, video=video)[0] for seed in range(5)]

    steps = hash_pictures(after=0, until=frames[3].pk)
    first = next(steps)
    steps.close()

    assert unhashed(after=0, until=10**9).count() == 3
    assert [batch.count for batch in hash_pictures(after=first.last_id, until=frames[3].pk)] == [2]
    assert list(unhashed(after=0, until=10**9)) == [frames[4]]


def test_a_frame_that_goes_meanwhile_is_no_error(monkeypatch):
    stored()
    write = picture_hashes._write

    def late(found):
        Frame.objects.all().delete()
        write(found)

    monkeypatch.setattr(picture_hashes, "_write", late)
    assert [batch.count for batch in hash_all()] == [1]


def test_black_pictures_have_the_flat_hash_and_are_not_read_again():
    frame = FrameFactory()
    storage.put_bytes(frame.image, cv2.imencode(".jpg", np.zeros((360, 640), np.uint8))[1].tobytes())

    assert len(hash_all()) == 1
    frame.refresh_from_db()
    assert frame.phash == 0
    assert hash_all() == []
