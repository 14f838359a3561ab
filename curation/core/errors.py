"""The errors that people see. Each message says what happened and what to do."""


class WinnowError(Exception):
    """An error whose message is meant for the person who asked."""


class SpecError(WinnowError):
    """A cascade or a parameter is not valid."""


class MediaError(WinnowError):
    """A file cannot be used as footage. `code` is stable, for programs."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class WeightsMissing(WinnowError):
    """A model's weights are not there and cannot be fetched."""


class IngestError(WinnowError):
    """A file could not be registered for a reason that is not in the file."""


class RunError(WinnowError):
    """A run cannot do what was asked of it in its present state."""


class WeightsUnusable(WinnowError):
    """A model's weights are there, but are broken, unsafe or of another kind than their name says."""
