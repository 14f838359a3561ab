"""How a video is cut into work."""

from curation.core.types import IntArray, Span


def cut_at_keyframes(duration_us: int, keyframes_us: IntArray, *, longest_us: int) -> list[Span]:
    """Cut `[0, duration)` into chunks of at most `longest_us`, at keyframes where there are any in reach.

    A start elsewhere would decode from the keyframe before it a second time. Raises ValueError if longest_us < 1."""
    if longest_us < 1:
        raise ValueError(f"cut_at_keyframes: longest_us is {longest_us}; it must be at least 1.")
    chunks: list[Span] = []
    start = 0
    while start < duration_us:
        end = start + longest_us
        if end < duration_us:
            # Not nearer than half a chunk, lest two far keyframes make many slivers.
            near = keyframes_us[(keyframes_us > start + longest_us // 2) & (keyframes_us <= end)]
            end = int(near[-1]) if len(near) else end
        chunks.append(Span(start, min(end, duration_us)))
        start = end
    return chunks or [Span(0, max(duration_us, 1))]


def cut_evenly(duration_us: int, *, length_us: int) -> list[Span]:
    """Cut `[0, duration)` at the multiples of a length."""
    starts = range(0, max(duration_us, 1), length_us)
    return [Span(start, min(start + length_us, max(duration_us, 1))) for start in starts]
