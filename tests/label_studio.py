"""A real Label Studio for tests: its own environment (`make label-studio`), its own folder, SQLite, a free port."""

import re
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from label_studio_sdk import LabelStudio

from config import env
from config.lifeline import before_exec
from tests.config.machine import free_port

PROGRAM = Path(__file__).resolve().parent.parent / ".label-studio" / "bin" / "label-studio"
HOW = "make label-studio"
START_S = 300.0
TOKEN = "0123456789abcdef0123456789abcdef01234567"
USER, PASSWORD = "ada@winnow.test", "correct horse battery"
CONFIG = """<View>
  <Image name="image" value="$image"/>
  <RectangleLabels name="box" toName="image"><Label value="person"/><Label value="jacket"/></RectangleLabels>
</View>"""


@dataclass(frozen=True)
class LabelStudioServer:
    """A running server. `token` is a legacy one of `user`, who owns the organization."""

    url: str
    folder: Path
    token: str = TOKEN
    user: str = USER
    password: str = PASSWORD

    def sdk(self, token: str = "") -> LabelStudio:
        """Give a client of the SDK, for what a test does or looks at beside our own code."""
        return LabelStudio(base_url=self.url, api_key=token or self.token)

    def project(self, config: str = CONFIG, title: str = "") -> Any:
        """Make a fresh project. Returns what the SDK says of it: `.id`, `.title`, …"""
        return self.sdk().projects.create(title=title or f"test {uuid.uuid4().hex[:12]}", label_config=config)

    def tasks(self, project: int) -> list[dict[str, Any]]:
        """List a project's tasks as they are in its database: id, data, annotations, predictions. Fast."""
        found = self.ask("GET", f"/api/projects/{project}/export?exportType=JSON&download_all_tasks=true")
        whole = {one["id"]: one for one in self.ask("GET", f"/api/predictions/?project={project}").json()}
        tasks = [task | {"predictions": [whole[one] for one in task["predictions"]]} for task in found.json()]
        return sorted(tasks, key=lambda task: task["id"])

    def ask(self, method: str, path: str, token: str = "", **more: Any) -> httpx.Response:
        """Ask its API for what the SDK does not know. Raises httpx.HTTPStatusError."""
        header = {"Authorization": f"Token {token or self.token}"}
        answer = httpx.request(method, self.url + path, headers=header, timeout=60, **more)
        return answer.raise_for_status()

    def allow_legacy_tokens(self, allowed: bool) -> None:
        """Accept legacy tokens, or refuse them as a server does that was set up without them."""
        with sqlite3.connect(self.folder / "label_studio.sqlite3", timeout=30) as database:
            database.execute("UPDATE jwt_auth_jwtsettings SET legacy_api_tokens_enabled = ?", (allowed,))

    def personal_token(self) -> str:
        """Make a personal access token (a refresh JWT) of `user`; one made before is revoked."""
        for old in self.ask("GET", "/api/token/").json():
            self.ask("POST", "/api/token/blacklist/", json={"refresh": old["token"]})
        token: str = self.ask("POST", "/api/token/").json()["token"]
        return token

    def annotator(self, email: str) -> str:
        """Sign another person up for the same organization. Returns their legacy token."""
        invited = self.ask("GET", "/api/invite").json()["invite_url"]
        with httpx.Client(base_url=self.url, follow_redirects=True, timeout=60) as browser:
            csrf = _csrf(browser.get(invited).text)
            form = {"email": email, "password": PASSWORD, "csrfmiddlewaretoken": csrf, "how_find_us": "other"}
            browser.post(invited, data=form, headers={"Referer": self.url}).raise_for_status()
            token: str = browser.get("/api/current-user/token").raise_for_status().json()["token"]
        return token


def lacking() -> list[str]:
    """Say what a header of the tests' run should say."""
    return [] if PROGRAM.exists() else [f"Label Studio ({HOW})"]


@pytest.fixture(scope="session")
def label_studio(request: pytest.FixtureRequest) -> Iterator[LabelStudioServer]:
    """The one server of this run of tests. Each test makes projects of its own in it."""
    if lacking():
        message = f"Label Studio is not installed ({HOW})"
        if env.boolean("CI", default=False):
            pytest.fail(message)
        pytest.skip(message)
    (found,) = PROGRAM.parent.parent.glob("lib/python*/site-packages/label_studio-*.dist-info")
    made_before = request.config.cache.mkdir(found.name.removesuffix(".dist-info")) / "data"
    base = Path(tempfile.mkdtemp(prefix="winnow-label-studio-"))
    try:
        if not made_before.exists():
            _make(base / "new", made_before)
        with _running(_copied(made_before, base / "data"), base / "log") as server:
            yield server
    finally:
        shutil.rmtree(base, ignore_errors=True)


class _running:
    """A server for the block; killed at its end, and with this process."""

    def __init__(self, folder: Path, log: Path) -> None:
        self._folder, self._log = folder, log

    def __enter__(self) -> LabelStudioServer:
        port = free_port()
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [PROGRAM, "start", "--no-browser", "--port", str(port), "--username", USER, "--password", PASSWORD,
                 "--user-token", TOKEN],
                cwd=self._folder,
                env=_environment(self._folder),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=before_exec(signal.SIGKILL),
            )  # fmt: skip
        server = LabelStudioServer(f"http://localhost:{port}", self._folder)
        try:
            self._wait(server)
        except BaseException:
            self.__exit__()
            raise
        return server

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    def _wait(self, server: LabelStudioServer) -> None:
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                if httpx.get(f"{server.url}/health", timeout=5).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.2)
        tail = self._log.read_text(errors="replace")[-3000:]
        pytest.fail(f"Label Studio did not start within {START_S:.0f} s. The end of its log:\n{tail}")


def _make(folder: Path, kept: Path) -> None:
    """Let a first start make the database, which takes over a minute, and keep it for the runs to come."""
    folder.mkdir()
    with _running(folder, folder.parent / "first.log"):
        pass
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent) as near:
        whole = _copied(folder, Path(near) / "data")
        if not kept.exists():
            whole.rename(kept)


def _copied(folder: Path, copy: Path) -> Path:
    return Path(shutil.copytree(folder, copy))


def _environment(folder: Path) -> dict[str, str]:
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(folder),
        "LABEL_STUDIO_BASE_DATA_DIR": str(folder),
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
        "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK": "true",
        "SSRF_PROTECTION_ENABLED": "false",
        "COLLECT_ANALYTICS": "false",
        "LATEST_VERSION_CHECK": "false",
        "SENTRY_DSN": "",
        "FRONTEND_SENTRY_DSN": "",
        "SECRET_KEY": "label studio of the tests, on this machine only",
    }


def _csrf(page: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert found, "the sign-up page holds no form"
    return found[1]
