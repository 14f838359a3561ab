"""The stretches of time that a hold-out takes: whole blocks around its frames, and whole events.

Also: telling that one video is a copy of another, so that the copy's stretches are taken too.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from curation.core.spans import union
from curation.core.types import Span

SAME_TIME_US = 1_000_000
"""Two frames this near in time, counted from the start of two videos, may be the same moment."""
COPY_SHARE = 0.8
"""Of the moments that both videos have, so many must look alike for one video to be a copy of the other."""


def blocks_around(times_us: Iterable[int], *, block_us: int, margin_us: int) -> list[Span]:
    """Return the blocks that hold any of the times, each widened on both sides; none begins before 0.

    Blocks are `[k * block_us, (k + 1) * block_us)`, so that the same times give the same blocks in any order.
    blocks_around([61_000_000], block_us=60_000_000, margin_us=5_000_000) -> [Span(55_000_000, 125_000_000)]"""
    numbers = {time_us // block_us for time_us in times_us}
    return union(
        Span(max(0, number * block_us - margin_us), max(0, (number + 1) * block_us + margin_us)) for number in numbers
    )


def whole_events(stretches: Iterable[Span], events: Iterable[Span]) -> list[Span]:
    """Grow the stretches until they cut none of the events: an event is either inside, or does not overlap them."""
    taken, left = union(stretches), union_of_chains(events)
    # Chains of overlapping events are taken whole, so one pass is enough: what is taken overlaps no other chain.
    return union([*taken, *(chain for chain in left if any(_overlap(chain, span) for span in taken))])


def union_of_chains(events: Iterable[Span]) -> list[Span]:
    """Join events that overlap each other; events that only touch stay apart."""
    chains: list[Span] = []
    for event in sorted((e for e in events if e.end_us > e.start_us), key=lambda e: (e.start_us, e.end_us)):
        if chains and event.start_us < chains[-1].end_us:
            chains[-1] = Span(chains[-1].start_us, max(chains[-1].end_us, event.end_us))
        else:
            chains.append(event)
    return chains


@dataclass(frozen=True)
class Match:
    """A frame of one video that looks like a held frame of another; times run from the start of each."""

    video_id: int
    pts_us: int
    held_video_id: int
    held_pts_us: int


def copies(
    matches: Sequence[Match], held_times: Mapping[int, Sequence[int]], times: Mapping[int, Sequence[int]]
) -> dict[tuple[int, int], int]:
    """Tell which videos are copies of held ones, or pieces of them, and by how much their times are shifted.

    held_times and times give the rising times of the frames that could have matched, by video. Returns
    {(video, held video): shift_us}: what is at t in the held video is at t + shift_us in the other. A video is a copy
    where nearly all moments that both have look alike, given that shift. Unshifted, one or two moments will do; else
    three are asked for, since frames of a still scene look alike at any shift."""
    shifts: dict[tuple[int, int], list[int]] = defaultdict(list)
    for match in matches:
        if match.video_id != match.held_video_id:
            shifts[match.video_id, match.held_video_id].append(match.pts_us - match.held_pts_us)
    found = {}
    for (video_id, held_id), shift_of in shifts.items():
        mine, theirs = times.get(video_id, []), held_times.get(held_id, [])
        for shift_us, least in ((0, 2), (_usual(shift_of), 3)):
            alike = sum(abs(one - shift_us) <= SAME_TIME_US for one in shift_of)
            common = _common([time_us - shift_us for time_us in mine], theirs)
            if alike >= (min(least, common) if shift_us == 0 else least) and alike >= COPY_SHARE * common:
                found[video_id, held_id] = shift_us
                break
    return found


def shifted(spans: Iterable[Span], *, by_us: int) -> list[Span]:
    """Move stretches in time; what would lie before 0 is cut off."""
    moved = (Span(max(0, span.start_us + by_us), max(0, span.end_us + by_us)) for span in spans)
    return union(moved)


def _usual(shifts: Sequence[int]) -> int:
    """Return the shift that has the most others near it; of several the smallest by size. There is at least one."""
    ordered = sorted(shifts)
    best, most, last = ordered[0], 0, 0
    for first, shift_us in enumerate(ordered):
        last = max(last, first)
        while last < len(ordered) and ordered[last] <= shift_us + SAME_TIME_US:
            last += 1
        middle = ordered[(first + last - 1) // 2]
        if (last - first, -abs(middle)) > (most, -abs(best)):
            best, most = middle, last - first
    return best


def _common(times: Sequence[int], held: Sequence[int]) -> int:
    """Count the times that lie near one of the held ones, at least 1. Both rise."""
    count = at = 0
    for time_us in times:
        while at < len(held) and held[at] < time_us - SAME_TIME_US:
            at += 1
        count += at < len(held) and held[at] <= time_us + SAME_TIME_US
    return max(count, 1)


def _overlap(left: Span, right: Span) -> bool:
    return left.start_us < right.end_us and right.start_us < left.end_us
