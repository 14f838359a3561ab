"""Stamps that a backup of another server brought."""

import pytest
from django.db import connection

from curation.models import GoneFrame
from curation.services.frame_rows import this_moment
from curation.services.frame_stamps import mend_changed_xids
from curation.services.frame_table import current
from tests.curation.services.test_frame_sync import assert_in_step, read_since
from tests.factories import FrameFactory

pytestmark = pytest.mark.django_db(transaction=True)


def test_stamps_of_another_server_are_mended():
    frames = [FrameFactory(tags={"lighting": "dim"}) for _ in range(5)]
    ahead = this_moment().xmax + 10**6
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # as a restored backup writes: without triggers
        cursor.execute("UPDATE curation_frame SET changed_xid = %s WHERE id <> %s", [ahead, frames[0].pk])
        cursor.execute("INSERT INTO curation_goneframe VALUES (%s, %s)", [10**9, ahead])
        cursor.execute("SET session_replication_role = DEFAULT")
    assert len(current()) == 5
    assert read_since(this_moment()) == 4

    assert mend_changed_xids() == 5

    assert read_since(this_moment()) == 0
    assert mend_changed_xids() == 0
    assert assert_in_step() == 0


def test_an_id_that_is_removed_a_second_time_is_noted_again():
    frame = FrameFactory()
    again = {"pk": frame.pk, "video": frame.video, "camera": frame.camera}
    frame.delete()
    FrameFactory(**again).delete()
    assert GoneFrame.objects.filter(frame_id=again["pk"]).count() == 1
