"""What most annotators say of a frame's tags."""

import json
from collections.abc import Sequence

from activelearning.core.given_answer import GivenAnswer
from activelearning.core.merging.objects import newest_of_each
from curation.core.types import TagValue


def voted_tags(answers: Sequence[GivenAnswer]) -> tuple[dict[str, TagValue], dict[str, int]]:
    """Return of each factor the value that most annotators give, of ties the newest, and the newest answer with it."""
    votes: dict[str, dict[str, list[int]]] = {}
    for place in newest_of_each(answers):
        for factor, value in answers[place].tags.items():
            votes.setdefault(factor, {}).setdefault(json.dumps(value, sort_keys=True), []).append(place)
    won = {factor: max(values.values(), key=lambda p: (len(p), p[-1]))[-1] for factor, values in votes.items()}
    return {factor: answers[place].tags[factor] for factor, place in won.items()}, won
