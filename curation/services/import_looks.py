"""What a new picture is like: its size and time, the taggers' tags, its perceptual hash, its vector."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from numpy.typing import NDArray

from curation.backends.embed import load_embedder
from curation.core.phash import phash
from curation.core.signals import measure
from curation.core.taggers import TAGGERS, FrameView, Tagger
from curation.core.types import Embedder, Picture, Tag
from curation.models import Camera
from curation.services.in_force import current_spec
from curation.services.tagging import camera_tags, run_taggers, with_thresholds


@dataclass(frozen=True)
class Look:
    """vector is (D,), None where nobody embeds."""

    width_px: int
    height_px: int
    recorded_at: datetime | None
    tags: Sequence[Tag]
    phash: int
    vector: NDArray[np.float32] | None = None


@dataclass(frozen=True)
class Looker:
    """Looks at pictures with the taggers' present thresholds, and an embedder if one was asked for."""

    taggers: Mapping[str, Tagger]
    embedder: Embedder | None

    def look(self, picture: Picture, *, camera: Camera, recorded_at: datetime | None) -> Look:
        """Tag and hash a picture. recorded_at has a time zone."""
        luma, shape = picture.luma(), picture.rgb().shape
        view = FrameView(
            signals=measure(luma, is_full_range=picture.is_full_range),
            width_px=shape[1],
            height_px=shape[0],
            recorded_at=recorded_at,
            motion_percent=None,
            boxes=None,
            detector="",
            tags={tag.factor: tag.value for tag in camera_tags(camera.attributes)},
        )
        return Look(shape[1], shape[0], recorded_at, run_taggers(self.taggers.values(), view), phash(luma))

    def embed(self, looks: Sequence[Look], pictures: Sequence[Picture]) -> list[Look]:
        """Add the vectors of the pictures that were looked at."""
        if self.embedder is None or not looks:
            return list(looks)
        vectors = self.embedder.embed_pictures([picture.rgb() for picture in pictures])
        return [replace(look, vector=vector) for look, vector in zip(looks, vectors, strict=True)]


def make_looker(embedder: str) -> Looker:
    """Make a looker with the thresholds in force. Raises SpecError, WeightsMissing."""
    taggers = with_thresholds({name: kind() for name, kind in TAGGERS.items()}, current_spec().tags)
    return Looker(taggers, load_embedder(embedder) if embedder else None)


def zoned(moment: datetime | None, camera: Camera) -> datetime | None:
    """Give a moment without a time zone the camera's (its attribute `timezone`), UTC if it has none."""
    if moment is None or moment.tzinfo is not None:
        return moment
    try:
        return moment.replace(tzinfo=ZoneInfo(str(camera.attributes.get("timezone") or "UTC")))
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a camera's attributes are free text
        return moment.replace(tzinfo=UTC)
