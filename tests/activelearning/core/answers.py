"""Answers for tests."""

from hypothesis import strategies as st

from activelearning.core.given_answer import GivenAnswer, GivenBox

corners = st.tuples(
    st.integers(0, 60), st.integers(0, 60), st.integers(5, 40), st.integers(5, 40)
).map(lambda c: (float(c[0]), float(c[1]), float(c[0] + c[2]), float(c[1] + c[3])))  # fmt: skip
boxes = st.builds(GivenBox, st.sampled_from(["person", "car"]), corners)
answers = st.builds(
    GivenAnswer,
    annotator=st.sampled_from(["ada", "bob", "eve"]),
    boxes=st.lists(boxes, max_size=4).map(tuple),
    tags=st.dictionaries(st.just("weather"), st.sampled_from(["rain", "clear"])),
    is_skip=st.booleans(),
)


def box(x=0, y=0, *, label="person", side=10, region=""):
    return GivenBox(label, (float(x), float(y), float(x + side), float(y + side)), region)


def answer(annotator="ada", *boxes, **values):
    return GivenAnswer(annotator, tuple(boxes), **values)
