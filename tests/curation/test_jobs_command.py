"""`manage.py jobs` as a person at a terminal and a program meet it."""

import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from curation.models import Job
from tests.factories import JobFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("queue")]


def test_nothing_yet_says_what_would_be_here(capsys):
    call_command("jobs")
    assert capsys.readouterr().out.startswith("There are no jobs yet.")


def test_the_list_shows_newest_first_with_what_went_wrong(capsys):
    JobFactory(kind="import", state=Job.State.FAILED, error="The folder [red] is empty.")
    JobFactory(kind="export", done=3, total=9)
    call_command("jobs")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["job", "kind", "state", "done", "what"]
    assert "export" in lines[1]
    assert "3/9" in lines[1]
    assert "The folder [red] is empty." in lines[2]


def test_a_job_is_cancelled_resumed_and_read_by_programs(capsys):
    job = JobFactory(kind="export")
    call_command("jobs", "cancel", str(job.pk), "--json")
    assert json.loads(capsys.readouterr().out)["jobs"][0]["state"] == "cancelled"
    call_command("jobs", "resume", str(job.pk), "--json")
    assert json.loads(capsys.readouterr().out)["jobs"][0]["state"] == "queued"


@pytest.mark.parametrize(
    "words, said",
    [(["resume"], "Which job"), (["show", "7"], "There is no job 7"), (["resume", "{job}"], "is queued")],
)
def test_what_cannot_be_says_why_and_exits_with_2(words, said):
    job = JobFactory()
    with pytest.raises(CommandError, match=said) as error:
        call_command("jobs", *[word.format(job=job.pk) for word in words])
    assert error.value.returncode == 2
