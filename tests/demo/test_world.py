"""The world: the same seed gives the same footage, and its truth fits the pictures."""

import json
from dataclasses import replace

import av
import cv2
import numpy as np
import pytest

from demo import world
from demo.render.truth import blurriness_of, lighting_of, presence_intervals

BINS = {"pitch_dark": (0, 12), "dark": (12, 45), "dim": (45, 90), "normal": (90, 185), "bright": (185, 256)}


def test_same_seed_gives_same_frames_and_truth(make_script, passer_by):
    script = make_script(passer_by, weather="rain", wet=True, duration_s=1.0)
    first, again = (list(world.frames(script, 3)) for _ in range(2))
    assert all((a[0] == b[0]).all() and a[1] == b[1] for a, b in zip(first, again, strict=True))
    other = list(world.frames(script, 4))
    assert any((a[0] != b[0]).any() for a, b in zip(first, other, strict=True))


def test_seed_draws_other_people_in_the_same_schedule():
    seven, eight = world.scripts(7), world.scripts(8)
    assert world.scripts(7) == seven
    assert [s.name for s in seven] == [s.name for s in eight]
    assert [w.look for s in seven for w in s.walks] != [w.look for s in eight for w in s.walks]


@pytest.mark.parametrize("camera", ["corridor", "courtyard", "gate", "lobby"])
def test_all_that_a_person_changes_lies_in_its_box(make_script, look, camera):
    state = {"corridor": "on", "lobby": "day"}.get(camera, "overcast")
    depth_m = 14.0 if camera == "gate" else 7.5
    walk = world.Walk(look=look, start_s=-1.0, corners=((-0.6, depth_m), (1.0, depth_m + 1)), speed_mps=0.5)
    script = make_script(walk, camera=camera, state=state, duration_s=0.5, width_px=640)
    empty = replace(script, walks=())
    for (with_person, truth), (without, nothing) in zip(world.frames(script, 1), world.frames(empty, 1), strict=True):
        (person,) = [box for box in truth.boxes if box.label == "person"]
        (jacket,) = [box for box in truth.boxes if box.label == "jacket"]
        x1, y1, x2, y2 = (int(v) for v in person.xyxy)
        feet = y2 - (y2 - y1) // 2
        changed = np.abs(with_person.astype(int) - without).max(axis=2)
        outside = changed.copy()
        outside[y1:y2, x1:x2] = 0
        # Shadow and reflection lie about the feet: nothing else may change outside the box.
        assert outside[:feet].max() == 0
        rows, columns = np.flatnonzero((changed > 12).any(axis=1)), np.flatnonzero((changed > 12).any(axis=0))
        assert abs(rows[0] - y1) <= 2
        assert columns[0] - x1 <= 12
        assert jacket.xyxy[0] >= x1
        assert jacket.xyxy[1] >= y1
        assert jacket.xyxy[2] <= x2
        assert jacket.xyxy[3] <= y2
        assert nothing.boxes == ()


def test_pillar_hides_part_of_a_person(make_script, look):
    behind = world.Walk(look=look, start_s=-1.0, corners=((-2.75, 9.5), (-2.6, 9.5)), speed_mps=0.01)
    script = make_script(behind, camera="lobby", state="day", duration_s=0.1)
    ((_, hidden),) = world.frames(script, 1)
    before = replace(behind, corners=((-0.6, 7.0), (-0.5, 7.0)))
    ((_, free),) = world.frames(replace(script, walks=(before,)), 1)
    assert free.boxes[0].visible_fraction == 1.0
    assert not hidden.boxes or hidden.boxes[0].visible_fraction < 0.7


def test_lying_person_is_told_of_and_is_wider_than_tall(make_script, look):
    lies = world.Walk(look=look, start_s=0, corners=((-0.31, 8.0), (-0.3, 8.0)), stops=((1, 3.0),), lies=True)
    stands = replace(lies, lies=False)
    (there, _), (up, _) = (list(world.frames(make_script(walk, duration_s=0.2), 1)) for walk in (lies, stands))
    (low,), (high,) = ([box for box in truth.boxes if box.label == "person"] for _, truth in (there, up))
    assert there[1].fallen
    assert not up[1].fallen
    assert low.xyxy[2] - low.xyxy[0] > 1.5 * (low.xyxy[3] - low.xyxy[1])
    assert high.xyxy[3] - high.xyxy[1] > 1.5 * (high.xyxy[2] - high.xyxy[0])
    assert low.visible_fraction == 1.0


def test_nearer_person_hides_the_farther_one(make_script, look):
    near = world.Walk(look=look, start_s=-1.0, corners=((0.0, 7.0), (0.1, 7.0)), speed_mps=0.01)
    far = replace(near, corners=((0.0, 8.0), (0.1, 8.0)))
    ((_, truth),) = world.frames(make_script(far, near, duration_s=0.1), 1)
    shares = {box.track_id: box.visible_fraction for box in truth.boxes if box.label == "person"}
    assert shares[1] == 1.0
    assert shares[0] < 0.5
    assert truth.people == 2


