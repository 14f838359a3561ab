"""`manage.py labelling`: the way by files, a known truth, and what is said of a batch."""

import json
from io import StringIO

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from activelearning.models import LabelBatch
from curation.backends import storage
from curation.models import Annotation, Frame
from curation.services.import_pictures import jpeg
from tests.activelearning.factories import LabelBatchFactory, LabelTaskFactory
from tests.activelearning.services.labelled_there import There, region
from tests.factories import FrameFactory

pytestmark = pytest.mark.django_db


def told(*arguments):
    out = StringIO()
    call_command("labelling", *map(str, arguments), stdout=out)
    return out.getvalue()


def plain(*arguments):
    return json.loads(told(*arguments, "--json"))


@pytest.fixture
def frames(media):
    made = [FrameFactory(tags={"lighting": "dark"}) for _ in range(3)]
    for frame in made:
        storage.put_bytes(frame.image, jpeg(np.full((360, 640, 3), 90, np.uint8), quality=80))
    return made


def make(*more):
    return ("make", "--name", "night", "--query", "lighting:dark", "--classes", "person", *more)


def test_a_batch_goes_out_as_files_and_its_labels_come_back(frames, tmp_path):
    Frame.objects.filter(pk=frames[0].pk).update(held_out=True)
    made = plain(*make("--via", "files", "--cost-per-hour", 30, "--currency", "EUR"))
    n = made["id"]
    assert (made["tasks"], made["waiting"], made["merge"]) == (2, 2, {"policy": "newest"})
    out = tmp_path / "night.zip"
    assert plain("export", n, "--out", out)["pictures"] == 2
    assert "2 with the annotators" in told("show", n)
    assert "2 pictures, 2 of this batch" in told("import", n, out)
    found = plain("show", n)
    assert (found["labelled"], found["share_done"], Annotation.objects.count()) == (2, 1.0, 0)
    assert "night" in told("list")
    assert told("merge", n, "majority").strip() == "Nothing is new."
    assert "closed" in told("close", n)


def test_a_known_truth_answers(frames, settings):
    settings.WINNOW_TRUTHS = {"one": "tests.activelearning.services.test_known_truth.one_person"}
    n = plain(*make("--via", "truth", "--truth", "one", "--merge", "first", "--most", 2))["id"]
    assert "2 labelled" in told("send", n)
    assert LabelBatch.objects.get().merge == {"policy": "first", "truth": "one"}
    assert Annotation.objects.count() == 2


def test_an_empty_house_says_how_to_begin():
    assert "labelling make" in told("list")


@pytest.mark.parametrize(
    "arguments, says",
    [
        (("show", "7"), "no batch '7'"),
        (("pull", None), "nothing can be pulled"),
        (("drift", None), "nothing can drift"),
        (("mend", None, "links"), "nothing can drift"),
        (("send", None), "no Label Studio project"),
        (("import", None, "/no/such/file.xml"), "no longer there"),
        (("export", None, "--out", "/tmp/x.zip"), "nothing to export"),
    ],
)
def test_what_is_wrong_is_said_with_status_2(arguments, says):
    n = LabelBatchFactory().pk
    with pytest.raises(CommandError, match=says) as caught:
        told(*(n if one is None else one for one in arguments))
    assert caught.value.returncode == 2


def test_a_batch_of_nothing_is_shown():
    assert "0 labelled" in told("show", LabelBatchFactory().pk)
    assert "1 not sent" in told("show", LabelTaskFactory().batch_id)


@pytest.mark.slow
def test_the_way_through_label_studio(label_studio):
    there = There(label_studio)
    one, two, _ = there.tasks
    n = there.batch.pk
    there.answer(one, region())
    there.answer(two, was_cancelled=True)
    there.delete("tasks", there.tasks[2].number)
    assert "1 labelled, 1 skipped" in told("pull", n)
    said = told("drift", n)
    assert f"labelling mend {n} deleted" in said
    assert f"labelling mend {n} skipped-back" in said
    assert "1 frames are with the annotators again" in told("mend", n, "skipped-back")
    assert "1 with the annotators" in told("show", n)
