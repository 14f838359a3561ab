import pytest
from django.test import override_settings


@pytest.mark.django_db
def test_health_answers_without_a_login(client, queue):
    response = client.get("/health")
    assert (response.status_code, response.json()) == (200, {"database": True, "queue": True})


@pytest.mark.django_db
def test_health_says_which_part_is_down(client, servers, caplog):
    down = {"cascade": {"URL": "unix:///nowhere/redis.sock"}}
    with override_settings(RQ_QUEUES=down):
        response = client.get("/health")
    assert (response.status_code, response.json()) == (503, {"database": True, "queue": False})
    assert "the queue does not answer" in caplog.text
