"""What a rating has found so far, kept in the storage until all of it is known and can be written."""

from dataclasses import dataclass
from io import BytesIO
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from curation.backends import storage
from curation.core.types import IntArray
from curation.models import Job


@dataclass(frozen=True)
class Part:
    """Ratings of (N,) frames, by rising id."""

    ids: IntArray
    similarity: NDArray[np.float32]
    distance: NDArray[np.float32]
    leader_ids: IntArray
    """The first frame that each is a near-duplicate of; its own id where it is the first."""

    def __add__(self, other: "Part") -> "Part":
        return Part(*(np.concatenate([vars(self)[name], vars(other)[name]]) for name in vars(self)))


NOTHING = Part(np.empty(0, np.int64), np.empty(0, np.float32), np.empty(0, np.float32), np.empty(0, np.int64))


def put_part(job: Job, number: int, part: Part) -> None:
    """Store a part under its number, from 0. Storing again replaces."""
    packed = BytesIO()
    np.savez(packed, **vars(part))
    storage.put_bytes(_key(job, number), packed.getvalue())


def read_parts(job: Job, count: int) -> Part | None:
    """Read the first `count` parts as one; None if one of them is gone or damaged."""
    found = NOTHING
    for number in range(count):
        try:
            with np.load(BytesIO(storage.read_bytes(_key(job, number))), allow_pickle=False) as stored:
                found += Part(**{name: stored[name] for name in vars(NOTHING)})
        except (OSError, ValueError, KeyError, EOFError, BadZipFile):
            return None
    return found


def remove_parts(job: Job, count: int) -> None:
    """Remove a job's parts; those that are not there are no error."""
    storage.remove([_key(job, number) for number in range(count)])


def _key(job: Job, number: int) -> str:
    return f"jobs/{job.pk}/rated-{number}.npz"
