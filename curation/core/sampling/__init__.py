"""How a dataset is drawn: plans, the kinds of them (`SAMPLERS`), and the drawing."""

from curation.core.sampling.constraints import Constraints, Diversity
from curation.core.sampling.contract import Candidates, Sampler, Stratum
from curation.core.sampling.drawing import Drawn, draw_from
from curation.core.sampling.plan import Plan, parse_plan, read_yaml
from curation.core.sampling.samplers import SAMPLERS

__all__ = [
    "SAMPLERS",
    "Candidates",
    "Constraints",
    "Diversity",
    "Drawn",
    "Plan",
    "Sampler",
    "Stratum",
    "draw_from",
    "parse_plan",
    "read_yaml",
]
