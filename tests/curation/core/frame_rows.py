"""Raw rows of frames, as the database gives them."""

import json

import polars as pl

from curation.core.frame_reading import UNNAMED, assembled, read_piece
from curation.core.frame_table import column_of

RAW = {
    **{"video_id": 1, "camera_id": 1, "pts_us": 0, "recorded_at": None, "width_px": 640, "height_px": 360},
    **{"annotated": 0, "held_out": 0, "phash": None, "uniqueness": None, "typicality": None, "outlier_score": None},
    **{"duplicate": 0, "kind": "footage", "changed_xid": 1, "object_counts": None},
}
KINDS = {"people": "number", "lighting": "text", "motion": "boolean", "objects": "text_list"}
CAMERAS = {1: "gate", 2: "lobby"}


def raw_rows(*frames, kinds=KINDS):
    """Write rows: `{"id": 1, "tags": {"people": 2}, "camera_id": 2}`."""
    types = {name: pl.Int8 if dtype == pl.Boolean else pl.String if isinstance(dtype, pl.Categorical) else
             pl.Int64 if isinstance(dtype, pl.Datetime) else dtype for name, dtype in UNNAMED.items()}  # fmt: skip
    rows = [
        {**RAW, **{k: v for k, v in frame.items() if k != "tags"}}
        | {column_of(tag): _json(frame.get("tags", {}), tag) for tag in kinds}
        | {"object_counts": _json(frame.get("tags", {}), "object_counts")}
        for frame in frames
    ]
    return pl.DataFrame(rows, schema={**types, **{column_of(tag): pl.String for tag in kinds}})


def table(*frames, kinds=KINDS, cameras=CAMERAS):
    return assembled([read_piece(raw_rows(*frames, kinds=kinds), kinds=kinds)], kinds=kinds, cameras=cameras)


def _json(tags, tag):
    return json.dumps(tags[tag], ensure_ascii=False) if tag in tags else None
