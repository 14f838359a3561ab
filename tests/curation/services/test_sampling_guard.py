"""No door of a plan leads to a hold-out: its frames are left out, and asking for them is refused."""

import pytest

from curation.core.sampling import parse_plan
from curation.models import Frame
from curation.services.datasets import create_version
from curation.services.holdout import HoldoutError, lock_version
from curation.services.sampling import draw
from tests.factories import EmbedderFactory, EmbeddingFactory, FrameFactory, VideoFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


@pytest.fixture
def frames():
    """Ten frames in videos of their own, ten minutes apart; the last four are two datasets, final and open."""
    return [FrameFactory(video=VideoFactory(), pts_us=i * 600_000_000, tags={"lighting": "dark"}) for i in range(10)]


@pytest.fixture
def final(frames):
    version = create_version(dataset="final", frame_ids=[frame.pk for frame in frames[6:8]])
    lock_version(version, user=None)
    return version


@pytest.fixture
def open_version(frames, final):
    return create_version(dataset="open", frame_ids=[frame.pk for frame in frames[8:]])


def plan(**said):
    return parse_plan({"size": 20, **said})


def test_held_frames_are_left_out_and_counted(frames, final):
    drawn = draw(plan())
    assert drawn.frame_ids.tolist() == [frame.pk for frame in frames if frame not in frames[6:8]]
    assert drawn.left_out == {"held out by final@1": 2}


def test_frames_that_two_versions_hold_are_counted_once(frames, final):
    again = create_version(dataset="other", frame_ids=[frames[5].pk])
    lock_version(again, user=None)
    Frame.objects.filter(pk=frames[0].pk).update(held_out=True)  # by whom, nobody wrote down
    assert draw(plan()).left_out == {"held out by final@1": 2, "held out by other@1": 1, "held out": 1}


@pytest.mark.parametrize(
    "said",
    [
        {"query": "held_out:true"},
        {"query": "lighting:dark OR held_out:true"},
        {"query": "NOT held_out:false"},
        {"query": "dataset:final@1"},
        {"query": "dataset:final"},
        {"query": "dataset:fin*"},
        {"query": "lighting:dark AND (dataset:open@1 OR dataset:final@1)"},
        {"query": "NOT (NOT dataset:final@1)"},
        {"beside": "dataset:final@1"},
        {"beside": "held_out:true"},
        {"quotas": ["40% dataset:final@1"]},
        {"quotas": [">=40% held_out:true"]},
        {"sampler": {"kind": "weighted", "weights": {"dataset:final": 5}}},
    ],
)
def test_a_plan_that_asks_for_a_hold_out_is_refused(frames, final, open_version, said):
    with pytest.raises(HoldoutError) as caught:
        draw(plan(**said))
    assert caught.value.code == "held"
    assert "Nothing was drawn" in str(caught.value)


@pytest.mark.parametrize("form", ["frames", "query", "quota"])
def test_a_plan_that_names_held_frames_is_refused(frames, final, form):
    held = frames[6].pk
    said = {
        "frames": {"frames": [frames[0].pk, held]},
        "query": {"query": f"id:{frames[0].pk} OR id:{held}"},
        "quota": {"quotas": [f"10% id:{held}"]},
    }[form]
    with pytest.raises(HoldoutError, match=r"wanted for a sampling plan are held out: 1 by final@1"):
        draw(plan(**said))


@pytest.mark.parametrize(
    "query",
    ["held_out:false", "NOT held_out:true", "NOT dataset:final@1", "dataset:open@1", "dataset:open", "NOT id:{held}"],
)
def test_a_plan_that_leaves_a_hold_out_aside_is_none_that_asks_for_it(frames, final, open_version, query):
    drawn = draw(plan(query=query.format(held=frames[6].pk)))
    assert len(drawn.frame_ids)
    assert not Frame.objects.filter(pk__in=drawn.frame_ids.tolist(), held_out=True).exists()


@pytest.mark.parametrize(
    "query", ["id:>0", "dataset:*", "lighting:dark", "camera:*", "pts_s:>=0", "NOT lighting:bright"]
)
@pytest.mark.parametrize(
    "said",
    [
        {},
        {"quotas": ["90% lighting:dark"]},
        {"uniform": ["lighting"]},
        {"undersample": "lighting", "size": None},
        {"sampler": {"kind": "weighted", "weights": {"lighting:dark": 9}}},
        {"diversity": True},
        {"constraints": {"max_similarity": 0.5, "max_per_video": 1}},
    ],
)
def test_whatever_the_plan_no_held_frame_comes(frames, final, open_version, query, said):
    embedder = EmbedderFactory()
    for frame in frames:
        EmbeddingFactory(embedder=embedder, frame=frame)
    drawn = draw(plan(query=query, **said))
    held = set(Frame.objects.filter(held_out=True).values_list("pk", flat=True))
    assert len(held) >= 2
    assert not held & set(drawn.frame_ids.tolist())


def test_no_frame_that_is_held_stands_beside(frames, final):
    """A query that happens to reach held frames must not make others be chosen for being unlike them."""
    embedder = EmbedderFactory(dimension=2)
    for i, frame in enumerate(frames):
        EmbeddingFactory(embedder=embedder, frame=frame, vector=[1, 0] if i in (0, 6) else [0, 1])
    drawn = draw(plan(beside=f"pts_s:{6 * 600}", frames=[frames[0].pk], constraints={"max_similarity": 0.5}))
    assert drawn.frame_ids.tolist() == [frames[0].pk]
