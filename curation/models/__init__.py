"""The nouns of curation, one file each."""

from curation.models.camera import Camera
from curation.models.cascade import Cascade
from curation.models.chunk import Chunk, Track
from curation.models.detection import Detection
from curation.models.embedding import Embedder, Embedding
from curation.models.frame import Frame, Keep
from curation.models.interval import Interval
from curation.models.run import Run
from curation.models.upload import Upload
from curation.models.video import Video

__all__ = [
    "Camera",
    "Cascade",
    "Chunk",
    "Detection",
    "Embedder",
    "Embedding",
    "Frame",
    "Interval",
    "Keep",
    "Run",
    "Track",
    "Upload",
    "Video",
]