def test_motion_is_that_of_people_only(make_script, passer_by):
    stands = replace(passer_by, corners=((-1.0, 8.0), (0.0, 8.0), (1.0, 8.0)), stops=((1, 30.0),), start_s=-5.0)
    still = [truth for _, truth in world.frames(make_script(stands, weather="snow", duration_s=1.0), 1)]
    assert all(truth.people == 1 for truth in still)
    assert not any(truth.motion for truth in still[1:])
    assert len({truth.boxes for truth in still}) == 1
    assert all(truth.motion for _, truth in world.frames(make_script(passer_by, duration_s=1.0), 1))


@pytest.mark.parametrize(
    "state, level, more",
    [
        ("night", 6, {"noise": 4.5}),
        ("night", 34, {"noise": 6.5, "weather": "rain", "wet": True}),
        ("night", 34, {"noise": 5.5, "weather": "snow"}),
        ("dusk", 66, {}),
        ("overcast", 128, {"weather": "snow"}),
        ("sun", 212, {"glare": 1.0}),
        ("overcast", 130, {"lens_px": 3.5}),
    ],
)
def test_brightness_lies_in_the_claimed_bin(make_script, passer_by, state, level, more):
    for frame, truth in world.frames(make_script(passer_by, state=state, level=level, duration_s=0.5, **more), 1):
        low, high = BINS[truth.lighting]
        assert low <= cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY).mean() < high


def test_names_of_levels_and_of_lens_blur():
    assert [lighting_of(v) for v in (11.9, 12, 45, 90, 185)] == ["pitch_dark", "dark", "dim", "normal", "bright"]
    assert [blurriness_of(v) for v in (0, 0.8, 2.0)] == ["sharp", "soft", "blurred"]


def test_intervals_are_half_open_and_close_at_the_end():
    assert presence_intervals([], fps=10) == []
    assert presence_intervals([0, 0], fps=10) == []
    assert presence_intervals([0, 1, 2, 0, 1], fps=10) == [(0.1, 0.3), (0.4, 0.5)]


def test_tiny_world_on_disk_holds_what_its_truth_says(tmp_path):
    (video,) = world.render_world(tmp_path, seed=7, world="tiny")
    truth = json.loads(video.truth_path.read_text())
    assert video.path.relative_to(tmp_path).as_posix() == "courtyard/20260304T090000.mp4"
    with av.open(str(video.path)) as container:
        stream = container.streams.video[0]
        decoded = [(frame.pts * frame.time_base, frame.key_frame) for frame in container.decode(stream)]
    assert [float(at_s) for at_s, _ in decoded] == pytest.approx([i / truth["fps"] for i in range(200)], abs=1e-9)
    assert [i for i, (_, key) in enumerate(decoded) if key] == list(range(0, 200, 20))
    people = truth["frames"]["people"]
    assert len(people) == len(truth["boxes"]) == video.frame_count == 200
    for i, boxes in enumerate(truth["boxes"]):
        inside = any(start <= i / truth["fps"] < end for start, end in truth["intervals"])
        assert bool(boxes) == inside
        assert people[i] == sum(box[1] == "person" for box in boxes)
    assert 0 < sum(count > 0 for count in people) < 120

    (kept,) = world.render_world(tmp_path, seed=7, world="tiny")
    assert not kept.fresh
    (again,) = world.render_world(tmp_path, seed=8, world="tiny")
    assert again.fresh


def test_most_of_the_default_world_is_empty_and_its_order_is_sound():
    for script in world.scripts(7):
        assert script.width_px == 640
        assert all(walk.end_s < script.duration_s for walk in script.walks)
    busy_s = sum(walk.end_s - walk.start_s for script in world.scripts(7) for walk in script.walks)
    assert busy_s < 0.6 * sum(script.duration_s for script in world.scripts(7))


def test_unknown_world_lists_the_known_ones():
    with pytest.raises(ValueError, match="'full', 'pool', 'test', 'tiny'"):
        world.scripts(7, world="large")


def test_command_line_prints_a_line_for_each_video(tmp_path, capsys):
    assert world.main(["--out", str(tmp_path), "--world", "tiny"]) == 0
    assert world.main(["--out", str(tmp_path), "--world", "tiny"]) == 0
    rendered, kept = capsys.readouterr().out.splitlines()
    assert rendered.startswith("[1/1] rendered")
    assert kept.startswith("[1/1] kept")


def test_person_behind_a_wall_leaves_no_trace(make_script, look):
    indoors = world.Walk(look=look, start_s=-1.0, corners=((-0.6, 22.0), (-0.5, 22.0)), speed_mps=0.01)
    for more in ({"weather": "rain", "wet": True}, {"state": "sun"}):
        script = make_script(indoors, duration_s=0.1, **more)
        ((seen, truth),) = world.frames(script, 1)
        ((empty, _),) = world.frames(replace(script, walks=()), 1)
        assert truth.people == 0
        assert not truth.motion
        assert (seen == empty).all()
