"""Footage whose truth is known: groups that differ, and what one model makes of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numba import njit

RECALLS = 101


@dataclass(frozen=True)
class Ratio:
    """A figure that is a sum over groups by another sum: `draw(chance, groups)` gives both, (G,) each."""

    name: str
    draw: Callable
    truth: float
    limits: tuple = (0.0, 1.0)
    kind: Literal["share", "difference", "rate"] = "share"

    def figures(self, chance, groups, weights):
        """Return the figure, (R,) of it for (R, G) weights, and (G,) of it with each group left out."""
        over, under = self.draw(chance, groups)
        with np.errstate(invalid="ignore", divide="ignore"):
            left_out = (over.sum() - over) / (under.sum() - under)
            return over.sum() / under.sum(), (weights @ over) / (weights @ under), left_out


@dataclass(frozen=True)
class Curve:
    """AP at one IoU, of one class, at 101 recalls."""

    name: str
    draw: Callable
    truth: float
    limits: tuple = (0.0, 1.0)
    kind: Literal["share", "difference", "rate"] = "share"

    def figures(self, chance, groups, weights):
        group, is_true, objects = self.draw(chance, groups)
        rows = np.concatenate([np.ones((1, groups)), 1.0 - np.eye(groups), weights])
        figures = ap_rows(np.ascontiguousarray(rows.T[group]), is_true, rows @ objects)
        return figures[0], figures[groups + 1 :], figures[1 : groups + 1]


def sizes(chance, groups, mean, unevenness):
    """Objects of each group, 1 or more; 2.0 is uneven, 0.5 very."""
    return 1 + chance.poisson(chance.gamma(unevenness, (mean - 1) / unevenness, groups))


def difficulty(chance, groups, share, likeness):
    """(G,) chance of an object to be found; likeness is the correlation of two objects of a group."""
    strength = 1.0 / likeness - 1.0
    return chance.beta(share * strength, (1.0 - share) * strength, groups)


def recall(share, likeness, *, mean=10, unevenness=2.0):
    def draw(chance, groups):
        objects = sizes(chance, groups, mean, unevenness)
        found = chance.binomial(objects, difficulty(chance, groups, share, likeness))
        return found.astype(float), objects.astype(float)

    uneven = ", very uneven groups" if unevenness < 1 else ""
    return Ratio(f"recall {share:g}, likeness {likeness:g}, {mean} objects a group{uneven}", draw, share)


def precision(share, likeness, *, mean=10):
    false = mean * (1.0 - share)

    def draw(chance, groups):
        objects = sizes(chance, groups, mean, 2.0)
        found = chance.binomial(objects, difficulty(chance, groups, share, likeness))
        wrong = chance.poisson(chance.gamma(0.5, false / 0.5, groups))
        return found.astype(float), (found + wrong).astype(float)

    truth = mean * share / (mean * share + false)
    return Ratio(f"precision {truth:.2g}, false alarms in clumps", draw, truth)


def difference(share, redrawn, clumps=0.0):
    """Recall of one model less that of another: apart on a share of objects, and on a share of groups wholly."""

    def draw(chance, groups):
        objects, easy = sizes(chance, groups, 10, 2.0), difficulty(chance, groups, share, 0.2)
        alike = chance.binomial(objects, 1.0 - redrawn)
        common = chance.binomial(alike, easy)
        first, second = (common + chance.binomial(objects - alike, easy) for _ in range(2))
        is_lost = chance.random(groups) < clumps
        second = np.where(is_lost, chance.binomial(objects, easy * 0.3), second)
        return (first - second).astype(float), objects.astype(float)

    truth = clumps * share * 0.7
    name = f"difference {truth:.2g}, {redrawn:.0%} of objects apart" + (", in clumps" if clumps else "")
    return Ratio(name, draw, truth, (-1.0, 1.0), "difference")


def rate(an_hour, clumping):
    def draw(chance, groups):
        hours = chance.gamma(2.0, 0.5, groups) + 0.05
        alarms = chance.poisson(an_hour * hours * (chance.gamma(1 / clumping, clumping, groups) if clumping else 1.0))
        return alarms.astype(float), hours

    name = f"{an_hour:g} false alarms an hour" + (", in clumps" if clumping else "")
    return Ratio(name, draw, an_hour, (0.0, None), "rate")


def ap50(ease, difference_of_groups, false_a_group):
    def draw(chance, groups):
        objects, easy = sizes(chance, groups, 10, 2.0), chance.normal(0.0, difference_of_groups, groups)
        of = np.repeat(np.arange(groups), objects)
        is_found = chance.random(len(of)) < 1.0 / (1.0 + np.exp(-(ease + easy[of])))
        wrong = np.repeat(np.arange(groups), chance.poisson(chance.gamma(0.7, false_a_group / 0.7, groups)))
        group = np.concatenate([of[is_found], wrong])
        score = np.concatenate([chance.normal(1.0 + 0.5 * easy[of[is_found]]), chance.normal(-0.5, 1.0, len(wrong))])
        order = np.argsort(-score, kind="stable")
        return group[order], order < is_found.sum(), objects

    _, is_true, objects = draw(np.random.default_rng(7), 100_000)
    truth = ap_rows(np.ones((len(is_true), 1)), is_true, np.array([float(objects.sum())]))[0]
    name = f"AP50 {truth:.2f}, groups {'very ' if difference_of_groups > 1 else ''}unlike"
    return Curve(name, draw, float(truth))


@njit(nogil=True)
def ap_rows(weights, is_true, objects):
    """AP of (D,) detections, best score first, for each column of (D, R) weights; objects (R,) are the truths."""
    count, rows = weights.shape
    figures = np.full(rows, np.nan)
    precision, reached = np.empty(count), np.empty(count)
    for row in range(rows):
        if objects[row] == 0:
            continue
        true, false = 0.0, 0.0
        for place in range(count):
            if is_true[place]:
                true += weights[place, row]
            else:
                false += weights[place, row]
            reached[place] = true / objects[row]
            precision[place] = true / (true + false) if true + false > 0 else 0.0
        best, total, recall = 0.0, 0.0, RECALLS - 1
        for place in range(count - 1, -1, -1):
            while recall >= 0 and recall / 100.0 > reached[place] + 1e-12:
                total += best
                recall -= 1
            best = max(best, precision[place])
        figures[row] = (total + best * (recall + 1)) / RECALLS
    return figures
