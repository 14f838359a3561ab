"""Rating all frames beside each other: unique, typical, far off, a duplicate. Done by the job `rate`.

Frames that are kept later have no ratings, and move nobody else's, until the next time."""

import time
from collections.abc import Callable, Generator, Mapping
from typing import Any, TypeAlias

import numpy as np
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.db.models import Max

from curation.core.errors import SpecError, WinnowError
from curation.core.neighbour_index import NeighbourIndex
from curation.core.rating import Nearness, Rater
from curation.core.types import BoolArray, IntArray
from curation.models import Embedder, Embedding, Frame, Job
from curation.services.frame_rows import read_ids
from curation.services.holdout import guard_all
from curation.services.jobs import OPEN, Progress, Work, start_job
from curation.services.picture_hashes import hash_pictures, unhashed
from curation.services.rated_parts import Part, put_part, read_parts, remove_parts
from curation.services.rating_rows import hashes_of, rated_rows, read_hashes
from curation.services.vectors import default_embedder, frame_vectors

HASH_SLACK = 0.01
"""Where the hashes are alike too, so much less similarity will do."""
TOGETHER = 8192
"""Frames rated between two reports of progress."""
SAMPLE = 100_000
"""Vectors that the index is laid out by."""
PART_S = 60.0
"""After so long what was found is put away, so that whoever goes on need not find it again."""
NAMED = 10
LOCK = 7_236_001
Steps: TypeAlias = Generator[Progress, None, dict[str, Any]]


