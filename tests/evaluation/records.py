"""Made-up test runs for tests of reports: every verdict, unit and oddity that a report has to show."""

from dataclasses import replace

from evaluation.core.comparison_record import ChangedObject, ComparisonRecord, ScenarioComparison
from evaluation.core.results import (
    Curves,
    Errors,
    Readiness,
    RunRecord,
    ScenarioRecord,
    ShownBox,
    ShownFrame,
)

HOSTILE = "<script>alert('x')</script> & \"q\" | `tick` @everyone #12 \x1b[31m\u202eevil\n[a](javascript:b) 夜"
LONG = "People who stand further away than thirty metres behind the loading ramp while it rains and the lamp is out"
KINDS = {"class": 3, "localisation": 21, "both": 2, "duplicate": 5, "background": 34, "missed": 58}


def a_frame(frame_id=1, **changes):
    boxes = (
        ShownBox("person", (100.0, 200.0, 220.0, 520.0), "truth"),
        ShownBox("person", (105.0, 210.0, 222.0, 515.0), "found", 0.91),
        ShownBox("person", (700.5, 300.0, 760.0, 470.0), "missed", kind="missed"),
        ShownBox("jacket", (900.0, 90.0, 1010.0, 260.0), "false", 0.64, "background"),
        ShownBox("person", (1100.0, 400.0, 1270.0, 700.0), "ignored"),
    )
    base = ShownFrame(
        frame_id=frame_id, identity=f"{'ab' * 32}_{frame_id}", image=f"frames/gate/{frame_id:012}.jpg", width_px=1280,
        height_px=720, camera="gate", video="2026-01-05 gate.mp4", pts_us=62_400_000 + frame_id, misses=1,
        false_alarms=1, boxes=boxes,
    )  # fmt: skip
    return replace(base, **changes)


def some_curves():
    precision = tuple(1.0 if n < 40 else max(0.0, 1 - ((n - 40) / 52) ** 6) if n < 92 else 0.0 for n in range(101))
    bins = tuple(
        {"low": n / 10, "high": (n + 1) / 10, "score": n / 10 + 0.05, "precision": min(1.0, (n / 10) ** 1.5 + 0.04),
         "count": 400 - 35 * n}
        for n in range(10)
    )  # fmt: skip
    return Curves(precision, bins, {"score": 0.42, "precision": 0.881, "recall": 0.764})


def some_errors():
    return Errors(KINDS, ("person", "jacket"), ((412, 9, 58), (14, 77, 11), (34, 6, 0)))


def a_scenario(name="Night, every camera", **changes):
    """A critical scenario that passes: recall 0.93 in [0.90, 0.95], needed 0.85."""
    base = ScenarioRecord(
        name=name, why="Most break-ins happen at night.", critical=True, query="lighting:dark AND time_of_day:night",
        link_query="lighting:dark AND time_of_day:night AND dataset:people@3", metric="recall at IoU 0.5, score 0.42",
        kind="recall", unit="", is_higher_better=True, value=0.9312, low=0.9021, high=0.9544, threshold=0.85,
        is_relative=False, model_value=0.9312, baseline_value=None, images=412, instances=1034, groups=23,
        verdict="pass", reason="Even the interval's lower end, 0.902, reaches 0.85.", groups_needed=None, share=0.3,
        curves=some_curves(), errors=some_errors(), frames=(),
    )  # fmt: skip
    return replace(base, **changes)


