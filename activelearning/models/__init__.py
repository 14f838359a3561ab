"""The nouns of active learning, one file each."""

from activelearning.models.answer import Answer, LabelOrigin
from activelearning.models.batch import LabelBatch
from activelearning.models.candidate import Candidate
from activelearning.models.connection import Connection, LabelProject
from activelearning.models.label_task import LabelTask
from activelearning.models.loop import Loop
from activelearning.models.round import Round
from activelearning.models.seed import Seed
from activelearning.models.training import Training

__all__ = [
    "Answer",
    "Candidate",
    "Connection",
    "LabelBatch",
    "LabelOrigin",
    "LabelProject",
    "LabelTask",
    "Loop",
    "Round",
    "Seed",
    "Training",
]
