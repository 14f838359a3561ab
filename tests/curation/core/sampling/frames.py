"""Frames to draw from, without a database: factors by name, a query is `factor:value`."""

from dataclasses import dataclass, field

import numpy as np

from curation.core.errors import SpecError
from curation.core.operating.coding import Codes
from curation.core.sampling.constraints import Constraints, Whereabouts, rules_of
from curation.core.sampling.contract import Lists
from curation.core.sampling.drawing import draw_from
from curation.core.sampling.selection import Likeness


@dataclass
class Frames:
    """factors: {"lighting": ["dark", None, …]}; shown: {"objects": [("person",), …]}; values: {"uniqueness": […]}."""

    factors: dict = field(default_factory=dict)
    shown: dict = field(default_factory=dict)
    values: dict = field(default_factory=dict)
    video: list | None = None
    pts_s: list | None = None
    camera: list | None = None
    names: dict = field(default_factory=dict)
    is_picture: list | None = None

    def __len__(self):
        return len(next(iter([*self.factors.values(), *self.shown.values(), *self.values.values()])))

    def matches(self, query):
        if query == "*":
            return np.ones(len(self), bool)
        name, _, value = query.partition(":")
        if name not in self.factors:
            raise SpecError(f"there is no field {name}.")
        return np.asarray([v == value for v in self.factors[name]], bool)

    def codes(self, factor):
        if factor not in self.factors:
            raise SpecError(f"there is no factor {factor!r}.")
        names = self.names.get(factor) or sorted({v for v in self.factors[factor] if v is not None})
        place = {name: i for i, name in enumerate(names)}
        codes = [place.get(v, -1) for v in self.factors[factor]]
        return Codes(factor, tuple(names), np.asarray(codes, np.int16))

    def lists(self, factor):
        if factor not in self.shown:
            return None
        words = sorted({v for v in self.shown[factor] if v is not None})
        codes = [words.index(v) if v is not None else len(words) for v in self.shown[factor]]
        return Lists(np.asarray(codes, np.int64), [*words, None])

    def numbers(self, name):
        return np.asarray([np.nan if v is None else v for v in self.values[name]], float)

    def chances(self):
        return (np.arange(len(self)) + 0.5) / max(1, len(self))

    def at(self):
        count = len(self)
        return Whereabouts(
            video=np.asarray(self.video if self.video is not None else np.zeros(count), np.int64),
            camera=np.asarray(self.camera if self.camera is not None else np.zeros(count), np.int64),
            pts_us=np.asarray(np.asarray(self.pts_s if self.pts_s is not None else np.arange(count)) * 1e6, np.int64),
            is_picture=np.asarray(self.is_picture if self.is_picture is not None else np.zeros(count), bool),
        )


def draw(frames, sampler, *, size=None, likeness=None, **constraints):
    rules = rules_of(Constraints(**constraints), frames.at())
    return draw_from(frames, sampler, size=size, rules=rules, likeness=likeness)


def given(drawn):
    return {stratum.name: stratum.given for stratum in drawn.strata}


def reasons(drawn):
    return {stratum.name: stratum.reason for stratum in drawn.strata if stratum.reason}


def lit(**counts):
    """lit(dark=2, dim=1) -> ["dark", "dark", "dim"]"""
    return [name for name, count in counts.items() for _ in range(count)]


def alike(vectors, **options):
    vectors = np.asarray(vectors, np.float32)
    return Likeness(lambda rows: vectors[rows], options.pop("beside", vectors[:0]), **options)
