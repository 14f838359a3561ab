"""Shares as text, and as whole numbers of frames."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.core.sampling.shares import Ask, read_ask, read_share, whole_counts


@pytest.mark.parametrize(
    "text, ask",
    [
        ("40% lighting:dark", Ask("lighting:dark", 40)),
        (" 12.5 % lighting:dark AND people:>0 ", Ask("lighting:dark AND people:>0", 12.5)),
        (">=40% lighting:dark", Ask("lighting:dark", 40, at_least=True)),
        (">= 40% (a:b OR c:d)", Ask("(a:b OR c:d)", 40, at_least=True)),
        ("50 frames weather:rain", Ask("weather:rain", 50, is_percent=False)),
        ("1 frame weather:rain", Ask("weather:rain", 1, is_percent=False)),
        ("0% weather:rain", Ask("weather:rain", 0)),
    ],
)
def test_quotas_are_read_as_they_are_written(text, ask):
    assert read_ask(text) == ask
    assert read_ask(f"{ask.amount_text} {ask.query}") == ask


@pytest.mark.parametrize(
    "text", ["", "40%", "40 lighting:dark", "lighting:dark 40%", "-3% a:b", "140% a:b", "2.5 frames a:b", "nan% a:b"]
)
def test_a_quota_that_cannot_be_meant_is_refused(text):
    with pytest.raises(ValueError, match=r"quota|percent"):
        read_ask(text)


def test_shares_by_query_are_percent_unless_they_say_otherwise():
    assert read_share("a:b", 40) == Ask("a:b", 40)
    assert read_share("a:b", "40%") == Ask("a:b", 40)
    assert read_share("a:b", "7 frames", at_least=True) == Ask("a:b", 7, is_percent=False, at_least=True)
    for wrong in (True, None, [], -1, 101, "40"):
        with pytest.raises(ValueError, match=r"share|quota|percent"):
            read_share("a:b", wrong)
    with pytest.raises(ValueError, match="without a query"):
        read_share(" ", 40)


@pytest.mark.parametrize(
    "parts, counts",
    [
        ([3.3, 3.3, 3.4], [3, 3, 4]),
        ([16.67] * 6, [17, 17, 17, 17, 16, 16]),
        ([0.5, 0.5], [1, 0]),
        ([40.0, 30.0], [40, 30]),
        ([0.1 + 0.2], [0]),
        ([], []),
    ],
)
def test_rounding_keeps_the_sum(parts, counts):
    assert whole_counts(np.asarray(parts)).tolist() == counts


@given(parts=st.lists(st.floats(0, 1e6), max_size=8))
def test_rounded_shares_are_off_by_less_than_one_and_add_up(parts):
    counts = whole_counts(np.asarray(parts))
    assert all(abs(c - p) < 1 + 1e-6 for c, p in zip(counts, parts, strict=True))
    assert abs(int(counts.sum()) - sum(parts)) <= 0.5 + 1e-3
