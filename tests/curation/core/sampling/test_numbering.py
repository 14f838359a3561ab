"""Numbering keys: what numpy does by sorting."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from curation.core.sampling.numbering import numbered


@given(keys=st.lists(st.integers(-5, 40) | st.integers(-(2**60), 2**60), max_size=20))
def test_it_is_what_numpy_does_by_sorting(keys):
    keys = np.asarray(keys, np.int64)
    values, places = numbered(keys)
    expected, inverse = np.unique(keys, return_inverse=True)
    assert (values.tolist(), places.tolist()) == (expected.tolist(), inverse.tolist())
