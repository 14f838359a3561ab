"""A made-up report of a round: a target that turned green, one that is better, one that got worse, and a control."""

from activelearning.core.round_report import Arm, Figure, RoundReport, ScenarioTurn, Spent

LONG = "People who stand further away than thirty metres behind the loading ramp while it rains and the lamp is out"


def a_turn(name="night", **changes):
    base = {
        "name": name, "critical": True, "is_target": True, "metric": "recall at IoU 0.5, score 0.5", "unit": "",
        "is_higher_better": True, "threshold": 0.7, "before": Figure(0.41, 0.33, 0.5, "fail"),
        "after": Figure(0.83, 0.76, 0.89, "pass"), "turn": "turned green", "change": "better", "difference": 0.42,
        "low": 0.31, "high": 0.51, "fixed": 61, "broken": 4,
    }  # fmt: skip
    return ScenarioTurn(**(base | changes))


def some_turns():
    return (
        a_turn("day", is_target=False, before=Figure(0.97, 0.94, 0.99, "pass"), after=Figure(0.96, 0.93, 0.98, "pass"),
               turn="still green", change="same", difference=-0.01, low=-0.02, high=0.01, fixed=1, broken=3),
        a_turn(),
        a_turn(LONG, threshold=0.6, before=Figure(0.2, 0.1, 0.31, "fail"), after=Figure(0.44, 0.3, 0.57, "fail"),
               turn="still red", difference=0.24, low=0.1, high=0.35, fixed=14, broken=2),
        a_turn("rain", critical=False, is_target=False, before=Figure(0.81, 0.74, 0.88, "pass"),
               after=Figure(0.63, 0.55, 0.69, "fail"), turn="turned red", change="worse", difference=-0.18, low=-0.27,
               high=-0.08, fixed=2, broken=21),
        a_turn("false alarms", critical=False, is_target=False, unit="1/h", is_higher_better=False, threshold=2.0,
               metric="false alarms a camera-hour", before=Figure(4.2, 2.9, 6.8, "fail"),
               after=Figure(1.8, 1.1, 2.6, "inconclusive"), turn="undecided", change="unknown", difference=-2.4,
               low=-4.9, high=0.1, fixed=0, broken=0),
        a_turn("empty", critical=False, is_target=False, before=Figure(None, None, None, "inconclusive"),
               after=Figure(None, None, None, "inconclusive"), turn="undecided", change="unknown", difference=None,
               low=None, high=None, fixed=0, broken=0),
    )  # fmt: skip


def a_report(**changes):
    turns = some_turns()
    arms = (
        Arm("strategy", 12, "people-r1-strategy", "street.strategy@1", 8,
            {"night": Figure(0.8, 0.7, 0.88, "pass"), LONG: Figure(0.4, 0.3, 0.5, "fail")}),
        Arm("control", 12, "people-r1-control", "street.control@1", 9, {"night": Figure(0.55, 0.44, 0.65, "fail")}),
    )  # fmt: skip
    shares = {
        "asked": {"lighting:dark": 0.3},
        "achieved": [{"query": "lighting:dark", "pictures": 40, "before": 0.12, "after": 0.301, "asked": 0.3}],
    }
    base = {
        "round": 1, "suite": "street@1", "dataset": "street@1", "test_run": 1, "retest": 2, "model_before": "people-v1",
        "model_after": "people-v2", "verdict_before": "failed", "verdict_after": "failed",
        "training_version": "street@2", "spent": Spent(96, 180, 4, 42.0, 21.0, "EUR"), "scenarios": turns, "arms": arms,
        "shares": shares, "sentence": "With 96 labelled frames 1 of 2 scenarios that it was about pass. Red now, and "
        "green before: rain.",
    }  # fmt: skip
    return RoundReport(**(base | changes))
