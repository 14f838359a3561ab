"""Candidates and seeds over HTTP: with why, with pictures; dropped, brought back, added."""

import pytest

from activelearning.models import Candidate
from evaluation.services.suites import save_suite
from tests.activelearning.factories import CandidateFactory, SeedFactory, a_round
from tests.evaluation.factories import ModelVersionFactory, stored_run
from tests.evaluation.records import a_run
from tests.evaluation.world import SUITE
from tests.factories import DatasetVersionFactory, FrameFactory

URL = "/api/v1/rounds/"


@pytest.fixture
def round(db):
    model = ModelVersionFactory(name="people-v1", detector="fake:weights")
    suite, _ = save_suite(text=SUITE)
    return a_round(stored_run(a_run(), suite=suite, model=model, version=DatasetVersionFactory()), state="candidates")


def ids(client, round, what="candidates", **filters):
    answer = client.get(f"{URL}{round.pk}/{what}/", filters)
    assert answer.status_code == 200, answer.data
    return [row["id"] for row in answer.data["results"]]


def test_a_candidate_says_why_and_shows_its_frame(viewer, round):
    made = CandidateFactory(round=round, rank=0)
    [row] = viewer.get(f"{URL}{round.pk}/candidates/").data["results"]
    assert row["reasons"] == [
        {
            "sampler": "similar_boxes", "text": "0.91 like a person missed in night.", "score": 0.8,
            "scenario": "night", "similarity": 0.91, "box": [10.0, 20.0, 60.0, 120.0],
        }
    ]  # fmt: skip
    frame = row["frame"]
    assert (frame["id"], frame["camera"], frame["width_px"]) == (made.frame_id, made.frame.camera.name, 640)
    assert frame["picture"].startswith("http://testserver/api/v1/media/frames/")
    assert "-640:" in frame["thumbnail"]


def test_candidates_come_as_they_were_picked_and_are_filtered(viewer, round):
    last = CandidateFactory(round=round, rank=3, arm="control", reasons=[{"sampler": "random", "text": "At random."}])
    second = CandidateFactory(round=round, rank=1, is_dropped=True)
    first = CandidateFactory(round=round, rank=0)
    CandidateFactory(round=a_round(round.test_run))
    assert ids(viewer, round) == [first.pk, second.pk, last.pk]
    assert ids(viewer, round, arm="control") == ids(viewer, round, sampler="random") == [last.pk]
    assert ids(viewer, round, dropped=True) == [second.pk]
    assert ids(viewer, round, dropped=False) == [first.pk, last.pk]
    assert ids(viewer, round, scenario="night") == [first.pk, second.pk]
    assert ids(viewer, round, scenario="day") == []
    for wrong in ({"arm": "luck"}, {"dropped": "perhaps"}, {"frame": 1}):
        assert viewer.get(f"{URL}{round.pk}/candidates/", wrong).status_code == 400
    page = viewer.get(f"{URL}{round.pk}/candidates/", {"limit": 2}).data
    assert [row["id"] for row in viewer.get(page["next"]).data["results"]] == [last.pk]


def test_seeds_show_what_went_wrong(viewer, round):
    box = SeedFactory(round=round, kind="false_alarm", score=0.7)
    whole = SeedFactory(round=round, scenario="day", x1=None, y1=None, x2=None, y2=None)
    rows = viewer.get(f"{URL}{round.pk}/seeds/").data["results"]
    assert [(row["id"], row["kind"], row["score"], row["box"]) for row in rows] == [
        (box.pk, "false_alarm", 0.7, [10.0, 20.0, 60.0, 120.0]), (whole.pk, "missed", None, None),
    ]  # fmt: skip
    assert ids(viewer, round, "seeds", scenario="day") == ids(viewer, round, "seeds", kind="missed") == [whole.pk]
    assert viewer.get(f"{URL}{round.pk}/seeds/", {"kind": "x"}).status_code == 400


@pytest.mark.parametrize("what", ["candidates", "seeds"])
def test_a_list_takes_the_same_queries_however_long_it_is(viewer, round, what, django_assert_max_num_queries):
    factory = CandidateFactory if what == "candidates" else SeedFactory
    for _ in range(30):
        factory(round=round)
    with django_assert_max_num_queries(5):  # token, role, round, rows
        assert len(ids(viewer, round, what)) == 30


def test_candidates_are_dropped_and_brought_back(curator, round):
    one, other = CandidateFactory(round=round), CandidateFactory(round=round)
    body = {"frames": [one.frame_id], "note": "blurred"}
    dropped = curator.post(f"{URL}{round.pk}/drop/", body, format="json")
    assert (dropped.status_code, dropped.data) == (200, {"changed": 1, "kept": 1})
    one.refresh_from_db()
    assert (one.is_dropped, one.note) == (True, "blurred")
    back = curator.post(f"{URL}{round.pk}/restore/", {"frames": [one.frame_id]}, format="json")
    assert back.data == {"changed": 1, "kept": 2}
    missing = curator.post(f"{URL}{round.pk}/drop/", {"frames": [other.frame_id, 10**9]}, format="json")
    assert (missing.status_code, missing.data["code"]) == (400, "no_candidate")
    assert not Candidate.objects.filter(is_dropped=True).exists()


def test_frames_are_added_by_id_or_by_a_query(curator, round):
    plain, dark = FrameFactory(), FrameFactory(tags={"lighting": "dark"})
    added = curator.post(f"{URL}{round.pk}/add/", {"frames": [plain.pk]}, format="json")
    assert (added.status_code, added.data) == (200, {"changed": 1, "kept": 1})
    found = curator.post(f"{URL}{round.pk}/add/", {"query": "lighting:dark", "note": "lamp"}, format="json")
    assert found.data == {"changed": 1, "kept": 2}
    assert Candidate.objects.get(frame=dark).note == "lamp"
    assert Candidate.objects.get(frame=dark).arm == "person"


@pytest.mark.parametrize(
    "body, said",
    [
        ({}, "Give either"),
        ({"frames": []}, "frames"),
        ({"frames": [1], "query": "lighting:dark"}, "Give either"),
        ({"query": "lighting:noon"}, "No frame"),
        ({"query": "people>0"}, "Write people:>0"),
        ({"frames": [10**9]}, "There is no frame 1000000000"),
        ({"frames": ["x"]}, "frames"),
    ],
)
def test_what_cannot_be_added_is_refused_with_what_would_be_right(curator, round, body, said):
    FrameFactory(tags={"lighting": "dark", "people": 1})
    answer = curator.post(f"{URL}{round.pk}/add/", body, format="json")
    assert answer.status_code == 400, answer.data
    assert said in str(answer.data)
    assert not Candidate.objects.exists()


def test_a_frame_that_may_not_be_labelled_is_refused_with_why(curator, round):
    held = FrameFactory(held_out=True)
    answer = curator.post(f"{URL}{round.pk}/add/", {"frames": [held.pk]}, format="json")
    assert answer.status_code == 409, answer.data
    assert "hold-out" in str(answer.data) or "held out" in str(answer.data)


def test_after_they_are_sent_candidates_do_not_change(curator, round):
    made = CandidateFactory(round=round)
    round.state = "labelling"
    round.save()
    for verb in ("drop", "restore", "add"):
        answer = curator.post(f"{URL}{round.pk}/{verb}/", {"frames": [made.frame_id]}, format="json")
        assert (answer.status_code, answer.data["code"]) == (409, "not_open"), verb
