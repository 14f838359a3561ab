"""`manage.py costs`, as a person and as a program use it."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from curation.models import Frame
from curation.services.conditions import save_conditions
from curation.services.costs import USUAL
from tests.factories import START, FrameFactory, RunFactory, VideoFactory

pytestmark = pytest.mark.django_db

CONDITIONS = """
name: yard
factors:
  lighting: {values: [dark, bright]}
  weather: {values: [dry, rain], from: people}
"""


@pytest.fixture
def frames():
    save_conditions(text=CONDITIONS)
    video = VideoFactory()
    RunFactory(video=video, stages=[{"name": "motion", "cpu_s": 20.0}], frames_kept=40)
    made = [FrameFactory(video=video, tags={"lighting": "dark"}) for _ in range(100)]
    Frame.objects.filter(pk=made[0].pk).update(annotated_at=START)
    Frame.objects.filter(pk=made[1].pk).update(held_out=True)
    return made


def run(*args):
    out = io.StringIO()
    call_command("costs", *args, stdout=out)
    return out.getvalue()


def refused(*args):
    """Return the message, the exit status and what was on stdout."""
    out = io.StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("costs", *args, stdout=out)
    return str(caught.value), caught.value.returncode, out.getvalue()


def test_a_person_reads_what_it_costs_and_why(frames):
    shown = run("lighting:dark", "--boxes", "2")
    text = " ".join(shown.split())
    assert text.startswith(
        "98 of the 100 frames that match lighting:dark are left to label (1 labelled already, 1 held out). "
        "Priced: 98 pictures; 196 boxes, 2.00 a picture (as you say); 98 tags (weather) from people"
    )
    line = next(line for line in shown.splitlines() if line.startswith("high-quality service"))
    assert line.split()[2:6] == ["20.58", "60", "min", "6"]  # 98 x 0.05 + 196 x 0.08
    assert "Tags from models and rules: 98 (lighting)." in shown
    assert (
        "by models: 49 s of CPU, less than 0.01 USD (0.50 s a kept frame, 1,200 s an hour of footage; mean of 1 run,"
        in text
    )
    assert "by crowd service:" in shown
    assert "copy curation/prices/usual.yaml, edit it, and pass it with --prices" in shown


def test_prices_of_ones_own(frames, tmp_path):
    own = tmp_path / "own.yaml"
    own.write_text("currency: EUR\nservices: [{name: ours, per_picture: 2}]\n")
    shown = run("--prices", str(own), "--frames", "10")
    assert "EUR" in shown
    assert "20.00" in shown
    assert "usual" not in shown


def test_what_a_plan_draws_is_priced(frames, tmp_path):
    plan = tmp_path / "plan.yaml"
    plan.write_text("query: lighting:dark\nsize: 200\n")
    shown = " ".join(run("--plan", str(plan)).split())
    assert shown.startswith("98 of the 99 frames that the plan draws are left to label (1 labelled already).")
    assert "The plan falls short by 101 frames: manage.py sample says why." in shown
    plan.write_text("query: lighting:bright\nsize: 200\n")
    assert run("--plan", str(plan)).strip() == "The plan draws no frame: manage.py sample says why."


def test_json_is_one_object_on_stdout(frames):
    answer = json.loads(run("lighting:dark", "--frames", "1000", "--json"))
    assert (answer["to_label"], answer["work"]["pictures"], answer["currency"]) == (98, 1000, "USD")
    assert [line["service"] for line in answer["lines"]] == ["high-quality service", "crowd service", "in-house"]


@pytest.mark.parametrize(
    "args, says",
    [
        (["--frames", "0"], "frames is 0; it must be 1 to"),
        (["--boxes", "-1"], "boxes a picture are -1.0"),
        (["--prices", "/nowhere/prices.yaml"], "/nowhere/prices.yaml cannot be read:"),
        (["--plan", "/nowhere/plan.yaml"], "/nowhere/plan.yaml cannot be read:"),
        (["lighting:dark", "--plan", "plan.yaml"], "give --plan alone"),
        (["people>0"], "Write people:>0."),
    ],
)
def test_what_cannot_be_says_why(frames, args, says):
    message, status, out = refused(*args)
    assert says in message
    assert (status, out) == (2, "")


def test_a_price_list_that_is_wrong_says_where(frames, tmp_path):
    own = tmp_path / "own.yaml"
    own.write_text("currency: EUR\nservices: [{name: ours, per_pictures: 2}]\n")
    message, status, _ = refused("--prices", str(own))
    assert "no parameter 'per_pictures'" in message
    assert status == 2


def test_nothing_to_label_says_what_to_do(frames):
    assert run("lighting:bright").strip() == (
        "No frame matches. Loosen a condition, or price pictures to come: --frames N"
    )
    Frame.objects.all().delete()
    assert run().strip() == "There are no frames yet. Take footage in: manage.py ingest PATH --wait"
    assert "0 of all 0 frames are left to label." in run("--frames", "5")


def test_the_usual_price_list_is_where_it_says():
    assert USUAL.is_file()
