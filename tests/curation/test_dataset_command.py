"""`manage.py dataset`, as a person and as a program use it."""

import io
import json
from random import Random

import pytest
from django.core.management import CommandError, call_command

from curation.models import DatasetVersion, Frame
from tests.factories import AnnotationFactory, FrameFactory, VideoFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


@pytest.fixture
def frames():
    chance, videos = Random(2), VideoFactory.create_batch(10)
    places = [(video, n * 120_000_000) for video in videos for n in range(2)]
    return [
        FrameFactory(video=video, pts_us=pts_us, phash=chance.getrandbits(62), tags={"weather": "rain"})
        for video, pts_us in places
    ]


def run(*args):
    out = io.StringIO()
    call_command("dataset", *args, stdout=out)
    return out.getvalue()


def as_json(*args):
    return json.loads(run(*args, "--json"))


def refused(*args):
    """Return the message, the exit status and what was on stdout."""
    out = io.StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("dataset", *args, stdout=out, stderr=io.StringIO())
    return str(caught.value), caught.value.returncode, out.getvalue()


def test_a_version_is_made_of_a_query_with_splits(frames):
    shown = run("create", "gate", "--query", "weather:rain", "--split-by", "video", "--seed", "3")
    assert "gate@1: 20 frames, 0 labels" in shown
    assert "train 16, val 2, test 2, by video" in shown
    assert "Nothing leaks as far as was looked." in shown
    made = as_json("show", "gate")
    assert (made["version"], made["seed"], made["plan"]["splits"]["by"]) == ("gate@1", 3, "video")
    assert made["report"]["leakage"]["is_clean"]


def test_shares_that_are_not_given_are_nought(frames):
    made = as_json("create", "gate", "--query", "", "--train", "0.5", "--test", "0.5")
    assert made["splits"] == {"test": 10, "train": 10}
    assert "add up to 0.8" in refused("create", "gate", "--query", "", "--train", "0.8")[0]


def test_a_version_is_made_of_ids_in_a_file(frames, tmp_path):
    listed = tmp_path / "ids.txt"
    listed.write_text(f"{frames[0].pk}, {frames[1].pk}\n{frames[1].pk}")
    assert as_json("create", "gate", "--ids", str(listed))["frames"] == 2
    listed.write_text("12 x3")
    assert refused("create", "gate", "--ids", str(listed))[:2] == (
        f"{listed}: 'x3' is no id of a frame; write numbers.", 2,
    )  # fmt: skip
    assert "cannot be read" in refused("create", "gate", "--ids", str(tmp_path / "none"))[0]


def test_versions_are_listed_and_compared(frames):
    ids = [str(frame.pk) for frame in frames]
    assert "There are no versions yet" in run("list")
    create_of(ids[:4])
    Frame.objects.filter(pk=ids[1]).update(tags={"weather": "fog"})
    AnnotationFactory(frame=frames[2], label="dog")
    create_of(ids[1:6])
    assert [one["version"] for one in as_json("list")["versions"]] == ["gate@2", "gate@1"]
    shown = run("list", "gate")
    assert "gate@2" in shown
    shown = run("compare", "gate@1", "gate@2")
    assert "gate@2 against gate@1: 5 frames against 4, 3 in both." in shown
    assert "2 came" in shown
    assert "1 went" in shown
    assert "1 have other annotations" in shown
    assert "weather, JSD" in shown
    assert as_json("compare", "gate@1", "gate@2")["retagged"] == {"weather": 1}
    assert "No distribution moved." in run("compare", "gate@1", "gate@1")


def create_of(ids, name="gate"):
    version = DatasetVersion.objects.count()
    made = as_json("create", name, "--query", " OR ".join(f"id:{pk}" for pk in ids))
    assert DatasetVersion.objects.count() == version + 1
    return made["version"]


def test_leaks_are_shown_the_worst_first(frames):
    Frame.objects.update(phash=77)
    create_of([str(frame.pk) for frame in frames])
    as_json("create", "gate", "--query", "", "--split-by", "video")
    shown = run("leakage", "gate@2", "--limit", "1")
    assert "2 of 2 test frames look like a train frame" in shown
    assert "look alike, by perceptual hash" in shown
    assert "Leaks, the worst first: 1 of" in shown
    assert as_json("leakage", "gate@2", "--max-bits", "0", "--limit", "0")["leaks"] == []


