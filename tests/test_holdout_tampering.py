"""Nobody opens a hold-out by the back door: the ORM, SQL, the admin, renaming, deleting."""

import pytest
from django.contrib.auth.models import User
from django.db import Error, connection, transaction
from django.db.models import ProtectedError
from django.urls import reverse
from django.utils import timezone

from curation.models import Dataset, DatasetFrame, DatasetVersion, Frame, HeldFrame, HoldoutBlock, HoldoutUse, Video
from curation.services.datasets import create_version, find_version
from curation.services.holdout import HoldoutError, free, guard_new, lock_version, record_use, refuse_held
from curation.services.leakage import leakage_of
from curation.services.manifests import verify_version
from tests.factories import EmbeddingFactory, FrameFactory, VideoFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
MEMBER, BLOCK, ALIKE = range(3)


@pytest.fixture
def frames():
    """A frame of the hold-out, one of its block, one that looks like it, and one that is free."""
    video = VideoFactory(duration_s=600.0)
    made = [FrameFactory(video=video, pts_us=pts_us) for pts_us in (0, 1_000_000)]
    made += [FrameFactory(video=VideoFactory(), pts_us=0) for _ in range(2)]
    for frame, vector in zip(made, ([1, 0, 0, 0], [0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0]), strict=True):
        EmbeddingFactory(frame=frame, vector=vector)
    return made


@pytest.fixture
def holdout(frames):
    version = lock_version(create_version(dataset="final", frame_ids=[frames[MEMBER].pk]), user=None)
    record_use(version, user=None, by_name="ada", model="yolo 7", value=0.6)
    return version


def held():
    return set(Frame.objects.filter(held_out=True).values_list("pk", flat=True))


def another():
    return FrameFactory()


def sql(statement, *params):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, params)


def _commit(change, version):
    with transaction.atomic():
        change(version)
        sql("SET CONSTRAINTS ALL IMMEDIATE")  # as a commit would


UNLOCKING = [
    lambda v: DatasetVersion.objects.filter(pk=v.pk).update(locked_at=None),
    lambda v: DatasetVersion.objects.filter(pk=v.pk).update(locked_at=timezone.now()),
    lambda v: DatasetVersion.objects.filter(pk=v.pk).update(lock={}),
    lambda v: DatasetVersion.objects.filter(pk=v.pk).update(locked_by=User.objects.create_user("eve")),
    lambda v: sql("UPDATE curation_datasetversion SET locked_at = NULL, lock = '{}'"),
    lambda v: sql("DELETE FROM curation_datasetversion"),
    lambda v: sql("UPDATE curation_datasetversion SET manifest_sha256 = 'x'"),
    lambda v: sql("UPDATE curation_frame SET held_out = false"),
    lambda v: Frame.objects.update(held_out=False),
    lambda v: Frame.objects.bulk_update([Frame(pk=pk, held_out=False) for pk in held()], ["held_out"]),
    lambda v: DatasetFrame.objects.filter(version=v).delete(),
    lambda v: sql("DELETE FROM curation_datasetframe"),
    lambda v: sql("UPDATE curation_datasetframe SET frame_id = frame_id + 1"),
    lambda v: DatasetFrame.objects.create(version=v, frame_id=another().pk),
    lambda v: HoldoutBlock.objects.all().delete(),
    lambda v: HoldoutBlock.objects.update(end_us=0),
    lambda v: sql("DELETE FROM curation_holdoutblock"),
    lambda v: HoldoutUse.objects.all().delete(),
    lambda v: HoldoutUse.objects.update(value=0.9),
    lambda v: sql("DELETE FROM curation_holdoutuse"),
    lambda v: sql("UPDATE curation_holdoutuse SET by_name = 'eve'"),
    lambda v: sql("DELETE FROM curation_frame WHERE id IN (SELECT frame_id FROM curation_datasetframe)"),
]


