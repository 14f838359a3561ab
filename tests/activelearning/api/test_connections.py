"""Connections and label projects over HTTP: tokens are heard and never said; only admins write connections."""

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from activelearning.models import Connection, LabelProject
from activelearning.services.picture_links import picture_address
from tests.activelearning.factories import ConnectionFactory, LabelProjectFactory, LabelTaskFactory
from tests.activelearning.studio import connected

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(db):
    user = User.objects.create_superuser("ada", password="x")
    client = Client()
    client.force_login(user)
    return client


def post(client, path, body):
    return client.post(f"/api/v1/{path}", body, content_type="application/json")


def test_a_connection_is_entered_looked_at_changed_and_forgotten(admin, label_studio):
    made = post(admin, "connections/", {"name": "ours", "url": label_studio.url, "token": label_studio.token})
    assert made.status_code == 201
    assert made.json()["health"]["ok"] is True
    where = f"/api/v1/connections/{made.json()['id']}/"
    for answer in (made, admin.get(where), admin.get("/api/v1/connections/"), post(admin, where[8:] + "check/", {})):
        assert answer.status_code in (200, 201)
        assert label_studio.token not in answer.content.decode()
        assert Connection.objects.get().webhook_secret not in answer.content.decode()
        assert "sealed" not in answer.content.decode()
    changed = admin.patch(where, {"webhook_url": "https://winnow.example.org"}, content_type="application/json")
    assert changed.json()["webhook_url"] == "https://winnow.example.org"
    assert isinstance(admin.get(where + "projects/").json(), list)
    assert admin.delete(where).status_code == 204
    assert not Connection.objects.exists()


def test_another_address_needs_the_token_again(admin):
    connection = ConnectionFactory()
    answer = admin.patch(
        f"/api/v1/connections/{connection.pk}/", {"url": "http://evil.example.org"}, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "no_token")


def test_a_wrong_token_is_kept_with_what_is_wrong_of_it(admin, label_studio):
    made = post(admin, "connections/", {"name": "ours", "url": label_studio.url, "token": "f" * 40})
    assert (made.status_code, made.json()["health"]["code"]) == (201, "refused")
    there = admin.get(f"/api/v1/connections/{made.json()['id']}/projects/")
    assert (there.status_code, there.json()["code"]) == (502, "refused")


def test_projects_are_made_and_adopted(admin, label_studio):
    connection = connected(label_studio.url, label_studio.token)
    made = post(admin, "label-projects/", {"connection": connection.name, "title": "night", "classes": ["person"]})
    assert made.status_code == 201
    number = made.json()["number"]
    assert made.json()["url"] == f"{label_studio.url}/projects/{number}"
    again = post(admin, "label-projects/", {"connection": connection.name, "number": number, "classes": ["person"]})
    assert again.json()["id"] == made.json()["id"]
    misfit = post(admin, "label-projects/", {"connection": connection.name, "number": number, "classes": ["jacket"]})
    assert (misfit.status_code, misfit.json()["code"]) == (409, "misfit")
    gone = post(admin, "label-projects/", {"connection": connection.name, "number": 10**9})
    assert (gone.status_code, gone.json()["code"]) == (502, "not_found")
    both = post(admin, "label-projects/", {"connection": connection.name, "number": 1, "title": "x"})
    assert both.status_code == 400
    assert post(admin, "label-projects/", {"connection": "no", "title": "night"}).status_code == 404
    assert LabelProject.objects.count() == 1
    assert len(admin.get(f"/api/v1/label-projects/?connection={connection.name}").json()["results"]) == 1


def test_only_admins_enter_connections_and_curators_make_projects(db):
    curator = User.objects.create_user("cy", password="x")
    curator.groups.add(Group.objects.get_or_create(name="curator")[0])
    client = Client()
    client.force_login(curator)
    assert (
        post(client, "connections/", {"name": "ours", "url": "http://x.example.org", "token": "t"}).status_code == 403
    )
    assert client.get("/api/v1/connections/").status_code == 200
    assert post(client, "label-projects/", {"connection": "no", "title": "night"}).status_code == 404
    assert not Connection.objects.exists()


@pytest.mark.parametrize("page", ["connection", "labelproject"])
def test_admin_pages_show_no_secret(admin, page):
    project = LabelProjectFactory(connection=ConnectionFactory(sealed_token="sealed", webhook_secret="hush" * 10))
    row = project if page == "labelproject" else project.connection
    for url in (f"/admin/activelearning/{page}/", f"/admin/activelearning/{page}/{row.pk}/change/"):
        answer = admin.get(url)
        assert answer.status_code == 200
        assert "hush" not in answer.content.decode()
        assert "sealed" not in answer.content.decode()


@pytest.fixture
def sent(media, db):
    task = LabelTaskFactory(state="sent")
    path = media / task.frame.image
    path.parent.mkdir(parents=True)
    path.write_bytes(b"jpeg")
    return task


def path_of(task, **connection):
    address = picture_address(task, ConnectionFactory.build(pictures_url="http://here", **connection))
    return address.removeprefix("http://here")


def test_a_picture_is_shown_to_any_page_that_has_the_link(sent):
    answer = Client().get(path_of(sent))
    assert (answer.status_code, b"".join(answer.streaming_content)) == (200, b"jpeg")
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert not answer.cookies


def test_links_outlive_those_of_pages_and_end(sent, settings):
    settings.WINNOW_SIGNED_URL_TTL_S = 0
    path = path_of(sent)
    assert Client().get(path).status_code == 200
    settings.WINNOW_LABEL_URL_TTL_S = -1
    assert Client().get(path).status_code == 403


@pytest.mark.parametrize("state", ["dropped", "gone"])
def test_what_is_no_longer_to_be_labelled_is_not_shown(sent, state):
    path = path_of(sent)
    type(sent).objects.update(state=state)
    assert Client().get(path).status_code == 404


def test_forged_links_and_those_of_pages_are_refused(sent):
    assert Client().get(reverse("label-picture", kwargs={"token": f"{sent.key.hex}:1abcde:forged"})).status_code == 403
    assert Client().get(path_of(sent)[:-1]).status_code == 403
    assert Client().post(path_of(sent)).status_code == 405


def test_a_bucket_gives_the_place_in_it(sent, settings):
    settings.STORAGES = {**settings.STORAGES, "default": {
        "BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": {"bucket_name": "footage", "location": "winnow"},
    }}  # fmt: skip
    assert (
        picture_address(sent, ConnectionFactory.build(pictures="bucket")) == f"s3://footage/winnow/{sent.frame.image}"
    )
