"""Tags of a frame: what its run found, and what becomes of it beside the camera's word and other runs' findings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from curation.core.errors import SpecError
from curation.core.params import build
from curation.core.signals import measure
from curation.core.spec import CascadeSpec
from curation.core.taggers import TAGGERS, FrameView, Tagger
from curation.core.types import Box, Picture, Tag, TagValue

RANK = {"camera": 0, "model": 1, "tagger": 1, "rule": 2, "human": 3}
"""Human beats rule beats model beats camera; of equals the later one stands."""


def camera_tags(attributes: Mapping[str, Any]) -> list[Tag]:
    """Return a camera's attributes as tags; what is not text, number or yes/no is left out."""
    return [
        Tag(factor, value, "camera", "camera")
        for factor, value in sorted(attributes.items())
        if isinstance(value, str | bool | int | float)
    ]


def with_thresholds(taggers: Mapping[str, Tagger], thresholds: Mapping[str, Mapping[str, Any]]) -> dict[str, Tagger]:
    """Return taggers with the thresholds that the operating conditions set for all frames.

    Where they do not go together with a cascade's own (bounds that must rise), the cascade's are left aside."""
    return {
        name: _with(tagger, TAGGERS[name], thresholds[name]) if name in thresholds else tagger
        for name, tagger in taggers.items()
    }


def _with(tagger: Tagger, kind: type[Tagger], values: Mapping[str, Any]) -> Tagger:
    own: dict[str, Any] = asdict(tagger)  # type: ignore[call-overload]
    try:
        return build(kind, {**own, **values}, where="tags")
    except SpecError:
        return build(kind, values, where="tags")


def tag_frame(
    *,
    spec: CascadeSpec,
    picture: Picture,
    width_px: int,
    height_px: int,
    recorded_at: datetime | None,
    motion_percent: float | None,
    boxes: Sequence[Box] | None,
    detector: str,
    camera: Sequence[Tag],
) -> list[Tag]:
    """Run every tagger and rule over one frame, in order."""
    view = FrameView(
        signals=measure(picture.luma(), is_full_range=picture.is_full_range),
        width_px=width_px,
        height_px=height_px,
        recorded_at=recorded_at,
        motion_percent=motion_percent,
        boxes=boxes,
        detector=detector,
        tags={tag.factor: tag.value for tag in camera},
    )
    return run_taggers(spec.taggers.values(), view)


def run_taggers(taggers: Iterable[Tagger], view: FrameView) -> list[Tag]:
    """Run taggers in order; each sees what the ones before it found."""
    known, found = dict(view.tags), list[Tag]()
    view = replace(view, tags=known)
    for tagger in taggers:
        tags = tagger.tag(view)
        known.update((tag.factor, tag.value) for tag in tags)
        found += tags
    return found


def as_json(tags: Sequence[Tag]) -> tuple[dict[str, TagValue], dict[str, dict[str, object]]]:
    """Split tags into values and evidence, as they are stored."""
    values = {tag.factor: tag.value for tag in tags}
    evidence = {
        tag.factor: {"source": tag.source, "by": tag.by, "confidence": tag.confidence, **tag.detail} for tag in tags
    }
    return values, evidence


def merge(
    layers: Sequence[tuple[Mapping[str, TagValue], Mapping[str, Mapping[str, object]]]],
) -> tuple[dict[str, TagValue], dict[str, dict[str, object]]]:
    """Merge (values, evidence) layers, oldest first, into the effective ones."""
    values: dict[str, TagValue] = {}
    evidence: dict[str, dict[str, object]] = {}
    for layer_values, layer_evidence in layers:
        for factor, value in layer_values.items():
            why = dict(layer_evidence.get(factor, {"source": "tagger"}))
            standing = evidence.get(factor)
            if standing is None or RANK[str(why["source"])] >= RANK[str(standing["source"])]:
                values[factor], evidence[factor] = value, why
    return values, evidence
