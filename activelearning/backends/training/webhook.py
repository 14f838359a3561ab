"""Training by a service elsewhere, which an operator of this service has named in its settings.

POST url takes a tar (spec.json, data/…) and answers {"job": "7"}. GET url/7 answers {"state": "running" | "done" |
"failed", "epochs": […], "message", "detector", "figures", "sha256"}; GET url/7/weights gives the file.
POST url with JSON, {"event": "cancelled", "job": "7", "name"}, says that nobody waits for it any more."""

import hashlib
import json
import re
import tarfile
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any, ClassVar
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.conf import settings

from activelearning.backends.training.answers import made_from
from activelearning.backends.training.contract import Heard, Lesson, Lessons, Made, TrainerError
from curation.core.errors import SpecError
from curation.core.params import param

TIMEOUT_S = 60.0
CALL_OFF_TIMEOUT_S = 10.0
"""A person waits for it."""
PATIENCE_S = 900.0
"""A service that does not answer for so long is given up, until somebody resumes."""
MOST_ANSWER_BYTES = 4 << 20
MOST_WEIGHTS_BYTES = 4 << 30
TICK_S = 1.0
NOTED = "hook.json"
"""In a training's folder: what the service called it."""


@dataclass(frozen=True)
class WebhookTrainer:
    """Sends data and settings to a service of WINNOW_TRAINING_HOOKS, asks how far it is, and fetches the weights."""

    kind: ClassVar[str] = "webhook"
    reads_base: ClassVar[tuple[str, ...]] = ()
    service: str = param(help="Its name in WINNOW_TRAINING_HOOKS.")
    settings: dict = param({}, help="What the service is told besides.")  # type: ignore[type-arg]
    poll_s: float = param(10.0, help="Time between questions.", unit="s", minimum=0.1, maximum=3600)

    def epochs_asked(self) -> int:
        epochs = self.settings.get("epochs", 0)
        return epochs if isinstance(epochs, int) else 0

    def check(self) -> None:
        self._hook()

    def train(self, lesson: Lesson) -> Lessons:
        noted = lesson.folder / NOTED
        if noted.is_file():
            number = str(json.loads(noted.read_text())["job"])  # an earlier attempt sent it already
        else:
            yield Heard("stage", {"doing": f"sending the data to {self.service}"})
            number = self._send(lesson)
            noted.write_text(json.dumps({"job": number}))
        yield Heard("start", {"device": self.service, "epochs": self.epochs_asked(), "resumed_after": 0})
        said = yield from self._waited(number)
        if said.get("state") != "done":
            noted.unlink(missing_ok=True)
            raise TrainerError("program", f"{self.service} says: {str(said.get('message') or 'it failed')[:300]}.")
        yield Heard("stage", {"doing": "fetching the weights"})
        return self._fetched(number, said, lesson)

    def call_off(self, folder: Path, *, name: str) -> None:
        """Tell the service that a training was cancelled, if it was sent there. Resumed, it is sent anew; where the
        service could not be told, it is asked for what goes on there. Raises TrainerError, SpecError."""
        noted = folder / NOTED
        if not noted.is_file():
            return
        said = {"event": "cancelled", "job": str(json.loads(noted.read_text())["job"]), "name": name}
        headers = {"Content-Type": "application/json"}
        with self._opened("", body=json.dumps(said).encode(), headers=headers, timeout_s=CALL_OFF_TIMEOUT_S):
            noted.unlink(missing_ok=True)

    def _send(self, lesson: Lesson) -> str:
        spec = lesson.folder / "spec.json"
        spec.write_text(json.dumps({**lesson.spec, "data": "data/data.yaml", "settings": self.settings}, indent=1))
        packed = lesson.folder / "lesson.tar"
        try:
            with tarfile.open(packed, "w") as tar:
                tar.add(spec, "spec.json", filter=_nameless)
                tar.add(lesson.data.parent, "data", filter=_nameless)
            with packed.open("rb") as body:
                size = str(packed.stat().st_size)
                headers = {"Content-Type": "application/x-tar", "Content-Length": size}
                answer = self._asked("", body=body, headers=headers)
        finally:
            packed.unlink(missing_ok=True)
        number = str(answer.get("job", ""))
        if not re.fullmatch(r"[\w-]{1,100}", number):
            raise TrainerError("answer", f"{self.service} answered without a `job` of letters and digits.")
        return number

    def _waited(self, number: str) -> Generator[Heard, None, dict[str, Any]]:
        """Ask until it has ended; yields the epochs that are new."""
        told, asked_s, heard_s = 0, 0.0, time.monotonic()
        while True:
            if time.monotonic() - asked_s >= self.poll_s:
                asked_s = time.monotonic()
                try:
                    said = self._asked(f"/{number}")
                except TrainerError as error:
                    if not error.is_passing or time.monotonic() - heard_s > PATIENCE_S:
                        raise
                else:
                    heard_s = time.monotonic()
                    epochs = said.get("epochs")
                    for row in epochs[told:] if isinstance(epochs, list) else ():
                        told += 1
                        yield Heard("epoch", row if isinstance(row, dict) else {})
                    if said.get("state") in ("done", "failed"):
                        return said
            yield Heard("quiet")
            time.sleep(min(TICK_S, self.poll_s))

    def _fetched(self, number: str, said: dict[str, Any], lesson: Lesson) -> Made:
        made = lesson.folder / "made"
        made.mkdir(exist_ok=True)
        detector = str(said.get("detector") or "ultralytics:{}")
        path = made / ("weights.onnx" if "_onnx" in detector.partition(":")[0] else "weights.pt")
        digest = hashlib.sha256()
        with self._opened(f"/{number}/weights") as read, path.open("wb") as write:
            while block := read.read(1 << 20):
                digest.update(block)
                write.write(block)
                if write.tell() > MOST_WEIGHTS_BYTES:
                    raise TrainerError("answer", f"{self.service} gives weights of more than 4 GiB.")
        if digest.hexdigest() != said.get("sha256"):
            raise TrainerError(
                "answer",
                f"The weights from {self.service} have the SHA-256 {digest.hexdigest()}, not {said.get('sha256')!r} as "
                "it said; they were not taken.",
                is_passing=True,
            )
        figures = {"figures": said.get("figures"), "detector": detector, "notes": said.get("notes")}
        return made_from({**figures, "weights": path.relative_to(lesson.folder)}, lesson.folder)

    def _asked(self, path: str, *, body: Any = None, headers: dict[str, str] | None = None) -> dict[str, Any]:
        with self._opened(path, body=body, headers=headers) as read:
            text = read.read(MOST_ANSWER_BYTES)
        with suppress(ValueError, RecursionError):
            plain = json.loads(text)
            if isinstance(plain, dict):
                return plain
        raise TrainerError("answer", f"{self.service} answered no JSON object: {text[:100]!r}.")

    @contextmanager
    def _opened(
        self, path: str, *, body: Any = None, headers: dict[str, str] | None = None, timeout_s: float = TIMEOUT_S
    ) -> Iterator[Any]:
        hook = self._hook()
        known = {"Authorization": f"Bearer {hook['token']}"} if hook.get("token") else {}
        request = Request(hook["url"].rstrip("/") + path, data=body, headers={**known, **(headers or {})})
        try:
            with build_opener(_Stay).open(request, timeout=timeout_s) as answer:
                yield answer
        except HTTPError as error:
            is_passing = error.code >= 500 or error.code == 429
            text = f"{self.service} answered {error.code} to {request.get_method()} {path or '/'}."
            raise TrainerError("answer", text, is_passing=is_passing) from error
        except (URLError, HTTPException, TimeoutError, ConnectionError) as error:
            text = f"{self.service} cannot be reached: {error}."
            raise TrainerError("gone", text, is_passing=True) from error

    def _hook(self) -> dict[str, str]:
        hooks: dict[str, dict[str, str]] = settings.WINNOW_TRAINING_HOOKS
        if self.service not in hooks:
            known = f"There are: {', '.join(sorted(hooks))}." if hooks else "There is none."
            raise SpecError(
                f"There is no service {self.service[:80]!r} in WINNOW_TRAINING_HOOKS. {known} Whoever runs this "
                "service names them; a request never says where data is sent."
            )
        return hooks[self.service]


class _Stay(HTTPRedirectHandler):
    """Follow no redirect: footage goes where the settings say, nowhere else."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _nameless(info: tarfile.TarInfo) -> tarfile.TarInfo:
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    return info
