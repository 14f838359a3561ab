"""All that the pages ask the database: fixed numbers of queries, plain values out. The ORM stays in here."""

from frontend.queries.coverage import coverage, footage
from frontend.queries.coverage import factors as factor_names
from frontend.queries.coverage import versions as version_names
from frontend.queries.datasets import dataset_version, dataset_versions
from frontend.queries.facets import facets
from frontend.queries.frames import frame, frames, spread
from frontend.queries.round_pictures import candidate, candidates, seeds
from frontend.queries.rounds import red_runs, round_detail, rounds, ways
from frontend.queries.tests import shown_pictures, test_run, test_runs, test_scenario
from frontend.queries.totals import funnels, totals
from frontend.queries.videos import videos

__all__ = [
    "candidate",
    "candidates",
    "coverage",
    "dataset_version",
    "dataset_versions",
    "facets",
    "factor_names",
    "footage",
    "frame",
    "frames",
    "funnels",
    "red_runs",
    "round_detail",
    "rounds",
    "seeds",
    "shown_pictures",
    "spread",
    "test_run",
    "test_runs",
    "test_scenario",
    "totals",
    "version_names",
    "videos",
    "ways",
]
