"""`manage.py labelstudio`, as a person and as a program use it."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from activelearning.models import Connection, LabelProject
from activelearning.services.secrets import unseal

pytestmark = pytest.mark.django_db


@pytest.fixture
def token(monkeypatch, label_studio):
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", label_studio.token)
    return label_studio.token


def run(*args, status=0):
    out = io.StringIO()
    if status:
        with pytest.raises(SystemExit) as end:
            call_command("labelstudio", *map(str, args), stdout=out)
        assert end.value.code == status
    else:
        call_command("labelstudio", *map(str, args), stdout=out)
    return out.getvalue()


def refused(*args):
    with pytest.raises(CommandError) as caught:
        run(*args)
    assert caught.value.returncode == 2
    return str(caught.value)


def test_a_server_is_entered_looked_at_used_and_forgotten(label_studio, token):
    assert "There are no connections yet" in run("list")
    said = run("connect", "ours", label_studio.url)
    assert f"answers {label_studio.user}" in said.replace("\n", " ")
    assert token not in said + run("list") + run("check") + run("list", "--json")
    assert "works" in run("list")
    made = json.loads(run("project", "ours", "--title", "night", "--classes", "person,jacket", "--json"))
    assert made["classes"] == ["person", "jacket"]
    assert "night" in run("projects")
    assert "night" in run("projects", "ours", "--there")
    adopted = json.loads(run("project", "ours", "--adopt", made["number"], "--json"))
    assert adopted["id"] == made["id"]
    assert "does not fit" in refused("project", "ours", "--adopt", made["number"], "--classes", "bus")
    assert "Nothing was deleted on the server" in run("remove", "ours")
    assert not LabelProject.objects.exists()
    assert label_studio.sdk().projects.get(made["number"]).title == "night"


def test_one_that_does_not_work_is_kept_and_said_so(monkeypatch):
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", "f" * 40)
    said = run("connect", "ours", "http://127.0.0.1:9", status=1)
    assert "nothing listens there" in said
    assert json.loads(run("check", "ours", "--json", status=1))["connections"][0]["health"]["code"] == "unreachable"
    assert "unreachable" in run("list")


def test_the_token_comes_from_stdin_where_no_variable_holds_it(monkeypatch):
    monkeypatch.delenv("LABEL_STUDIO_API_KEY", raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO("from-stdin\n"))
    run("connect", "ours", "http://127.0.0.1:9", status=1)
    assert unseal(Connection.objects.get().sealed_token, whose="ours") == "from-stdin"
    run("connect", "ours", "--webhook-url", "https://winnow.example.org", "--keep-token", status=1)
    assert Connection.objects.get().webhook_url == "https://winnow.example.org"
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert "There is no token" in refused("connect", "ours")


def test_what_is_wrong_is_said(token):
    assert "Say where it is" in refused("connect", "ours")
    assert "There is no connection 'ours'" in refused("check", "ours")
    assert "Say whose projects" in refused("projects", "--there")
    run("connect", "ours", "http://127.0.0.1:9", status=1)
    assert "Give either --title" in refused("project", "ours")
    assert "nothing listens there" in refused("project", "ours", "--title", "night", "--classes", "person")
