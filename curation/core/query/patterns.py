"""Text that fits a pattern with wildcards, as SQL's LIKE judges it."""

import re
from functools import lru_cache

from curation.core.query.nodes import Wild

Pattern = tuple[str | Wild, ...]


@lru_cache(maxsize=1024)
def compiled(pattern: Pattern) -> re.Pattern[str]:
    """Turn a pattern into an expression for `fullmatch`. Its time grows with text x pattern, however many wildcards.

    compiled(("gate", Wild.MANY)).fullmatch("gate-1") holds."""
    segments = [""]
    for piece in pattern:
        if piece is Wild.MANY:
            segments.append("")
        else:
            segments[-1] += "." if isinstance(piece, Wild) else re.escape(piece)
    if len(segments) == 1:
        return re.compile(segments[0], re.DOTALL)
    first, *middle, last = segments
    # The leftmost place for each piece is as good as any, so none is tried twice (?>…): no blow-up at *a*a*a*a*.
    return re.compile(first + "".join(f"(?>.*?{piece})" for piece in middle if piece) + ".*" + last, re.DOTALL)
