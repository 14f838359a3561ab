"""How far annotators agree."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activelearning.core.agreement import agreement
from tests.activelearning.core.answers import answer, answers, box


def test_one_annotator_has_nobody_to_agree_with():
    assert agreement([]) is agreement([answer("ada", box())]) is None
    assert agreement([answer("ada", box()), answer("ada", box(1))]) is None
    assert agreement([answer("ada", box()), answer("bob", is_skip=True)]) is None


def test_worked_values():
    ada = answer("ada", box(), box(50))
    assert agreement([ada, answer("bob", box(), box(50))]) == 1.0
    assert agreement([ada, answer("bob", box())]) == pytest.approx(2 / 3)
    assert agreement([ada, answer("bob")]) == 0.0
    assert agreement([answer("ada"), answer("bob")]) == 1.0
    assert agreement([answer("ada", box()), answer("bob", box(label="car"))]) == 0.0
    assert agreement([ada, answer("bob", box(), box(50)), answer("eve")]) == pytest.approx(1 / 3)


def test_the_last_answer_of_an_annotator_counts():
    assert agreement([answer("ada"), answer("bob", box()), answer("ada", box())]) == 1.0


@given(st.lists(answers, max_size=5))
def test_it_is_a_share_whoever_comes_first(given_answers):
    last = list({one.annotator: one for one in given_answers if not one.is_skip}.values())
    found = agreement(last)
    assert found is None or 0 <= found <= 1 + 1e-12
    assert found == (None if len(last) < 2 else pytest.approx(agreement(last[::-1])))