def some_scenarios():
    return (
        a_scenario(),
        a_scenario(
            "Far and small", why="Early warning needs them.", value=0.412, low=0.35, high=0.478, threshold=0.6,
            model_value=0.412, verdict="fail", reason="Even the interval's upper end, 0.478, is below 0.6.", share=0.1,
            metric="AP50, small", kind="ap50", under_review=4, frames=tuple(a_frame(n) for n in range(1, 5)),
            query="box_area:<1024", link_query="box_area:<1024 AND dataset:people@3",
        ),
        a_scenario(
            "Rain", why="", critical=False, value=0.8713, low=0.7901, high=0.9313, model_value=0.8713,
            verdict="inconclusive", groups=9, images=88, instances=120, groups_needed=14, share=0.15,
            reason="0.85 lies within the interval; about 14 further visits would decide.",
            frames=(a_frame(2), a_frame(9, camera=HOSTILE, boxes=())), metric="AP@[.5:.95]", kind="ap",
        ),
        a_scenario(
            "Not worse than v3 in daylight", critical=False, value=-0.0131, low=-0.0312, high=0.0052, threshold=-0.02,
            is_relative=True, model_value=0.9011, baseline_value=0.9142, verdict="inconclusive", groups_needed=31,
            reason="-0.02 lies within the interval of the difference; about 31 further visits would decide.", share=0.4,
        ),
        a_scenario(
            "First seen soon enough", critical=False, unit="s", is_higher_better=False, value=1.842, low=1.21,
            high=2.43, threshold=2.5, model_value=1.842, kind="time_to_detection", metric="mean time to detection",
            share=None, curves=Curves(), errors=Errors(), instances=6, images=278, groups=6,
            reason="Even the interval's upper end, 2.43 s, is within 2.5 s.",
        ),
        a_scenario(
            "False alarms", critical=False, unit="1/h", is_higher_better=False, value=4.17, low=2.9, high=6.8,
            threshold=2.0, model_value=4.17, kind="false_alarms", metric="false alarms a camera-hour", verdict="fail",
            reason="Even the interval's lower end, 2.90/h, is above 2/h.", share=None, curves=Curves(), errors=Errors(),
        ),
        a_scenario(
            LONG, value=0.5, low=None, high=None, model_value=0.5, verdict="inconclusive", images=3, instances=4,
            groups=2, reason="2 groups are fewer than the 5 that a verdict needs.", groups_needed=3, share=0.05,
            curves=Curves(None, (), {"score": 0.42, "precision": 0.5, "recall": 0.5}), errors=Errors({"missed": 2}),
        ),
        a_scenario(
            HOSTILE, why=HOSTILE, critical=False, query=HOSTILE, link_query=HOSTILE, metric=HOSTILE, value=None,
            low=None, high=None, model_value=None, verdict="inconclusive", images=0, instances=0, groups=0,
            reason=HOSTILE, share=None, curves=Curves(), errors=Errors({HOSTILE: 1}, (HOSTILE,), ((1, 2), (3, 0))),
            frames=(a_frame(7, identity=HOSTILE, image=HOSTILE, video=HOSTILE,
                            boxes=(ShownBox(HOSTILE, (1.0, 2.0, 3.0, 4.0), "false", 0.5, HOSTILE),)),),
        ),
    )  # fmt: skip


def a_readiness(**changes):
    base = Readiness(
        verdict="failed", value=0.8211, low=0.787, high=0.8522, critical=3, critical_passed=1, critical_failed=1,
        covered_share=1.0, sentence="Not ready: 1 of 3 critical scenarios failed (Far and small), 1 is undecided.",
    )  # fmt: skip
    return replace(base, **changes)


def a_run(**changes):
    """A run in which a critical scenario fails, with everything that reports can show."""
    base = RunRecord(
        id=17, suite="people@3", model="demo-people@5", model_sha256="c0ffee" * 10 + "abcd", baseline="demo-people@3",
        dataset="people@3", dataset_sha256="beef" * 16, is_final=False, previous_uses=0,
        options={"seed": 7, "replicates": 2000, "confidence": 0.95, "mode": "interval", "gap_s": 2.0},
        code_version="0.1.0+a3b17d8", created_at="2026-01-05T09:14:02+00:00", finished_at="2026-01-05T09:14:31.5+00:00",
        readiness=a_readiness(), scenarios=some_scenarios(), notes=("3 frames without a picture were left out.",),
    )  # fmt: skip
    return replace(base, **changes)


