"""All that the pages ask the database: fixed numbers of queries, plain values out. The ORM stays in here."""

from frontend.queries.facets import facets
from frontend.queries.frames import frame, frames, spread
from frontend.queries.totals import funnels, totals
from frontend.queries.videos import videos

__all__ = ["facets", "frame", "frames", "funnels", "spread", "totals", "videos"]
