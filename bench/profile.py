"""Any profile page's data from 1,000,000 frames in under 0.5 s, beside one sequential scan that gives the same figures.

    python -m bench.profile [--rounds 30] [--plain-rounds 3]

Each page is a whole call of the service, as the API makes it: query, table in memory kept in step, figures, gaps and
the answer as plain values. Warm: the table is in memory. Every figure of the plain query is compared with Winnow's."""

import argparse
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from bench._million import a_million_frames

if TYPE_CHECKING:
    from curation.services.profiles import Profile

GOAL_S = 0.5
EXPECTED = {
    "# expected: {clear: 0.45": "expected: {clear: 0.45",
    "# expected: {pitch_dark: 0.05": "expected: {pitch_dark: 0.05",
    "# critical:": "critical:",
    "# - {name:": "- {name:",
}
"""What the template has as examples is put in force, so that there is something to compare with."""
DARK = "people:>0 AND lighting:(dark OR dim)"
DARK_SQL = "(f.tags ->> 'people')::float8 > 0 AND f.tags ->> 'lighting' IN ('dark', 'dim')"
IN_VERSION = "f.id IN (SELECT frame_id FROM curation_datasetframe WHERE version_id = 1)"


@dataclass
class Page:
    """One page: how Winnow gets it, how plain SQL gets its figures, and how they are compared."""

    name: str
    ours: "Callable[[], Profile]"
    plain: Callable[[], Any]
    same: "Callable[[Profile, Any], bool]"
    s: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)
    plain_s: list[float] = field(default_factory=list)

    def run(self) -> "Profile":
        started_s, spent_s = time.perf_counter(), time.process_time()
        found = self.ours()
        found.to_dict()
        self.s.append(time.perf_counter() - started_s)
        self.cpu_s.append(time.process_time() - spent_s)
        return found

    def run_plain(self) -> Any:
        started_s = time.perf_counter()
        found = self.plain()
        self.plain_s.append(time.perf_counter() - started_s)
        return found

    @property
    def p95_s(self) -> float:
        return float(np.percentile(self.s, 95))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--plain-rounds", type=int, default=3)
    options = parser.parse_args()
    with a_million_frames():
        _bench(options)
    return 0


def _bench(options: argparse.Namespace) -> None:
    from curation.services.conditions import save_conditions
    from curation.services.in_force import template_text

    text = template_text()
    for example, given in EXPECTED.items():
        text = text.replace(example, given)
    save_conditions(text=text)
    pages = _pages()
    started_s = time.perf_counter()
    first = [page.run() for page in pages]
    print(f"{first[0].frames:,} frames; the first round of all pages, the table loaded: "
          f"{time.perf_counter() - started_s:.1f} s; load {os.getloadavg()[0]:.1f}")  # fmt: skip
    for page in pages:
        page.s.clear()
        page.cpu_s.clear()
    for number in range(options.rounds):
        for page, before in zip(pages, first, strict=True):
            assert page.run() == before, f"{page.name}: another result in round {number}"
    # Afterwards, since a scan of all there is leaves no cache as it was.
    for _ in range(options.plain_rounds):
        for page, before in zip(pages, first, strict=True):
            assert page.same(before, page.run_plain()), f"{page.name}: the plain query gives other figures"
    _report(pages)
    _after_a_change(options.rounds)
    _footage(options.rounds)


def _pages() -> list[Page]:
    from bench._plain_profile import count_factors, count_pair, count_places
    from curation.models import DatasetVersion
    from curation.services.in_force import current_spec
    from curation.services.profiles import profile

    spec = current_spec()
    version = DatasetVersion.objects.select_related("dataset").get(pk=1)
    pair = ("lighting", "weather")
    everything = [pair, ("camera", "lighting"), ("time", "weather")]
    return [
        Page("every factor of all frames", lambda: profile(by_time=False), lambda: count_factors(spec), _same_factors),
        Page(
            f"every factor of `{DARK}`",
            lambda: profile(DARK, by_time=False),
            lambda: count_factors(spec, where=DARK_SQL),
            _same_factors,
        ),
        Page(
            "the same, with a matrix of two factors",
            lambda: profile(DARK, pairs=[pair], by_time=False),
            lambda: (count_factors(spec, where=DARK_SQL), count_pair(spec, *pair, where=DARK_SQL)),
            lambda found, plain: _same_factors(found, plain[0]) and _same_pair(found, plain[1]),
        ),
        Page(
            "every factor of all frames, with a matrix",
            lambda: profile(pairs=[pair], by_time=False),
            lambda: (count_factors(spec), count_pair(spec, *pair)),
            lambda found, plain: _same_factors(found, plain[0]) and _same_pair(found, plain[1]),
        ),
        Page(
            "every factor of all frames, over time and cameras",
            profile,
            lambda: (count_factors(spec), count_places(width="week")),
            lambda found, plain: _same_factors(found, plain[0]) and _same_places(found, plain[1]),
        ),
        Page(
            "all frames against a version of 20,000",
            lambda: profile(against=version),
            lambda: (count_factors(spec), count_factors(spec, where=IN_VERSION), count_places(width="week")),
            lambda found, plain: (
                _same_factors(found, plain[0])
                and _same_factors(found, plain[1], other=True)
                and _same_places(found, plain[2])
            ),
        ),
        Page(
            f"all of it at once, of `{DARK}`",
            lambda: profile(DARK, against=version, pairs=everything),
            lambda: (
                count_factors(spec, where=DARK_SQL),
                count_factors(spec, where=IN_VERSION),
                count_pair(spec, *pair, where=DARK_SQL),
            ),
            lambda found, plain: (
                _same_factors(found, plain[0])
                and _same_factors(found, plain[1], other=True)
                and _same_pair(found, plain[2])
            ),
        ),
    ]


