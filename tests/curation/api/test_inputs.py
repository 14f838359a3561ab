"""Bodies that are odd on purpose: a clear 4xx each, never a 500, and nothing stored."""

import json

import pytest

from curation.models import Camera, Cascade, Frame
from tests.factories import CameraFactory, FrameFactory

CAMERAS = "/api/v1/cameras/"


def _post(client, body, content_type="application/json", url=CAMERAS):
    return client.post(url, body, content_type=content_type)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"name": "gate", "attributes": ' + b'{"a": ' * 50_000,
        b'{"name": "gate", "attributes": {"a": NaN}}',
        b'{"name": "gate", "attributes": {"a": Infinity}}',
        b'{"name": "gate", "attributes": {"a": 1e999}}',
        b'{"name": "gate", "attributes": {"a": "\\u0000"}}',
        b'{"name": "gate", "attributes": {"a\\u0000": 1}}',
        b'{"name": "gate", "attributes": {"a": "\\ud800"}}',
        b'{"name": "gate", "attributes": {"a": ' + b"9" * 30 + b"}}",
        b'{"name": "gate", "attributes": {"a": ' + b"9" * 5000 + b"}}",
        b'{"name": "gate", "attributes": {"a": {"b": 1}}}',
        b'{"name": "gate", "attributes": {"a": null}}',
        b'{"name": "gate", "attributes": {"A b": 1}}',
        b'{"name": "gate", "attributes": {"a": "' + b"x" * 201 + b'"}}',
        b'{"name": "gate", "attributes": []}',
        b'{"name": "gate\\u0000"}',
        b'{"name": "../gate"}',
        b'{"name": ".."}',
        b'{"name": "' + b"x" * 81 + b'"}',
        b'{"name": {"a": 1}}',
        b"\xff\xfe",
        b"",
        b"null",
        b"[]",
        b'"gate"',
        b"{",
    ],
)
def test_odd_json_is_refused(curator, body):
    assert _post(curator, body).status_code == 400
    assert not Camera.objects.exists()


def test_a_body_beyond_the_limit_is_413(curator):
    assert _post(curator, b'{"name": "' + b"x" * (1 << 20) + b'"}').status_code == 413


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_other_types_of_body_are_415(curator, content_type):
    assert _post(curator, b"name=gate", content_type).status_code == 415


def test_a_camera_keeps_its_name_and_its_frames_follow_its_attributes(curator):
    made = curator.post(CAMERAS, {"name": "gate", "attributes": {"indoor": False, "angle_deg": 3.5}}, format="json")
    assert made.status_code == 201
    url = f"{CAMERAS}{made.data['id']}/"
    frame = FrameFactory(video__camera=Camera.objects.get(), tags={})
    assert curator.patch(url, {"attributes": {"indoor": True}}, format="json").data["attributes"] == {"indoor": True}
    assert Frame.objects.get(pk=frame.pk).tags == {"indoor": True}
    assert Frame.objects.get(pk=frame.pk).evidence["indoor"]["source"] == "camera"
    assert curator.patch(url, {"name": "other"}, format="json").status_code == 400
    assert curator.post(CAMERAS, {"name": "gate"}, format="json").status_code == 400
    in_use = curator.delete(url)
    assert (in_use.status_code, in_use.data["code"]) == (409, "in_use")


def test_an_unused_camera_can_go(curator):
    camera = CameraFactory()
    assert curator.delete(f"{CAMERAS}{camera.pk}/").status_code == 204
    assert curator.get(f"{CAMERAS}{camera.pk}/").status_code == 404


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(9)
)


@pytest.mark.parametrize(
    "text",
    [
        BOMB,
        "[" * 10_000,
        "name: x\nstages: " + "[" * 17 + "]" * 17,
        "name: .nan\nstages: []",
        "name: x\nstages:\n- kind: motion\n  fps: .inf\n",
        "name: x\nstages:\n- kind: motion\n  fps: 0x" + "f" * 5000,
        "!!python/object/apply:os.system ['true']",
        "name: x\nstages: [2026-01-01]",
        "name: " + "x" * 81 + "\nstages:\n- kind: motion\n",
        "name: a b\nstages:\n- kind: motion\n",
        "- a list",
        "just text",
        "a: b: c",
        "name: x",
        "\x07",
    ],
)
@pytest.mark.parametrize("content_type", ["application/json", "application/yaml"])
def test_odd_cascades_are_refused(curator, text, content_type):
    body = json.dumps({"text": text}) if content_type == "application/json" else text
    assert _post(curator, body, content_type, "/api/v1/cascades/").status_code == 400
    assert not Cascade.objects.exists()


@pytest.mark.parametrize(
    "path",
    [
        "frames/../cameras/",
        "frames/%00/",
        "frames/1%27/",
        "frames/-1/",
        "frames/1e3/",
        "frames/" + "9" * 19 + "/",
        "uploads/not-a-uuid/",
        "uploads/00000000-0000-0000-0000-000000000000%0a/",
        "media/frames/../../../etc/passwd",
    ],
)
def test_odd_paths_find_nothing(curator, path):
    assert curator.get(f"/api/v1/{path}", follow=True).status_code in (403, 404)


MOMENTS = ["0002-06-07T00:05:02-17:23", "9999-12-31T23:59:59-23:00", "0001-01-01T00:00:00%2B23:59"]


@pytest.mark.parametrize("path", ["videos", "frames"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_moment_with_any_offset_is_understood_or_refused(viewer, path, moment):
    assert viewer.get(f"/api/v1/{path}/?recorded_from={moment}").status_code in (200, 400)
