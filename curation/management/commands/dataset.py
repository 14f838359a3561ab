"""`manage.py dataset`: versions made, compared, checked for leaks, locked as hold-outs."""

import getpass
import json
import sys
from collections.abc import Callable, Iterable
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console, RenderableType
from rich.text import Text

from curation.core.errors import WinnowError
from curation.core.query import QueryError, render_error
from curation.core.sides import Asked
from curation.management.dataset_arguments import add_arguments, frames_of, plan_of, reach_of, splits_of
from curation.management.dataset_tables import (
    comparison_sections,
    foreseen_sections,
    leakage_sections,
    uses_table,
    version_sections,
    versions_table,
)
from curation.models import DatasetVersion
from curation.services.comparison import compare_versions
from curation.services.datasets import create_version, find_version
from curation.services.holdout import foresee, lock_version, record_use
from curation.services.leakage import leakage_of
from curation.services.manifests import verify_version

WRONG = 2
PIPED_COLUMNS = 120
LISTED = 200
Said = tuple[dict[str, Any], Iterable[RenderableType]]
"""What --json prints, and what a person reads."""


class Command(BaseCommand):
    help = (
        "Make and look after dataset versions: manage.py dataset create gate --query 'camera:gate' --split-by day. "
        "Exit status: 0 done; 1 verify found something wrong; 2 the command itself was wrong, or it was refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("prepare")
        verbs: dict[str, Callable[[dict[str, Any]], Said]] = {
            "create": self._create, "list": self._list, "show": self._show, "compare": self._compare,
            "leakage": self._leakage, "lock": self._lock, "uses": self._uses, "record": self._record,
            "verify": self._verify,
        }  # fmt: skip
        try:
            plain, sections = verbs[options["verb"]](options)
        except QueryError as error:
            # On lines of its own: Django puts words before the first line, which would shift the carets.
            where = render_error(options.get("query") or "", error) if options.get("query") else str(error)
            raise CommandError(f"The query is wrong.\n{where}", returncode=WRONG) from error
        except WinnowError as error:
            raise CommandError(str(error), returncode=WRONG) from error
        self._print(plain, sections, as_json=options["json"])
        if options["verb"] == "verify" and not plain["is_sound"]:
            sys.exit(1)

    def _print(self, plain: dict[str, Any], sections: Iterable[RenderableType], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(plain))
            return
        console = Console(highlight=False, width=None if sys.stdout.isatty() else PIPED_COLUMNS)
        with console.capture() as printed:
            for section in sections:
                console.print(section)
        # Tables fill their lines up with blanks.
        self.stdout.write("\n".join(line.rstrip() for line in printed.get().splitlines()))

    def _create(self, options: dict[str, Any]) -> Said:
        text, draw = plan_of(options["plan"])
        version = create_version(
            dataset=options["name"],
            draw=draw,
            plan_text=text,
            query=options["query"],
            frame_ids=frames_of(options["ids"]),
            splits=splits_of(options),
            seed=options["seed"],
        )
        return _as_json(version, whole=True), version_sections(version)

    def _list(self, options: dict[str, Any]) -> Said:
        rows = DatasetVersion.objects.select_related("dataset").order_by("-id")
        if options["name"]:
            rows = rows.filter(dataset=find_version(options["name"]).dataset)
        versions = list(rows[:LISTED])
        if not versions:
            return {"versions": []}, [Text("There are no versions yet: manage.py dataset create NAME --query Q")]
        return {"versions": [_as_json(version) for version in versions]}, [versions_table(versions)]

    def _show(self, options: dict[str, Any]) -> Said:
        version = find_version(options["version"])
        return _as_json(version, whole=True), version_sections(version)

    def _compare(self, options: dict[str, Any]) -> Said:
        said = compare_versions(find_version(options["before"]), find_version(options["after"])).to_dict()
        return said, comparison_sections(said)

    def _leakage(self, options: dict[str, Any]) -> Said:
        names = ("min_similarity", "max_bits", "within_s", "embedder", "limit")
        found = leakage_of(find_version(options["version"]), Asked(**{name: options[name] for name in names}))
        return found.to_dict(), leakage_sections(found)

    def _lock(self, options: dict[str, Any]) -> Said:
        version, reach = find_version(options["version"]), reach_of(options)
        if options["dry_run"]:
            foreseen = foresee(version, reach=reach)
            return foreseen.to_dict(), foreseen_sections(foreseen)
        if not options["yes"]:
            self._confirm(version, lambda: foreseen_sections(foresee(version, reach=reach)))
        locked = lock_version(
            version, user=None, by_name=getpass.getuser(), **reach.to_dict(),
            allow_overlap=options["allow_overlap"], allow_uncompared=options["allow_uncompared"],
        )  # fmt: skip
        return _as_json(locked, whole=True), [Text(f"{locked} is a hold-out from now on."), *version_sections(locked)]

    def _confirm(self, version: DatasetVersion, sections: Callable[[], Iterable[RenderableType]]) -> None:
        """Show what will be kept away, on stderr, and ask for the version's name. Raises CommandError."""
        stderr: Any = self.stderr
        console = Console(file=getattr(stderr, "_out", stderr), highlight=False)
        for section in sections():
            console.print(section)
        if not sys.stdin.isatty():
            raise CommandError(
                f"{version} was not locked: nobody is there to confirm. Read the above, and add --yes.",
                returncode=WRONG,
            )
        console.print(f"Type {version} to lock it: ", end="")
        if input().strip() != str(version):
            raise CommandError(f"{version} was not locked.", returncode=WRONG)

    def _uses(self, options: dict[str, Any]) -> Said:
        version = find_version(options["version"])
        uses = list(version.uses.order_by("-id")[:LISTED])
        lines = [
            {"at": use.at.isoformat(), "by": use.by_name, "purpose": use.purpose, "model": use.model,
             "metric": use.metric, "value": use.value, "note": use.note}
            for use in uses
        ]  # fmt: skip
        none = f"{version} was never used." if version.is_locked else f"{version} is not locked, so it has no ledger."
        return {"version": str(version), "uses": lines}, [uses_table(uses) if uses else Text(none)]

    def _record(self, options: dict[str, Any]) -> Said:
        version = find_version(options["version"])
        said = {name: options[name] for name in ("model", "metric", "value", "note")}
        use = record_use(version, user=None, by_name=getpass.getuser(), **said)
        written = Text(f"Written into the ledger of {version}, for good:")
        return {"version": str(version), "id": use.pk}, [written, uses_table([use])]

    def _verify(self, options: dict[str, Any]) -> Said:
        version = find_version(options["version"])
        found = verify_version(version)
        plain = {
            "version": str(version), "is_sound": found.is_sound, "manifest_sha256": version.manifest_sha256,
            "frames": found.frames, "annotations": found.annotations, "problems": found.problems,
        }  # fmt: skip
        sound = f"{version} is what it was: {found.frames:,} frames, SHA-256 {version.manifest_sha256}."
        return plain, [Text(sound)] if found.is_sound else map(Text, found.problems)


def _as_json(version: DatasetVersion, *, whole: bool = False) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "id": version.pk, "version": str(version), "frames": version.frame_count,
        "annotations": version.annotation_count, "splits": version.splits, "split_by": version.split_by,
        "seed": version.seed, "manifest_sha256": version.manifest_sha256,
        "created_at": version.created_at.isoformat(),
        "locked_at": version.locked_at.isoformat() if version.locked_at else None,
    }  # fmt: skip
    return plain | ({"plan": version.plan, "report": version.report, "lock": version.lock} if whole else {})
