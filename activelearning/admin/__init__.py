"""Django admin, one file a noun. Importing a file registers its pages."""

from activelearning.admin import candidate, loop, round, seed, training

__all__ = ["candidate", "loop", "round", "seed", "training"]
