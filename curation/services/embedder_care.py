"""What an embedder needs once new vectors are in: its mean, and an index when it has grown."""

from django.db import connection

from curation.backends.embed import load_embedder
from curation.core.spec import parse
from curation.models import Embedder, Run
from curation.services.embedding import refresh_mean
from curation.services.vector_index import ensure_index


def tend_embedders(run: Run) -> None:
    """Bring the mean and the indexes of a run's embedders up to date. Call it outside a transaction.

    Search is right without it, if slower and less sharp, so a worker that dies here loses nothing: the next run does
    it."""
    for stage in parse(run.spec).embeds.values():
        tend_embedder(stage.embedder)


def tend_embedder(name: str) -> None:
    """Do the same for one embedder by its name. Inside a transaction the indexes are left to the next one."""
    embedder = load_embedder(name)
    row = Embedder.objects.filter(name=embedder.name, version=embedder.version).first()
    if row is not None:
        if embedder.centred:
            refresh_mean(row)
        if not connection.in_atomic_block:
            ensure_index(row)
