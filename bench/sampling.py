"""A balanced plan over 4 factors from 1,000,000 frames in under 3 s, beside what one would write by hand.

    python -m bench.sampling [--rounds 5] [--plain-rounds 2]

Each plan is a whole call of the service, as the API makes it: queries, the table in memory kept in step, the draw and
its report. Warm: the table is in memory. By hand: SQL's row_number() over each combination, and polars on the same
table in memory. Both take an even share of each combination and no more; what a combination lacks they do not make up
for, and constraints they do not know. So Winnow does more."""

import argparse
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from bench._cpu import verdict
from bench._million import a_million_frames

if TYPE_CHECKING:
    from curation.core.sampling import Plan

GOAL_S = 3.0
SIZE = 10_000
FACTORS = ("lighting", "weather", "people", "time_of_day")
EVEN = {"size": SIZE, "seed": 7, "uniform": list(FACTORS)}
PEOPLE_SQL = "width_bucket((tags ->> 'people')::float8, ARRAY[1, 3])"
SQL = f"""
SELECT id FROM (
    SELECT id, row_number() OVER (
        PARTITION BY tags ->> 'lighting', tags ->> 'weather', {PEOPLE_SQL}, tags ->> 'time_of_day'
        ORDER BY hashint8extended(id, 7)
    ) AS place
    FROM curation_frame
    WHERE tags ?& ARRAY['lighting', 'weather', 'people', 'time_of_day'] AND NOT held_out
) AS placed WHERE place <= %s
"""
PLANS: dict[str, dict[str, Any]] = {
    f"even over {len(FACTORS)} factors": EVEN,
    "the same, at most 20 a video and 2 a minute": {
        **EVEN,
        "constraints": {"max_per_video": 20, "max_per_interval": 2},
    },
    "the same, and 10 s between two of a video": {
        **EVEN,
        "constraints": {"max_per_video": 20, "max_per_interval": 2, "min_gap_s": 10},
    },
    "5 overlapping quotas": {
        "size": SIZE,
        "quotas": [
            "40% lighting:(dark OR pitch_dark)", "30% weather:rain", "25% people:>2", "15% blurriness:blurred",
            ">=10% objects:dog",
        ],
    },
    "under-sampled over the objects seen": {"size": SIZE, "undersample": "objects"},
    "weighted by uniqueness": {"size": SIZE, "sampler": {"kind": "weighted", "field": "uniqueness"}},
    "random": {"size": SIZE},
}  # fmt: skip
COVERING: dict[str, Any] = {"size": 1000, "query": "uniqueness:>=0", "diversity": {"candidates": 1_000_000}}


@dataclass
class Timed:
    name: str
    work: Callable[[], int]
    s: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)
    frames: int = 0

    def run(self) -> None:
        started_s, spent_s = time.perf_counter(), time.process_time()
        self.frames = self.work()
        self.s.append(time.perf_counter() - started_s)
        self.cpu_s.append(time.process_time() - spent_s)

    @property
    def median_s(self) -> float:
        return float(np.median(self.s))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--plain-rounds", type=int, default=2)
    options = parser.parse_args()
    with a_million_frames():
        _bench(options)
    return 0


def _bench(options: argparse.Namespace) -> None:
    from curation.core.sampling import parse_plan
    from curation.services.frame_table import current

    started_s = time.perf_counter()
    table = current()
    print(f"{len(table):,} frames; the table loaded in {time.perf_counter() - started_s:.1f} s")
    ours = [Timed(name, _drawing(parse_plan(plan))) for name, plan in PLANS.items()]
    peers = [Timed("by hand: SQL row_number()", _by_sql), Timed("by hand: polars, table in memory", _by_polars)]
    for number in range(options.rounds):
        for work in ours:
            work.run()
        for peer in peers if number < options.plain_rounds else ():
            peer.run()
    covering = Timed("1,000 that cover 100,000 with vectors", _covering())
    covering.run()
    print(f"load {os.getloadavg()[0]:.1f}, on {os.cpu_count()} cores; CPU is this process's, not PostgreSQL's")
    print("| plan | frames | median | lowest to highest | CPU |\n|---|---|---|---|---|")
    for work in (*ours, *peers, covering):
        span = f"{min(work.s):.2f} to {max(work.s):.2f} s"
        print(f"| {work.name} | {work.frames:,} | {work.median_s:.2f} s | {span} | {np.median(work.cpu_s):.2f} s |")
    for work in ours:
        print(verdict(work.median_s, GOAL_S, what=f"s for a plan: {work.name}", at_most=True))
    for peer in peers:
        print(f"even over 4 factors: {peer.median_s / ours[0].median_s:.1f} x faster than {peer.name}")


def _drawing(plan: "Plan") -> Callable[[], int]:
    from curation.services.sampling import draw

    def work() -> int:
        drawn = draw(plan)
        drawn.to_dict()
        return len(drawn.frame_ids)

    return work


def _covering() -> Callable[[], int]:
    from curation.core.sampling import parse_plan
    from curation.models import Embedding

    ids = list(Embedding.objects.filter(detection=None).order_by("frame_id").values_list("frame_id", flat=True))
    return _drawing(parse_plan({**COVERING, "frames": ids}))


def _share() -> int:
    """Return the even share of a combination, of those that occur."""
    from curation.core.sampling import parse_plan
    from curation.services.sampling import draw

    occurring = sum(stratum.available > 0 for stratum in draw(parse_plan(EVEN)).strata)
    return -(-SIZE // occurring)


def _by_sql() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(SQL, [_share_once()])
        return len(cursor.fetchall())


def _by_polars() -> int:
    import polars as pl

    from curation.services.frame_table import current

    frames = current().frames.filter(~pl.col("held_out")).drop_nulls(FACTORS)
    people = pl.col("people")
    frames = frames.with_columns((people >= 1).cast(pl.Int8) + (people >= 3).cast(pl.Int8))
    place = pl.int_range(pl.len()).shuffle(seed=7).over(FACTORS)
    return len(frames.filter(place < _share_once())["id"])


_known: list[int] = []


def _share_once() -> int:
    if not _known:
        _known.append(_share())
    return _known[0]


if __name__ == "__main__":
    sys.exit(main())
