"""The demo's test frames and suite, on real rows: what the truth says is what tests ask."""

import io

import pytest

from curation.models import Frame, OperatingConditions
from curation.services.conditions import save_conditions
from curation.services.filtering import frames_matching
from curation.services.in_force import current_spec
from curation.services.job_kinds import run_here
from demo import trial_frames
from demo.footage import clip_of
from demo.model_test import SUITE, Examiner
from demo.trial_frames import trial_version, use_conditions, visits
from demo.world import Script, Walk, render_video
from evaluation.core.suite_reading import parse_suite, read_yaml
from evaluation.models import Event, EventStretch, TestRun
from evaluation.services.suites import save_suite, spec_of
from evaluation.services.version_truth import truth_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.WINNOW_DATA_DIR = tmp_path / "winnow"


@pytest.fixture
def rainy_visits(make_script, look, monkeypatch):
    """Stand in for the world of tests: two visits of two frames each after an empty one, by night in the rain."""
    one = Walk(look=look, start_s=20, corners=((-3.0, 8.0), (4.0, 8.5)), speed_mps=1.3)
    walks = (one, Walk(look=look, start_s=40, corners=((2.0, 9.0), (-3.0, 8.5)), speed_mps=1.3))
    made = make_script(*walks, state="night", level=34, weather="rain", wet=True)
    stretches = ((0, 1), (20, 22), (40, 42))
    script = Script(**{**vars(made), "fps": 1, "recorded_s": stretches, "duration_s": 42})

    def render(folder, *, world, seed, say):
        assert world == "test"
        return [render_video(script, folder / "courtyard" / f"{script.name}.mp4", seed=seed)]

    monkeypatch.setattr(trial_frames, "render_all", render)


def made_version(tmp_path):
    use_conditions(do=run_here)
    return trial_version(tmp_path / "world", say=lambda text: None, do=run_here)


def test_truth_becomes_frames_with_labels_tags_and_times(rainy_visits, tmp_path):
    version = made_version(tmp_path)
    assert str(version) == "demo-test@1"
    frames = Frame.objects.order_by("pts_us")
    assert [frame.pts_us for frame in frames] == [0, 20_000_000, 21_000_000, 40_000_000, 41_000_000]
    assert frames[1].recorded_at.isoformat() == "2026-03-04T09:00:20+00:00"
    assert frames[1].camera.attributes["angle"] == "oblique"
    assert [frame.tags["people"] for frame in frames] == [0, 1, 1, 1, 1]
    assert frames_matching("weather:rain AND lighting:dark AND glare:false AND occluded:false").count() == 5
    assert frames[0].evidence["weather"]["by"] == "the renderer's truth"
    assert frames_matching("annotated:true AND label:jacket").count() == 4


def test_each_visit_is_a_group_of_its_own(rainy_visits, tmp_path):
    truth = truth_of(made_version(tmp_path))
    spec = parse_suite(read_yaml(SUITE.read_text(encoding="utf-8")))
    group, count = truth.groups(spec.group_by)
    in_time = sorted(range(5), key=lambda i: truth.shots[i].pts_us)
    assert (group[in_time].tolist(), count) == ([0, 1, 1, 2, 2], 3)
    assert truth.matching("people:>0")[in_time].tolist() == [False, True, True, True, True]


def test_second_time_is_the_first_ones_version(rainy_visits, tmp_path):
    first = made_version(tmp_path)
    assert made_version(tmp_path) == first
    assert OperatingConditions.objects.filter(name="demo").count() == 1


def test_suite_is_valid_under_the_demos_conditions():
    use_conditions(do=run_here)
    version, is_new = save_suite(text=SUITE.read_text(encoding="utf-8"))
    spec = spec_of(version)
    assert is_new
    assert len(spec.scenarios) >= 12
    assert {scenario.name for scenario in spec.scenarios if scenario.critical} >= {"at night", "partly hidden"}
    assert sum(scenario.share or 0 for scenario in spec.scenarios) == pytest.approx(1)
    assert all(scenario.why and scenario.least_groups >= 5 for scenario in spec.scenarios)


def test_demo_leaves_other_operating_conditions_alone():
    own = "name: mine\nfactors:\n  weather: {values: [dry, wet], from: people}\n"
    save_conditions(text=own)
    assert not use_conditions(do=run_here)
    assert current_spec().name == "mine"


def test_frames_there_before_are_tagged_under_the_demos_conditions():
    done = []
    assert use_conditions(do=done.append)
    assert done == []  # no frames, so nothing to tag anew
    assert use_conditions(do=done.append)


def test_visits_of_the_truth_become_events(tmp_path, make_script, passer_by):
    script = make_script(passer_by, duration_s=2.0)
    clips = [clip_of(render_video(script, tmp_path / "courtyard" / f"{script.name}.mp4", seed=1))]
    event_set = visits(clips)
    assert visits(clips) == event_set
    (event,) = Event.objects.filter(event_set=event_set)
    (stretch,) = EventStretch.objects.filter(event_set=event_set)
    assert (event.label, event.start_us, event.end_us) == ("person", 0, 2_000_000)
    assert (stretch.start_us, stretch.end_us) == (0, 2_000_000)
    assert event.video.recorded_at.isoformat() == "2026-03-04T09:00:00+00:00"


@pytest.mark.slow
def test_detector_is_held_against_the_whole_suite_and_the_table_printed(rainy_visits, make_script, passer_by, tmp_path):
    script = make_script(passer_by, duration_s=2.0)
    clips = [clip_of(render_video(script, tmp_path / "courtyard" / f"{script.name}.mp4", seed=1))]
    printed = io.StringIO()
    examiner = Examiner(printed, io.StringIO())
    examiner.prepare()
    examiner.hold(clips)
    examiner.hold(clips)
    assert "manage.py scenarios run --model demo-detector --suite demo/suite.yaml" in printed.getvalue()
    assert "demo-detector against suite demo-watch@1, on demo-test@1" in printed.getvalue()
    first, again = TestRun.objects.order_by("id")
    assert first.is_done
    assert first.results.count() == 27
    assert first.model == again.model
    assert first.results.get(name="rain").record["groups"] == 2
    assert first.results.get(name="snow").verdict == "inconclusive"


def test_own_operating_conditions_keep_the_suite_away():
    save_conditions(text="name: mine\nfactors:\n  weather: {values: [dry, wet], from: people}\n")
    printed = io.StringIO()
    examiner = Examiner(printed, io.StringIO())
    examiner.prepare()
    examiner.hold([])
    assert "no test" in printed.getvalue()
    assert not TestRun.objects.exists()
