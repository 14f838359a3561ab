"""Operating conditions: the template, versions, and what is refused."""

import re

import pytest
import yaml

from config import bootstrap
from curation.core.errors import SpecError
from curation.core.taggers import FACTORS
from curation.models import OperatingConditions, PromptVector
from curation.services.conditions import current, current_spec, save_conditions
from curation.services.filtering import parse_query
from curation.services.in_force import template, template_text
from curation.services.rules import RuleError, rules_in_force
from tests.conftest import ROOT
from tests.factories import CameraFactory, EmbedderFactory, unit_vector

pytestmark = pytest.mark.django_db


def text(**factors):
    return yaml.safe_dump({"name": "mine", "factors": factors}, sort_keys=False)


PROMPTED = {"kind": "boolean", "from": "prompts", "prompts": {True: "a", False: "b"}}
RULED = {"kind": "boolean", "from": "rules", "rules": [{"value": True, "when": "lighting:dark"}]}


def test_the_template_is_the_first_version_and_is_stored_once():
    assert not OperatingConditions.objects.exists()
    assert current_spec() == template()
    assert not OperatingConditions.objects.exists()  # reading writes nothing
    bootstrap.prepare()
    bootstrap.prepare()
    row = OperatingConditions.objects.get()
    assert (row.version, row.name, row.text) == (1, "usual", template_text())
    assert current() == row
    assert current_spec() == template()


def test_the_template_is_accepted_as_anybodys_text():
    row, is_new = save_conditions(text=template_text())
    assert (row.version, is_new) == (1, False)


def test_the_template_holds_the_fields_usual_factors_each_with_a_word_of_help():
    factors = template().factors
    assert list(factors) == [
        *("weather", "lighting", "camera_angle", "reflective_surfaces", "motion", "people", "blurriness"),
        *("resolution", "location", "time_of_day", "season", "indoor"),
    ]
    assert all(factor.help.endswith(".") for factor in factors.values())
    for name, factor in factors.items():
        if name in FACTORS and factor.kind == "categorical":
            assert factor.values == FACTORS[name].values


def test_the_example_of_the_documentation_is_accepted():
    page = (ROOT / "docs" / "conditions.md").read_text()
    row, is_new = save_conditions(text=re.search(r"```yaml\n(.*?)```", page, re.DOTALL).group(1))
    assert is_new
    assert rules_in_force(row)[0].factor == "slippery"


def test_another_meaning_is_the_next_version_and_the_same_meaning_is_not():
    first, is_new = save_conditions(text=text(weather={"from": "people", "values": ["rain", "dry"]}))
    assert (first.version, is_new) == (2, True)
    assert current_spec().factors["weather"].values == ("rain", "dry")
    again, is_new = save_conditions(text="# a note\n" + text(weather={"from": "people", "values": ["rain", "dry"]}))
    assert (again, is_new) == (first, False)
    back, is_new = save_conditions(text=template_text())
    assert (back.version, is_new, current()) == (3, True, back)
    assert current_spec() == template()


def test_factors_stay_in_the_order_in_which_they_were_written():
    zebra, ant = {"kind": "boolean", "from": "people"}, {"from": "people"}
    first, _ = save_conditions(text=text(zebra=zebra, ant=ant))
    assert list(current_spec().factors) == ["zebra", "ant"]
    # Rules are asked in that order, so another order is another meaning.
    second, is_new = save_conditions(text=text(ant=ant, zebra=zebra))
    assert (is_new, list(current_spec().factors)) == (True, ["ant", "zebra"])
    assert second.spec == first.spec


def test_factors_of_the_conditions_can_be_asked_for():
    save_conditions(
        text=text(
            weather={"from": "people", "values": ["heavy rain", "dry"]},
            load={"kind": "numeric", "bins": [1], "from": "people"},
        )
    )
    assert parse_query('weather:"Heavy_Rain" AND load:>2').parts[0].value == "heavy rain"


def test_a_cameras_attribute_says_itself_of_what_kind_it_is():
    CameraFactory(attributes={"location": 7})
    save_conditions(text=text(location={"from": "camera"}))
    assert parse_query("location:>6")


@pytest.mark.parametrize(
    "factors, said",
    [
        ({"camera": {"from": "people"}}, "factors.camera: the name means something else"),
        ({"fog": {"from": "tagger"}}, "no tagger gives 'fog'. They give: brightness, lighting"),
        ({"people": {"from": "people"}}, "a tagger gives it as number; write `kind: numeric`"),
        ({"objects": {"from": "people"}}, "a tagger gives it as text_list; it cannot be a factor"),
        ({"wet": PROMPTED | {"embedder": "descriptor"}}, "'descriptor' cannot read text. Write clip:NAME"),
        ({"wet": PROMPTED | {"embedder": "glip:x"}}, "There is no embedder 'glip:x'"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(factors, said):
    with pytest.raises(SpecError, match=re.escape(said)):
        save_conditions(text=text(**factors))
    assert OperatingConditions.objects.count() == 0


@pytest.mark.parametrize(
    "when, column, said",
    [
        ("lighting:", 10, "factors.night.rules[0], column 10: The query ends too early"),
        ("lighting:dark AND wether:rain", 19, "column 19: There is no field 'wether'. Near: weather"),
        ("people>0", 1, "is a bare word. Write people:>0"),
        ("lighting:dark AND run:7", 19, "column 19: A rule cannot ask for run, which changes without the frame"),
        ("later:yes", 1, "The rules of later come later, so it is not known yet. Write later before night"),
    ],
)
def test_a_rule_that_cannot_be_asked_is_refused_with_its_place(when, column, said):
    factors = {
        "weather": {"from": "people"},
        "night": RULED | {"rules": [{"value": True, "when": when}]},
        "later": RULED,
    }
    with pytest.raises(RuleError) as refused:
        save_conditions(text=text(**factors))
    assert said in str(refused.value)
    assert refused.value.column == column


def test_a_rule_may_ask_for_earlier_rules_and_for_its_own_factor():
    factors = {"night": RULED, "eerie": RULED | {"rules": [{"value": True, "when": "night:yes AND NOT eerie:no"}]}}
    assert save_conditions(text=text(**factors))[1]


def test_unchanged_prompts_take_their_vectors_and_calibration_along():
    asked = PROMPTED | {"threshold": 0.4}
    first, _ = save_conditions(text=text(wet=asked, shiny=asked))
    embedder = EmbedderFactory(name="clip:toy")
    for factor in ("wet", "shiny"):
        PromptVector.objects.create(
            conditions=first, factor=factor, value="true", embedder=embedder, vector=unit_vector(4, seed=0)
        )
    first.calibration = {"wet": {"labels": 9}, "shiny": {"labels": 8}}
    first.save()
    other = asked | {"prompts": {True: "a", False: "c"}}
    second, _ = save_conditions(text=text(wet=asked | {"threshold": 0.6}, shiny=other))
    assert second.calibration == {"wet": {"labels": 9}}
    assert [v.factor for v in second.prompt_vectors.all()] == ["wet"]
