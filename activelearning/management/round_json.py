"""Rounds and loops as programs read them."""

from typing import Any

from activelearning.models import Loop, Round


def round_json(round: Round) -> dict[str, Any]:
    """Tell a round in plain values."""
    return {
        "round": round.pk,
        "loop": round.loop_id,
        "test_run": round.test_run_id,
        "model": round.test_run.model.name,
        "suite": str(round.test_run.suite),
        "scenarios": round.scenarios,
        "budget": round.budget,
        "seed": round.seed,
        "state": round.state,
        "via": round.via,
        "candidates": round.candidates.filter(is_dropped=False).count(),
        "dropped": round.candidates.filter(is_dropped=True).count(),
        "seeds": round.seeds.count(),
        "dataset": str(round.version) if round.version else None,
        "training": round.training.name if round.training else None,
        "retest": round.retest_id,
        "job": round.job_id,
        "error": round.job.error if round.job and not round.job.is_open else "",
        "notes": round.notes,
        "history": round.history,
        "report": round.report or None,
    }


def loop_json(loop: Loop) -> dict[str, Any]:
    """Tell a loop in plain values."""
    return {
        "loop": loop.pk,
        "suite": str(loop.suite),
        "first_run": loop.first_run_id,
        "budget": loop.budget,
        "rounds_allowed": loop.most_rounds,
        "ended": loop.ended or None,
        "reason": loop.reason,
        "job": loop.job_id,
        "rounds": [round_json(one) for one in loop.rounds.order_by("number").select_related("test_run__model")],
    }
