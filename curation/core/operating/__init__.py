"""Operating conditions: the factors that matter, their expected shares, and where their values come from."""

from curation.core.operating.coding import MISSING, Codes, codes_of
from curation.core.operating.factors import FactorSpec, Prompts, Rule
from curation.core.operating.spec import Conditions, Critical, parse, read_yaml

__all__ = [
    "MISSING",
    "Codes",
    "Conditions",
    "Critical",
    "FactorSpec",
    "Prompts",
    "Rule",
    "codes_of",
    "parse",
    "read_yaml",
]
