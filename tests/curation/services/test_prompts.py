"""Prompted factors: sentences as vectors, frames scored by them, and what is said where that cannot be."""

import math

import numpy as np
import pytest
import yaml

from curation.backends.embed import EMBEDDERS, load_embedder
from curation.core.errors import WinnowError
from curation.models import Frame, PromptVector
from curation.services import prompts
from curation.services.conditions import save_conditions
from curation.services.in_force import conditions_of, current
from curation.services.job_kinds import run_here
from curation.services.layers import refresh_tags
from curation.services.prompts import asked, prepare, score_frames, state_of
from curation.services.retagging import start_retag
from tests import toy_models
from tests.factories import EmbedderFactory, EmbeddingFactory, FrameFactory, KeepFactory, TagEditFactory

pytestmark = pytest.mark.django_db

WET = {"kind": "boolean", "from": "prompts", "prompts": {"true": ["wet", "very wet"], "false": "dry"}, "threshold": 0.6}
WEATHER = {"values": ["rain", "snow", "sun"], "from": "prompts", "prompts": {"rain": "r", "snow": "s", "sun": "u"}}


def conditions(**factors):
    return save_conditions(text=yaml.safe_dump({"name": "mine", "factors": factors}, sort_keys=False))[0]


def give_vectors(row, factor, embedder, **vectors):
    """Store hand-made vectors of a factor's values."""
    for value, vector in vectors.items():
        PromptVector.objects.create(
            conditions=row, factor=factor, value=value.rstrip("_"), embedder=embedder, vector=list(vector)
        )


def at(degrees):
    """Return a direction of four dimensions in the plane of the first two."""
    return [math.cos(math.radians(degrees)), math.sin(math.radians(degrees)), 0, 0]


@pytest.fixture
def toy():
    return EmbedderFactory(name="clip:toy", dimension=4)


def embedded(embedder, degrees):
    return EmbeddingFactory(embedder=embedder, vector=at(degrees)).frame


def state(row, factor):
    return state_of(conditions_of(row).factors[factor], row, asked(row))


def test_a_frame_gets_the_value_whose_sentences_it_is_nearest_to(toy):
    row = conditions(weather=WEATHER)
    give_vectors(row, "weather", toy, rain=at(0), snow=at(30), sun=at(90))
    frames = [embedded(toy, degrees) for degrees in (2, 28, 80)]
    scored = score_frames([frame.pk for frame in frames], asked(row))
    assert [scored[frame.pk][0].value for frame in frames] == ["rain", "snow", "sun"]
    (tag,) = scored[frames[0].pk]
    odds = math.exp(100 * (math.cos(math.radians(2)) - math.cos(math.radians(28))))
    assert (tag.factor, tag.source, tag.by) == ("weather", "model", "clip:toy")
    assert tag.confidence == pytest.approx(odds / (1 + odds), abs=0.01)
    assert tag.detail["runner_up"] == "snow"
    assert tag.detail["runner_up_confidence"] == pytest.approx(1 - tag.confidence, abs=0.002)


def test_what_lies_between_gets_nothing_and_so_does_what_has_no_vector(toy):
    row = conditions(wet=WET, weather=WEATHER)
    give_vectors(row, "wet", toy, true=at(0), false=at(30))
    between, clear, other = embedded(toy, 15), embedded(toy, 29), FrameFactory()
    EmbeddingFactory(embedder=EmbedderFactory(name="clip:other", dimension=4), frame=other)
    scored = score_frames([between.pk, clear.pk, other.pk], asked(row))
    assert {pk: [tag.value for tag in tags] for pk, tags in scored.items()} == {clear.pk: [False]}
    assert score_frames([], asked(row)) == {}


def test_effective_tags_have_prompted_values_below_rules_and_people(toy):
    rule = {"kind": "boolean", "from": "rules", "rules": [{"value": True, "when": "weather:snow"}]}
    row = conditions(weather=WEATHER, cold=rule)
    give_vectors(row, "weather", toy, rain=at(0), snow=at(30), sun=at(90))
    frame = embedded(toy, 30)
    KeepFactory(frame=frame, tags={"weather": "sun"}, evidence={"weather": {"source": "camera"}})
    refresh_tags([frame])
    frame.refresh_from_db()
    assert frame.tags == {"weather": "snow", "cold": True}
    assert frame.evidence["weather"]["runner_up"] == "rain"
    TagEditFactory(frame=frame, factor="weather", value="sun")
    refresh_tags([frame])
    frame.refresh_from_db()
    assert frame.tags == {"weather": "sun"}


