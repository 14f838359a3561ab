"""Strategies as people write them."""

import pytest

from activelearning.core.samplers.attributes import Attributes
from activelearning.core.samplers.entropy import Entropy
from activelearning.core.samplers.similar_boxes import SimilarBoxes
from activelearning.core.strategy import parse_strategy, read_yaml
from activelearning.core.strategy_parts import Diversity, Limits, SeedCounts
from curation.core.errors import SpecError
from curation.core.params import schema

WHOLE = """
name: dark rain
description: More of what is missed at night.
pool: "camera:gate AND lighting:dark"
seeds: {missed: 50, false_alarms: 0}
embedder: descriptor
mine:
  - {kind: similar_boxes, share: 3, doubt: 0.2}
  - entropy
diversity: {oversample: 5}
limits: {max_per_video: 10, min_gap_s: 5, max_similarity: 0.9}
control: 0.2
seed: 7
"""


def parse(text):
    return parse_strategy(read_yaml(text))


def test_a_whole_strategy_is_read_and_written_out_with_every_default():
    strategy = parse(WHOLE)
    assert strategy.mine == (SimilarBoxes(share=3, doubt=0.2), Entropy())
    assert (strategy.name, strategy.pool, strategy.embedder) == (
        "dark rain", "camera:gate AND lighting:dark", "descriptor"
    )  # fmt: skip
    assert strategy.seeds == SeedCounts(missed=50, false_alarms=0, low_confidence=100)
    assert strategy.diversity == Diversity(oversample=5)
    assert strategy.limits == Limits(max_per_video=10, min_gap_s=5, max_similarity=0.9)
    assert (strategy.control, strategy.seed) == (0.2, 7)
    written = strategy.to_dict()
    assert written["mine"][1] == {"kind": "entropy", "share": 1.0, "over": "max", "floor": 0.1}
    assert parse_strategy(written) == strategy


def test_a_list_of_samplers_is_enough():
    strategy = parse("mine: [entropy]")
    assert (strategy.diversity, strategy.limits, strategy.control) == (Diversity(), Limits(), 0.0)
    assert parse_strategy(strategy.to_dict()) == strategy


def test_diversity_can_be_left_out():
    for said in ("false", "null"):
        strategy = parse(f"{{mine: [entropy], diversity: {said}}}")
        assert strategy.diversity is None
        assert parse_strategy(strategy.to_dict()) == strategy
    assert parse("{mine: [entropy], diversity: true}").diversity == Diversity()


@pytest.mark.parametrize(
    "text, message",
    [
        ("[1]", "A strategy is a YAML mapping with `mine`"),
        ("mine: [", "The strategy is not valid YAML"),
        ("{}", "`mine` must be a list of 1 to 50 samplers, as in mine: "),
        ("mine: []", "`mine` must be a list of 1 to 50"),
        ("mine: entropy", "`mine` must be a list of 1 to 50"),
        ("mine: [3]", "mine 1 is 3; it must be a sampler"),
        ("mine: [entropy, luck]", "mine 2: there is no kind 'luck'. Valid ones: least_confidence, margin, entropy"),
        ("mine: [{share: 2}]", "mine 1: there is no kind None"),
        ("mine: [{kind: [1]}]", r"mine 1: there is no kind \[1\]"),
        ("mine: [{kind: entropy, sahre: 2}]", "mine 1, entropy: there is no parameter 'sahre'. Valid ones: floor"),
        ("mine: [{kind: entropy, share: 0}]", "mine 1, entropy.share is 0; it must be 0.001 to 1000"),
        ("mine: [{kind: entropy, over: min}]", "over is 'min'; it must be one of max, mean, sum"),
        ("{mine: [entropy], budget: 3}", "there is no 'budget'. Valid ones: name, description, pool, pool_most, seeds"),
        ("{mine: [entropy], control: 1}", "control is 1; it must be a share of the budget from 0 to 0.9"),
        ("{mine: [entropy], control: lots}", "control is 'lots'"),
        ("{mine: [entropy], control: true}", "control is True"),
        ("{mine: [entropy], seed: 1.5}", "seed is 1.5; it must be a whole number"),
        ("{mine: [entropy], seed: 9223372036854775808}", "at most 63 bits"),
        ("{mine: [entropy], name: 'a/b'}", "name is 'a/b'"),
        ("{mine: [entropy], pool: 3}", "pool is 3; it must be text"),
        ("{mine: [entropy], pool_most: 0}", "pool_most is 0; it must be a number of frames from 1"),
        ("{mine: [entropy], pool_most: many}", "pool_most is 'many'"),
        ("{mine: [entropy], seeds: {hit: 3}}", "seeds: there is no parameter 'hit'"),
        ("{mine: [entropy], seeds: 3}", "seeds is 3; it must be a mapping"),
        ("{mine: [entropy], limits: {max_per_video: 0}}", "limits.max_per_video is 0; it must be at least 1"),
        ("{mine: [entropy], limits: {max_similarity: .nan}}", "The strategy is not valid YAML of plain values"),
        ("{mine: [entropy], diversity: {oversample: 0}}", "diversity.oversample is 0"),
        ("{mine: [entropy], diversity: 5}", "diversity is 5; it must be a mapping"),
    ],
)
def test_what_is_wrong_is_named_with_what_would_be_right(text, message):
    with pytest.raises(SpecError, match=message):
        parse(text)


def test_a_strategy_says_what_must_be_known_for_it():
    assert parse("{mine: [random], diversity: false, limits: {max_similarity: null}}").needs == frozenset()
    assert parse("{mine: [random], diversity: false}").needs == {"frame_vectors"}  # for the limit of likeness
    assert parse("mine: [similar_boxes]").needs == {"boxes", "box_vectors", "seeds", "frame_vectors"}
    assert parse("{mine: [disagreement, {kind: disagreement, other: big}]}").other_models == ("", "big")
    assert parse("mine: [entropy]").other_models == ()
    assert parse("mine: [entropy]").factors == ()
    assert parse("mine: [attributes]").factors is None
    assert parse("mine: [{kind: attributes, factors: [light]}]").factors == ("light",)
    assert Attributes().factors == []


@pytest.mark.parametrize("kind", [SeedCounts, Diversity, Limits])
def test_every_parameter_is_described(kind):
    assert all(about["description"].endswith(".") for about in schema(kind)["properties"].values())
