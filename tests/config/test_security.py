"""A production start needs its secrets; everything needs a log-in; guessing passwords is slow."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from tests.config.machine import manage

SECRET = "kq3mVd7hXz0sWnB5tYc8rLf2pGj6uAe9iQo4xKv1CwRbTyHnZsMd"
PRODUCTION = {
    "WINNOW_ENV": "production",
    "WINNOW_SECRET_KEY": SECRET,
    "WINNOW_ALLOWED_HOSTS": "winnow.example.org",
}


def test_check_deploy_is_clean_in_production(tmp_path):
    done = manage(tmp_path, "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize(
    "changed, message",
    [
        ({"WINNOW_SECRET_KEY": ""}, "WINNOW_SECRET_KEY='' cannot be used: production needs a random value"),
        ({"WINNOW_SECRET_KEY": "change-me" * 10}, "WINNOW_SECRET_KEY='\\*\\*\\*' cannot be used"),
        ({"WINNOW_ALLOWED_HOSTS": ""}, "WINNOW_ALLOWED_HOSTS='' cannot be used: production needs the host names"),
        ({"WINNOW_DEBUG": "yes"}, "WINNOW_DEBUG"),
        ({"WINNOW_ENV": "staging"}, "WINNOW_ENV='staging' cannot be used: it must be one of local, production"),
    ],
)
def test_a_production_start_is_refused(tmp_path, changed, message):
    done = manage(tmp_path, "check", **PRODUCTION | changed)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert re.search(message, done.stderr), done.stderr


def test_a_local_start_makes_its_secret(tmp_path):
    assert manage(tmp_path, "check").returncode == 0
    made = tmp_path / "secrets" / "secret_key"
    assert made.stat().st_mode & 0o777 == 0o600


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path, answer",
    [
        ("/", 302),
        ("/admin/", 302),
        ("/django-rq/", 302),
        ("/api/docs/", 401),
        ("/api/schema/", 401),
        ("/login/", 200),
        ("/nowhere/", 404),
    ],
)
def test_everything_needs_a_login(client, path, answer):
    response = client.get(path)
    assert response.status_code == answer
    if answer == 302:
        assert "login" in response["Location"]


@pytest.mark.django_db
def test_the_job_dashboard_is_for_staff(client, queue):
    users = get_user_model().objects
    client.force_login(users.create_user("viewer"))
    assert client.get("/django-rq/").status_code == 302
    client.force_login(users.create_user("staff", is_staff=True))
    assert client.get("/django-rq/").status_code == 200


@pytest.mark.django_db
def test_log_in_leads_to_the_dashboard_and_out_again(client):
    get_user_model().objects.create_user("ada", password="a long one, indeed")
    response = client.post("/login/", {"username": "ada", "password": "a long one, indeed"})
    assert (response.status_code, response["Location"]) == (302, "/dashboard/")
    assert client.post("/logout/")["Location"] == "/login/"


@pytest.mark.django_db
def test_log_in_does_not_lead_to_another_site(client):
    get_user_model().objects.create_user("ada", password="a long one, indeed")
    wanted = {"username": "ada", "password": "a long one, indeed", "next": "https://evil.example/"}
    assert client.post("/login/", wanted)["Location"] == "/dashboard/"


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/login/", "/admin/login/"])
def test_guessing_a_password_is_stopped(client, settings, path):
    settings.AXES_ENABLED = True
    get_user_model().objects.create_user("ada", password="a long one, indeed", is_staff=True)
    for _ in range(settings.AXES_FAILURE_LIMIT):
        last = client.post(path, {"username": "ada", "password": "wrong"})
    assert last.status_code == 429
    right = {"username": "ada", "password": "a long one, indeed"}
    assert client.post(path, right).status_code == 429
    assert Client(REMOTE_ADDR="10.1.2.3").post(path, right).status_code == 302


@pytest.mark.django_db
def test_guessing_a_password_over_the_api_is_stopped(client, settings):
    settings.AXES_ENABLED = True
    get_user_model().objects.create_user("ada", password="a long one, indeed")

    def ask(password):
        return client.post("/api/v1/tokens/", {"username": "ada", "password": password}, "application/json").status_code

    assert ask("a long one, indeed") == 200
    answers = [ask("wrong") for _ in range(settings.AXES_FAILURE_LIMIT)]
    assert answers[0] == 400
    assert ask("a long one, indeed") in (400, 403, 429)


@pytest.mark.django_db
def test_a_log_in_form_from_another_site_is_refused():
    assert Client(enforce_csrf_checks=True).post("/login/", {"username": "a", "password": "b"}).status_code == 403
