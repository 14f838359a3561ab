"""The wrapper of Label Studio's SDK, against a real server: what works, and what failures say."""

import base64
import json
import threading
import time
import traceback
import uuid
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from activelearning.backends.labelstudio import LabelStudioError, Server
from activelearning.backends.labelstudio.account import read_account
from activelearning.backends.labelstudio.predictions import delete_predictions, predictions_of, put_prediction
from activelearning.backends.labelstudio.projects import change_config, create_project, find_project, list_projects
from activelearning.backends.labelstudio.tasks import (
    change_data,
    delete_task,
    find_by_key,
    find_task,
    import_tasks,
)
from activelearning.backends.labelstudio.webhooks import (
    change_webhook,
    create_webhook,
    delete_webhook,
    list_webhooks,
)
from activelearning.core.label_config import Names, make_config
from activelearning.core.label_format import FoundBox, pre_annotation
from tests.faulty_proxy import proxy_before
from tests.label_studio import TOKEN

CONFIG = make_config(["person"])


@pytest.fixture
def server(label_studio):
    with Server(label_studio.url, label_studio.token) as found:
        yield found


@pytest.fixture
def project(server):
    return create_project(server, title="tests of the wrapper", config=CONFIG).number


@pytest.fixture
def answering():
    """Start servers that give one and the same answer."""
    started = []

    def start(status, body=b"", delay_s=0.0, **headers):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                time.sleep(delay_s)
                self.send_response(status)
                for key, value in headers.items():
                    self.send_header(key.replace("_", "-"), value)
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET

            def log_message(self, *_):
                pass

        one = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=one.serve_forever, daemon=True).start()
        started.append(one)
        return f"http://127.0.0.1:{one.server_port}"

    yield start
    for one in started:
        one.shutdown()
        one.server_close()


def jwt(**claims):
    parts = [json.dumps(part).encode() for part in ({"alg": "HS256"}, claims)]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (*parts, b"x" * 32))


def task(key, prediction=None):
    made = {"data": {"image": "http://localhost/1.jpg", "winnow": key}}
    return made | ({"predictions": [prediction]} if prediction else {})


def code_of(call, *arguments, **more):
    with pytest.raises(LabelStudioError) as error:
        call(*arguments, **more)
    assert TOKEN not in "".join(traceback.format_exception(error.value))
    return error.value.code, str(error.value)


def test_both_kinds_of_token_are_known_and_work(label_studio):
    for token, kind in ((label_studio.token, "legacy"), (label_studio.personal_token(), "personal")):
        with Server(label_studio.url, token) as server:
            assert server.token_kind == kind
            account = read_account(server)
            assert (account.email, account.can_create_projects) == (label_studio.user, True)
            assert server.version().startswith("1.")
            assert token not in repr(server)


def test_a_server_without_legacy_tokens_says_so(label_studio):
    personal = label_studio.personal_token()
    label_studio.allow_legacy_tokens(False)
    try:
        with Server(label_studio.url, label_studio.token) as server:
            code, said = code_of(read_account, server)
        assert code == "wrong_token_kind"
        assert "Personal Access Token" in said
        with Server(label_studio.url, personal) as server:
            assert read_account(server).email == label_studio.user
    finally:
        label_studio.allow_legacy_tokens(True)


@pytest.mark.parametrize(
    "token, code",
    [
        ("f" * 40, "refused"),
        (jwt(token_type="access", exp=4_000_000_000), "wrong_token_kind"),
        (jwt(token_type="refresh", exp=1_000_000_000), "expired"),
        (jwt(token_type="refresh", exp=4_000_000_000), "refused"),
        (jwt(token_type="refresh"), "refused"),
        ("a.b.c", "refused"),
    ],
)
def test_tokens_that_do_not_work_say_why(label_studio, token, code):
    with Server(label_studio.url, token) as server:
        assert code_of(read_account, server)[0] == code


def test_a_revoked_token_says_that_it_was(label_studio):
    old = label_studio.personal_token()
    label_studio.personal_token()
    with Server(label_studio.url, old) as server:
        code, said = code_of(read_account, server)
    assert (code, "revoked" in said) == ("refused", True)


@pytest.mark.parametrize(
    "url, code, words",
    [
        ("http://127.0.0.1:9", "unreachable", "nothing listens there"),
        ("http://no-such-host.invalid", "unreachable", "resolved"),
    ],
)
def test_a_server_that_is_not_there_says_so(url, code, words):
    with Server(url, TOKEN) as server:
        for call in (server.version, lambda: read_account(server)):
            found, said = code_of(call)
            assert (found, words in said) == (code, True)


def test_tls_where_there_is_none_is_told(label_studio):
    with Server(label_studio.url.replace("http:", "https:"), TOKEN) as server:
        code, said = code_of(server.version)
    assert (code, "http:// instead of https://" in said) == ("unreachable", True)