def _same_factors(found: "Profile", plain: Mapping[str, Mapping[str, int]], *, other: bool = False) -> bool:
    mine = {
        one.factor: {
            **{v.value: (v.other_frames if other else v.frames) for v in one.values},
            "": one.other_missing if other else one.missing,
        }
        for one in found.factors
    }
    return {n: {v: c for v, c in counts.items() if c} for n, counts in mine.items()} == plain


def _same_pair(found: "Profile", plain: Mapping[tuple[str, str], int]) -> bool:
    matrix = found.pairs[0]
    mine = {
        (first, second): matrix.counts[i][j]
        for i, first in enumerate(matrix.first_values)
        for j, second in enumerate(matrix.second_values)
        if matrix.counts[i][j]
    }
    return mine == {pair: count for pair, count in plain.items() if all(pair)}


def _same_places(found: "Profile", plain: Mapping[str, int]) -> bool:
    assert found.time is not None
    mine = {v.value: v.frames for one in (found.cameras, found.time) for v in one.values}
    return mine == {place: count for place, count in plain.items() if place}


def _report(pages: list[Page]) -> None:
    print("| page | p95 | median | CPU | plain sequential scan | times faster | |\n|---|---|---|---|---|---|---|")
    for page in pages:
        plain = float(np.median(page.plain_s or [np.nan]))
        met = "met" if page.p95_s < GOAL_S else "MISSED"
        middle = float(np.median(page.s))
        print(
            f"| {page.name} | {page.p95_s:.3f} s | {middle:.3f} s | {np.median(page.cpu_s):.3f} s | {plain:.2f} s | "
            f"{plain / middle:.0f} x | {met} |"
        )


def _after_a_change(rounds: int) -> None:
    """Measure the first profile after a frame was written: the table is brought in step and coded anew."""
    from curation.models import Frame
    from curation.services.profiles import profile

    taken, spent = [], []
    frame = Frame.objects.only("width_px").get(pk=500_000)
    for number in range(min(rounds, 10)):
        Frame.objects.filter(pk=frame.pk).update(width_px=frame.width_px + number % 2)
        started_s, spent_s = time.perf_counter(), time.process_time()
        profile().to_dict()
        taken.append(time.perf_counter() - started_s)
        spent.append(time.process_time() - spent_s)
    Frame.objects.filter(pk=frame.pk).update(width_px=frame.width_px)
    print(
        f"the first profile after a frame was written: median {np.median(taken):.3f} s, highest {max(taken):.3f} s, "
        f"CPU {np.median(spent):.3f} s; load {os.getloadavg()[0]:.1f}"
    )


def _footage(rounds: int) -> None:
    """Measure the shares of the whole footage over 2,000 runs, which get counts for it that are taken back again."""
    from django.db import transaction
    from django.utils import timezone

    from curation.models import Run
    from curation.services.footage_shares import footage_shares

    with transaction.atomic():
        spec = [{"name": "motion", "kind": "motion"}, {"name": "people", "kind": "objects", "classes": ["person"]}]
        seen = {"person": 60.0, **{f"class {n}": 1.0 for n in range(20)}}
        stages = [
            {"name": "motion", "cpu_s": 1, "duration_s": 200.0},
            {"name": "people", "cpu_s": 1, "duration_s": 90.0, "class_s": seen},
        ]
        Run.objects.update(stages=stages, spec={"name": "people", "stages": spec}, finished_at=timezone.now())
        taken = []
        for _ in range(rounds):
            started_s = time.perf_counter()
            found = footage_shares()
            taken.append(time.perf_counter() - started_s)
        transaction.set_rollback(True)
    hours = found.total_s / 3600
    print(f"shares of {hours:,.0f} h of footage, 2,000 runs: p95 {np.percentile(taken, 95):.3f} s")


if __name__ == "__main__":
    sys.exit(main())
