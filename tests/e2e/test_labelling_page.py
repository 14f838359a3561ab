"""An annotator opens Label Studio's own page: the picture and the model's boxes are there; a moved box arrives here."""

import cv2
import numpy as np
import pytest
from playwright.sync_api import expect

from activelearning.models import Answer
from activelearning.services.pulling import request_pull
from curation.backends import storage
from curation.models import Annotation
from curation.services.import_pictures import jpeg
from curation.services.job_kinds import run_here
from tests.activelearning.studio import batch_for, connected, frames_of, model_that_finds, project_at, pushed
from tests.e2e.conftest import DESKTOP

pytestmark = pytest.mark.browser

SIZE = (640, 360)
PERSON, OTHER = (100.0, 100.0, 200.0, 300.0), (300.0, 100.0, 400.0, 300.0)
MOVED_BY_PX = 24.0
ORANGE = (230, 159, 0)
"""Of the first class, as RGB: see core/label_config.py."""
PICTURE = "() => [...document.images].some(one => one.naturalWidth === 640 && one.naturalHeight === 360)"
PLACE = """([x, y]) => {
  const image = window.Htx.annotationStore.selected.names.get('image'), stage = image.stageRef;
  const box = stage.container().getBoundingClientRect();
  return [box.left + stage.x() + x * image.stageWidth * stage.scaleX(),
          box.top + stage.y() + y * image.stageHeight * stage.scaleY()];
}"""
REGIONS = "() => window.Htx.annotationStore.selected.regions.map(one => [one.labels[0], one.x, one.y])"


@pytest.fixture
def sent(site, media, label_studio):
    """Two frames with boxes of a model, pushed; their pictures come from our own site."""
    project = project_at(connected(label_studio.url, label_studio.token, pictures_url=site))
    frames = frames_of(2)
    for frame in frames:
        storage.put_bytes(frame.image, jpeg(np.full((SIZE[1], SIZE[0], 3), 90, np.uint8), quality=90))
    model = model_that_finds(frames, boxes=[PERSON, OTHER])
    return pushed(batch_for(project, frames, model=model, classes=["person", "jacket"]))


@pytest.fixture
def page(browser, label_studio):
    context = browser.new_context(viewport={"width": DESKTOP[0], "height": DESKTOP[1]}, base_url=label_studio.url)
    # It asks for scripts of others, which it does without where there is no network.
    context.route(lambda url: "sentry" in url, lambda route: route.abort())
    page = context.new_page()
    page.goto("/user/login/")
    page.locator("[name=email]").fill(label_studio.user)
    page.locator("[name=password]").fill(label_studio.password)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(lambda url: "/user/login" not in url)
    yield page
    context.close()


def there_on(page, at):
    """Say where on the page a point of the picture is, given in its pixels: it is zoomed to fit."""
    return page.evaluate(PLACE, [at[0] / SIZE[0], at[1] / SIZE[1]])


def color_near(page, at, color):
    """Say whether the page shows a colour within three pixels of a place."""
    clip = {"x": at[0] - 3, "y": at[1] - 3, "width": 7, "height": 7}
    shown = cv2.imdecode(np.frombuffer(page.screenshot(clip=clip), np.uint8), cv2.IMREAD_COLOR_RGB).astype(int)
    return bool((np.abs(shown - np.array(color)).max(axis=2) < 60).any())


def test_a_box_that_is_moved_and_submitted_arrives(page, sent):
    first = sent.tasks.order_by("number").first()
    fetched = []
    page.on("response", lambda answer: "/label-pictures/" in answer.url and fetched.append(answer.status))
    page.goto(f"/projects/{sent.project.number}/data?labeling=1")
    expect(page.locator(".konvajs-content").first).to_be_visible(timeout=60_000)
    page.wait_for_function(PICTURE)
    assert fetched == [200]
    page.wait_for_function("() => window.Htx.annotationStore.selected.regions.length === 2")
    assert page.evaluate(REGIONS) == [
        ["person", pytest.approx(15.625), pytest.approx(27.78, abs=0.01)],
        ["person", pytest.approx(46.875), pytest.approx(27.78, abs=0.01)],
    ]
    page.wait_for_timeout(1_000)  # it draws a little later
    assert color_near(page, there_on(page, (PERSON[0], 200.0)), ORANGE), "the box is not drawn"
    assert not color_near(page, there_on(page, (250.0, 50.0)), ORANGE)

    center = ((PERSON[0] + PERSON[2]) / 2, 200.0)
    page.mouse.move(*there_on(page, center))
    page.mouse.down()
    page.mouse.move(*there_on(page, (center[0] + MOVED_BY_PX / 2, 200.0)), steps=5)
    page.mouse.move(*there_on(page, (center[0] + MOVED_BY_PX, 200.0)), steps=5)
    page.mouse.up()
    page.wait_for_function("() => window.Htx.annotationStore.selected.regions[0].x > 18")
    with page.expect_response(lambda answer: "/annotations" in answer.url and answer.request.method == "POST") as saved:
        page.get_by_role("button", name="Submit current annotation").click()
    assert saved.value.status == 201

    run_here(request_pull(batch=sent, here=True, wait=False))
    first.refresh_from_db()
    assert first.state == "labelled"
    assert first.changes["moved"] == 1
    assert first.changes["kept"] == 1
    assert Answer.objects.get().annotator == "ada@winnow.test"
    moved, kept = Annotation.objects.filter(frame=first.frame).order_by("x1")
    assert (kept.x1, kept.y1, kept.x2, kept.y2) == pytest.approx(OTHER, abs=0.01)
    assert moved.x1 == pytest.approx(PERSON[0] + MOVED_BY_PX, abs=3)
    assert (moved.x2 - moved.x1, moved.y1) == pytest.approx((100.0, 100.0), abs=3)
    assert moved.label_origin.answer.task == first
    assert sent.tasks.exclude(pk=first.pk).get().state == "sent"
