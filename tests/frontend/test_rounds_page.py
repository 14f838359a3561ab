"""The page of rounds tells what each step did, why each candidate was chosen, and what it brought."""

import json
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from activelearning.models import Candidate, Round
from curation.models import Job
from frontend import queries
from frontend.components.rounds_page import panels, signature
from frontend.components.rounds_work import labelling, training
from frontend.pages.rounds import offer, show
from frontend.round_records import BatchView, CandidateFilter, CandidatePage
from tests.activelearning import rounds_world
from tests.activelearning.closed_round import LONG
from tests.factories import JobFactory
from tests.frontend.conftest import CALL, ORIGIN, Visitor
from tests.frontend.test_components import all_of, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    return rounds_world.a_tested_run(visits=3)


def shown(search=""):
    names = ("head", "style", "panels", "list", "seen", "is_over")
    return dict(zip(names, show(search, None, None, None), strict=True))


def test_before_the_first_round_the_page_says_how_to_start_one(run):
    page = shown()
    assert (page["head"], page["style"], page["is_over"]) == ([], {"display": "none"}, True)
    assert f"manage.py rounds start --test-run {run.pk} --budget 100" in text(page["list"])
    assert "people-v1 against street@1 does not pass in: day, night." in text(page["list"])


def test_without_a_test_the_page_says_how_to_make_one():
    assert "manage.py scenarios run" in text(shown()["list"])


def test_candidates_are_shown_with_why_and_can_be_narrowed_down(run):
    made = rounds_world.at_candidates(run, rounds_world.pool(12))
    page = shown()
    head, said = text(page["head"]), text(page["panels"])
    assert f"Round {made.pk}: people-v1 against street@1" in head
    assert "10 by the strategy, 1 at random, 1 dropped" in head
    assert "Look through the 11 frames below" in head
    assert "0.93 like a person missed in night." in said
    assert "8 frames look like labelled ones and were left out." in said
    hrefs = [link.href for link in all_of(page["panels"], "Link")]
    assert f"?round={made.pk}&sampler=flicker" in hrefs
    narrowed = text(shown(f"?round={made.pk}&sampler=flicker")["panels"])
    assert "A person is seen before and after" in narrowed
    assert "0.93 like" not in narrowed.split("Seeds")[0]
    assert "No candidate fits these filters." in text(shown(f"?round={made.pk}&scenario=snow")["panels"])


def test_who_may_not_write_sees_no_buttons(run):
    rounds_world.at_candidates(run, rounds_world.pool(2))
    page = shown()
    assert [
        one for one in all_of([page["head"], page["panels"]], "Button") if text(one) != "Show more candidates"
    ] == []
    assert offer("") == []


def test_labelling_tells_how_far_it_is_and_leads_to_label_studio(run):
    made = rounds_world.at_labelling(run, rounds_world.pool(9))
    page = shown()
    said = text(page["panels"])
    assert "3 of 9  frames labelled" in said
    assert "3 labelled 1 skipped 5 with the annotators" in said
    [link] = [one for one in all_of(page["panels"], "A") if "Label Studio" in text(one)]
    project = made.batches.get().project
    assert link.href == f"http://127.0.0.1:8080/projects/{project.number}/data"
    assert (page["is_over"], "Waiting for annotators" in text(page["head"])) == (False, True)
    project.connection.url = "javascript:alert(1)//"
    project.connection.save()
    assert not [one for one in all_of(shown()["panels"], "A") if "Label Studio" in text(one)]


def test_a_training_shows_its_curves_and_one_that_failed_says_why(run):
    made = rounds_world.training_now(run, rounds_world.pool(1))
    said = text(shown()["panels"])
    assert "running, 4 of 12 epochs" in said
    alts = [image.alt for image in all_of(shown()["panels"], "Img")]
    assert any(alt.startswith("Losses by epoch; the last: box ") for alt in alts)
    assert any(alt.startswith("Figures on the split val by epoch; the last: map50 ") for alt in alts)
    made.training.error, made.training.epochs = "There is not enough memory. Set batch=8.", []
    made.training.save()
    made.training.job.state = "failed"
    made.training.job.save()
    said = text(training(queries.round_detail(str(made.pk)).training))
    assert "There is not enough memory. Set batch=8." in said
    assert "It ended before its first epoch." in said


