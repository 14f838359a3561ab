"""What can be wrong with what is asked of a batch."""

from curation.core.errors import WinnowError


class BatchError(WinnowError):
    """A batch cannot be made so, or not do what is asked of it now.

    code: no_frames, not_found (frames), asked_already, project, sent, not_open, busy."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class NoSuchBatch(BatchError):
    """There is no such batch."""

    def __init__(self, message: str) -> None:
        super().__init__("not_found", message)