@pytest.mark.parametrize(
    "answer, code",
    [
        ({"status": 200, "body": b"<html>Welcome</html>"}, "not_label_studio"),
        ({"status": 200, "body": b'{"hello": "world"}'}, "not_label_studio"),
        ({"status": 200, "body": b"[1, 2]"}, "not_label_studio"),
        ({"status": 200, "body": b"\xff\xfe\x00"}, "not_label_studio"),
        ({"status": 302, "Location": "https://elsewhere.example.org"}, "not_label_studio"),
        ({"status": 404, "body": b"<html>nginx</html>"}, "not_label_studio"),
        ({"status": 502, "body": b"<html>nginx</html>"}, "server"),
        ({"status": 503, "body": b"busy"}, "server"),
        ({"status": 429, "body": b'{"detail": "slow down"}'}, "server"),
        ({"status": 403, "body": b'{"detail": "You shall not pass"}'}, "no_rights"),
        ({"status": 200, "body": b"{}", "delay_s": 2.0}, "timeout"),
    ],
)
def test_what_is_no_label_studio_or_ails_is_told_apart(answering, answer, code):
    with Server(answering(**answer), TOKEN, timeout_s=0.5) as server:
        assert code_of(server.version)[0] == code
        assert code_of(read_account, server)[0] == code


def test_private_addresses_are_refused_where_settings_say_so(label_studio, settings):
    settings.WINNOW_ALLOW_PRIVATE_URLS = False
    for url in (label_studio.url, "http://169.254.169.254", "http://[::1]:80", "http://10.1.2.3", "http://0.0.0.0:80"):
        with Server(url, TOKEN, timeout_s=1) as server:
            code, said = code_of(server.version)
        assert (code, "WINNOW_ALLOW_PRIVATE_URLS" in said) == ("private", True)


def test_projects_are_made_found_listed_and_changed(server):
    made = create_project(server, title="a project of tests", config=CONFIG)
    assert find_project(server, made.number) == made
    assert made.number in [one.number for one in list_projects(server)]
    wider = make_config(["person", "jacket"])
    assert "jacket" in change_config(server, made.number, config=wider).config
    assert code_of(find_project, server, 10**9)[0] == "not_found"
    code, said = code_of(create_project, server, title="ab", config=CONFIG)
    assert (code, "does not accept it" in said) == ("invalid", True)


def test_tasks_are_imported_in_order_and_found_by_their_keys(server, project):
    keys = [str(uuid.uuid4()) for _ in range(250)]
    numbers = import_tasks(server, project, [task(key) for key in keys])
    twin = import_tasks(server, project, [task(keys[3])])[0]
    found = find_by_key(server, project, [*keys[:240], "not there"])
    assert set(found) == set(keys[:240])
    assert [found[key][0].number for key in keys[:240]] == numbers[:240]
    assert [one.number for one in found[keys[3]]] == [numbers[3], twin]
    assert {one.answers for tasks in found.values() for one in tasks} == {0}
    delete_task(server, twin)
    delete_task(server, twin)
    assert len(find_by_key(server, project, [keys[3]])[keys[3]]) == 1
    assert code_of(find_task, server, twin)[0] == "not_found"


def test_skips_count_as_answers(server, project, label_studio):
    (number,) = import_tasks(server, project, [task("k")])
    label_studio.ask("POST", f"/api/tasks/{number}/annotations/", json={"result": [], "was_cancelled": True})
    assert find_task(server, number).answers == 1
    assert find_by_key(server, project, ["k"])["k"][0].answers == 1


def test_a_tasks_data_can_be_changed_in_part(server, project, label_studio):
    (number,) = import_tasks(server, project, [task("k")])
    change_data(server, number, {"image": "http://localhost/2.jpg"})
    assert label_studio.tasks(project)[0]["data"] == {"image": "http://localhost/2.jpg", "winnow": "k"}


def test_predictions_are_put_listed_and_deleted(server, project):
    made = pre_annotation(
        [FoundBox("person", 0.5, (0.0, 0.0, 10.0, 10.0))], size=(100, 100), classes=["person"], names=Names(),
        model_version="people-v1",
    ).prediction  # fmt: skip
    (number,) = import_tasks(server, project, [task("k", made)])
    (before,) = predictions_of(server, number)
    assert (before.model_version, before.score, len(before.regions)) == ("people-v1", 0.5, 1)
    new = put_prediction(server, number, {**made, "model_version": "people-v2"})
    delete_predictions(server, [before.number])
    assert [(one.number, one.model_version) for one in predictions_of(server, number)] == [(new, "people-v2")]


def test_webhooks_carry_the_secret(server, project):
    number = create_webhook(server, project, url="http://localhost:9/hook", secret="s1")
    (one,) = list_webhooks(server, project, secret="s1")
    assert (one.number, one.url, one.is_active, one.has_secret) == (number, "http://localhost:9/hook", True, True)
    change_webhook(server, number, url="http://localhost:9/other", secret="s2")
    (one,) = list_webhooks(server, project, secret="s1")
    assert (one.url, one.has_secret) == ("http://localhost:9/other", False)
    delete_webhook(server, number)
    assert list_webhooks(server, project, secret="s1") == []


def test_an_import_whose_answer_is_lost_is_not_sent_twice(label_studio, project):
    with proxy_before(label_studio.url) as proxy, Server(proxy.url, label_studio.token) as server:
        proxy.once("POST", "/import", drop=True)
        assert code_of(import_tasks, server, project, [task("a")])[0] == "unreachable"
        proxy.once("POST", "/import", status=504)
        assert code_of(import_tasks, server, project, [task("b")])[0] == "server"
        assert proxy.times("POST", "/import") == 2
        assert {key: len(found) for key, found in find_by_key(server, project, ["a", "b"]).items()} == {"a": 1, "b": 1}
