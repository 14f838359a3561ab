"""Every admin page opens, with rows, and for each kind of user; none counts a whole table."""

import re

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config.bootstrap import _make_roles
from curation.admin.site import COUNT_TO, CappedPaginator
from curation.models import (
    Camera,
    Chunk,
    Frame,
    HeldFrame,
    HoldoutBlock,
    HoldoutUse,
    Keep,
    OperatingConditions,
    PromptVector,
    Run,
    Track,
    Upload,
)
from curation.services.cascades import save_cascade
from curation.services.uploads import create_upload
from tests.factories import (
    AnnotationFactory,
    CameraFactory,
    DataExportFactory,
    DataImportFactory,
    DatasetFrameFactory,
    DatasetVersionFactory,
    DetectionFactory,
    EmbedderFactory,
    EmbeddingFactory,
    FrameFactory,
    IntervalFactory,
    JobFactory,
    KeepFactory,
    OperatingConditionsFactory,
    RunFactory,
    TagEditFactory,
    VideoFactory,
)

MODELS = sorted(apps.get_app_config("curation").get_models(), key=lambda model: model.__name__)
SECRET = b"\x93NUMPY-bytes-016"


@pytest.fixture
def root(client, db):
    client.force_login(User.objects.create_superuser("root"))
    return client


@pytest.fixture
def rows(db):
    """Three rows of every model."""
    cascade = save_cascade(text="name: night\nstages:\n- kind: motion\n")
    for index in range(3):
        video = VideoFactory(name=f"<b>{index}</b>.mp4", keyframes=SECRET)
        run = RunFactory(video=video, cascade=cascade, spec=cascade.spec)
        chunk = Chunk.objects.create(run=run, stage_index=0, index=index, start_us=0)
        Track.objects.create(chunk=chunk, arrays=SECRET)
        frame = FrameFactory(video=video, tags={"lighting": "dark"})
        KeepFactory(run=run, frame=frame)
        IntervalFactory(run=run)
        EmbeddingFactory(frame=frame, detection=DetectionFactory(run=run, frame=frame))
        _data_rows(index, frame)
        create_upload(owner=User.objects.create_user(f"u{index}"), name="a.mp4", camera="gate", size_bytes=10)


def _data_rows(index, frame):
    """Rows around datasets. Their frames are others: what is in a dataset cannot be removed."""
    member = FrameFactory(video=frame.video)
    JobFactory(doing="<b>0</b>")
    conditions = OperatingConditionsFactory()
    vector = [1.0, 0.0, 0.0, 0.0]
    PromptVector.objects.create(
        conditions=conditions, factor="weather", value="rain", embedder=EmbedderFactory(), vector=vector
    )
    TagEditFactory(frame=member, note="<b>0</b>")
    made_in = DataImportFactory(name="<b>0</b>")
    KeepFactory(run=None, made_in=made_in, frame=member, reason=Keep.Reason.IMPORT)
    AnnotationFactory(frame=member, label="<b>0</b>", made_in=made_in)
    version = DatasetVersionFactory(plan_text="<b>0</b>")
    DatasetFrameFactory(version=version, frame=member)
    DataExportFactory(version=version)
    HoldoutBlock.objects.create(version=version, video=member.video, start_us=0, end_us=60_000_000)
    HeldFrame.objects.create(version=version, frame=member, reason="member")
    HoldoutUse.objects.create(version=version, purpose="evaluation", model="<b>0</b>", by_name="ada")
    gone = FrameFactory(video=frame.video)
    gone.delete()


def _url(model, page, *args):
    return reverse(f"admin:curation_{model._meta.model_name}_{page}", args=args)


@pytest.mark.parametrize("model", MODELS)
def test_every_list_opens_and_searches(root, rows, model):
    assert model.objects.exists()
    for query in ("", "?q=1", "?q=gate", "?q=%00", "?q=" + "9" * 30):
        page = root.get(_url(model, "changelist") + query)
        assert page.status_code in (200, 302), query
    page = root.get(_url(model, "changelist")).content.decode()
    assert len(re.findall(r'class="field-', page)) or "results" in page
    assert "<b>0</b>" not in page  # names come from outside
    assert "NUMPY" not in page


