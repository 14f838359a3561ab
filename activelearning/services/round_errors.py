"""What can be wrong with what is asked of a round."""

from curation.core.errors import WinnowError


class RoundError(WinnowError):
    """A round cannot be started, or not do what is asked of it now. `code` is stable."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class NoSuchRound(RoundError):
    """There is no such round."""

    def __init__(self, message: str) -> None:
        super().__init__("not_found", message)
