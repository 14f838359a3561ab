"""Signed links to pictures, thumbnails, and what the view sends."""

import time

import cv2
import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.signing import BadSignature, SignatureExpired
from django.test import Client

from curation.models import Frame
from curation.services import pictures
from curation.services.pictures import WIDTHS_PX, PictureMissing, open_picture, picture_url, read_token, shrink
from tests.factories import FrameFactory

pytestmark = pytest.mark.django_db
HOUR_S = 3600


@pytest.fixture(autouse=True)
def _own_folders(settings, tmp_path):
    settings.WINNOW_DATA_DIR = tmp_path
    settings.WINNOW_SIGNED_URL_TTL_S = HOUR_S
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "media")},
        },
    }


def _jpeg(width_px=640, height_px=360):
    picture = np.full((height_px, width_px, 3), 90, np.uint8)
    picture[:, : width_px // 2] = (0, 0, 255)
    return cv2.imencode(".jpg", picture)[1].tobytes()


@pytest.fixture
def frame():
    made = FrameFactory(image="frames/gate/2026/01/05/abc/000000000000.jpg")
    default_storage.save(made.image, ContentFile(_jpeg()))
    return made


def _at(monkeypatch, moment_s):
    monkeypatch.setattr(time, "time", lambda: moment_s)


def _token(url):
    return url.rpartition("/")[2]


def test_a_link_opens_the_picture_without_a_log_in(frame):
    response = Client().get(picture_url(frame))
    assert response.status_code == 200
    assert b"".join(response) == _jpeg()
    assert response["Content-Type"] == "image/jpeg"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert response["Cache-Control"].startswith("private, max-age=")
    assert response["Content-Disposition"].startswith("inline")
    assert not response.cookies


def test_a_link_stays_the_same_for_half_its_life_and_dies_after_all_of_it(frame, monkeypatch):
    start_s = HOUR_S * 500_000
    _at(monkeypatch, start_s)
    url = picture_url(frame)
    _at(monkeypatch, start_s + HOUR_S / 2 - 1)
    assert picture_url(frame) == url
    _at(monkeypatch, start_s + HOUR_S / 2)
    assert picture_url(frame) != url
    _at(monkeypatch, start_s + HOUR_S - 1)
    assert Client().get(url).status_code == 200
    assert read_token(_token(url)).left_s == 1
    _at(monkeypatch, start_s + HOUR_S + 1)
    response = Client().get(url)
    assert response.status_code == 403
    assert "expired" in response.json()["detail"]
    assert response["Cache-Control"] == "no-store"
    with pytest.raises(SignatureExpired):
        read_token(_token(url))


def test_a_link_is_for_one_frame_and_one_width(frame):
    other = FrameFactory()
    token = _token(picture_url(frame, width_px=320))
    for changed in (
        token.replace(f"{frame.pk}-320", f"{other.pk}-320"),
        token.replace("-320", "-640"),
        token.replace("-320", ""),
        token[:-1] + ("a" if token[-1] != "a" else "b"),
        token.rpartition(":")[0],
        "1:1:1",
        "::",
        "x",
        token + "\0",
    ):
        with pytest.raises(BadSignature):
            read_token(changed)
        assert Client().get(f"/api/v1/media/frames/{changed}").status_code == 403


def test_another_installations_link_is_refused(frame, settings):
    url = picture_url(frame)
    settings.SECRET_KEY = "another"
    assert Client().get(url).status_code == 403


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_pictures_are_read_only(frame, method):
    assert getattr(Client(), method)(picture_url(frame)).status_code == 405


def test_a_thumbnail_has_its_width_and_is_made_once(frame, monkeypatch):
    first = b"".join(Client().get(picture_url(frame, width_px=320)))
    assert cv2.imdecode(np.frombuffer(first, np.uint8), cv2.IMREAD_COLOR).shape == (180, 320, 3)
    monkeypatch.setattr(pictures, "shrink", None)
    assert b"".join(Client().get(picture_url(frame, width_px=320))) == first


def test_a_small_frame_is_never_enlarged(frame):
    with open_picture(frame, width_px=640) as file:
        assert file.read() == _jpeg()
    with open_picture(frame, width_px=1280) as file:
        assert file.read() == _jpeg()


@pytest.mark.parametrize("width_px", WIDTHS_PX)
@pytest.mark.parametrize("frame_size", [(1920, 1080), (641, 361), (2, 2), (7680, 4320), (4000, 3)])
def test_shrinking_keeps_shape_and_colour(frame_size, width_px):
    small = shrink(_jpeg(*frame_size), frame_width_px=frame_size[0], width_px=width_px)
    picture = cv2.imdecode(np.frombuffer(small, np.uint8), cv2.IMREAD_COLOR)
    assert picture.shape[1] == width_px
    assert abs(picture.shape[0] - frame_size[1] * width_px / frame_size[0]) <= 1
    if frame_size[0] > 100 and frame_size[1] > 100:
        assert picture[picture.shape[0] // 2, width_px // 4, 2] > 200  # red at the left


def test_widths_are_an_allow_list(frame):
    with pytest.raises(ValueError, match="one of 160, 320, 640, 1280"):
        picture_url(frame, width_px=1_000_000)


@pytest.mark.parametrize("width_px", [None, 320])
def test_a_picture_that_is_gone_says_how_to_get_it_back(frame, width_px):
    default_storage.delete(frame.image)
    response = Client().get(picture_url(frame, width_px=width_px))
    assert response.status_code == 404
    assert "run" in response.json()["detail"]


def test_a_damaged_picture_is_said_to_be_damaged(frame):
    default_storage.delete(frame.image)
    default_storage.save(frame.image, ContentFile(b"not a picture"))
    response = Client().get(picture_url(frame, width_px=320))
    assert response.status_code == 404
    assert "damaged" in response.json()["detail"]


def test_a_frame_that_is_gone_is_not_found(frame):
    url = picture_url(frame)
    Frame.objects.all().delete()
    assert Client().get(url).status_code == 404


@pytest.mark.parametrize("key", ["../secret", "/etc/passwd", "a/../../secret", "link/secret", "", "a\\b", "a" * 500])
def test_a_key_never_leads_out_of_the_storage(frame, tmp_path, key):
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "media" / "link").symlink_to(tmp_path)
    frame.image = key
    with pytest.raises(PictureMissing):
        open_picture(frame)
    with pytest.raises(PictureMissing):
        open_picture(frame, width_px=320)
