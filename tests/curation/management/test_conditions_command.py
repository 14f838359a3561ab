"""`manage.py conditions` as a person at a terminal and a program meet it."""

import io
import json

import pytest
import yaml
from django.core.management import call_command
from django.core.management.base import CommandError

from curation.models import Frame, Job, OperatingConditions
from curation.services.in_force import template_text
from tests.curation.services.test_prompts import WET, at, conditions, embedded, give_vectors
from tests.factories import EmbedderFactory, KeepFactory, TagEditFactory

pytestmark = pytest.mark.django_db

SEEN = {"brightness": 50.0, "contrast": 20.0, "blur": 0.3}
MINE = {
    "name": "mine",
    "factors": {
        "weather": {"from": "people", "values": ["dry", "rain"], "expected": {"dry": 0.7, "rain": 0.3}},
        "lighting": {"from": "tagger", "values": ["dark", "dim"]},
    },
    "critical": [{"name": "rainy night", "when": {"weather": "rain", "lighting": "dark"}}],
    "tags": {"exposure": {"dim_from": 60}},
}


@pytest.fixture
def mine(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(MINE, sort_keys=False))
    return str(path)


def said(capsys, *words):
    call_command("conditions", *words)
    return capsys.readouterr().out


def said_json(capsys, *words):
    call_command("conditions", *words, "--json")
    captured = capsys.readouterr()
    assert "retag" not in captured.err
    return json.loads(captured.out)


def test_the_conditions_in_force_are_shown_with_why_a_factor_has_no_values(capsys):
    out = said(capsys)
    assert out.startswith("usual@1  The usual factors of camera footage.\n")
    assert "no embedder that reads text has embedded frames" in out
    assert "nobody, one or two, three or more" in out
    assert max(map(len, out.splitlines())) <= 160


def test_the_text_is_printed_to_be_edited(capsys):
    assert said(capsys, "show", "--yaml") == template_text()


def test_setting_other_ones_tags_anew_and_says_what_changed(capsys, mine):
    KeepFactory(tags=SEEN | {"lighting": "dim"})
    out = said(capsys, "set", mine)
    assert out.splitlines()[0] == "mine@2 is in force."
    assert "1 frames tagged anew, 1 have other tags now." in out
    assert ["lighting", "none", "→", "dark", "1"] in [line.split() for line in out.splitlines()]
    assert Frame.objects.get().tags["lighting"] == "dark"
    assert (Job.objects.get().state, Job.objects.get().worker) == ("done", "command line")
    shown = said(capsys)
    assert "dry 70%, rain 30%" in shown
    assert "weather: rain, lighting: dark" in shown
    assert "Tagger exposure of every cascade: dim_from = 60" in shown
    assert said(capsys, "set", mine) == "This is what mine@2 says, which is in force already.\n"


def test_programs_read_what_changed(capsys, mine, monkeypatch):
    KeepFactory(tags=SEEN)
    left = said_json(capsys, "set", mine, "--no-retag")
    assert (left["is_new"], left["retag"], left["conditions"]["version"]) == (True, None, 2)
    done = said_json(capsys, "retag")["retag"]
    assert (done["frames"], done["frames_changed"]) == (1, 1)
    assert done["changes"]["lighting"] == {"none → dark": 1}
    assert [one["version"] for one in said_json(capsys, "history")["versions"]] == [2, 1]
    shown = said_json(capsys, "show", "1")["conditions"]
    assert (shown["name"], shown["factors"][0]["name"]) == ("usual", "weather")
    monkeypatch.setattr("sys.stdin", io.StringIO(template_text()))
    assert said_json(capsys, "set", "-")["conditions"]["version"] == 3
    assert said(capsys, "history").splitlines()[1].startswith("usual@3")


def test_a_factor_is_calibrated(capsys):
    row = conditions(wet=WET)
    toy = EmbedderFactory(name="clip:toy", dimension=4)
    give_vectors(row, "wet", toy, true=at(0), false=at(24))
    for degrees in range(0, 40, 2):
        frame = embedded(toy, degrees)
        KeepFactory(frame=frame)
        TagEditFactory(frame=frame, factor="wet", value=degrees < 20)
    out = said(capsys, "calibrate", "wet")
    assert out.startswith("wet by clip:toy: 20 labels of people (false 10, true 10).")
    assert "right answers" in out
    assert "20 frames tagged anew" in out
    assert said_json(capsys, "calibrate", "wet", "--no-retag")["calibration"]["labels"] == 20


@pytest.mark.parametrize(
    "words, message",
    [
        (["set"], "Which file"),
        (["set", "nowhere.yaml"], "nowhere.yaml cannot be read"),
        (["calibrate"], "Which factor"),
        (["calibrate", "fog"], "'fog' is no prompted factor of usual@1; they are: weather, reflective_surfaces"),
        (["calibrate", "weather"], "no embedder that reads text has embedded frames"),
        (["show", "9"], "There is no version '9'; `conditions history` lists them"),
        (["show", "x"], "There is no version 'x'"),
        (["retag", "all"], "takes nothing more, but 'all' was given"),
        (["set", "{wrong}"], "there is no value 'hail'. Valid ones: dry, rain"),
    ],
)
def test_what_cannot_be_says_why_and_exits_with_2(tmp_path, words, message):
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(yaml.safe_dump(MINE | {"critical": [{"name": "x", "when": {"weather": "hail"}}]}))
    with pytest.raises(CommandError) as error:
        call_command("conditions", *[word.format(wrong=wrong) for word in words])
    assert message in str(error.value)
    assert error.value.returncode == 2
    assert OperatingConditions.objects.count() == 1