def a_ready_run(**changes):
    passed = a_readiness(
        verdict="ready", critical=1, critical_passed=1, critical_failed=0, sentence="Ready: all critical ones pass."
    )  # fmt: skip
    return replace(a_run(), readiness=passed, scenarios=(a_scenario(),), notes=(), **changes)


def an_empty_run(**changes):
    nothing = a_readiness(
        verdict="undecided", value=None, low=None, high=None, critical=0, critical_passed=0, critical_failed=0,
        covered_share=0.0, sentence="Undecided: the suite has no scenarios.",
    )  # fmt: skip
    return replace(a_run(), readiness=nothing, scenarios=(), notes=(), options={}, baseline="", **changes)


def some_runs():
    """Three models over time; a scenario is new in the last, and one is gone from it."""
    first = a_run(
        id=11, model="demo-people@3", created_at="2025-12-20T10:00:00+00:00",
        scenarios=(
            a_scenario(value=0.81, low=0.75, high=0.84, verdict="fail"),
            a_scenario("Fog", value=0.9, low=0.86, high=0.95),
        ),
    )  # fmt: skip
    second = a_run(
        id=14, model="demo-people@4", created_at="2025-12-28T10:00:00+00:00",
        scenarios=(a_scenario(value=0.88, low=0.83, high=0.92, verdict="inconclusive"), *some_scenarios()[1:4]),
    )  # fmt: skip
    return (first, second, a_run())


def an_object(frame_id=1, **changes):
    base = ChangedObject(
        frame_id=frame_id, identity=f"{'ab' * 32}_{frame_id}", label="person", box=(1.0, 2.0, 30.0, 40.5), score_a=None,
        score_b=0.71, image=f"frames/gate/{frame_id:012}.jpg", camera="gate", video="gate.mp4", pts_us=62_400_000,
    )  # fmt: skip
    return replace(base, **changes)


def a_scenario_comparison(name="Night, every camera", **changes):
    base = ScenarioComparison(
        name=name, critical=True, metric="recall at IoU 0.5, score 0.42", unit="", is_higher_better=True, a=0.9011,
        b=0.9312, difference=0.0301, low=0.0122, high=0.0489, verdict="better",
        reason="The whole interval of the difference lies above 0.", images=412, instances=1034, groups=23,
        link_query="lighting:dark", fixed_count=40, broken_count=1,
        fixed=tuple(an_object(n) for n in range(1, 13)), broken=(an_object(44, score_a=0.6, score_b=None),),
    )  # fmt: skip
    return replace(base, **changes)


def a_comparison(**changes):
    base = ComparisonRecord(
        suite="people@3", dataset="people@3", dataset_sha256="beef" * 16, model_a="demo-people@3",
        model_a_sha256="aa" * 32, model_b="demo-people@5", model_b_sha256="bb" * 32, margin=0.01,
        options={"seed": 7, "replicates": 2000}, code_version="0.1.0", created_at="2026-01-05T09:14:02+00:00",
        scenarios=(
            a_scenario_comparison(),
            a_scenario_comparison("Far", a=0.5, b=0.41, difference=-0.09, low=-0.14, high=-0.03, verdict="worse"),
            a_scenario_comparison(LONG, difference=0.001, low=-0.004, high=0.006, verdict="same", fixed=(), broken=()),
            a_scenario_comparison(
                HOSTILE, metric=HOSTILE, a=None, b=None, difference=None, low=None, high=None, verdict="unknown",
                reason=HOSTILE, fixed=(an_object(2, identity=HOSTILE, label=HOSTILE, camera=HOSTILE),), critical=False,
            ),
            a_scenario_comparison(
                "First seen", unit="s", is_higher_better=False, a=2.1, b=1.8, difference=-0.3, low=-0.7, high=0.1,
                verdict="unknown", critical=False, fixed=(), broken=(), fixed_count=0, broken_count=0,
            ),
        ),
    )  # fmt: skip
    return replace(base, **changes)