class RatingError(WinnowError):
    """A rating that cannot be done now. `code` is stable, for programs: busy, no_embedder."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def nearness(*, min_similarity: float | None = None, max_bits: int | None = None) -> Nearness:
    """Say from when on two frames are near-duplicates, with what is usual for what is None. Raises SpecError."""
    usual = Nearness()
    least = usual.min_similarity if min_similarity is None else min_similarity
    try:
        return Nearness(least, max(least - HASH_SLACK, 1e-6), usual.max_bits if max_bits is None else max_bits)
    except ValueError as error:
        raise SpecError(str(error)) from error


def embedder_named(name: str | None) -> Embedder | None:
    """Return the embedder of that name that embedded the most frames; without a name the one that did of all.

    None if no frame has a vector. Raises SpecError if none has one by the embedder that is named."""
    if name is None:
        return default_embedder()
    found = default_embedder(name=name)
    if found is None:
        names = sorted(set(Embedder.objects.values_list("name", flat=True)))
        there = f"There are: {', '.join(names)}." if names else "Run a cascade with an embed stage first."
        raise SpecError(f"No frame was embedded by {name!r}. {there}")
    return found


@transaction.atomic
def start_rating(
    *,
    embedder: str | None = None,
    min_similarity: float | None = None,
    max_bits: int | None = None,
    user: AbstractBaseUser | AnonymousUser | None = None,
    here: bool = False,
) -> Job:
    """Ask for all frames to be rated. The caller rings once that is committed; with `here` it does the job itself.

    Raises SpecError for parameters that make no sense, RatingError while another rating is under way."""
    near, row = nearness(min_similarity=min_similarity, max_bits=max_bits), embedder_named(embedder)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])  # of two who ask at once, one is told of the other
    if other := Job.objects.filter(kind="rate", state__in=OPEN).order_by("id").first():
        raise RatingError(
            "busy", f"Job {other.pk} is rating all frames already. Wait for it, or `manage.py jobs cancel {other.pk}`."
        )
    params = {
        "embedder": row.name if row else None,
        "embedder_id": row.pk if row else None,
        "min_similarity": near.min_similarity,
        "max_bits": near.max_bits,
    }
    return start_job(kind="rate", params=params, user=user, here=here)


def rate(job: Job) -> Work:
    """Hash pictures that have no hash yet, compare all frames, then write what came of it."""
    at: dict[str, Any] = dict(job.checkpoint)
    if not at:
        _tidy()
        until = Frame.objects.aggregate(last=Max("pk"))["last"] or 0
        to_hash = unhashed(after=0, until=until).count()
        at = {"step": "hash", "until": until, "last": 0, "total": to_hash, "done": 0, "unreadable": 0, "named": []}
    while at["step"] != "done":
        at = yield from STEPS[at["step"]](job, at)
    remove_parts(job, at["parts"])
    result: dict[str, Any] = at["result"]
    return result


def _tidy() -> None:
    """Remove what ratings left behind that were cancelled or failed. Resumed, they would begin to compare anew."""
    for job in Job.objects.filter(kind="rate", state__in=(Job.State.CANCELLED, Job.State.FAILED)):
        remove_parts(job, int(job.checkpoint.get("parts", 0)))


def _hash(job: Job, at: dict[str, Any]) -> Steps:
    for batch in hash_pictures(after=at["last"], until=at["until"]):
        at = {
            **at,
            "last": batch.last_id,
            "done": at["done"] + batch.count,
            "unreadable": at["unreadable"] + len(batch.unreadable),
            "named": [*at["named"], *batch.unreadable][:NAMED],
        }
        yield Progress(at["done"], max(at["total"], at["done"]), "hashing pictures", at)
    hashed = at["done"] - at["unreadable"]
    if hashed:  # now that they can be compared, some may turn out to look like a hold-out
        for count in guard_all():
            yield Progress(count, 0, "comparing with hold-outs", at)
    return {
        **{"step": "compare", "until": at["until"], "parts": 0},
        **{"hashed": hashed, "unreadable": at["unreadable"], "unreadable_frames": at["named"]},
    }


def _compare(job: Job, at: dict[str, Any]) -> Steps:
    """Rate the frames that have a vector. What was found is put away in parts; the checkpoint counts them."""
    embedder = _embedder(job)
    found = read_parts(job, at["parts"])
    if found is None:
        at, found = {**at, "parts": 0}, read_parts(job, 0)
    assert found is not None
    ids = _embedded(embedder, until=at["until"]) if embedder else np.empty(0, np.int64)
    # Those up to where we were that are not among what was found have been embedded since: the next time.
    last = int(found.ids[-1]) if len(found.ids) else 0
    ids = ids[(ids > last) | np.isin(ids, found.ids)]
    if embedder is None or not len(ids):
        return {**at, "step": "write", "last": 0}
    ids, index = yield from _index(ids, embedder)
    hashes = hashes_of(ids, *read_hashes(until=at["until"]))
    rater = Rater(
        index, nearness=nearness(min_similarity=job.params["min_similarity"], max_bits=job.params["max_bits"])
    )
    is_leader, new, put_s = np.isin(ids, found.leader_ids), [], time.monotonic()
    is_done: BoolArray = ids <= last
    for start in range(0, len(ids), TOGETHER):
        some = slice(start, start + TOGETHER)
        old = int(is_done[some].sum())
        vectors, _ = frame_vectors(ids[some], embedder=embedder)
        rater.go_on(vectors[:old], hashes[some][:old], leads=is_leader[some][:old])
        if old < len(vectors):
            rated = rater.rate(vectors[old:], hashes[some][old:])
            new.append(Part(ids[some][old:], rated.similarity, rated.distance, ids[rated.leader]))
        is_last = rater.done == len(ids)
        if new and (is_last or time.monotonic() - put_s > PART_S):
            at, put_s = _put(job, at, new), time.monotonic()
            new = []
            yield Progress(rater.done, len(ids), "comparing frames", at)
        else:
            yield Progress(rater.done, len(ids), "comparing frames")
    return {**at, "step": "write", "last": 0}


def _index(ids: IntArray, embedder: Embedder) -> Generator[Progress, None, tuple[IntArray, NeighbourIndex]]:
    """Read the vectors of frames into an index; returns those that have a direction, and it."""
    yield Progress(0, len(ids), "reading vectors")
    sample, has = frame_vectors(ids[:: max(1, -(-len(ids) // SAMPLE))], embedder=embedder)
    index = NeighbourIndex(embedder.dimension, rows=len(ids), sample=sample[has])
    kept = []
    for start in range(0, len(ids), TOGETHER):
        vectors, has = frame_vectors(ids[start : start + TOGETHER], embedder=embedder)
        index.add(vectors[has])
        kept.append(ids[start : start + TOGETHER][has])
        yield Progress(start + len(vectors), len(ids), "reading vectors")
    return np.concatenate(kept), index


def _put(job: Job, at: dict[str, Any], new: list[Part]) -> dict[str, Any]:
    part = new[0]
    for more in new[1:]:
        part += more
    put_part(job, at["parts"], part)
    return {**at, "parts": at["parts"] + 1}


def _write(job: Job, at: dict[str, Any]) -> Steps:
    found = read_parts(job, at["parts"])
    if found is None:
        return {**at, "step": "compare", "parts": 0}
    so_far = {name: at[name] for name in ("hashed", "unreadable", "unreadable_frames")}
    rows = rated_rows(found, until=at["until"])
    for last, done in rows.write(after=at["last"]):
        yield Progress(done, len(rows.ids), "writing ratings", {**at, "last": last})
    embedder = _embedder(job)
    result = {"embedder": embedder.name if embedder else None, **rows.summary(), **so_far}
    return {**at, "step": "done", "result": result}


def _embedder(job: Job) -> Embedder | None:
    """Return the embedder that the job was asked to compare by. Raises RatingError if it is gone."""
    if job.params["embedder_id"] is None:
        return None
    found = Embedder.objects.filter(pk=job.params["embedder_id"]).first()
    if found is None:
        raise RatingError(
            "no_embedder", f"The embedder {job.params['embedder']} is gone, and its vectors with it. Rate anew."
        )
    return found


def _embedded(embedder: Embedder, *, until: int) -> IntArray:
    rows = Embedding.objects.filter(embedder=embedder, detection=None, frame__lte=until)
    return np.sort(read_ids(rows, "frame_id"))


STEPS: Mapping[str, Callable[[Job, dict[str, Any]], Steps]] = {"hash": _hash, "compare": _compare, "write": _write}
