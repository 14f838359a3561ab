"""The end of the demo: its detector is held against a suite of scenarios, as anybody's would be."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from curation.backends.detect import weights_sha256
from curation.core.errors import WinnowError
from curation.management.progress import run_with_bar
from curation.models import Job
from demo.footage import Clip
from demo.trial_frames import trial_version, use_conditions, visits
from evaluation.models import ModelVersion, TestRun
from evaluation.services.model_registry import register_model

MODEL = "demo-detector"
DETECTOR = "ultralytics:demo/weights/winnow_demo.pt?imgsz=512"
SUITE = Path(__file__).parent / "suite.yaml"


class Examiner:
    """Holds the demo's detector against its suite. What does not work is said, and the rest of the demo goes on."""

    def __init__(self, stdout: Any, stderr: Any) -> None:
        self.stdout, self.stderr = stdout, stderr
        self.is_possible = True

    def prepare(self) -> None:
        """Put the operating conditions in force that name what the suite asks for, before there are frames to tag."""
        self.is_possible = use_conditions(do=self._do)

    def hold(self, clips: Sequence[Clip]) -> TestRun | None:
        """Render and import the test frames, and run the suite; events are looked for in `clips`.

        Returns the test run, None if there was none."""
        if not self.is_possible:
            self._say("Your operating conditions stay in force, which the demo's suite does not know: no test.")
            return None
        self._say("\nTest the model: on footage of another seed that nothing was taught with, the truth known.")
        try:
            version = trial_version(settings.WINNOW_DATA_DIR / "demo-test-world", say=self._say, do=self._do)
            visits(clips)
            model = demo_model()
            suite = SUITE.relative_to(Path.cwd()) if SUITE.is_relative_to(Path.cwd()) else SUITE
            asked = ["run", "--model", model.name, "--suite", str(suite), "--dataset", str(version)]
            self._say(f"  manage.py scenarios {' '.join(asked)}\n")
            call_command("scenarios", *asked, stdout=self.stdout, stderr=self.stderr)
        except SystemExit:
            pass  # its exit status is its verdict, which it has printed
        except (WinnowError, CommandError) as error:
            self._say(f"The detector could not be tested: {error}")
            return None
        found = TestRun.objects.filter(model=model, is_final=False, finished_at__isnull=False)
        return found.select_related("model", "suite__suite", "version__dataset").order_by("-id").first()

    def _do(self, job: Job) -> Job:
        return run_with_bar(job, self.stderr, show=sys.stderr.isatty())

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def demo_model() -> ModelVersion:
    """Find or register the demo's detector; other weights than before get a name of their own."""
    sha256 = weights_sha256(DETECTOR)
    known = ModelVersion.objects.filter(weights_sha256=sha256, detector=DETECTOR).first()
    if known is not None:
        return known
    name = f"{MODEL}-{sha256[:8]}" if ModelVersion.objects.filter(name=MODEL).exists() else MODEL
    return register_model(name=name, detector=DETECTOR, notes="Knows the demo's rendered world and nothing else.")
