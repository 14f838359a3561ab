"""P3: counting the frames that a query finds, among a million: the table in memory beside SQL.

    python -m bench.counts [--rounds 40]

Prints wall-clock milliseconds, since that is what a person waits: of the table the 95th percentile, warm, everything
included that a count needs (the fields, a look for what changed, the query); of SQL medians, by a sequential scan and
with every index. Then what it costs to have the table: the first load, the file, what changed, memory."""

import argparse
import os
import resource
import sys
import time
from collections.abc import Callable
from functools import partial
from statistics import median

import numpy as np

from bench._cpu import verdict
from bench._million import FRAMES, a_million_frames

QUERIES = (
    "lighting:dark",
    "lighting:dark AND weather:rain",
    "people:[2 TO 5]",
    "blur:<0.2",
    "NOT motion:yes",
    "objects:bicycle",
    "objects:t*",
    "count.car:>3",
    "has_people:yes indoor:no NOT weather:clear",
    "location:c*",
    "camera:camera-07",
    "recorded_at:[2025-12-01 TO 2026-01-31]",
    "uniqueness:>0.4 AND duplicate:no",
    "video:video-00*",
    "dataset:bench@1 AND lighting:(dark OR dim)",
    "label:person",
    "cascade:*",
)
GOAL_S, SQL_ROUNDS, SYNC_ROUNDS, CHANGED = 0.3, 3, 10, 1000
NO_INDEX = ("enable_indexscan", "enable_indexonlyscan", "enable_bitmapscan")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=40)
    options = parser.parse_args()
    with a_million_frames():
        _having()
        _counting(options.rounds)
        _keeping_up()
    return 0


def _having() -> None:
    """Measure the first load and the file."""
    from curation.services import frame_file, frame_table
    from curation.services.frame_rows import this_moment

    frame_file.remove(this_moment().database)
    before = _resident_mb()
    cold_s = _timed(frame_table.current)
    frame_table.forget()
    file_s = min(_forgetful(frame_table.current) for _ in range(3))
    table = frame_table.current()
    print(f"{FRAMES:,} frames, {len(table.frames.columns)} columns; load {os.getloadavg()[0]:.1f}")
    print(f"first load, file written: {cold_s:.1f} s; from the file, checked: {file_s:.2f} s")
    print(
        f"memory: {table.frames.estimated_size() / 1e6:.0f} MB for the table; the process {before:.0f} MB before it, "
        f"{_resident_mb():.0f} MB with it, {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB at most"
    )


def _counting(rounds: int) -> None:
    from curation.services.filtering import frames_matching
    from curation.services.frame_table import frame_count

    print(f"\n{'':44} {'frames':>9} {'table p95':>10} {'median':>8} {'no index':>9} {'indexes':>9}   ms")
    every, medians, scans, indexed = [], [], [], []
    for query in QUERIES:
        found = frame_count(query)
        spent = [_timed(partial(frame_count, query)) for _ in range(rounds)]
        scan_s = _sql_s(query, indexes=False)
        index_s = _sql_s(query, indexes=True)
        if found != frames_matching(query).count():
            raise AssertionError(f"{query}: the table finds {found:,}, SQL another number.")
        every += spent
        medians.append(median(spent))
        scans.append(scan_s)
        indexed.append(index_s)
        p95_ms = 1e3 * float(np.percentile(spent, 95))
        print(f"{query:44} {found:9,} {p95_ms:10.1f} {1e3 * medians[-1]:8.1f} {1e3 * scan_s:9.1f} {1e3 * index_s:9.1f}")
    p95_s = float(np.percentile(every, 95))
    print(
        verdict(p95_s / GOAL_S, 1, what=f"{GOAL_S} s: {1e3 * p95_s:.0f} ms, the 95th percentile of all", at_most=True)
    )
    for name, peers in (("a sequential scan", scans), ("SQL with every index", indexed)):
        ratios = np.array(peers) / np.array(medians)
        print(f"{np.exp(np.log(ratios).mean()):.1f} x faster than {name} (geometric mean; least {ratios.min():.1f} x)")


def _keeping_up() -> None:
    """Count again and again while others write."""
    from django.db import connection

    from curation.services.frame_table import frame_count

    spent = []
    for number in range(SYNC_ROUNDS):
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE curation_frame SET uniqueness = uniqueness WHERE id %% %s = %s", [FRAMES // CHANGED, number]
            )
        spent.append(_timed(lambda: frame_count("lighting:dark")))
    print(
        f"\na count after {CHANGED:,} frames changed: {1e3 * median(spent):.0f} ms, at most {1e3 * max(spent):.0f} ms"
    )


def _sql_s(query: str, *, indexes: bool) -> float:
    from django.db import connection

    from curation.services.filtering import frames_matching

    with connection.cursor() as cursor:
        for name in NO_INDEX:
            cursor.execute(f"SET {name} = {'on' if indexes else 'off'}")
        spent: float = median(_timed(frames_matching(query).count) for _ in range(SQL_ROUNDS))
        for name in NO_INDEX:
            cursor.execute(f"RESET {name}")
    return spent


def _forgetful(work: Callable[[], object]) -> float:
    from curation.services import frame_table

    frame_table.forget()
    return _timed(work)


def _timed(work: Callable[[], object]) -> float:
    started_s = time.perf_counter()
    work()
    return time.perf_counter() - started_s


def _resident_mb() -> float:
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize() / 1e6


if __name__ == "__main__":
    sys.exit(main())
