"""Plans as people write them."""

import dataclasses

import pytest

from curation.core.errors import SpecError
from curation.core.params import schema
from curation.core.sampling import SAMPLERS, parse_plan, read_yaml
from curation.core.sampling.quota import Quota
from curation.core.sampling.random import Random
from curation.core.sampling.undersample import Undersample
from curation.core.sampling.uniform import Uniform
from curation.core.splits import SplitSpec

WHOLE = """
name: night rain
description: More of what fails.
query: "camera:gate AND people:>0"
size: 2000
seed: 7
sampler:
  kind: quota
  shares: {"lighting:dark": 40, "weather:rain": ">=30%"}
constraints: {max_per_video: 50, max_per_interval: 5, interval_s: 60, min_gap_s: 2, max_similarity: 0.95}
diversity: {embedder: descriptor}
splits: {by: video, train: 0.8, val: 0.1, test: 0.1}
"""


def parse(text):
    return parse_plan(read_yaml(text))


def test_a_whole_plan_is_read_and_written_out_with_every_default():
    plan = parse(WHOLE)
    assert plan.sampler == Quota(shares={"lighting:dark": 40, "weather:rain": ">=30%"})
    assert [(ask.query, ask.amount, ask.at_least) for ask in plan.sampler.asks()] == [
        ("lighting:dark", 40, False),
        ("weather:rain", 30, True),
    ]
    assert (plan.size, plan.seed, plan.query) == (2000, 7, "camera:gate AND people:>0")
    assert plan.constraints.max_per_video == 50
    assert plan.diversity.candidates == 100_000
    assert plan.splits == SplitSpec()
    written = plan.to_dict()
    assert written["sampler"]["when_short"] == "fill"
    assert written["constraints"]["max_per_camera"] is None
    assert parse_plan(written) == plan


@pytest.mark.parametrize(
    "text, sampler",
    [
        ("{size: 5}", Random()),
        ("{size: 5, sampler: random}", Random()),
        ("{size: 5, quotas: ['40% a:b', '30% c:d']}", Quota(quotas=["40% a:b", "30% c:d"])),
        ("{size: 5, quotas: '40% lighting:dark'}", Quota(quotas=["40% lighting:dark"])),
        ("{size: 5, quotas: {'lighting:dark': 40}}", Quota(shares={"lighting:dark": 40})),
        ("{size: 5, uniform: [lighting, weather]}", Uniform(["lighting", "weather"])),
        ("{size: 5, uniform: lighting}", Uniform(["lighting"])),
        ("{undersample: people}", Undersample(["people"])),
        ("{undersample: {over: objects, classes: [dog]}}", Undersample(["objects"], ["dog"])),
    ],
)  # fmt: skip
def test_short_forms_stand_for_a_whole_sampler(text, sampler):
    plan = parse(text)
    assert plan.sampler == sampler
    assert parse_plan(plan.to_dict()) == plan


def test_diversity_is_on_by_a_word_and_off_by_another():
    assert parse("{size: 5, diversity: true}").diversity.embedder == ""
    assert parse("{size: 5, diversity: clip:x}").diversity.embedder == "clip:x"
    assert parse("{size: 5, diversity: {}}").diversity is not None
    assert parse("{size: 5, diversity: false}").diversity is None
    assert parse("{size: 5}").diversity is None


def test_frame_ids_are_sorted_and_counted_once():
    assert parse("{size: 5, frames: [9, 3, 9]}").frames == (3, 9)


@pytest.mark.parametrize(
    "text, says",
    [
        ("- a", "YAML mapping"),
        ("a: [", "not valid YAML"),
        ("{size: 2026-01-01}", "not valid YAML"),
        ("{}", "`size` is missing"),
        ("{size: 5, sampler: undersampel}", "Valid ones: quota, uniform, undersample, weighted, random"),
        ("{size: 5, sampler: {shares: {a: 1}}}", "no kind None"),
        ("{size: 5, sampler: [1]}", "must be a mapping"),
        ("{size: 5, samplers: random}", "no 'samplers'. Valid ones: name"),
        ("{size: 5, quotas: ['40% a:b'], uniform: [lighting]}", "two ways to draw"),
        ("{size: 5, sampler: random, uniform: [lighting]}", "two ways to draw"),
        ("{size: 0}", "from 1 to 10,000,000"),
        ("{size: true}", "whole number"),
        ("{size: 5.5}", "whole number"),
        ("{size: '5'}", "whole number"),
        ("{size: 5, seed: x}", "seed is 'x'"),
        ("{size: 5, seed: 9223372036854775808}", "63 bits"),
        ("{size: 5, query: [a]}", "query is"),
        ("{size: 5, name: 'a/b'}", "name is 'a/b'"),
        ("{size: 5, frames: [0]}", "list of frame ids"),
        ("{size: 5, frames: [true]}", "list of frame ids"),
        ("{size: 5, frames: 7}", "list of frame ids"),
        ("{size: 5, quotas: []}", "0 quotas"),
        ("{size: 5, quotas: ['40% a:b', '30% a:b']}", "two quotas for 'a:b'"),
        ("{size: 5, quotas: ['40 a:b']}", "cannot be read; write it as"),
        ("{size: 5, quotas: {'a:b': 140}}", "0 to 100 percent"),
        ("{size: 5, quotas: [3]}", "must be string"),
        ("{size: 5, sampler: {kind: quota, shares: {'a:b': 4}, mode: most}}", "one of exact, at_least"),
        ("{size: 5, uniform: []}", "one factor or more"),
        ("{size: 5, uniform: [lighting, lighting]}", "each once"),
        ("{size: 5, sampler: {kind: weighted}}", "nothing to weigh by"),
        ("{size: 5, sampler: {kind: weighted, weights: {'a:b': -1}}}", "number from 0"),
        ("{size: 5, sampler: {kind: weighted, weights: {'a:b': .nan}}}", "number from 0"),
        ("{size: 5, constraints: {max_per_video: 0}}", "at least 1"),
        ("{size: 5, constraints: [1]}", "must be a mapping"),
        ("{size: 5, diversity: {embeder: x}}", "Valid ones: candidates, embedder"),
        ("{size: 5, diversity: 3}", "must be a mapping"),
        ("{size: 5, splits: {train: 0.5}}", "must add up to 1"),
        ("{size: 5, splits: {by: week}}", "one of video, camera, day"),
    ],
)
def test_a_plan_that_is_wrong_says_what_would_be_right(text, says):
    with pytest.raises(SpecError) as caught:
        parse(text)
    assert says in str(caught.value)


@pytest.mark.parametrize("kind", SAMPLERS)
def test_every_parameter_of_every_sampler_is_described(kind):
    described = schema(SAMPLERS[kind])
    assert all(about["description"].endswith((".", "…'.")) for about in described["properties"].values())
    assert SAMPLERS[kind].kind == kind
    assert (SAMPLERS[kind].__doc__ or "").strip()
    assert dataclasses.is_dataclass(SAMPLERS[kind])
