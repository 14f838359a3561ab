"""What a search by likeness starts from: the vector of a frame, of a box or of a text."""

from dataclasses import dataclass
from typing import cast

import numpy as np
from django.db.models import Q, QuerySet
from numpy.typing import NDArray

from curation.backends.embed import load_embedder
from curation.core.errors import WinnowError
from curation.core.types import TextEmbedder
from curation.models import Detection, Embedder, Embedding, Frame
from curation.services.vector_index import Kind

TEXT_EMBEDDER = "clip:"
"""How the names of embedders begin that read text."""


class SearchError(WinnowError):
    """A search that cannot be done. `code` is stable, for programs: not_found, no_embedding, no_text, bad_request."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Seed:
    """What the hits are to be like. `itself` is the embedding that is left out of them."""

    embedder: Embedder
    kind: Kind
    vector: NDArray[np.float32]
    itself: int | None


def like_frame(frame_id: int, *, embedder: str | None) -> Seed:
    """Start from a frame's vector. Raises SearchError."""
    if not Frame.objects.filter(pk=frame_id).exists():
        raise SearchError("not_found", f"There is no frame {frame_id}.")
    return _stored(Embedding.objects.filter(frame=frame_id, detection=None), f"Frame {frame_id}", "frames", embedder)


def like_box(detection_id: int, *, embedder: str | None) -> Seed:
    """Start from the vector of a detection's box. Raises SearchError."""
    if not Detection.objects.filter(pk=detection_id).exists():
        raise SearchError("not_found", f"There is no detection {detection_id}.")
    return _stored(Embedding.objects.filter(detection=detection_id), f"Detection {detection_id}", "boxes", embedder)


def like_text(text: str, *, embedder: str | None) -> Seed:
    """Start from a text. Raises SearchError, and WeightsMissing if the weights that embedded the frames are gone."""
    if not text.strip():
        raise SearchError("bad_request", "The text to search for is empty.")
    row = _text_row(embedder)
    loaded = load_embedder(row.name)
    if not hasattr(loaded, "embed_texts"):
        raise SearchError("no_text", f"{row.name} does not read text. {_READS_TEXT}")
    if loaded.version != row.version:
        message = f"The weights of {row.name} changed after the frames were embedded. Run the embed stage again."
        raise SearchError("no_embedding", message)
    return Seed(row, "frames", cast(TextEmbedder, loaded).embed_texts([text])[0], itself=None)


_READS_TEXT = "Embed with clip:ARCH@WEIGHTS to search by text (--set embed.embedder=…)."


def _stored(own: QuerySet[Embedding], what: str, kind: Kind, name: str | None) -> Seed:
    """Take the vector that was stored last, of the embedder that is named, if one is."""
    found = own.filter(Q() if name is None else Q(embedder__name=name)).select_related("embedder").order_by("-id")
    row = found.first()
    if row is None:
        others = sorted(set(own.values_list("embedder__name", flat=True)))
        by = "" if name is None else f" by {name}"
        hint = (
            f" It has one by {', '.join(others)}." if others else " Run a cascade with an embed stage over its video."
        )
        raise SearchError("no_embedding", f"{what} has no embedding{by}.{hint}")
    return Seed(row.embedder, kind, np.asarray(row.vector, np.float32), itself=row.pk)


def _text_row(name: str | None) -> Embedder:
    """Return the newest embedder that reads text and has embedded frames."""
    asked = Q(name__startswith=TEXT_EMBEDDER) if name is None else Q(name=name)
    for row in Embedder.objects.filter(asked).order_by("-id"):
        if Embedding.objects.filter(embedder=row, detection=None).exists():
            return row
    if name is None:
        raise SearchError("no_text", f"No frame was embedded by an embedder that reads text. {_READS_TEXT}")
    raise SearchError("no_embedding", f"No frame was embedded by {name}.")
