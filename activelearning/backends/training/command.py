"""Training by a program of one's own, which an operator of this service has named in its settings."""

import json
from dataclasses import dataclass
from typing import ClassVar

from django.conf import settings

from activelearning.backends.training.answers import made_from
from activelearning.backends.training.child import listen
from activelearning.backends.training.contract import Lesson, Lessons
from curation.core.errors import SpecError
from curation.core.params import param


@dataclass(frozen=True)
class CommandTrainer:
    """Runs a program of WINNOW_TRAINERS with the path of a spec.json; it says how far it is in lines of JSON."""

    kind: ClassVar[str] = "command"
    reads_base: ClassVar[tuple[str, ...]] = ()
    program: str = param(help="Its name in WINNOW_TRAINERS.")
    settings: dict = param({}, help="What the program is told besides.")  # type: ignore[type-arg]

    def epochs_asked(self) -> int:
        epochs = self.settings.get("epochs", 0)
        return epochs if isinstance(epochs, int) else 0

    def check(self) -> None:
        self._argv()

    def train(self, lesson: Lesson) -> Lessons:
        path = lesson.folder / "spec.json"
        path.write_text(json.dumps({**lesson.spec, "folder": str(lesson.folder), "settings": self.settings}, indent=1))
        argv = self._argv()
        whole = [part.replace("{spec}", str(path)) for part in argv]
        done = yield from listen(
            whole if whole != argv else [*argv, str(path)], folder=lesson.folder, log=lesson.log
        )  # fmt: skip
        return made_from(done, lesson.folder)

    def _argv(self) -> list[str]:
        programs: dict[str, list[str]] = settings.WINNOW_TRAINERS
        if self.program not in programs:
            known = f"There are: {', '.join(sorted(programs))}." if programs else "There is none."
            raise SpecError(
                f"There is no program {self.program[:80]!r} in WINNOW_TRAINERS. {known} Whoever runs this service "
                "names them; a request never says what is run."
            )
        return programs[self.program]
