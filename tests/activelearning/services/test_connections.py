"""Connections: what may be entered, that tokens stay secret, and what a look says in plain words."""

import json

import pytest
from django.core import serializers

from activelearning.models import Connection
from activelearning.services.connection_health import check_connection
from activelearning.services.connections import (
    ConnectionRefused,
    NoSuchConnection,
    add_connection,
    edit_connection,
    find_connection,
    remove_connection,
    server_of,
)
from activelearning.services.secrets import Sealed, seal, unseal
from curation.core.errors import SpecError
from tests.activelearning.factories import LabelBatchFactory, LabelProjectFactory

TOKEN = "a-secret-token"
pytestmark = pytest.mark.django_db


def entered(**more):
    return add_connection(**{"name": "ours", "url": "https://label.example.org/", "token": TOKEN, **more})


def test_a_token_is_stored_sealed_and_told_nowhere():
    connection = entered()
    assert connection.url == "https://label.example.org"
    assert TOKEN not in serializers.serialize("json", Connection.objects.all())
    assert unseal(connection.sealed_token, whose="ours") == TOKEN
    assert TOKEN not in repr(server_of(connection)) + repr(connection)
    assert len(connection.webhook_secret) >= 40


def test_the_same_token_is_sealed_otherwise_each_time():
    assert seal(TOKEN) != seal(TOKEN)


def test_another_secret_key_says_to_enter_the_token_again(settings):
    connection = entered()
    settings.SECRET_KEY = "another one"
    with pytest.raises(Sealed, match="Enter it again"):
        server_of(connection)
    health = check_connection(connection)
    assert (health["ok"], health["code"]) == (False, "sealed")


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "Ours"}, {"name": ""}, {"url": "label.example.org"}, {"url": "ftp://x"}, {"url": "http://"},
        {"url": "http://u:p@x"}, {"url": "http://x?a=1"}, {"url": "http://x:notaport"}, {"url": "http://x y"},
        {"token": ""}, {"token": "two words"}, {"token": "t\n"  "x"}, {"pictures": "post"}, {"pictures": "bucket"},
        {"webhook_url": "nowhere"}, {"pictures_url": "javascript:alert(1)"},
    ],
)  # fmt: skip
def test_what_is_not_valid_is_refused(wrong):
    with pytest.raises(SpecError) as error:
        entered(**wrong)
    assert TOKEN not in str(error.value)
    assert not Connection.objects.exists()


def test_a_name_is_used_once():
    entered()
    with pytest.raises(ConnectionRefused) as error:
        entered()
    assert error.value.code == "exists"


def test_a_token_is_not_sent_to_another_server():
    connection = entered()
    with pytest.raises(ConnectionRefused) as error:
        edit_connection(connection, url="https://evil.example.org")
    assert error.value.code == "no_token"
    edit_connection(connection, url="https://new.example.org", token="another")
    assert unseal(connection.sealed_token, whose="ours") == "another"
    edit_connection(connection, url="https://new.example.org/", webhook_url="https://winnow.example.org/")
    assert connection.webhook_url == "https://winnow.example.org"


def test_what_is_not_there_lists_what_is():
    with pytest.raises(NoSuchConnection, match="There is none yet"):
        find_connection("ours")
    assert entered() == find_connection(" ours ")
    with pytest.raises(NoSuchConnection, match="There are: ours"):
        find_connection("theirs")


def test_a_connection_that_batches_went_to_stays():
    project = LabelProjectFactory(connection=entered())
    LabelBatchFactory(via="label_studio", project=project)
    with pytest.raises(ConnectionRefused, match="revoke it in Label Studio"):
        remove_connection(project.connection)
    project.batches.all().delete()
    remove_connection(project.connection)
    assert not Connection.objects.exists()


def test_a_look_at_one_that_works(label_studio):
    connection = entered(url=label_studio.url, token=label_studio.token)
    health = check_connection(connection)
    assert health["ok"], health
    assert (health["user"], health["token"], health["can_create_projects"]) == (label_studio.user, "legacy", True)
    assert health["summary"].startswith("Label Studio 1.")
    connection.refresh_from_db()
    assert connection.health == json.loads(json.dumps(health))
    assert connection.checked_at is not None
    assert label_studio.token not in json.dumps(health)


@pytest.mark.parametrize(
    "url, code", [("http://127.0.0.1:9", "unreachable"), ("http://no-such-host.invalid", "unreachable")]
)
def test_a_look_at_one_that_does_not_work_says_why(url, code):
    health = check_connection(entered(url=url))
    assert (health["ok"], health["code"]) == (False, code)
    assert health["summary"] == health["problems"][0]
    assert url in health["summary"]


def test_an_old_server_is_told(label_studio, monkeypatch):
    monkeypatch.setattr("activelearning.services.connection_health.OLDEST", (99, 0))
    health = check_connection(entered(url=label_studio.url, token=label_studio.token))
    assert (health["ok"], health["code"]) == (False, "too_old")
    assert "99.0 or newer is needed" in health["summary"]


@pytest.mark.parametrize(
    "more, words",
    [
        ({}, "each takes for its own machine"),
        ({"pictures_url": "http://pictures.example.org"}, "browsers refuse that"),
        ({"pictures_url": "https://pictures.example.org"}, "WINNOW_ALLOWED_HOSTS"),
        ({}, "No webhook_url is set"),
        ({"webhook_url": "http://winnow:8000"}, "host name without a dot"),
        ({"webhook_url": "http://192.168.1.5:8000"}, "SSRF_PROTECTION_ENABLED=false"),
    ],
)
def test_what_annotators_and_webhooks_will_meet_is_foretold(more, words):
    health = check_connection(entered(url="https://no-such-host.invalid", **more))
    assert any(words in said for said in health["problems"] + health["notes"]), health
