import pytest
from rest_framework.test import APIClient

LOGIN = "/api/v1/tokens/"


@pytest.fixture
def ada(user_of):
    return user_of("viewer", "ada")


def _log_in(password="correct horse battery", **extra):
    return APIClient().post(LOGIN, {"username": "ada", "password": password}, format="json", **extra)


def test_a_token_opens_the_api_until_it_is_deleted(ada):
    token = _log_in().data["token"]
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    assert client.get("/api/v1/me/").data == {"id": ada.pk, "username": "ada", "role": "viewer", "is_staff": False}
    assert _log_in().data["token"] == token
    assert client.delete(LOGIN).status_code == 204
    assert client.get("/api/v1/me/").status_code == 401


def test_a_wrong_password_says_nothing_of_the_user(ada):
    wrong = _log_in("wrong")
    assert wrong.status_code == 400
    unknown = APIClient().post(LOGIN, {"username": "nobody", "password": "wrong"}, format="json")
    assert wrong.data == unknown.data


def test_a_stale_token_does_not_stand_in_the_way_of_a_new_one(ada):
    assert _log_in(HTTP_AUTHORIZATION="Token gone").status_code == 200


def test_attempts_are_throttled_for_those_who_are_logged_in_as_well(ada, viewer):
    statuses = [viewer.post(LOGIN, {"username": "ada", "password": "x"}, format="json").status_code for _ in range(25)]
    assert statuses[:20] == [400] * 20
    assert statuses[20:] == [429] * 5


@pytest.mark.parametrize("proxies, throttled", [(None, True), (1, False)])
def test_a_made_up_address_is_believed_only_from_our_own_proxy(ada, settings, proxies, throttled):
    settings.AXES_IPWARE_PROXY_COUNT = proxies
    statuses = {_log_in("x", HTTP_X_FORWARDED_FOR=f"6.6.6.6, 10.0.0.{n}").status_code for n in range(25)}
    assert (429 in statuses) == throttled
    same = {_log_in("x", HTTP_X_FORWARDED_FOR=f"{n}.0.0.1, 10.9.9.9").status_code for n in range(25)}
    assert 429 in same


def test_many_failures_lock_the_account_out(ada, settings):
    settings.AXES_ENABLED = True
    settings.AXES_FAILURE_LIMIT = 3
    for _ in range(3):
        assert _log_in("wrong").status_code in (400, 403)
    assert _log_in().status_code in (400, 403, 429)


@pytest.mark.parametrize("body", [{}, {"username": "ada"}, {"username": "a\0b", "password": "x"}, [], "x"])
def test_odd_log_ins_are_refused(db, body):
    assert APIClient().post(LOGIN, body, format="json").status_code == 400
