"""A cascade's text is checked, filled in, and changed from the command line."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.core.errors import SpecError
from curation.core.spec import override, parse, read_yaml
from curation.core.stages import STAGES
from curation.core.taggers import TAGGERS

MOTION, OBJECTS, EMBED = {"kind": "motion"}, {"kind": "objects", "detector": "yolox_onnx:a.onnx"}, {"kind": "embed"}


def cascade(*stages, **more):
    return {"name": "mine", "stages": list(stages), **more}


def refusal(act):
    with pytest.raises(SpecError) as caught:
        act()
    return str(caught.value)


def test_a_short_cascade_is_filled_in():
    spec = parse(cascade(MOTION))
    assert list(spec.filters) == ["motion"]
    assert spec.filters["motion"].fps == 10.0
    assert (spec.description, dict(spec.embeds)) == ("", {})
    assert spec.keep.fps == 1.0
    assert list(spec.taggers) == list(TAGGERS)


def test_stages_keep_their_names_and_order():
    spec = parse(cascade(MOTION, {**OBJECTS, "name": "fast"}, {**OBJECTS, "name": "strong"}, {**EMBED, "name": "look"}))
    assert list(spec.filters) == ["motion", "fast", "strong"]
    assert list(spec.embeds) == ["look"]


def test_keep_and_tags_take_parameters():
    spec = parse(cascade(MOTION, keep={"fps": 2}, tags={"people": {"score": 0.7}}))
    assert (spec.keep.fps, spec.taggers["people"].score) == (2.0, 0.7)


@pytest.mark.parametrize(
    "plain, says",
    [
        ({}, "cascade: name is None; it must be 1 to 40 letters, digits, '_' and '-'."),
        (cascade(MOTION, name="a b"), "cascade: name is 'a b'"),
        (cascade(MOTION, name="x" * 41), "cascade: name is"),
        (cascade(MOTION, stage=[]), "cascade: there is no 'stage'. Valid ones: description, keep, name, stages, tags."),
        ({"name": "a"}, "cascade: `stages` must be a list of at least one stage."),
        (cascade(), "cascade: `stages` must be a list of at least one stage."),
        ({"name": "a", "stages": "motion"}, "cascade: `stages` must be a list of at least one stage."),
        (cascade("motion"), "stages[0] is 'motion'; it must be a mapping of parameters."),
        (cascade({}), "stages[0]: there is no kind None. Valid ones: motion, objects, embed."),
        (cascade({"kind": "movement"}), "stages[0]: there is no kind 'movement'. Valid ones: motion, objects, embed."),
        (cascade({"kind": ["motion"]}), "stages[0]: there is no kind ['motion']. Valid ones: motion, objects, embed."),
        (cascade(MOTION, {**OBJECTS, "name": "a.b"}), "stages[1]: name is 'a.b'"),
        (cascade(MOTION, MOTION), "stages[1]: the name 'motion' is taken; each stage needs a name of its own."),
        (cascade({**MOTION, "name": "keep"}), "stages[0]: the name 'keep' is taken"),
        (cascade({**MOTION, "speed": 1}), "motion: there is no parameter 'speed'. Valid ones: blob_percent, contrast"),
        (cascade({**MOTION, "fps": 0}), "motion.fps is 0 1/s; it must be 0.1 to 240 1/s."),
        (cascade({**MOTION, "window_s": 1e300}), "motion.window_s is 1e+300 s; it must be 0 to 60 s."),
        (cascade({**MOTION, "stop_percent": 9}), "motion: stop_percent 9.0 is above start_percent 0.2."),
        (cascade({**OBJECTS, "stop_score": 0.6}), "objects: stop_score 0.6 is above score 0.5."),
        (cascade({**OBJECTS, "unsure_score": 0.6}), "objects: unsure_score 0.6 is above score 0.5."),
        (cascade({"kind": "objects"}), "objects: 'detector' is missing: KIND:WEIGHTS, such as"),
        (cascade(EMBED), "cascade: there must be at least one filter stage (motion or objects)."),
        (cascade(EMBED, MOTION), "motion: a filter cannot stand after an embed stage."),
        (cascade(OBJECTS, MOTION), "motion: a motion stage reads every frame, so it can only be the first."),
        (cascade(MOTION, keep={"rate": 1}), "keep: there is no parameter 'rate'. Valid ones: fps, jpeg_quality, peak."),
        (cascade(MOTION, keep=5), "keep is 5; it must be a mapping of parameters."),
        (cascade(MOTION, tags=["people"]), "tags is ['people']; it must be a mapping of parameters."),
        (cascade(MOTION, tags={"mood": {}}), "tags: there is no tagger 'mood'. Valid ones: exposure, blurriness"),
        (cascade(MOTION, tags={"people": {"least": 1}}), "tags.people: there is no parameter 'least'. Valid ones:"),
        (cascade(MOTION, tags={"people": 1}), "tags.people is 1; it must be a mapping of parameters."),
    ],
)
def test_a_wrong_cascade_says_what_is_right(plain, says):
    assert refusal(lambda: parse(plain)).startswith(says)


@pytest.mark.parametrize(
    "text",
    ["", "motion", "- motion", "name: [", "a: 2026-13-45", "a: !!int x", "a: &a [*a]", "a: !!set {b}", "[" * 5000],
)
def test_text_that_is_no_cascade_is_refused(text):
    assert "YAML" in refusal(lambda: read_yaml(text))


def test_yaml_is_read_as_plain_values():
    text = "name: mine\nstages:\n  - {kind: motion, fps: 5}\n"
    assert read_yaml(text) == cascade({"kind": "motion", "fps": 5})


WHOLE = cascade(
    {**MOTION, "fps": 5},
    {**OBJECTS, "name": "people", "classes": ["person", "rider"]},
    {**EMBED, "boxes": False},
    description="all of it",
    keep={"peak": False},
    tags={"time_of_day": {"timezone": "Europe/Vienna"}},
)


def test_a_cascade_written_out_is_the_same_cascade():
    spec = parse(WHOLE)
    again = parse(spec.to_dict())
    assert again == spec
    assert again.to_dict() == spec.to_dict()
    assert again.sha256() == spec.sha256()


def test_what_is_written_out_names_every_parameter():
    written = parse(WHOLE).to_dict()
    assert written["stages"][0] == {
        "name": "motion", "kind": "motion", "fps": 5.0, "contrast": 5.0, "noise_factor": 4.5, "start_percent": 0.2,
        "stop_percent": 0.06, "blob_percent": 0.03, "light_percent": 10.0, "nearest_s": 0.3, "looks": 4,
        "window_s": 0.4, "shortest_s": 0.4, "gap_s": 2.0, "width_px": 320,
    }  # fmt: skip
    assert [set(stage) >= {"name", "kind"} for stage in written["stages"]] == [True] * 3
    assert written["tags"].keys() == TAGGERS.keys()


def test_the_hash_tells_a_change_of_any_parameter():
    hashes = {parse(plain).sha256() for plain in (WHOLE, {**WHOLE, "keep": {}}, {**WHOLE, "tags": {}})}
    assert len(hashes) == 3


def test_settings_reach_stages_by_name_and_keep_and_tags():
    settings = [
        "motion.fps=5",
        "people.classes=person,car",
        "keep.peak=false",
        "tags.people.score=0.9",
        "embed.boxes = true",
    ]
    spec = parse(override(WHOLE, settings))
    assert spec.filters["motion"].fps == 5.0
    assert spec.filters["people"].classes == ["person", "car"]
    assert spec.keep.peak is False
    assert spec.taggers["people"].score == 0.9
    assert spec.embeds["embed"].boxes is True


def test_a_setting_may_hold_dots_colons_and_equals_signs():
    spec = parse(override(WHOLE, ["people.detector=yolox_onnx:/a.b/c.onnx?iou=0.4"]))
    assert spec.filters["people"].detector == "yolox_onnx:/a.b/c.onnx?iou=0.4"


def test_override_leaves_its_input_alone_and_without_settings_changes_nothing():
    assert override(WHOLE, []) == WHOLE
    override(WHOLE, ["motion.fps=1", "tags.people.score=1"])
    assert WHOLE["stages"][0]["fps"] == 5
    assert "people" not in WHOLE["tags"]


def test_the_last_of_two_settings_stands():
    assert parse(override(WHOLE, ["motion.fps=1", "motion.fps=2"])).filters["motion"].fps == 2.0


@pytest.mark.parametrize(
    "plain, setting, says",
    [
        (WHOLE, "fps=5", "--set fps=5: write STAGE.PARAM=VALUE"),
        (WHOLE, "motion.fps", "--set motion.fps: write STAGE.PARAM=VALUE"),
        (WHOLE, "objects.fps=5", "There is no stage 'objects'. Valid ones: motion, people, embed, keep, tags.TAGGER."),
        (WHOLE, ".fps=5", "There is no stage ''."),
        (cascade(MOTION, keep=5), "keep.fps=1", "keep is 5; it must be a mapping of parameters."),
        (cascade(MOTION, tags={"people": 5}), "tags.people.score=1", "people is 5; it must be a mapping"),
        ({"name": "a", "stages": "motion"}, "motion.fps=5", "There is no stage 'motion'."),
        (cascade("motion"), "motion.fps=5", "There is no stage 'motion'."),
        ({}, "motion.fps=5", "There is no stage 'motion'."),
    ],
)
def test_a_setting_that_reaches_nothing_is_refused(plain, setting, says):
    assert refusal(lambda: override(plain, [setting])).startswith(says)


KEYS = st.sampled_from(["name", "stages", "keep", "tags", "kind", "detector", "fps", "people", "motion", "x"])
LEAVES = st.none() | st.booleans() | st.integers(-2, 99) | st.floats() | st.sampled_from([*STAGES, "mine", "", "é"])
PLAIN = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)


@given(
    st.dictionaries(KEYS, PLAIN, max_size=5), st.lists(st.sampled_from(["motion.fps=5", "keep.fps=NaN", "tags.x.y=1"]))
)
def test_whatever_is_given_is_a_cascade_or_refused_with_a_word(plain, settings):
    with suppress(SpecError):
        spec = parse(override(plain, settings))
        assert parse(spec.to_dict()) == spec


@given(st.text(max_size=40))
def test_whatever_is_written_is_a_mapping_or_refused_with_a_word(text):
    with suppress(SpecError):
        assert isinstance(read_yaml(text), dict)
