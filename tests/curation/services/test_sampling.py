"""Drawing from the database: the frames that a plan asks for, the same each time, wherever they are stored."""

import numpy as np
import pytest

from curation.core.errors import SpecError
from curation.core.query import QueryError
from curation.core.sampling import parse_plan
from curation.models import Frame
from curation.services.datasets import create_version
from curation.services.frame_table import current
from curation.services.sampling import draw, preview
from tests.factories import (
    AnnotationFactory,
    CameraFactory,
    EmbedderFactory,
    EmbeddingFactory,
    FrameFactory,
    VideoFactory,
    sha256_of,
)

pytestmark = pytest.mark.django_db


def plan(**said):
    return parse_plan({"size": 10, **said})


def pks(frames):
    return [frame.pk for frame in frames]


def strata(drawn):
    return {stratum.name: stratum.given for stratum in drawn.strata}


@pytest.fixture
def frames():
    """40 frames in 4 videos of 2 cameras, one a second: the first 8 dark, every fourth in the rain."""
    cameras = [CameraFactory(name="gate"), CameraFactory(name="lobby")]
    videos = [VideoFactory(camera=cameras[i // 2], sha256=sha256_of(f"v{i}")) for i in range(4)]
    return [
        FrameFactory(
            video=videos[i // 10],
            pts_us=(i % 10) * 1_000_000,
            tags={
                "lighting": "dark" if i < 8 else "bright",
                "weather": "clear" if i % 4 else "rain",
                "people": i % 5,
            },
        )
        for i in range(40)
    ]


def test_quotas_by_query(frames):
    drawn = draw(plan(quotas=["40% lighting:dark", "30% weather:rain"]))

    assert strata(drawn)["40% lighting:dark"] == 4
    assert strata(drawn)["30% weather:rain"] == 3
    assert len(drawn.frame_ids) == 10
    assert (np.diff(drawn.frame_ids) > 0).all()
    dark = {f.pk for f in frames[:8]}
    assert len(dark & set(drawn.frame_ids.tolist())) == 4
    assert (drawn.is_short, drawn.candidates, drawn.left_out) == (False, 40, {})


def test_only_frames_that_match_the_query(frames):
    drawn = draw(plan(size=50, query="camera:gate AND lighting:bright"))

    assert drawn.frame_ids.tolist() == pks(frames[8:20])
    assert drawn.is_short
    assert drawn.strata[0].reason == "There are only 12 such frames."


def test_only_frames_that_are_listed(frames):
    wanted = pks(frames[:3])
    assert draw(plan(frames=[*wanted, 10**12])).frame_ids.tolist() == wanted


def test_even_over_factors_of_the_operating_conditions_with_their_bins(frames):
    drawn = draw(plan(size=12, uniform=["people", "weather"]))

    assert strata(drawn)["people:nobody weather:rain"] == 2
    assert strata(drawn)["people:three or more weather:clear"] == 2
    assert strata(drawn)["people:nobody weather:snow"] == 0
    assert drawn.notes == ["9 of 15 combinations have no frame to draw."]


def test_even_over_cameras_and_what_cameras_say(frames):
    assert strata(draw(plan(uniform="camera"))) == {"camera:gate": 5, "camera:lobby": 5}
    Frame.objects.filter(camera__name="gate").update(tags={"site": "north", "has_people": True})
    CameraFactory(name="gate", attributes={"site": "north"}).save()
    camera = frames[0].camera
    camera.attributes = {"site": "north"}
    camera.save()
    assert strata(draw(plan(uniform="site"))) == {"site:north": 10}
    assert strata(draw(plan(uniform="has_people"))) == {"has_people:false": 0, "has_people:true": 10}


def test_values_that_nobody_listed_and_no_candidate_has_are_not_wanted(frames):
    drawn = draw(plan(query="camera:lobby", uniform=["camera", "weather"]))
    assert strata(drawn) == {
        "camera:lobby weather:clear": 5,
        "camera:lobby weather:rain": 5,
        **{f"camera:lobby weather:{listed}": 0 for listed in ("cloudy", "snow", "fog")},
    }


def test_under_sampling_of_a_factor_with_bins(frames):
    drawn = draw(parse_plan({"undersample": "people"}))
    assert strata(drawn) == {"nobody": 8, "one or two": 16, "three or more": 16}


def test_under_sampling_of_what_is_seen_and_of_what_people_marked(frames):
    for i, frame in enumerate(frames):
        shown = ["person"] if i % 2 else ["person", "dog"] if i % 10 == 0 else []
        frame.tags = {"objects": shown, "object_counts": dict.fromkeys(shown, 1)}
        frame.save()
    AnnotationFactory(frame=frames[0], label="van")
    AnnotationFactory(frame=frames[1], label="van")
    AnnotationFactory(frame=frames[1], label="bus")
    Frame.objects.filter(pk__in=pks(frames[:3])).update(annotated_at=frames[0].created_at)

    drawn = draw(parse_plan({"undersample": "objects"}))
    assert strata(drawn) == {"dog": 4, "person": 24}
    assert drawn.left_out == {"shows none of the classes": 16}
    assert strata(draw(parse_plan({"undersample": "label"}))) == {"bus": 1, "van": 2}


def test_weighing_by_a_number(frames):
    Frame.objects.filter(pk__in=pks(frames[:5])).update(uniqueness=0.5)
    sampler = {"kind": "weighted", "field": "uniqueness"}
    assert draw(plan(size=9, sampler=sampler)).frame_ids.tolist() == pks(frames[:5])
    sampler = {"kind": "weighted", "field": "people", "unknown": 0}
    assert not set(draw(plan(size=32, sampler=sampler)).frame_ids) & set(pks(frames[::5]))


def test_constraints_go_by_video_camera_and_time(frames):
    assert len(draw(plan(size=40, constraints={"max_per_video": 3})).frame_ids) == 12
    assert len(draw(plan(size=40, constraints={"max_per_camera": 3})).frame_ids) == 6
    assert len(draw(plan(size=40, constraints={"max_per_interval": 1, "interval_s": 5})).frame_ids) == 8
    drawn = draw(plan(size=40, constraints={"min_gap_s": 4}))
    assert len(drawn.frame_ids) == 12
    assert drawn.strata[0].reason == "Kept out: 28 by min_gap_s."


def test_a_folder_of_pictures_is_no_video(frames):
    folder = VideoFactory(kind="pictures", camera__name="web")
    for i in range(5):
        FrameFactory(video=folder, pts_us=i, picture_sha256=sha256_of(f"picture {i}"), tags={})
    drawn = draw(
        plan(size=50, query="camera:web", constraints={"max_per_video": 1, "min_gap_s": 9, "max_per_interval": 1})
    )
    assert len(drawn.frame_ids) == 5
    assert len(draw(plan(size=50, query="camera:web", constraints={"max_per_camera": 2})).frame_ids) == 2


def test_duplicates_are_left_out_if_the_plan_says_so(frames):
    Frame.objects.filter(pk__in=pks(frames[1:4])).update(duplicate_of=frames[0])
    assert len(draw(plan(size=40)).frame_ids) == 40
    drawn = draw(plan(size=40, constraints={"leave_out_duplicates": True}))
    assert len(drawn.frame_ids) == 37
    assert drawn.left_out == {"duplicates": 3}


def embed(frames, vectors, **embedder):
    row = EmbedderFactory(**{"dimension": 2, **embedder})
    for frame, vector in zip(frames, vectors, strict=True):
        EmbeddingFactory(embedder=row, frame=frame, vector=vector)


CIRCLE = [[1, 0], [0.8, 0.6], [0, 1], [-0.6, 0.8], [-1, 0], [0, -1]]


def test_diversity_covers_and_likeness_keeps_apart(frames):
    embed(frames[:6], CIRCLE)
    listed = {"frames": pks(frames[:6])}
    spread = draw(plan(size=4, diversity=True, **listed)).frame_ids
    vectors = {frame.pk: np.asarray(vector) for frame, vector in zip(frames, CIRCLE, strict=False)}
    chosen = [vectors[pk] for pk in spread.tolist()]
    assert max(a @ b for i, a in enumerate(chosen) for b in chosen[:i]) < 0.61  # 0.8 where chance decides
    apart = draw(plan(size=6, constraints={"max_similarity": 0.7}, **listed))
    chosen = [vectors[pk] for pk in apart.frame_ids.tolist()]
    assert all(a @ b <= 0.7 for i, a in enumerate(chosen) for b in chosen[:i])
    assert 3 <= len(chosen) <= 4
    assert apart.strata[0].reason == f"Kept out: {6 - len(chosen)} by max_similarity."


def test_frames_without_vectors_come_last_and_are_counted(frames):
    embed(frames[:3], CIRCLE[:3])
    drawn = draw(plan(size=3, frames=pks(frames[:6]), diversity=True))
    assert drawn.frame_ids.tolist() == pks(frames[:3])
    assert drawn.notes == [
        "3 frames have no vector of descriptor, so likeness says nothing of them, and for diversity they come last. "
        "Run the embed stage for them."
    ]


def test_what_is_there_already_is_not_drawn_again_and_kept_away_from(frames, media):
    embed(frames[:6], CIRCLE)
    create_version(dataset="first", frame_ids=pks(frames[:1]))
    drawn = draw(plan(size=6, frames=pks(frames[:6]), beside="dataset:first@1", constraints={"max_similarity": 0.7}))
    assert not set(drawn.frame_ids.tolist()) & set(pks(frames[:2]))
    assert drawn.left_out == {"there already (dataset:first@1)": 1}


def test_diversity_without_vectors_says_what_to_do(frames):
    with pytest.raises(SpecError, match=r"No frame has a vector\. Run a cascade with an embed stage first\."):
        draw(plan(diversity=True))
    embed(frames[:1], CIRCLE[:1])
    with pytest.raises(SpecError, match=r"no embedder 'clip:x'\. There are: descriptor\."):
        draw(plan(diversity="clip:x"))


def test_the_same_seed_gives_the_same_and_another_gives_others(frames):
    first = draw(plan(seed=1)).frame_ids.tolist()
    assert draw(plan(seed=1)).frame_ids.tolist() == first
    assert preview(plan(seed=1), table=current()).frame_ids.tolist() == first
    assert draw(plan(seed=2)).frame_ids.tolist() != first


def test_chance_goes_by_what_a_frame_is_not_by_its_number():
    """Store the same videos in another order, and so under other ids: the same moments are drawn."""

    def moments(order):
        Frame.objects.all().delete()
        for i in order:
            video = VideoFactory._meta.model.objects.filter(sha256=sha256_of(f"v{i // 10}")).first()
            video = video or VideoFactory(sha256=sha256_of(f"v{i // 10}"))
            FrameFactory(video=video, pts_us=i % 10, tags={"lighting": ["dark", "dim"][i % 2]})
        drawn = draw(plan(uniform="lighting", constraints={"max_per_video": 4, "min_gap_s": 0.000002}))
        rows = Frame.objects.filter(pk__in=drawn.frame_ids.tolist())
        return sorted(rows.values_list("video__sha256", "pts_us"))

    assert moments(range(40)) == moments(np.random.default_rng(0).permutation(40).tolist()) != []


def test_pictures_go_by_their_own_content():
    def drawn(offset):
        Frame.objects.all().delete()
        folder = VideoFactory(kind="pictures")
        for i in range(20):
            FrameFactory(video=folder, pts_us=(i + offset) % 20, picture_sha256=sha256_of(f"picture {i}"), tags={})
        ids = draw(plan(size=5)).frame_ids.tolist()
        return set(Frame.objects.filter(pk__in=ids).values_list("picture_sha256", flat=True))

    assert drawn(0) == drawn(7)


def test_no_frames_at_all():
    drawn = draw(plan(quotas=["40% lighting:dark"], constraints={"max_per_video": 1, "min_gap_s": 1}))
    assert (drawn.frame_ids.tolist(), drawn.is_short, drawn.candidates) == ([], True, 0)
    assert drawn.notes[0] == "No frame is left to draw from."


def test_a_query_that_finds_nothing_says_what_comes_near(frames):
    assert "No frame has lighting:drak. Near: dark." in draw(plan(query="lighting:drak")).notes


def test_a_single_frame(frames):
    one = [frames[0].pk]
    assert draw(plan(frames=one, size=1)).frame_ids.tolist() == one
    assert draw(plan(frames=one, quotas=["100% lighting:dark"], size=1)).frame_ids.tolist() == one


@pytest.mark.parametrize(
    "said, error, says",
    [
        ({"query": "lighting>dark"}, QueryError, "bare word"),
        ({"beside": "lighting>dark"}, QueryError, "bare word"),
        ({"quotas": ["40% lihgting:dark"]}, SpecError, "query 'lihgting:dark' cannot be understood"),
        ({"uniform": ["lihgting"]}, SpecError, "no factor 'lihgting'. Valid ones: weather, lighting"),
        ({"uniform": ["brightness"]}, SpecError, "a number without bins"),
        ({"undersample": "nothing"}, SpecError, "no factor 'nothing'"),
        (
            {"sampler": {"kind": "weighted", "field": "weather"}},
            SpecError,
            "no number that frames have. Valid ones: uniq",
        ),
    ],
)
def test_a_plan_that_does_not_fit_the_data_says_what_would(frames, said, error, says):
    with pytest.raises(error) as caught:
        draw(plan(**said))
    assert says in str(caught.value)


def test_a_draw_written_down_is_plain(frames):
    written = draw(plan(size=20, quotas=["50% lighting:dark"])).to_dict()
    assert written["strata"][0] == {
        **{"name": "50% lighting:dark", "wanted": 10, "given": 8, "available": 8, "missing": 2},
        "reason": "There are only 8 such frames.",
    }
    assert (written["given"], written["is_short"]) == (20, True)
    assert written["notes"] == ["All quotas can be met up to a size of 16."]
