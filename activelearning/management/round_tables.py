"""What `manage.py rounds` and `manage.py loop` print for people."""

from collections import Counter
from collections.abc import Iterable, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from activelearning.core.shipped import SHIPPED
from activelearning.core.strategy import parse_strategy, read_yaml
from activelearning.models import Candidate, Loop, Round
from curation.management.tables import plain_table
from evaluation.core.reports.words import clean

NONE_YET = "There are no rounds yet: manage.py rounds start --test-run N --budget 100"
NO_LOOP = "There are no loops yet: manage.py loop start --suite NAME --model NAME --budget 300 --rounds 3"
STYLES = {"closed": "green", "abandoned": "dim"}


def rounds_table(rounds: Sequence[Round]) -> Table:
    table = plain_table("round", "from test run", "model", "scenarios", "budget", "state", "result")
    for one in rounds:
        table.add_row(
            str(one.pk), str(one.test_run_id), str(one.test_run.model), clean(_few(one.scenarios)), str(one.budget),
            Text(state_of(one), style=STYLES.get(one.state, "")), clean(one.report.get("sentence", "")),
        )  # fmt: skip
    return table


def round_sections(round: Round, *, shown: int) -> Iterable[RenderableType]:
    """Tell a round: what it is about, how far it is, what it chose, and what to do next."""
    run = round.test_run
    yield Text.assemble((f"Round {round.pk}", "bold"), f" from test run {run.pk}: {run.model} against {run.suite}")
    yield Text(clean(f"About: {', '.join(round.scenarios)}"))
    yield Text.assemble("State: ", (state_of(round), STYLES.get(round.state, "bold")))
    if round.job is not None and round.job.error and not round.job.is_open:
        yield Text(clean(f"It stopped: {round.job.error}"), style="red")
    for note in round.notes:
        yield Text(clean(str(note)), style="dim")
    yield from _history(round)
    yield from _seeds(round)
    yield from _candidates(round, shown=shown)
    yield ""
    yield Text(next_step(round), style="bold")


def next_step(round: Round) -> str:
    """Say what a person can do now."""
    n = round.pk
    if round.job is not None and round.job.is_open:
        return f"Job {round.job.pk} is at work on it ({round.job.doing or round.job.state})."
    match round.state:
        case Round.State.CANDIDATES:
            via = "" if round.via else " --via label_studio"
            look = f"Look them through (rounds drop {n} FRAME …, rounds add {n} FRAME …)"
            return f"{look}, then: manage.py rounds go {n}{via}"
        case Round.State.LABELLING:
            return f"People label now. manage.py rounds go {n} reads what is there, and goes on once all is labelled."
        case Round.State.TRAINING if round.trainer.get("kind") == "none":
            return f"Train on {round.version}, register the model, then: manage.py rounds attach {n} MODEL"
        case Round.State.CLOSED:
            return f"manage.py rounds report {n}"
        case Round.State.ABANDONED:
            return "It is over; its labels are kept."
        case _:
            return f"manage.py rounds go {n}"


def state_of(round: Round) -> str:
    return f"{round.state}: {round.get_state_display()}"


def strategies_table() -> Table:
    table = plain_table("strategy", "what it does")
    for name, text in SHIPPED.items():
        table.add_row(name, clean(" ".join(parse_strategy(read_yaml(text)).description.split())))
    return table


def loops_table(loops: Sequence[Loop]) -> Table:
    table = plain_table("loop", "suite", "first model", "rounds", "labels", "ended", "result")
    for one in loops:
        closed = [each for each in one.rounds.all() if each.report]
        spent = sum(int(each.report["spent"]["frames"]) for each in closed)
        state = one.ended or (one.job.state if one.job else "gone")
        table.add_row(
            str(one.pk), str(one.suite), str(one.first_run.model), f"{len(closed)} of {one.most_rounds}",
            f"{spent} of {one.budget}", state, clean(one.reason or (one.job.error if one.job else "")),
        )  # fmt: skip
    return table


def loop_sections(loop: Loop) -> Iterable[RenderableType]:
    """Tell a loop: each of its rounds in a line, and how it ended."""
    yield Text.assemble((f"Loop {loop.pk}", "bold"), f" over {loop.suite}, from {loop.first_run.model}")
    rounds = list(loop.rounds.order_by("number").select_related("test_run__model"))
    if rounds:
        yield rounds_table(rounds)
    if loop.reason:
        yield Text(clean(loop.reason), style="bold green" if loop.ended == Loop.Ended.READY else "bold yellow")
    elif loop.job is not None and loop.job.error:
        yield Text(clean(f"It stopped: {loop.job.error}"), style="red")
        yield Text(f"manage.py loop resume {loop.pk} goes on with it.", style="bold")


def _history(round: Round) -> Iterable[RenderableType]:
    table = plain_table("when", "state", "what", "by")
    for step in round.history:
        table.add_row(step["at"][:16].replace("T", " "), step["state"], clean(step["note"]), clean(step.get("by", "")))
    yield ""
    yield table


def _seeds(round: Round) -> Iterable[RenderableType]:
    counts = Counter(round.seeds.values_list("scenario", "kind"))
    if not counts:
        return
    table = plain_table("scenario", "missed", "false alarms", "unsure")
    kinds = ("missed", "false_alarm", "low_confidence")
    for name in dict.fromkeys(name for name, _ in counts):
        table.add_row(clean(name), *(str(counts[name, kind]) for kind in kinds))
    yield ""
    yield Text("What went wrong in the test, and is looked for:", style="bold")
    yield table


def _candidates(round: Round, *, shown: int) -> Iterable[RenderableType]:
    chosen = round.candidates.filter(is_dropped=False)
    total, dropped = chosen.count(), round.candidates.filter(is_dropped=True).count()
    if not total and not dropped:
        return
    arms = Counter(chosen.values_list("arm", flat=True))
    told = ", ".join(f"{count} {Candidate.Arm(arm).label}" for arm, count in arms.items())
    yield ""
    yield Text(f"{total} candidates ({told})" + (f", {dropped} dropped" if dropped else ""), style="bold")
    if not shown:
        return
    table = plain_table("frame", "score", "why")
    for one in chosen.order_by("rank")[:shown]:
        why = " ".join(str(reason.get("text", "")) for reason in one.reasons)
        table.add_row(str(one.frame_id), f"{one.score:.2f}", clean(why))
    yield table
    if total > shown:
        yield Text(f"and {total - shown} more (--candidates {total})", style="dim")


def _few(names: Sequence[str], most: int = 3) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
