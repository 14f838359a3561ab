"""What the settings name to be looked after."""

import pytest
from django.core.management import call_command
from django.db import OperationalError

from curation.services.tenders import tend

HERE = "tests.curation.services.test_tenders"


def one():
    return [1, 2]


def broken():
    raise ValueError("boo")


def no_database():
    raise OperationalError("gone")


def test_one_that_fails_stops_no_other(settings, caplog):
    settings.WINNOW_TENDERS = [f"{HERE}.broken", f"{HERE}.nothing", f"{HERE}.one"]
    assert tend() == [1, 2]
    assert [record.message for record in caplog.records] == [
        f"{HERE}.broken failed; it is called again.",
        f"{HERE}.nothing failed; it is called again.",
    ]


def test_without_a_database_all_wait(settings):
    settings.WINNOW_TENDERS = [f"{HERE}.no_database", f"{HERE}.one"]
    with pytest.raises(OperationalError):
        tend()


@pytest.mark.django_db
def test_the_reconciler_calls_them(settings, queue, caplog):
    settings.WINNOW_TENDERS = [f"{HERE}.broken"]
    call_command("reconcile", "--once")
    assert "broken failed" in caplog.text