@pytest.mark.parametrize("model", MODELS)
def test_every_row_opens_without_giant_selects_or_bytes(root, rows, model):
    page = root.get(_url(model, "change", model.objects.order_by("pk").first().pk)).content.decode()
    assert "NUMPY" not in page
    assert "<b>0</b>" not in page
    assert '<select name="' not in page


@pytest.mark.parametrize("model", MODELS)
def test_a_list_runs_a_fixed_number_of_queries(root, rows, model):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            root.get(_url(model, "changelist"))
        return [query["sql"] for query in seen]

    three = queries()
    Run.objects.exclude(pk=Run.objects.order_by("pk").first().pk).delete()
    Frame.objects.exclude(keeps__run__isnull=False).filter(memberships=None).delete()
    Upload.objects.exclude(pk=Upload.objects.first().pk).delete()
    assert len(queries()) == len(three)
    assert not any(re.search(r'SELECT COUNT\(\*\) AS "__count" FROM "', sql) for sql in three)


def test_an_open_run_list_shows_progress_and_actions_do_their_work(root, rows):
    run = Run.objects.first()
    Run.objects.filter(pk=run.pk).update(status="running")
    assert "0%" in root.get(_url(Run, "changelist")).content.decode()

    def act(action):
        body = {"action": action, "_selected_action": [run.pk]}
        page = root.post(_url(Run, "changelist"), body, follow=True).content.decode()
        run.refresh_from_db()
        return page

    assert "1 cancelled." in act("cancel")
    assert run.status == "cancelled"
    assert "only a" in act("cancel") or "0 cancelled." in act("cancel")
    act("resume")
    assert run.status == "queued"
    act("cancel")
    act("again")
    assert run.status == "queued"


def test_a_viewer_on_the_staff_looks_but_cannot_act(client, rows):
    _make_roles(refresh=True)
    user = User.objects.create_user("ada", is_staff=True)
    user.groups.add(user.groups.model.objects.get(name="viewer"))
    client.force_login(user)
    page = client.get(_url(Run, "changelist"))
    assert page.status_code == 200
    assert 'value="cancel"' not in page.content.decode()
    client.post(_url(Run, "changelist"), {"action": "cancel", "_selected_action": [Run.objects.first().pk]})
    assert not Run.objects.filter(status="cancelled").exists()


@pytest.mark.parametrize("model", MODELS)
def test_what_machines_write_is_not_changed_by_hand(root, rows, model):
    row = model.objects.order_by("pk").first()
    added = root.get(reverse(f"admin:curation_{model._meta.model_name}_add")).status_code
    deleted = root.get(_url(model, "delete", row.pk)).status_code
    by_hand = {Camera: (200, 200), OperatingConditions: (200, 403)}
    assert (added, deleted) == by_hand.get(model, (403, 403))


def test_changing_a_camera_changes_the_tags_of_its_frames(root, rows):
    frame = Frame.objects.first()
    body = {"attributes": '{"indoor": true}'}
    assert root.post(_url(Camera, "change", frame.camera_id), body).status_code == 302
    assert Frame.objects.get(pk=frame.pk).tags["indoor"] is True
    assert root.post(reverse("admin:curation_camera_add"), {"name": "new", "attributes": "{}"}).status_code == 302
    assert Camera.objects.filter(name="new").exists()


def test_a_frame_is_shown_by_a_signed_link(root, rows):
    page = root.get(_url(Frame, "changelist")).content.decode()
    assert '<img src="/api/v1/media/frames/' in page


def test_counting_stops(db, monkeypatch):
    CameraFactory.create_batch(5)
    monkeypatch.setattr("curation.admin.site.COUNT_TO", 3)
    assert CappedPaginator(Camera.objects.order_by("name"), 2).count == 3
    assert CappedPaginator([1, 2], 2).count == 2
    assert COUNT_TO == 10_000
