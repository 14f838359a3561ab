"""Prompted factors: their sentences as vectors, made once for each version of the conditions, and frames scored."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.db import transaction
from django.db.models import Exists, OuterRef
from numpy.typing import NDArray

from curation.backends.embed import load_embedder, reads_text
from curation.core import types
from curation.core.errors import WinnowError
from curation.core.operating import FactorSpec
from curation.core.types import Tag
from curation.core.zero_shot import NOBODY, Shape, judge, logits, mean_direction, plain_shape
from curation.models import Embedder, Embedding, OperatingConditions, PromptVector
from curation.services.embedding import embedder_row
from curation.services.in_force import conditions_of

NO_READER = "no embedder that reads text has embedded frames"
WAITING = "not scored yet; a retag scores it"


@dataclass(frozen=True)
class Asked:
    """A prompted factor that frames can be scored for: (V, D) `vectors` of its values."""

    factor: FactorSpec
    values: tuple[str, ...]
    vectors: NDArray[np.float32]
    embedder_id: int
    embedder: str
    shape: Shape


def asked(row: OperatingConditions) -> list[Asked]:
    """List the prompted factors whose sentences have vectors. One query."""
    prompted = [factor for factor in conditions_of(row).factors.values() if factor.prompts]
    if not prompted:
        return []
    stored: dict[str, dict[str, PromptVector]] = {}
    for one in PromptVector.objects.filter(conditions=row).select_related("embedder").defer("embedder__mean"):
        stored.setdefault(one.factor, {})[one.value] = one
    return [_asked(row, factor, stored[factor.name]) for factor in prompted if factor.name in stored]


def score_frames(frame_ids: Sequence[int], factors: Sequence[Asked]) -> dict[int, list[Tag]]:
    """Tell the prompted factors of frames; a frame without a vector gets none. One query for each embedder."""
    found: dict[int, list[Tag]] = {}
    for embedder_id in sorted({one.embedder_id for one in factors}):
        ids, vectors = vectors_of(frame_ids, embedder_id=embedder_id)
        for one in (one for one in factors if one.embedder_id == embedder_id and len(ids)):
            verdicts = judge(logits(vectors, one.vectors), one.shape)
            for at in np.flatnonzero(verdicts.best != NOBODY):
                second = {
                    "runner_up": one.values[verdicts.runner_up[at]],
                    "runner_up_confidence": round(float(verdicts.runner_up_probability[at]), 3),
                }
                value = value_of(one.factor, one.values[verdicts.best[at]])
                sure = round(float(verdicts.probability[at]), 3)
                found.setdefault(ids[at], []).append(Tag(one.factor.name, value, "model", one.embedder, sure, second))
    return found


def vectors_of(frame_ids: Sequence[int], *, embedder_id: int) -> tuple[list[int], NDArray[np.float32]]:
    """Return the ids of those frames that an embedder embedded, rising, and their (N, D) vectors."""
    rows = Embedding.objects.filter(embedder=embedder_id, detection=None, frame__in=frame_ids).order_by("frame_id")
    pairs = list(rows.values_list("frame_id", "vector"))
    return [frame for frame, _ in pairs], np.asarray([_numbers(vector) for _, vector in pairs], np.float32)


def value_of(factor: FactorSpec, name: str) -> str | bool:
    """Return the tag's value for the name of one of a prompted factor's values."""
    return name == "true" if factor.kind == "boolean" else name


def name_of(value: object) -> str:
    """Return the name of a tag's value: `value_of` the other way round."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def prepare(row: OperatingConditions, *, in_hand: types.Embedder | None = None) -> list[str]:
    """Compute the vectors of prompts that have none; returns what could not be done, and why.

    With an embedder `in_hand` no other is loaded, and what waits for another one goes on waiting."""
    have = set(PromptVector.objects.filter(conditions=row).values_list("factor", flat=True))
    lacking = [f for f in conditions_of(row).factors.values() if f.prompts and f.name not in have]
    notes = []
    for factor in lacking:
        chosen = _chosen(factor, in_hand)
        if in_hand is not None and (chosen is None or chosen != embedder_row(in_hand)):
            continue
        try:
            if chosen is not None:
                _store(row, factor, chosen, in_hand or load_embedder(chosen.name))
        except WinnowError as error:
            notes.append(f"{factor.name}: {error}")
    return notes


