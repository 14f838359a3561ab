"""`manage.py ingest`: from files to videos, and on to runs."""

import json
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.bootstrap import prepare
from config.summary import print_ingest
from config.waiting import hands, wait_for
from curation import doorbell
from curation.core.errors import SpecError, WinnowError
from curation.core.naming import camera_from_path, time_from_name, time_from_text, walk
from curation.core.spec import override, parse
from curation.models import Cascade, Run
from curation.services.cascades import find, save_cascade
from curation.services.ingest import register
from curation.services.ingest_report import Taken, as_json
from curation.services.runs import request_run


class Command(BaseCommand):
    help = (
        "Take video files in and run a cascade over them. Files and folders (recursive); a bad file is reported and "
        "the rest goes on. Exit status: 0 all went well, 1 something failed, 2 the command itself was wrong."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        camera = parser.add_mutually_exclusive_group()
        camera.add_argument("--camera", metavar="NAME", help="The camera that took them. Default: their folder's name.")
        camera.add_argument("--camera-from-path", metavar="REGEX", help="Its group is the camera: '/cam-(\\w+)/'.")
        moment = parser.add_mutually_exclusive_group()
        moment.add_argument("--recorded-at", metavar="TIME", help="When they begin: 2026-03-01T07:45:00+01:00.")
        moment.add_argument(
            "--recorded-at-from-name",
            metavar="PATTERN",
            help="strptime pattern found in their names: %%Y%%m%%dT%%H%%M%%S.",
        )
        parser.add_argument(
            "--cascade", default="motion", metavar="NAME", help="NAME, NAME@VERSION or FILE.yaml; default: %(default)s."
        )
        parser.add_argument(
            "--set", action="append", default=[], metavar="STAGE.PARAM=VALUE", help="Change a parameter; repeatable."
        )
        parser.add_argument(
            "--wait", action="store_true", help="Wait until the runs are done; start workers if none run."
        )
        parser.add_argument("--workers", type=int, default=None, help="Workers to start with --wait if none run.")
        parser.add_argument(
            "--json", action="store_true", help="Print one JSON object on stdout, and nothing else there."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        prepare()
        try:
            cascade = _cascade(options["cascade"])
            parse(override(cascade.spec, options["set"]))
            files = list(walk(options["paths"]))
            if options["recorded_at"]:
                time_from_text(options["recorded_at"])
        except WinnowError as error:
            raise CommandError(str(error), returncode=2) from error
        self._tell_skipped([path for path, is_footage in files if not is_footage])
        with hands(options["workers"]) if options["wait"] else nullcontext() as who:
            if who:
                self._note(who)
            taken = [self._take(path, cascade, options) for path, is_footage in files if is_footage]
            if options["wait"]:
                self._wait(taken, show=not options["json"])
        if options["json"]:
            self.stdout.write(json.dumps(as_json(taken)))
        else:
            print_ingest(taken, waited=options["wait"])
        if not taken:
            raise CommandError("No video files were found there.", returncode=1)
        if any(one.failed for one in taken):
            sys.exit(1)

    def _take(self, path: Path, cascade: Cascade, options: dict[str, Any]) -> Taken:
        one = Taken(str(path))
        try:
            found = register(
                path=path, name=path.name, camera=_camera(path, options), recorded_at=_moment(path, options)
            )  # fmt: skip
            one.video, one.is_new = found.video, found.is_new
            one.run, new_run = request_run(video=found.video, cascade=cascade, overrides=options["set"])
            doorbell.ring(one.run.pk)
        except WinnowError as error:
            one.error = str(error)
            self._note(f"{path.name}: {error}")
        else:
            if not one.is_new:
                known = f"{path.name}: this content is here already as video {one.video.pk} ({one.video.name})"
                self._note(f"{known}; {'a new run was asked for' if new_run else f'run {one.run.pk} is used'}.")
        return one

    def _wait(self, taken: list[Taken], *, show: bool) -> None:
        ended = {run.pk: run for run in wait_for([one.run for one in taken if one.run], show=show)}
        for one in taken:
            if one.run is not None:
                one.run = ended[one.run.pk]
                one.video = one.run.video
                if one.run.status == Run.Status.FAILED:
                    self._note(f"{Path(one.path).name}: {one.run.error}")

    def _tell_skipped(self, skipped: list[Path]) -> None:
        if skipped:
            some = ", ".join(path.name for path in skipped[:3]) + (" …" if len(skipped) > 3 else "")
            self._note(f"{len(skipped)} files that are no videos by their names were passed over: {some}")

    def _note(self, text: str) -> None:
        self.stderr.write(text)


def _cascade(name: str) -> Cascade:
    if not name.endswith((".yaml", ".yml")):
        return find(name)
    try:
        return save_cascade(text=Path(name).read_text(encoding="utf-8"))
    except OSError as error:
        raise SpecError(f"The cascade file {name} cannot be read: {error.strerror}.") from error


def _camera(path: Path, options: dict[str, Any]) -> str:
    if options["camera_from_path"]:
        return camera_from_path(options["camera_from_path"], path.resolve())
    return options["camera"] or path.resolve().parent.name or "camera"


def _moment(path: Path, options: dict[str, Any]) -> Any:
    if options["recorded_at_from_name"]:
        return time_from_name(options["recorded_at_from_name"], path.name)
    return time_from_text(options["recorded_at"]) if options["recorded_at"] else None
