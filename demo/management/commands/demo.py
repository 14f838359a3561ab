"""`make demo`: from raw video to tagged frames, to a tested model and to one that was mended, before one's eyes."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.service import Service, ServiceError, service
from config.summary import print_ingest
from config.waiting import wait_for
from curation import doorbell
from curation.core.errors import WinnowError
from curation.core.naming import walk
from curation.models import Cascade, Run
from curation.services.cascades import find, save_cascade
from curation.services.ingest_report import Taken
from curation.services.runs import request_run
from demo.feedback import Feedback
from demo.footage import DEMO_CASCADE, Clip, demo_world
from demo.model_test import Examiner
from demo.taking_in import take_in
from demo.terminal import stop_on_signals


class Command(BaseCommand):
    help = (
        "Start the service, take footage in (the demo world, or --video), run the whole cascade, test the demo's "
        "detector on rendered footage, turn the feedback loop once, and stay up."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--video", type=Path, help="A file or folder of your own instead of the demo world.")
        parser.add_argument("--port", type=int, default=settings.WINNOW_PORT, help="default: %(default)s")
        parser.add_argument("--workers", type=int, default=settings.WINNOW_WORKERS, help="default: %(default)s")
        parser.add_argument("--once", action="store_true", help="Stop when the footage is done instead of staying up.")

    def handle(self, *args: Any, **options: Any) -> None:
        stop_on_signals()
        try:
            clips = self._own(options["video"]) if options["video"] else self._world()
            self._say(f"Starting PostgreSQL, Redis, the web server and {options['workers']} workers …")
            with service(options["port"], options["workers"], quiet=True) as up:
                examiner = Examiner(self.stdout, self.stderr)
                if not options["video"]:
                    examiner.prepare()
                taken = self._work(clips, own=options["video"] is not None)
                print_ingest(taken, waited=True)
                if not options["video"]:
                    feedback = Feedback(self.stdout, self.stderr)
                    if examiner.is_possible:
                        feedback.prepare()
                    run = examiner.hold(clips)
                    if run is not None:
                        feedback.turn(run)
                self._where_to_look(up)
                if not options["once"]:
                    self._stay(up)
        except (ServiceError, WinnowError) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            self._say("\nStopped.")
            return
        if any(one.failed for one in taken):
            sys.exit(1)

    def _world(self) -> list[Clip]:
        folder = settings.WINNOW_DATA_DIR / "demo-world"
        self._say("Demo world: four rendered cameras whose truth is known (no real footage, no real people).")
        return demo_world(folder, say=self._say)

    def _own(self, path: Path) -> list[Clip]:
        files = [file for file, is_footage in walk([path]) if is_footage]
        if not files:
            raise CommandError(f"There is no video file in {path}.")
        return [Clip(file, camera=file.resolve().parent.name or "camera") for file in files]

    def _work(self, clips: list[Clip], *, own: bool) -> list[Taken]:
        cascade = find("people") if own else save_cascade(text=DEMO_CASCADE.read_text(encoding="utf-8"))
        taken = [self._take(clip, cascade) for clip in clips]
        self._wait(taken)
        lacking = [one for one in taken if one.run and one.run.status == Run.Status.FAILED]
        if own and lacking:
            self._say(f"\n{lacking[0].run.error if lacking[0].run else ''}")
            self._say("Going on with the cascade `motion`, which needs no weights.")
            by_path = {str(clip.path): clip for clip in clips}
            again = [self._take(by_path[one.path], find("motion")) for one in lacking]
            self._wait(again)
            taken = [one for one in taken if one not in lacking] + again
        return taken

    def _take(self, clip: Clip, cascade: Cascade) -> Taken:
        one = Taken(str(clip.path))
        try:
            found = take_in(clip)
            one.video, one.is_new = found.video, found.is_new
            one.run, _ = request_run(video=found.video, cascade=cascade)
            doorbell.ring(one.run.pk)
        except WinnowError as error:
            one.error = str(error)
            self._say(f"{clip.path.name}: {error}")
        return one

    def _wait(self, taken: list[Taken]) -> None:
        ended = {run.pk: run for run in wait_for([one.run for one in taken if one.run])}
        for one in taken:
            if one.run is not None:
                one.run = ended[one.run.pk]
                one.video = one.run.video

    def _where_to_look(self, up: Service) -> None:
        self._say(f"\nLook at it:  {up.url}   (log in as admin; the password was shown at the first start)")
        self._say(f"API:         {up.url}/api/docs/")

    def _stay(self, up: Service) -> None:
        self._say("Ctrl-C stops everything that was started here.")
        status = up.wait()
        raise CommandError(f"A part of the service ended with status {status}; everything was stopped.")

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