def state_of(factor: FactorSpec, row: OperatingConditions, ready: Sequence[Asked]) -> str:
    """Say in words why a prompted factor has no values, or "ready, by EMBEDDER"."""
    known = next((one for one in ready if one.factor.name == factor.name), None)
    if known is not None:
        learnt = ", calibrated" if _is_learnt(row, factor, known.embedder_id) else ""
        return f"ready, by {known.embedder}{learnt}"
    if _newest(factor) is not None:
        return WAITING
    wanted = factor.prompts.embedder if factor.prompts else ""
    return f"{wanted} has embedded no frames" if wanted else NO_READER


def _chosen(factor: FactorSpec, in_hand: types.Embedder | None) -> Embedder | None:
    """Return the row of the embedder for a factor: the named one, or the newest that reads text and embedded frames.

    Before the very first frames are stored, it is the one in hand that is about to embed them."""
    found = _newest(factor)
    wanted = factor.prompts.embedder if factor.prompts else ""
    if found is None and in_hand is not None and wanted in ("", in_hand.name):
        return embedder_row(in_hand)
    return found


def _newest(factor: FactorSpec) -> Embedder | None:
    used = Exists(Embedding.objects.filter(embedder=OuterRef("pk"), detection=None))
    wanted = factor.prompts.embedder if factor.prompts else ""
    candidates = Embedder.objects.filter(used, **({"name": wanted} if wanted else {})).order_by("-id")
    return next((one for one in candidates.defer("mean") if reads_text(one.name)), None)


def _store(row: OperatingConditions, factor: FactorSpec, chosen: Embedder, embedder: types.Embedder) -> None:
    if embedder.version != chosen.version:
        raise WinnowError(
            f"The weights of {chosen.name} are others now than those that embedded the frames. Put the old file back, "
            "or run the cascade again."
        )
    assert factor.prompts is not None
    texts = factor.prompts.texts
    sentences = [text for one in texts.values() for text in one]
    vectors = embedder.embed_texts(sentences)  # type: ignore[attr-defined]  # reads_text says so
    means, start = [], 0
    for value, own in texts.items():
        means.append((value, mean_direction(vectors[start : start + len(own)])))
        start += len(own)
    with transaction.atomic():
        PromptVector.objects.bulk_create(
            (
                PromptVector(conditions=row, factor=factor.name, value=value, embedder=chosen, vector=vector.tolist())
                for value, vector in means
            ),
            ignore_conflicts=True,  # another worker was at it too
        )


def _asked(row: OperatingConditions, factor: FactorSpec, stored: dict[str, PromptVector]) -> Asked:
    assert factor.prompts is not None
    values = tuple(value for value in factor.prompts.texts if value in stored)
    embedder = next(iter(stored.values())).embedder
    return Asked(
        factor=factor,
        values=values,
        vectors=np.asarray([_numbers(stored[value].vector) for value in values], np.float32),
        embedder_id=embedder.pk,
        embedder=embedder.name,
        shape=_shape(row, factor, values, embedder.pk),
    )


def _is_learnt(row: OperatingConditions, factor: FactorSpec, embedder_id: int) -> bool:
    learnt = row.calibration.get(factor.name)
    return bool(learnt) and learnt["embedder_id"] == embedder_id


def _shape(row: OperatingConditions, factor: FactorSpec, values: tuple[str, ...], embedder_id: int) -> Shape:
    assert factor.prompts is not None
    threshold = factor.prompts.threshold
    if not _is_learnt(row, factor, embedder_id):
        return plain_shape(len(values), threshold=threshold)
    learnt = row.calibration[factor.name]
    # A person who changed the threshold after it was learnt has the last word.
    cut = learnt["threshold"] if learnt["threshold_before"] == threshold else threshold
    return Shape(learnt["sharpness"], tuple(learnt["biases"].get(value, 0.0) for value in values), cut)


def _numbers(vector: object) -> NDArray[np.float32]:
    return np.asarray(vector.to_numpy() if hasattr(vector, "to_numpy") else vector, np.float32)
