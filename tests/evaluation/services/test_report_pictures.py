"""The pictures that a report shows."""

import cv2
import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from evaluation.services.report_pictures import pictures_of
from tests.evaluation.records import a_frame, a_run, a_scenario


@pytest.fixture(autouse=True)
def _own_storage(settings, tmp_path):
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "media")},
        },
    }


def keep(frame, *, kind=".jpg"):
    picture = np.random.default_rng(frame.frame_id).integers(0, 256, (frame.height_px, frame.width_px, 3), np.uint8)
    default_storage.save(frame.image, ContentFile(cv2.imencode(kind, picture)[1].tobytes()))
    return frame


def run(*frames, **changes):
    return a_run(scenarios=(a_scenario(frames=frames, **changes),))


def size(jpeg):
    return cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR).shape[1::-1]


def test_pictures_are_small_jpegs():
    wide, small = keep(a_frame(1)), keep(a_frame(2, width_px=320, height_px=180))
    found = pictures_of(run(wide, small))
    assert {key: size(jpeg) for key, jpeg in found.items()} == {1: (480, 270), 2: (320, 180)}
    assert all(jpeg.startswith(b"\xff\xd8") for jpeg in found.values())


def test_a_picture_of_another_kind_becomes_a_jpeg():
    found = pictures_of(run(keep(a_frame(1, width_px=100, height_px=50), kind=".png")))
    assert found[1].startswith(b"\xff\xd8")


def test_the_same_pictures_give_the_same_bytes():
    frames = [keep(a_frame(n)) for n in range(1, 4)]
    assert pictures_of(run(*frames)) == pictures_of(run(*frames))


def test_pictures_that_are_gone_damaged_or_elsewhere_are_left_out():
    damaged = a_frame(2)
    default_storage.save(damaged.image, ContentFile(b"no picture"))
    outside = [a_frame(3, image="../secret.jpg"), a_frame(4, image="/etc/passwd"), a_frame(5, image="")]
    assert list(pictures_of(run(a_frame(1), damaged, *outside, keep(a_frame(6))))) == [6]


def test_where_not_all_have_room_failed_scenarios_come_first():
    frames = [keep(a_frame(n)) for n in range(1, 4)]
    record = a_run(
        scenarios=(a_scenario(frames=tuple(frames[:2])), a_scenario("f", verdict="fail", frames=(frames[2],)))
    )
    whole = pictures_of(record)
    assert list(whole) == [3, 1, 2]
    assert list(pictures_of(record, most_bytes=len(whole[3]) + len(whole[1]))) == [3, 1]


def test_a_run_without_frames_has_no_pictures():
    assert pictures_of(run()) == {}
