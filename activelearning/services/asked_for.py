"""What annotators are asked for: which classes they draw boxes of, and which factors they choose values of."""

from collections.abc import Iterable, Sequence

from activelearning.models import LabelProject, Round
from curation.core.errors import SpecError
from curation.core.operating import FactorSpec
from curation.services.in_force import current_spec
from evaluation.models import ModelVersion

LONGEST_CLASS = 80
LONGEST_VALUES = 200


def checked_classes(
    classes: Sequence[str],
    *,
    round: Round | None = None,
    project: LabelProject | None = None,
    model: ModelVersion | None = None,
) -> list[str]:
    """Check the classes, or choose them where none are named: see `make_batch`. Raises SpecError."""
    chosen = list(dict.fromkeys(map(str, classes))) or _usual_classes(round=round, project=project, model=model)
    if not chosen:
        raise SpecError("It is not known what is to be labelled. Name the classes: --classes person,jacket")
    for one in chosen:
        if not one.strip() or one != one.strip() or len(one) > LONGEST_CLASS or not one.isprintable():
            raise SpecError(f"{one[:100]!r} is no class: use 1 to {LONGEST_CLASS} characters, no blank at its ends.")
    if project is not None and (lacking := [one for one in chosen if one not in project.classes]):
        raise SpecError(
            f"{project} does not offer {_listed(lacking)}; it offers {_listed(project.classes)}. Ask for those, or "
            f"add the others to its configuration and say `manage.py labelstudio project {project.connection} "
            f"--adopt {project.number}`."
        )
    return chosen


def checked_factors(factors: Sequence[str], *, project: LabelProject | None = None) -> list[str]:
    """Check the factors that people are asked for; none named are the project's, else none. Raises SpecError."""
    names = list(dict.fromkeys(map(str, factors)))
    if project is None:
        offered_factors(names)
        return names
    if lacking := [name for name in names if name not in project.factors]:
        offered = _listed(list(project.factors)) or "none"
        raise SpecError(f"{project} does not ask for {_listed(lacking)}; it asks for {offered}.")
    return names or list(project.factors)


def offered_factors(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Give the values that people can choose of each factor, from the operating conditions in force.

    Only factors with a closed list of values can be asked for. Raises SpecError."""
    known = current_spec().factors
    fit = [name for name, factor in known.items() if _values(factor)]
    wanted = list(names)
    for name in wanted:
        if name not in fit:
            why = "is a number or has no list of values" if name in known else "is no factor"
            raise SpecError(
                f"{name[:80]!r} {why}, so people cannot be asked for it. They can for: {_listed(fit) or 'none'}."
            )
    return {name: _values(known[name]) for name in wanted}


def _values(factor: FactorSpec) -> tuple[str, ...]:
    return () if factor.kind == "numeric" or len(factor.values) > LONGEST_VALUES else factor.values


def _usual_classes(
    *, round: Round | None, project: LabelProject | None, model: ModelVersion | None
) -> list[str]:  # fmt: skip
    """All that the model knows: an object that nobody labelled would teach the next one that nothing is there."""
    if project is not None and project.classes:
        return list(project.classes)
    model = model or (round.test_run.model if round is not None else None)
    known = [label for own in (model.labels if model else ()) if model and (label := model.label_of(own))]
    return list(dict.fromkeys([*known, *(_scenario_labels(round) if round is not None else ())]))


def _scenario_labels(round: Round) -> list[str]:
    plain = round.test_run.suite.spec.get("scenarios", [])
    return [label for one in plain if one["name"] in round.scenarios for label in one.get("labels", [])]


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
