"""What a new version of the operating conditions takes over from the one before it."""

from dataclasses import replace

from curation.core.operating import FactorSpec
from curation.models import OperatingConditions, PromptVector
from curation.services.in_force import conditions_of


def carry_over(before: OperatingConditions, after: OperatingConditions) -> None:
    """Take over the vectors and calibrations of factors whose prompts stayed the same: no model need be loaded."""
    old, new = conditions_of(before).factors, conditions_of(after).factors
    same = [name for name, factor in new.items() if factor.prompts and _asked(factor) == _asked(old.get(name))]
    vectors = PromptVector.objects.filter(conditions=before, factor__in=same)
    PromptVector.objects.bulk_create(
        PromptVector(conditions=after, factor=v.factor, value=v.value, embedder_id=v.embedder_id, vector=v.vector)
        for v in vectors
    )
    after.calibration = {name: before.calibration[name] for name in same if name in before.calibration}
    if after.calibration:
        after.save(update_fields=["calibration"])


def _asked(factor: FactorSpec | None) -> object:
    """Give all that the scores depend on; the threshold only cuts them."""
    return factor and factor.prompts and replace(factor.prompts, threshold=0.0)
