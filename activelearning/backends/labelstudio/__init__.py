"""Label Studio, outward and inward: one file a noun of its API, each a few typed functions over a `Server`."""

from activelearning.backends.labelstudio.errors import LabelStudioError
from activelearning.backends.labelstudio.server import Server

__all__ = ["LabelStudioError", "Server"]
