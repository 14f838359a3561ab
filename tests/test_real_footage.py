"""Real footage through the command line, as a person runs it: an own data folder, and nothing started."""

import json
import shutil
import subprocess

import pytest

from tests.config.machine import MANAGE, data_folder, environment, processes_of

pytestmark = pytest.mark.slow

VISITORS = "one-by-one-person-detection.mp4"
OTHERS = ("car-detection.mp4", "bottle-detection.mp4", "store-aisle.mp4", "worker-zone.mp4")
VIDEO_KEYS = ["path", "id", "sha256", "status", "error", "decoded_frames", "header_frames", "duration_s", "run"]
RUN_KEYS = ["id", "cascade", "status", "stages", "intervals", "frames_kept"]
STAGE_KEYS = ["name", "frames_in", "frames_out", "cpu_s"]
INTERVAL_KEYS = ["stage", "start_s", "end_s", "peak"]


@pytest.fixture(scope="module")
def folder(shared_data):
    with data_folder() as made:
        yield made


def ingest(folder, *arguments, **more):
    """Run the command to its end; returns (exit status, its JSON or None, stderr)."""
    done = subprocess.run(
        [*MANAGE, "ingest", *map(str, arguments), "--json"],
        env=environment(folder, **more),
        capture_output=True,
        text=True,
        timeout=900,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return done.returncode, json.loads(done.stdout) if done.stdout else None, done.stderr


@pytest.fixture(scope="module")
def people(folder, shared_data):
    """The `people` cascade with an ONNX detector for both of its stages."""
    weights = f"yolox_onnx:{shared_data / 'weights' / 'yolox_nano.onnx'}"
    return [
        shared_data / "videos" / VISITORS, "--wait", "--cascade", "people",
        "--set", f"people_fast.detector={weights}", "--set", f"people.detector={weights}",
    ]  # fmt: skip


@pytest.fixture(scope="module")
def visits(folder, people):
    status, said, errors = ingest(folder, *people)
    assert status == 0, errors
    (video,) = said["videos"]
    return video


def test_the_json_has_exactly_the_keys_that_are_documented(visits):
    assert list(visits) == VIDEO_KEYS
    assert list(visits["run"]) == RUN_KEYS
    assert {tuple(stage) for stage in visits["run"]["stages"]} == {tuple(STAGE_KEYS)}
    assert {tuple(interval) for interval in visits["run"]["intervals"]} == {tuple(INTERVAL_KEYS)}
    assert [stage["name"] for stage in visits["run"]["stages"]] == ["motion", "people_fast", "people", "embed"]
    assert (visits["status"], visits["run"]["status"], visits["error"]) == ("done", "done", None)
    assert visits["run"]["frames_kept"] > 0


def test_exactly_the_six_visits_are_found(visits, shared_data):
    truth = json.loads((shared_data / "videos" / VISITORS).with_suffix(".truth.json").read_text())
    found = [(i["start_s"], i["end_s"]) for i in visits["run"]["intervals"] if i["stage"] == "people"]
    print(f"\nfound {found}\ntruth {truth['intervals']}")
    assert len(found) == len(truth["intervals"]) == 6
    for (start_s, end_s), (true_start_s, true_end_s) in zip(found, truth["intervals"], strict=True):
        assert start_s == pytest.approx(true_start_s, abs=truth["tolerance_s"])
        assert end_s == pytest.approx(true_end_s, abs=truth["tolerance_s"])


def test_detectors_see_no_more_than_a_quarter_of_the_frames(visits):
    frames_in = {stage["name"]: stage["frames_in"] for stage in visits["run"]["stages"]}
    print(f"\nframes in: {frames_in}")
    assert visits["decoded_frames"] == 1394
    assert 0 < frames_in["people_fast"] <= 1394 / 4
    assert 0 < frames_in["people"] <= 1394 / 4


def test_nothing_is_left_running(visits, folder):
    assert processes_of(folder) == {}


def test_a_second_ingest_of_the_same_file_finds_it_and_its_run(visits, folder, people):
    status, said, errors = ingest(folder, *people)
    assert status == 0, errors
    (again,) = said["videos"]
    assert f"this content is here already as video {visits['id']}" in errors
    assert f"run {visits['run']['id']} is used" in errors
    assert again == visits


@pytest.fixture(scope="module")
def others(folder, shared_data):
    """The other files through `motion`, by their names."""
    status, said, errors = ingest(folder, *(shared_data / "videos" / name for name in OTHERS), "--wait")
    assert status == 0, errors
    return {video["path"].rsplit("/", 1)[-1]: video for video in said["videos"]}


@pytest.mark.parametrize("name", OTHERS)
def test_other_footage_goes_through(others, name):
    assert (others[name]["status"], others[name]["error"]) == ("done", None)
    assert others[name]["run"]["cascade"].startswith("motion@")


@pytest.mark.parametrize("name", [VISITORS, *OTHERS])
def test_as_many_frames_are_decoded_as_ffprobe_counts(visits, others, name, shared_data, ffprobe):
    counted = subprocess.run(
        [
            *(ffprobe, "-v", "error", "-select_streams", "v:0", "-count_frames"),
            *("-show_entries", "stream=nb_read_frames", "-of", "json", str(shared_data / "videos" / name)),
        ],
        capture_output=True,
        check=True,
    )
    frames = int(json.loads(counted.stdout)["streams"][0]["nb_read_frames"])
    assert ({VISITORS: visits} | others)[name]["decoded_frames"] == frames


def test_a_broken_file_is_told_and_the_rest_goes_on(folder, shared_data, tmp_path):
    shutil.copy(shared_data / "videos" / "store-aisle.mp4", tmp_path / "aisle.mp4")
    (tmp_path / "broken.mp4").write_bytes((shared_data / "videos" / "worker-zone.mp4").read_bytes()[:5000])
    (tmp_path / "readme.txt").write_text("not footage")
    status, said, errors = ingest(folder, tmp_path, "--wait")
    assert status == 1
    good, bad = said["videos"]
    assert (good["status"], good["error"]) == ("done", None)
    assert bad["status"] == "failed"
    assert "broken.mp4" in errors
    assert bad["error"]
    assert bad["error"] in errors
    assert [bad[key] for key in ("id", "sha256", "decoded_frames", "header_frames", "duration_s", "run")] == [None] * 6
    assert "readme.txt" in errors


@pytest.mark.parametrize(
    "arguments, named",
    [
        (["--set", "motion.fsp=5"], ["fsp", "fps", "start_percent", "gap_s"]),
        (["--set", "moton.fps=5"], ["moton", "motion", "embed", "keep"]),
        (["--cascade", "poeple"], ["poeple", "people", "motion"]),
        (["--recorded-at", "yesterday"], ["yesterday", "2026-03-01T07:45:00"]),
    ],
)
def test_a_wrong_command_lists_what_is_valid(folder, shared_data, arguments, named):
    status, said, errors = ingest(folder, shared_data / "videos" / "store-aisle.mp4", *arguments)
    assert (status, said) == (2, None)
    assert "Traceback" not in errors
    for word in named:
        assert word in errors


def test_a_path_that_is_not_there_is_told(folder):
    status, said, errors = ingest(folder, "no-such-folder")
    assert (status, said) == (2, None)
    assert "no-such-folder" in errors
    assert "Traceback" not in errors


def test_missing_weights_fail_the_run_and_say_where_to_put_the_file(folder, shared_data, tmp_path):
    weights = tmp_path / "weights"
    status, said, errors = ingest(
        folder, shared_data / "videos" / VISITORS, "--wait", "--cascade", "people",
        WINNOW_WEIGHTS_DIR=str(weights), YOLO_OFFLINE="true",
    )  # fmt: skip
    assert status == 1
    (video,) = said["videos"]
    assert video["status"] == video["run"]["status"] == "failed"
    assert "yolo11n.pt" in video["error"]
    assert str(weights / "yolo11n.pt") in video["error"]
    assert video["error"] in errors