def test_a_closed_round_shows_before_and_after_what_got_worse_and_the_control(run):
    rounds_world.closed(run, rounds_world.pool(2))
    page = shown()
    said = text(page["panels"])
    assert "With 96 labelled frames 1 of 2" in text(page["head"])
    assert "Worse than before:  rain" in said
    assert said.index("night") < said.index(LONG) < said.index("day critical")
    assert "+0.420 [0.310, 0.510]" in said
    assert "96 frames labelled (180 boxes), 4 skipped, 42 min of people, 21.00 EUR." in said
    assert "With 12 labels each, those that the strategy chose did better than random ones in 1 of 1" in said
    assert "lighting:dark 40 12% 30% 30%" in said
    alts = [image.alt for image in all_of(page["panels"], "Img")]
    assert "night: before 0.410 in [0.330, 0.500], fail, after 0.830 in [0.760, 0.890], pass" in alts


def test_a_step_that_waits_for_a_worker_says_so_though_nothing_is_counted_yet(run):
    rounds_world.at_candidates(run, [], state="seeds", job=JobFactory(kind="round"))
    page = shown()
    assert "Waiting for a worker" in text(page["head"])
    assert not page["is_over"]


def test_a_step_that_failed_says_why_and_that_nothing_is_lost(run):
    rounds_world.failed(run)
    head = text(shown()["head"])
    assert "No footage is left to look in" in head
    assert "seeds: failed" in head
    assert "Nothing that was done before is lost" in head


def test_an_abandoned_round_and_one_that_is_not_there_are_said(run):
    made = rounds_world.at_candidates(run, [], state="abandoned")
    assert "was abandoned" in text(shown()["head"])
    for number in (str(made.pk + 1), "x", "9" * 30):
        page = shown(f"?round={number}")
        assert "There is no round" in text(page["head"])
        assert page["panels"] == []


def test_what_did_not_change_is_left_alone_and_a_change_is_drawn(run):
    made = rounds_world.training_now(run, rounds_world.pool(1))
    seen = shown()["seen"]
    again = show("", None, 3, json.loads(json.dumps(seen)))
    assert not isinstance(again[2], list)
    made.training.epochs = rounds_world.epochs(5)
    made.training.save()
    assert isinstance(show("", None, 4, seen)[2], list)


def test_a_page_is_a_fixed_number_of_queries(run):
    def count(search):
        with CaptureQueriesContext(connection) as seen:
            shown(search)
        return len(seen)

    small = rounds_world.closed(run, rounds_world.pool(2))
    large = rounds_world.closed(run, rounds_world.pool(20))
    assert count(f"?round={small.pk}") == count(f"?round={large.pk}") <= 20
    heavy = CaptureQueriesContext(connection)
    with heavy:
        queries.rounds()
    assert len(heavy) == 1


def test_an_empty_round_can_be_drawn(run):
    made = rounds_world.at_candidates(run, [], state="seeds")
    made.seeds.all().delete()
    detail = queries.round_detail(str(made.pk))
    drawn = panels(detail, page=CandidatePage([], None), chosen=CandidateFilter(), seeds=[], can_change=True)
    assert "No candidates yet." in text(drawn)
    assert signature(detail)[0] == "seeds"


# Calls that write, as a browser sends them.


@pytest.fixture
def curator(user_of):
    return Visitor().log_in(user_of("curator"))


@pytest.fixture
def user_of():
    from tests.curation.api.conftest import Group, User

    def make(role):
        user = User.objects.create_user(username=f"a-{role}", password="correct horse battery")
        user.groups.add(Group.objects.get_or_create(name=role)[0])
        return user

    return make


def registered(visitor, part):
    visitor.get("/dashboard/")
    found = visitor.get("/dashboard/_dash-dependencies").json
    return next(one for one in found if any(part in str(given) for given in one["inputs"]))


def press(visitor, part, button, *, output, outputs, clicks=1):
    """Press a button whose id is a dict, as Dash's renderer tells it."""
    known = registered(visitor, part)
    key = json.dumps(button, sort_keys=True, separators=(",", ":"))
    call = {
        "output": known["output"],
        "outputs": outputs,
        "inputs": [[{"id": button, "property": "n_clicks", "value": clicks}]],
        "state": [{**one, "value": None} for one in known["state"]],
        "changedPropIds": [f"{key}.n_clicks"],
    }
    return visitor.call(call)


def change(visitor, to, candidate, **changes):
    where = {"frame": candidate.frame_id, "round": candidate.round_id}
    card = {"type": "candidate-card", **where}
    outputs = [{"id": card, "property": "children"}, {"id": card, "property": "className"}]
    return press(
        visitor, "candidate-change", {"type": "candidate-change", "to": to, **where}, output="", outputs=outputs
    )


