"""Django admin, one file a noun. Importing a file registers its pages."""

from curation.admin import camera, cascade, chunk, detection, embedding, frame, interval, job, run, upload, video

__all__ = ["camera", "cascade", "chunk", "detection", "embedding", "frame", "interval", "job", "run", "upload", "video"]
