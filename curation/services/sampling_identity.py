"""What each frame is, wherever it is stored: its video's SHA-256 and its time, or its picture's SHA-256."""

import numpy as np
from numpy.typing import NDArray

from curation.core.frame_columns import by_word
from curation.core.frame_table import FrameTable
from curation.core.sampling.chance import digest_of
from curation.core.types import BoolArray, IntArray
from curation.models import Frame, Video


def identities(table: FrameTable, rows: IntArray) -> tuple[NDArray[np.uint64], IntArray]:
    """Return the digest of the file of each of (n,) rows, and its place in it, in microseconds; 0 for a picture."""
    videos = table.frames["video_id"].to_numpy()[rows]
    known = dict(Video.objects.values_list("pk", "sha256"))
    ids = np.asarray(sorted(known), np.int64)
    digests = np.asarray([digest_of(known[pk]) for pk in ids.tolist()], np.uint64)
    of_row, pts_us = digests[np.searchsorted(ids, videos)], table.frames["pts_us"].to_numpy()[rows].copy()
    is_picture = are_pictures(table)[rows]
    if is_picture.any():
        _by_picture(table.ids[rows], is_picture, of_row, pts_us)
    return of_row, pts_us


def are_pictures(table: FrameTable) -> BoolArray:
    """Tell which of (N,) rows are single pictures, whose video is only a folder."""
    return by_word(table.frames["kind"], lambda kind: kind == Video.Kind.PICTURES)


def _by_picture(frame_ids: IntArray, is_picture: BoolArray, digests: NDArray[np.uint64], pts_us: IntArray) -> None:
    pictures = Frame.objects.filter(picture_sha256__isnull=False).order_by("pk").values_list("pk", "picture_sha256")
    found = [(pk, digest_of(sha256)) for pk, sha256 in pictures.iterator(chunk_size=20_000) if sha256]
    if not found:
        return
    ids, own = np.asarray([pk for pk, _ in found], np.int64), np.asarray([digest for _, digest in found], np.uint64)
    place = np.minimum(np.searchsorted(ids, frame_ids), len(ids) - 1)
    there = is_picture & (ids[place] == frame_ids)
    digests[there], pts_us[there] = own[place[there]], 0
