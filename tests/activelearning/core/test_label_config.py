"""Labelling configurations: what is written can be read, and what others wrote is judged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activelearning.core.label_config import Names, color_of, make_config, misfits
from activelearning.core.label_config_reading import read_config
from curation.core.errors import SpecError

IMAGE = '<Image name="image" value="$image"/>'
BOXES = '<RectangleLabels name="box" toName="image"><Label value="person"/></RectangleLabels>'
words = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=20)


def test_a_configuration_offers_what_it_was_made_of():
    xml = make_config(["person", "jacket"], {"weather": ["clear", "rain"], "indoors": ["false", "true"]})
    found = read_config(xml)
    assert found.classes == ("person", "jacket")
    assert found.factors == {"weather": ("clear", "rain"), "indoors": ("false", "true")}
    assert found.names == Names(choices={"weather": "weather", "indoors": "indoors"})
    assert (found.problems, found.notes) == ((), ())
    assert misfits(found, classes=["jacket"], factors={"weather": ["rain"]}) == []


def test_annotators_get_distinct_colours_keys_and_a_zoom_and_are_not_made_to_choose_tags():
    xml = make_config([f"class {n}" for n in range(40)], {"weather": ["clear"]})
    assert xml.count('hotkey="') == 10
    assert 'zoom="true"' in xml
    assert 'required="false"' in xml
    assert len({color_of(n) for n in range(40)}) == 40


@given(st.lists(words.filter(lambda word: word[0] != "$"), min_size=1, max_size=5, unique=True))
def test_any_printable_class_comes_back_as_it_was(classes):
    assert read_config(make_config(classes)).classes == tuple(classes)


def test_markup_in_a_class_stays_a_class():
    label = '"/><Text name="x" value="$y"/> <&'
    assert read_config(make_config([label])).classes == (label,)


@pytest.mark.parametrize("word", ["", " person", "per\nson", "$person", "\x00"])
def test_what_label_studio_would_misread_is_refused(word):
    with pytest.raises(SpecError):
        make_config([word])
    with pytest.raises(SpecError):
        make_config(["person"], {"weather": [word]})


def test_there_must_be_a_class():
    with pytest.raises(SpecError, match="at least one class"):
        make_config([])


def test_a_factor_may_be_called_as_our_own_tags_are():
    found = read_config(make_config(["person"], {"image": ["a"], "box": ["b"]}))
    assert (found.names.image, found.names.boxes) == ("image_", "box_")
    assert found.factors == {"image": ("a",), "box": ("b",)}
    assert found.problems == ()


@pytest.mark.parametrize(
    "xml, problem",
    [
        ("", "no XML"),
        ("<View>", "no XML"),
        ('<!DOCTYPE v [<!ENTITY a "b">]><View>&a;</View>', "no XML"),
        ("<View/>", "no picture"),
        ('<View><Text name="t" value="$t"/></View>', "no picture, but <Text>"),
        (f'<View>{IMAGE}<Image name="other" value="$other"/>{BOXES}</View>', "2 pictures at once"),
        (f'<View><Image name="image" valueList="$images"/>{BOXES}</View>', "from a field of the task"),
        (f"<View>{IMAGE}</View>", "no <RectangleLabels>"),
        (f'<View>{IMAGE}<PolygonLabels name="p" toName="image"/></View>', "but <PolygonLabels>: polygons"),
        (f"<View>{IMAGE}{BOXES}{BOXES}</View>", "2 controls <RectangleLabels>"),
        (f'<View>{IMAGE}<RectangleLabels name="b" toName="image"/></View>', "no labels"),
        (f'<View>{IMAGE}<RectangleLabels name="b" toName="o"><Label value="p"/></RectangleLabels></View>', "for its"),
        ("x" * 1_000_001, "1000001 characters"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_says_why(xml, problem):
    found = read_config(xml)
    assert any(problem in said for said in found.problems), found.problems
    assert misfits(found, classes=[], factors={}) == list(found.problems)


def test_an_alias_is_what_answers_hold():
    xml = f"""<View>{IMAGE}<RectangleLabels name="box" toName="image"><Label value="Person" alias="person"/>
        </RectangleLabels><Choices name="weather" toName="image"><Choice value="Rain" alias="rain"/></Choices></View>"""
    found = read_config(xml)
    assert (found.classes, found.factors) == (("person",), {"weather": ("rain",)})


@pytest.mark.parametrize(
    "attributes, why",
    [
        ('toName="other"', "not about the picture"),
        ('toName="image" perRegion="true"', "about a box"),
        ('toName="image" choice="multiple"', "several can be chosen"),
        ('toName="image" value="$options"', "no values of their own"),
    ],
)
def test_choices_that_are_no_tag_are_named_and_not_read(attributes, why):
    choice = "" if "options" in attributes else '<Choice value="rain"/>'
    found = read_config(f'<View>{IMAGE}{BOXES}<Choices name="weather" {attributes}>{choice}</Choices></View>')
    assert found.factors == {}
    assert found.problems == ()
    assert why in found.notes[0]


def test_other_controls_are_named():
    found = read_config(f'<View>{IMAGE}{BOXES}<TextArea name="notes" toName="image"/></View>')
    assert found.notes == ("its <TextArea> is not read",)


def test_a_project_of_others_keeps_its_names():
    xml = BOXES.replace('"box"', '"bbox"').replace('toName="image"', 'toName="img"')
    found = read_config(f'<View><Image name="img" value="$picture_url"/>{xml}</View>')
    assert found.names == Names("img", "picture_url", "bbox", {})
    assert Names.of(found.names.to_dict()) == found.names
    assert Names.of({}) == Names()


def test_what_is_missing_is_listed():
    found = read_config(make_config(["person"], {"weather": ["clear"]}))
    wrong = misfits(found, classes=["person", "jacket"], factors={"weather": ["rain"], "indoors": ["true"]})
    assert wrong[0] == "it has no label 'jacket' for boxes; it has: person"
    assert wrong[1] == "its choices 'weather' lack 'rain'"
    assert "it asks for no 'indoors'" in wrong[2]
