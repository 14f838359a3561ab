"""Django admin, one file a noun. Importing a file registers its pages."""

from curation.admin import (
    camera,
    cascade,
    chunk,
    conditions,
    dataset,
    detection,
    embedding,
    frame,
    holdout,
    interval,
    job,
    run,
    tag_edit,
    upload,
    video,
)

__all__ = [
    "camera",
    "cascade",
    "chunk",
    "conditions",
    "dataset",
    "detection",
    "embedding",
    "frame",
    "holdout",
    "interval",
    "job",
    "run",
    "tag_edit",
    "upload",
    "video",
]
