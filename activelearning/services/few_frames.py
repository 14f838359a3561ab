"""A table of a few frames only: what judges a short list without all frames in memory."""

import polars as pl
from django.db import connection

from curation.core.frame_columns import words_type
from curation.core.frame_table import ODD, FrameTable
from curation.core.types import IntArray

COLUMNS = {
    "id": pl.Int64(),
    "video_id": pl.Int64(),
    "camera_id": pl.Int64(),
    "pts_us": pl.Int64(),
    "recorded_at": pl.Int64(),
    "annotated": pl.Boolean(),
    "held_out": pl.Boolean(),
    "kind": pl.String(),
}
ROWS = """
SELECT frame.id, frame.video_id, frame.camera_id, frame.pts_us,
       (extract(epoch FROM frame.recorded_at) * 1000000)::bigint, frame.annotated_at IS NOT NULL, frame.held_out,
       video.kind
FROM curation_frame frame JOIN curation_video video ON video.id = frame.video_id
WHERE frame.id = ANY(%s::bigint[]) ORDER BY frame.id
"""


def few_frames(frame_ids: IntArray) -> FrameTable:
    """Read where and when some frames were taken, whether they are labelled and whether they are held out: as a table
    with these columns and no tags. Frames that are gone are not in it."""
    with connection.cursor() as cursor:
        cursor.execute(ROWS, [frame_ids.tolist()])
        rows = cursor.fetchall()
    frames = pl.DataFrame(rows, schema=pl.Schema(COLUMNS), orient="row").with_columns(
        pl.col("recorded_at").cast(pl.Datetime("us", "UTC")), pl.col("kind").cast(words_type("kind"))
    )
    return FrameTable(frames, kinds={}, odd=pl.DataFrame(schema=ODD))
