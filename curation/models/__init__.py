"""The nouns of curation, one file each."""

from curation.models.annotation import Annotation
from curation.models.camera import Camera
from curation.models.cascade import Cascade
from curation.models.chunk import Chunk, Track
from curation.models.conditions import OperatingConditions, PromptVector
from curation.models.data_import import DataImport
from curation.models.dataset import Dataset, DatasetFrame, DatasetVersion
from curation.models.detection import Detection
from curation.models.embedding import Embedder, Embedding
from curation.models.export import DataExport
from curation.models.frame import Frame, GoneFrame, Keep
from curation.models.holdout import HeldFrame, HoldoutBlock, HoldoutUse
from curation.models.interval import Interval
from curation.models.job import Job
from curation.models.run import Run
from curation.models.tag_edit import TagEdit
from curation.models.upload import Upload
from curation.models.video import Video

__all__ = [
    "Annotation",
    "Camera",
    "Cascade",
    "Chunk",
    "DataExport",
    "DataImport",
    "Dataset",
    "DatasetFrame",
    "DatasetVersion",
    "Detection",
    "Embedder",
    "Embedding",
    "Frame",
    "GoneFrame",
    "HeldFrame",
    "HoldoutBlock",
    "HoldoutUse",
    "Interval",
    "Job",
    "Keep",
    "OperatingConditions",
    "PromptVector",
    "Run",
    "TagEdit",
    "Track",
    "Upload",
    "Video",
]