def test_a_lock_says_what_it_keeps_away_and_asks(frames, monkeypatch):
    name = create_of([str(frames[0].pk)], "final")
    shown = run("lock", name, "--dry-run")
    assert "Frames of the version itself: 1" in shown
    assert "It cannot be undone." in shown
    assert as_json("lock", name, "--dry-run")["frames"]["member"] == 1
    message, status, _ = refused("lock", name)
    assert (message, status) == (
        f"{name} was not locked: nobody is there to confirm. Read the above, and add --yes.",
        2,
    )
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda: "yes")
    assert refused("lock", name)[0] == f"{name} was not locked."
    assert not Frame.objects.filter(held_out=True).exists()
    monkeypatch.setattr("builtins.input", lambda: name)
    assert f"{name} is a hold-out from now on." in run("lock", name)
    assert Frame.objects.get(pk=frames[0].pk).held_out
    assert "locked already" in refused("lock", name, "--yes")[0]
    assert DatasetVersion.objects.get().lock["by"]


def test_a_lock_is_refused_where_something_speaks_against_it(frames):
    create_of([str(frame.pk) for frame in frames[:2]])
    name = create_of([str(frames[0].pk)], "final")
    assert "gate@1: 1 frames (1 all)" in refused("lock", name, "--yes")[0]
    Frame.objects.filter(pk=frames[9].pk).update(phash=None)
    assert "manage.py rate" in refused("lock", name, "--yes", "--allow-overlap")[0]
    assert "a block lasts 1 to 86400 s" in refused("lock", name, "--yes", "--block", "0")[0]
    assert as_json("lock", name, "--yes", "--allow-overlap", "--allow-uncompared")["locked_at"]


def test_held_frames_are_refused(frames, tmp_path):
    run("lock", create_of([str(frames[0].pk)], "final"), "--yes")
    listed = tmp_path / "ids"
    listed.write_text(" ".join(str(frame.pk) for frame in frames))
    message, status, out = refused("create", "gate", "--ids", str(listed))
    assert "1 of 20 frames wanted for a dataset are held out: 1 by final@1" in message
    assert (status, out) == (2, "")
    assert refused("create", "gate", "--query", f"id:{frames[0].pk}")[1] == 2
    assert as_json("create", "gate", "--query", "")["frames"] == 19


def test_the_ledger_is_written_and_read(frames):
    name = create_of([str(frames[0].pk)], "final")
    assert "is not locked" in run("uses", name)
    assert "is not locked" in refused("record", name, "--model", "yolo 7")[0]
    run("lock", name, "--yes")
    assert f"{name} was never used." in run("uses", name)
    assert "for good" in run("record", name, "--model", "yolo [7]", "--metric", "mAP50", "--value", "0.61")
    [line] = as_json("uses", name)["uses"]
    assert (line["model"], line["metric"], line["value"]) == ("yolo [7]", "mAP50", 0.61)
    assert "yolo [7]" in run("uses", name)


def test_a_version_is_verified(frames, media):
    name = create_of([str(frames[0].pk)])
    assert f"{name} is what it was: 1 frames" in run("verify", name)
    [path] = media.glob("datasets/*")
    path.unlink()
    out = io.StringIO()
    with pytest.raises(SystemExit) as caught:
        call_command("dataset", "verify", name, stdout=out)
    assert caught.value.code == 1
    assert "cannot be read" in out.getvalue()


@pytest.mark.parametrize(
    "args, says",
    [
        (["show", "gate"], "There is no dataset 'gate'"),
        (["create", "Gate", "--query", ""], "cannot name a dataset"),
        (["create", "gate", "--query", "weather:snow"], "No frame matches"),
        (["create", "gate", "--query", "weather>rain"], "The query is wrong."),
        (["compare", "a@1", "b@1"], "There is no dataset 'a'"),
        (["create", "gate", "--query", "", "--stratify", "moon"], "there is no factor 'moon'"),
    ],
)
def test_what_cannot_be_done_says_why(frames, args, says):
    message, status, out = refused(*args)
    assert says in message
    assert (status, out) == (2, "")


def test_a_wrong_query_is_shown_with_a_caret(frames):
    message, _, _ = refused("create", "gate", "--query", "weather>rain")
    assert message.splitlines()[1:3] == ["weather>rain", "^^^^^^^^^^^^"]
