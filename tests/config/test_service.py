"""The whole service, as a person runs it."""

import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
from contextlib import contextmanager, suppress
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from config.service import ServiceError, check_port
from tests.config.machine import MANAGE, data_folder, environment, free_port, manage, processes_of, wait_for

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder():
    with data_folder() as made:
        yield made


class Up:
    """`manage.py up` in the background."""

    def __init__(self, folder, *arguments, **more):
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.process = subprocess.Popen(
            [*MANAGE, "up", "--port", str(self.port), "--workers", "1", *arguments],
            env=environment(folder, PYTHONUNBUFFERED="1", **more),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.out = []
        self.err = []
        for stream, lines in ((self.process.stdout, self.out), (self.process.stderr, self.err)):
            threading.Thread(target=lines.extend, args=(stream,), daemon=True).start()

    def healthy(self):
        assert self.process.poll() is None, "".join(self.err)
        with suppress(URLError, ConnectionError, TimeoutError):
            return urlopen(f"{self.url}/health", timeout=5).status == 200

    def ready(self):
        assert self.process.poll() is None, "".join(self.err)
        return any("is ready at" in line for line in self.out)

    def stop(self, signum):
        self.process.send_signal(signum)
        return self.process.wait(timeout=30)


@contextmanager
def up(folder, *arguments, **more):
    service = Up(folder, *arguments, **more)
    try:
        wait_for(service.ready, timeout_s=90)
        yield service
    finally:
        with suppress(ProcessLookupError):
            service.process.kill()
        service.process.wait(timeout=30)


def running(folder):
    code = (
        "import django; django.setup(); from config.service import running; import json, dataclasses; "
        "found = running(); print(json.dumps(found and dataclasses.asdict(found)))"
    )
    done = manage(folder, "shell", "--no-imports", "-c", code, DJANGO_SETTINGS_MODULE="config.settings")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_the_service_runs_and_stops_leaving_nothing(folder, signum):
    with up(folder) as service:
        assert service.healthy()
        assert service.out == [f"Winnow is ready at {service.url}  (Ctrl-C stops it)\n"]
        assert running(folder) == {"pid": service.process.pid, "url": service.url, "workers": 1}
        assert service.stop(signum) == 0
    assert processes_of(folder) == {}
    assert running(folder) is None


def test_a_killed_service_leaves_nothing(folder):
    with up(folder) as service:
        service.process.kill()
        service.process.wait()
        wait_for(lambda: not processes_of(folder))


def test_a_part_that_dies_stops_the_rest_and_is_told(folder):
    with up(folder) as service:
        (web,) = [
            pid
            for pid, command in processes_of(folder).items()
            if "gunicorn" in command and _parent_command(pid).find("gunicorn") < 0
        ]
        os.kill(web, signal.SIGKILL)
        assert service.process.wait(timeout=30) != 0
        wait_for(lambda: any("A part of the service ended" in line for line in service.err))
    assert processes_of(folder) == {}


def test_a_second_start_on_one_folder_is_refused_and_names_the_first(folder):
    with up(folder) as service:
        done = manage(folder, "up", "--port", str(free_port()))
        assert done.returncode == 1
        assert service.url in done.stderr
        assert "Traceback" not in done.stderr
        assert service.healthy()
        assert service.stop(signal.SIGTERM) == 0


def test_the_first_password_is_told_once():
    with data_folder() as fresh:
        with up(fresh) as service:
            assert service.stop(signal.SIGTERM) == 0
        assert len(re.findall(r"with the password \S+", "".join(service.err))) == 1
        with up(fresh) as service:
            assert service.stop(signal.SIGTERM) == 0
        assert "password" not in "".join(service.err)


def test_a_taken_port_is_a_clear_message(folder):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        began = time.monotonic()
        done = manage(folder, "up", WINNOW_PORT=str(port))
        assert done.returncode == 1
        assert f"port {port} on 127.0.0.1 cannot be used" in done.stderr
        assert f"WINNOW_PORT={port + 1}" in done.stderr
        assert "Traceback" not in done.stderr
        assert time.monotonic() - began < 30
        with pytest.raises(ServiceError, match="Stop the program that has it"):
            check_port("127.0.0.1", port)
    assert processes_of(folder) == {}


def _parent_command(pid):
    with open(f"/proc/{pid}/stat") as file:
        parent = file.read().rpartition(")")[2].split()[1]
    with open(f"/proc/{parent}/cmdline") as file:
        return file.read()
