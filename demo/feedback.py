"""The demo's last part: from a red scenario to the frames that mend it, their labels, and a model tested again."""

import os
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from activelearning.models import Connection, LabelProject, Round
from activelearning.services.connections import add_connection, edit_connection
from activelearning.services.label_projects import new_project
from curation.core.errors import WinnowError
from curation.models import DataImport, DatasetVersion
from demo.base_frames import FOLDER as BASE_FOLDER
from demo.base_frames import base_version, send_for_base
from demo.label_studio_annotator import answer_tasks
from demo.pool_frames import FOLDER, send_for_pool
from demo.taking_in import arrived
from evaluation.models import ScenarioResult, TestRun

SCENARIO = "somebody on the ground"
BUDGET = 60
SHARE = 0.4
"""Of the pictures that an epoch shows, so many show somebody on the ground."""
LABELS = "demo-labels"
TRAINER = {
    "epochs": 6, "imgsz": 512, "batch": 8, "optimizer": "AdamW", "learning_rate": 0.002, "final_share": 0.05,
    "cosine": True, "warm_up_epochs": 1, "validate": False, "take": "last", "mosaic": 0, "flip": 0.5, "scale": 0.1,
    "shift": 0.05, "colour": 0.3, "erase": 0, "rect": True, "cache": True, "onnx": False,
}  # fmt: skip
"""How the demo's detector is taught further: few pictures, so each often, hardly changed, and a step for each batch."""
CONNECTION = "demo"


class Feedback:
    """Turns the loop once. What does not work is said, and the demo stays up."""

    def __init__(self, stdout: Any, stderr: Any) -> None:
        self.stdout, self.stderr = stdout, stderr
        self._sent_for: tuple[DataImport, DataImport | None] | None = None

    def prepare(self) -> None:
        """Send for footage that nobody labelled, and for pictures that the detector knows: workers take them in while
        it is tested."""
        self._say("\nFootage for later comes in beside it, by the workers:")
        pool = send_for_pool(settings.WINNOW_DATA_DIR / FOLDER, say=self._say)
        self._say("  some of the pictures that the detector was taught with, so that it forgets little …")
        self._sent_for = pool, send_for_base(settings.WINNOW_DATA_DIR / BASE_FOLDER)

    def turn(self, run: TestRun) -> None:
        """Start a round from a test run's red scenario; label its frames, train, test again; print what it brought."""
        self._say(f"\nMend it: the feedback loop, for the scenario `{SCENARIO}` that the detector failed.")
        try:
            result = run.results.get(name=SCENARIO)
            if result.verdict == ScenarioResult.Verdict.PASS:
                self._say("  It passes here, so there is nothing to mend.")
                return
            if self._sent_for is None:
                self.prepare()
            assert self._sent_for is not None
            pool, known = self._sent_for
            count = len(arrived(pool))
            self._say(f"  {count:,} frames of ordinary days, which nobody has labelled, are there to look through.")
            self._go(self._start(run, base_version(known, run)))
        except SystemExit:
            pass
        except (WinnowError, CommandError) as error:
            self._say(f"The round stopped: {error}")

    def _start(self, run: TestRun, base: DatasetVersion) -> Round:
        project = self._project()
        way = ["label_studio", "--project", str(project.pk)] if project else ["truth", "--truth", "demo"]
        asked = ["start", "--test-run", str(run.pk), "--scenario", SCENARIO, "--budget", str(BUDGET), "--via", *way]
        asked += ["--factors", "fallen", "--base", str(base), "--raise", f"{SCENARIO}={SHARE}"]
        options = [part for name, value in TRAINER.items() for part in ("--set", f"{name}={_plain(value)}")]
        shown = " ".join(f'"{word}"' if " " in word else word for word in asked)
        self._say(f"\n  manage.py rounds {shown} --set … \n")
        call_command("rounds", *asked, "--dataset", LABELS, *options, stdout=self.stdout, stderr=self.stderr)
        return Round.objects.filter(test_run=run).latest("id")

    def _go(self, round: Round) -> None:
        if round.labelling.get("project"):
            self._label_there(round)
        else:
            self._say(
                "\nNobody has to label here: the renderer's truth stands in for the annotator, and each label says so. "
                "With LABEL_STUDIO_URL and LABEL_STUDIO_API_KEY set it goes through a real Label Studio."
            )
        self._say(f"\n  manage.py rounds go {round.pk}\n")
        call_command("rounds", "go", str(round.pk), "--wait", stdout=self.stdout, stderr=self.stderr)
        self._say(f"\n  manage.py rounds report {round.pk}\n")
        call_command("rounds", "report", str(round.pk), stdout=self.stdout, stderr=self.stderr)

    def _label_there(self, round: Round) -> None:
        self._say(f"\n  manage.py rounds go {round.pk}        (sends the tasks)\n")
        call_command("rounds", "go", str(round.pk), stdout=self.stdout, stderr=self.stderr)
        batch = round.batches.latest("id")
        done = answer_tasks(batch)
        where = batch.project.connection.url if batch.project else ""
        self._say(
            f"\nAt {where} a stand-in has labelled {done.answered} tasks: it submits the renderer's truth, where "
            "people would look at the pictures. From here on they are labels like anybody's."
        )

    def _project(self) -> LabelProject | None:
        """Make a project at the Label Studio that the environment names; None if it names none."""
        url, token = os.environ.get("LABEL_STUDIO_URL", ""), os.environ.get("LABEL_STUDIO_API_KEY", "")
        if not url:
            return None
        known = Connection.objects.filter(name=CONNECTION).first()
        connection = (
            edit_connection(known, url=url, token=token)
            if known
            else add_connection(name=CONNECTION, url=url, token=token)
        )
        self._say(f"  Labels are asked for at {connection.url}.")
        return new_project(
            connection=connection, title="Winnow demo", classes=["person", "jacket"], factors=["fallen"]
        )  # fmt: skip

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
