"""The strategies that ship."""

import pytest

from activelearning.core.samplers import SAMPLERS
from activelearning.core.shipped import DEFAULT, SHIPPED, shipped, shipped_text
from activelearning.core.strategy import parse_strategy
from curation.core.errors import SpecError


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_strategy_is_valid_and_says_what_it_is_for(name):
    strategy = shipped(name)
    assert strategy.name == name
    assert strategy.description.endswith(".")
    assert parse_strategy(strategy.to_dict()) == strategy


def test_the_default_is_there_and_goes_by_seeds_and_measured_is_the_same_with_a_control():
    strategy, measured = shipped(DEFAULT), shipped("measured")
    assert strategy.mine[0].kind == "likely_mistakes"
    assert strategy.mine[0].share == max(sampler.share for sampler in strategy.mine)
    assert (strategy.control, measured.control) == (0.0, 0.5)
    same = {"name": "", "description": "", "control": 0.0}
    assert measured.to_dict() | same == strategy.to_dict() | same


def test_every_sampler_is_in_a_shipped_strategy():
    assert {sampler.kind for name in SHIPPED for sampler in shipped(name).mine} >= set(SAMPLERS) - {"least_confidence"}


def test_a_name_that_there_is_not_is_answered_with_those_that_there_are():
    with pytest.raises(SpecError, match=r"There is no strategy 'best'\. Valid ones: attributes, default"):
        shipped_text("best")