def test_where_there_is_no_reader_of_text_there_are_no_values_and_that_is_said(toy):
    row = conditions(wet=WET)
    assert state(row, "wet") == "no embedder that reads text has embedded frames"  # the toy has embedded none yet
    EmbeddingFactory(embedder=EmbedderFactory(name="descriptor"))
    assert prepare(row) == []
    assert state(row, "wet") == "no embedder that reads text has embedded frames"
    named = conditions(wet=WET | {"embedder": "clip:toy"})
    assert state(named, "wet") == "clip:toy has embedded no frames"
    embedded(toy, 0)
    assert state(named, "wet") == "not scored yet; a retag scores it"


def test_weights_that_are_gone_stop_nothing_else(toy, monkeypatch):
    def gone(name):
        raise WinnowError(f"{name} is gone.")

    monkeypatch.setattr(prompts, "load_embedder", gone)
    embedded(toy, 0)
    conditions(wet=WET)
    result = run_here(start_retag(here=True)).result
    assert result["notes"] == ["wet: clip:toy is gone."]
    assert (result["frames"], PromptVector.objects.count()) == (1, 0)


class Reader:
    """Reads text: each word points somewhere."""

    name, version, dimension, centred = "clip:toy", "1", 4, False
    asked = 0

    def embed_texts(self, texts):
        Reader.asked += 1
        ways = {"wet": at(0), "very wet": at(90), "dry": at(180)}
        return np.asarray([ways[text] for text in texts], np.float32)


def test_sentences_are_averaged_once_for_a_version(toy, monkeypatch):
    monkeypatch.setattr(prompts, "load_embedder", lambda name: Reader())
    Reader.asked = 0
    embedded(toy, 44)
    row = conditions(wet=WET)
    assert run_here(start_retag(here=True)).result["changes"] == {"wet": {"none → yes": 1}}
    run_here(start_retag(here=True))
    assert Reader.asked == 1
    (wet,) = asked(row)
    assert wet.vectors == pytest.approx(np.asarray([at(45), at(180)]), abs=1e-3)
    assert state(row, "wet") == "ready, by clip:toy"


def test_weights_that_are_others_now_are_not_taken(toy, monkeypatch):
    reader = Reader()
    reader.version = "2"
    monkeypatch.setattr(prompts, "load_embedder", lambda name: reader)
    embedded(toy, 0)
    assert "are others now" in prepare(conditions(wet=WET))[0]


def test_the_first_frames_ever_are_scored_by_the_embedder_in_hand():
    row = conditions(wet=WET, named=WET | {"embedder": "clip:other"})
    prepare(row, in_hand=Reader())
    assert [one.factor.name for one in asked(row)] == ["wet"]  # the other one waits for its embedder


def test_an_embedder_in_hand_is_not_taken_where_another_embedded_the_frames(toy):
    embedded(EmbedderFactory(name="clip:newer", dimension=4), 0)
    row = conditions(wet=WET)
    prepare(row, in_hand=Reader())
    assert asked(row) == []


def test_of_several_readers_the_newest_is_asked(monkeypatch):
    names = []
    for name in ("clip:old", "clip:new", "descriptor"):
        embedded(EmbedderFactory(name=name, dimension=4), 0)

    def load(name):
        names.append(name)
        reader = Reader()
        reader.name = name
        return reader

    monkeypatch.setattr(prompts, "load_embedder", load)
    prepare(conditions(wet=WET))
    assert names == ["clip:new"]


@pytest.mark.slow
def test_a_real_network_scores_frames(tmp_path):
    name = f"clip:{toy_models.clip(tmp_path)}"
    embedder = load_embedder(name)
    assert hasattr(EMBEDDERS["clip"], "embed_texts")
    chance = np.random.default_rng(0)
    pictures = [chance.integers(0, 256, (32, 32, 3), np.uint8) for _ in range(3)]
    row = EmbedderFactory(name=name, version=embedder.version, dimension=embedder.dimension)
    for vector in embedder.embed_pictures(pictures):
        frame = EmbeddingFactory(embedder=row, vector=vector).frame
        KeepFactory(frame=frame)
    conditions(wet=WET | {"threshold": 0.0})
    result = run_here(start_retag(here=True)).result
    assert result["notes"] == []
    assert sum(result["changes"]["wet"].values()) == 3
    for frame in Frame.objects.all():
        assert frame.evidence["wet"]["by"] == name
        assert 0.5 <= frame.evidence["wet"]["confidence"] <= 1
    assert current().prompt_vectors.count() == 2