def act(visitor, verb, round):
    known = registered(visitor, "round-act")
    outputs = {"id": known["output"].rpartition(".")[0], "property": known["output"].rpartition(".")[2]}
    return press(
        visitor, "round-act", {"act": verb, "round": round.pk, "type": "round-act"}, output="", outputs=outputs
    )


def test_a_candidate_is_dropped_and_brought_back_by_a_press(curator, run):
    made = rounds_world.at_candidates(run, rounds_world.pool(3))
    one = Candidate.objects.get(round=made, rank=0)
    answer = change(curator, "drop", one)
    assert answer.status_code == 200, answer.text
    one.refresh_from_db()
    assert (one.is_dropped, one.note) == (True, "by a-curator")
    assert "frame candidate dropped" in answer.text
    assert '"rounds-acted"' in answer.text  # which brings the counts up to date
    assert change(curator, "restore", one).status_code == 200
    one.refresh_from_db()
    assert not one.is_dropped


def test_a_viewer_presses_in_vain_and_is_told(user_of, run):
    made = rounds_world.at_candidates(run, rounds_world.pool(1))
    visitor = Visitor().log_in(user_of("viewer"))
    one = Candidate.objects.get()
    assert "This needs the role curator" in change(visitor, "drop", one).text
    assert "This needs the role curator" in act(visitor, "abandon", made).text
    assert not Candidate.objects.filter(is_dropped=True).exists()
    assert Round.objects.get().state == "candidates"


def test_what_cannot_be_done_is_said_and_changes_nothing(curator, run):
    made = rounds_world.at_candidates(run, rounds_world.pool(1), state="labelling")
    answer = change(curator, "drop", Candidate.objects.get())
    assert "cannot be changed now" in answer.text
    made.state = "closed"
    made.save()
    assert "start another" in act(curator, "go", made).text
    assert not Candidate.objects.filter(is_dropped=True).exists()


def test_a_round_is_sent_and_ended_by_a_press(curator, run):
    made = rounds_world.at_candidates(run, rounds_world.pool(2), via="")
    assert act(curator, "go", made).status_code == 200
    made.refresh_from_db()
    assert (made.via, made.job.state, made.job.params["early"]) == ("files", "queued", False)
    assert act(curator, "abandon", made).status_code == 200
    made.refresh_from_db()
    assert (made.state, Job.objects.get(pk=made.job_id).state) == ("abandoned", "cancelled")


def test_without_waiting_for_the_last_labels_the_waiting_job_is_stopped_first(curator, run):
    made = rounds_world.at_labelling(run, rounds_world.pool(3))
    waiting = made.job
    assert act(curator, "early", made).status_code == 200
    made.refresh_from_db()
    assert (Job.objects.get(pk=waiting.pk).state, made.job.params["early"]) == ("cancelled", True)


@pytest.mark.parametrize("changed", ["x.y", "{.n_clicks", '{"type":1}.n_clicks', "[].n_clicks"])
def test_a_press_that_makes_no_sense_changes_nothing(curator, run, changed):
    made = rounds_world.at_candidates(run, rounds_world.pool(1))
    known = registered(curator, "round-act")
    name, _, prop = known["output"].rpartition(".")
    call = {
        "output": known["output"], "outputs": {"id": name, "property": prop},
        "inputs": [[{"id": {"type": "round-act", "act": "go", "round": made.pk}, "property": "n_clicks", "value": 1}]],
        "state": [{**one, "value": None} for one in known["state"]], "changedPropIds": [changed],
    }  # fmt: skip
    assert curator.call(call).status_code < 500
    assert Round.objects.get().job_id == made.job_id


def test_a_call_without_the_token_writes_nothing(curator, run):
    made = rounds_world.at_candidates(run, rounds_world.pool(1))
    registered(curator, "round-act")
    refused = curator.wsgi.post(CALL, base_url=ORIGIN, data=b"{}", headers={"Content-Type": "application/json"})
    assert refused.status_code == 403
    assert Round.objects.get().state == made.state


def test_labelling_by_files_says_how_they_go_out_and_come_back():
    counts = {"labelled": 1, "skipped": 0, "gone": 0, "sent": 2, "waiting": 0}
    batch = BatchView(3, "round 1", "files", "files", "", "", counts)
    said = text(labelling(batch))
    assert "manage.py labelling export 3 --out batch-3.zip" in said
    assert "manage.py labelling import 3 FILE" in said
    assert "manage.py" not in text(labelling(replace(batch, counts={"labelled": 3})))
