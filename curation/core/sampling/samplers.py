"""The kinds of plans. One more is one file here and one line in `SAMPLERS`."""

from collections.abc import Mapping
from types import MappingProxyType

from curation.core.sampling.contract import Sampler
from curation.core.sampling.quota import Quota
from curation.core.sampling.random import Random
from curation.core.sampling.undersample import Undersample
from curation.core.sampling.uniform import Uniform
from curation.core.sampling.weighted import Weighted

SAMPLERS: Mapping[str, type[Sampler]] = MappingProxyType(
    {"quota": Quota, "uniform": Uniform, "undersample": Undersample, "weighted": Weighted, "random": Random}
)