@pytest.mark.parametrize("number", range(len(UNLOCKING)))
def test_the_database_refuses_what_would_open_it(frames, holdout, number):
    before = held()
    with pytest.raises(Error):
        _commit(UNLOCKING[number], holdout)
    assert held() == before == {frame.pk for frame in frames[:3]}
    assert verify_version(DatasetVersion.objects.get(pk=holdout.pk)).is_sound
    assert HoldoutUse.objects.get().value == 0.6


def test_the_orm_refuses_to_delete_what_it_rests_on(frames, holdout):
    for row in (holdout, holdout.dataset, frames[MEMBER], frames[MEMBER].video):
        with pytest.raises((ProtectedError, Error)), transaction.atomic():
            type(row).objects.get(pk=row.pk).delete()
    assert frames[MEMBER].pk in held()


def test_removing_the_reasons_frees_nothing(frames, holdout):
    HeldFrame.objects.all().delete()
    assert held() == {frame.pk for frame in frames[:3]}
    with pytest.raises(HoldoutError, match="3 of 4 frames wanted for training are held out"):
        refuse_held([frame.pk for frame in frames], wanted_for="training")
    # What comes later is still compared with the frames themselves, and with their stretches.
    alike, in_block = FrameFactory(video=VideoFactory()), FrameFactory(video=frames[MEMBER].video, pts_us=2_000_000)
    EmbeddingFactory(frame=alike, vector=[1, 0.01, 0, 0])
    assert guard_new([alike.pk, in_block.pk]) == 2


def test_a_look_alike_that_was_deleted_is_held_again_when_it_comes_back(frames, holdout):
    place = {"video": frames[ALIKE].video, "pts_us": frames[ALIKE].pts_us}
    Frame.objects.filter(pk=frames[ALIKE].pk).delete()
    again = FrameFactory(**place)
    EmbeddingFactory(frame=again, vector=[1, 0, 0, 0])
    assert guard_new([again.pk]) == 1


def test_renaming_changes_nothing_but_the_name(frames, holdout):
    Dataset.objects.filter(name="final").update(name="harmless")
    Video.objects.filter(pk=frames[MEMBER].video_id).update(name="other.mp4")
    with pytest.raises(HoldoutError, match="by harmless@1"):
        refuse_held([frames[MEMBER].pk], wanted_for="training")
    assert find_version("harmless@1").is_locked
    with pytest.raises(HoldoutError):
        create_version(dataset="final", frame_ids=[frames[MEMBER].pk])
    with pytest.raises(HoldoutError):
        lock_version(find_version("harmless"), user=None)


def test_a_row_that_was_smuggled_into_a_version_is_found(frames, holdout):
    version = create_version(dataset="gate", frame_ids=[frames[3].pk])
    try:
        with transaction.atomic():
            DatasetFrame.objects.create(version=version, frame=frames[MEMBER], split="train")
    except Error:
        return  # the database itself refuses it
    assert "1 of its rows are not in the manifest." in verify_version(version).problems
    assert leakage_of(version).held_out == 1


def test_the_admin_offers_no_way_to_change_or_remove(client, frames, holdout):
    client.force_login(User.objects.create_superuser("root"))
    for model in (Dataset, DatasetVersion, DatasetFrame, HeldFrame, HoldoutBlock, HoldoutUse, Frame):
        name, row = model._meta.model_name, model.objects.order_by("pk").first()
        for page in ("delete", "change"):
            url = reverse(f"admin:curation_{name}_{page}", args=[row.pk])
            assert client.post(url, {"post": "yes", "held_out": "", "locked_at_0": ""}).status_code == 403, url
        listed = reverse(f"admin:curation_{name}_changelist")
        client.post(listed, {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
        assert model.objects.filter(pk=row.pk).exists()
    assert held() == {frame.pk for frame in frames[:3]}


def test_the_ledger_keeps_those_who_left(holdout):
    ada = User.objects.create_user("ada")
    record_use(holdout, user=ada, by_name="ada", model="yolo 8")
    with pytest.raises((ProtectedError, Error)), transaction.atomic():
        ada.delete()
    assert list(holdout.uses.values_list("by_name", flat=True)) == ["ada", "ada"]


def test_what_is_free_stays_free(frames, holdout):
    assert list(free(Frame.objects.all())) == [frames[3]]
