"""A strategy: how a round finds frames worth a label."""

from dataclasses import asdict, dataclass, field
from typing import Any

from activelearning.core.samplers import Need, Sampler
from activelearning.core.strategy_parts import Diversity, Limits, SeedCounts

POOL_MOST = 20_000


@dataclass(frozen=True)
class Strategy:
    """`pool` is a query for the frames to look through; none is all footage that nobody labelled.

    `mine` are its samplers, each with its share of the budget. `control` is the share that is drawn at random besides,
    so that what the samplers gain is measured. diversity None takes the most wanted frames as they are."""

    mine: tuple[Sampler, ...]
    pool: str = ""
    pool_most: int = POOL_MOST
    """Of more frames a part is looked through, from all cameras and times alike."""
    seeds: SeedCounts = field(default_factory=SeedCounts)
    embedder: str = ""
    """Whose vectors; none named is the embedder that most frames have one of."""
    diversity: Diversity | None = field(default_factory=Diversity)
    limits: Limits = field(default_factory=Limits)
    control: float = 0.0
    seed: int = 0
    name: str = ""
    description: str = ""

    @property
    def needs(self) -> frozenset[Need]:
        """What must be known of the pool, for the samplers and for the picking after them."""
        needed = frozenset[Need]().union(*(sampler.needs for sampler in self.mine))
        compares = self.diversity is not None or (self.limits.max_similarity or 1) < 1
        return needed | {"frame_vectors"} if compares else needed

    @property
    def other_models(self) -> tuple[str, ...]:
        """Names of the models whose boxes are needed besides; "" stands for the one that the tested one came from."""
        return tuple(dict.fromkeys(s.other for s in self.mine if hasattr(s, "other")))

    @property
    def factors(self) -> tuple[str, ...] | None:
        """The factors whose tags are needed: () for none, None for all that there are."""
        asked = [list(s.factors) for s in self.mine if hasattr(s, "factors")]
        return None if [] in asked else tuple(dict.fromkeys(name for names in asked for name in names))

    def to_dict(self) -> dict[str, Any]:
        """Write every parameter out, defaults too, as plain values that `parse_strategy` reads again."""
        samplers: list[Any] = list(self.mine)
        return {
            "name": self.name,
            "description": self.description,
            "pool": self.pool,
            "pool_most": self.pool_most,
            "seeds": asdict(self.seeds),
            "mine": [{"kind": sampler.kind, **asdict(sampler)} for sampler in samplers],
            "embedder": self.embedder,
            "diversity": asdict(self.diversity) if self.diversity else None,
            "limits": asdict(self.limits),
            "control": self.control,
            "seed": self.seed,
        }
