"""What the pictures of a batch are called in files, and which task a name leads back to."""

from collections.abc import Sequence
from pathlib import PurePosixPath

from activelearning.models import LabelBatch, LabelTask
from curation.models import Video
from curation.services.export_names import picture_name, prefixes, read_name


def names_of(batch: LabelBatch, tasks: Sequence[LabelTask]) -> dict[int, str]:
    """Name each task's picture after its frame: camera, the beginning of its video's SHA-256, microseconds.

    No two are alike, and none depends on an order. The tasks come with their frames."""
    starts = prefixes(Video.objects.filter(frames__label_tasks__batch=batch).select_related("camera").distinct())
    return {task.pk: picture_name(starts[task.frame.video_id], task.frame.pts_us) for task in tasks}


class Finder:
    """Finds the task that a picture in a file is about, whatever folder and ending the tool gave it."""

    def __init__(self, names: dict[int, str]) -> None:
        self._by_stem = {_stem(name): task for task, name in names.items()}
        self._by_moment: dict[tuple[str, int], list[tuple[str, int]]] = {}
        for stem, task in self._by_stem.items():
            known = read_name(stem)
            if known is not None:
                self._by_moment.setdefault((known.camera, known.pts_us), []).append((known.video_prefix, task))

    def find(self, name: str) -> int | None:
        """Return the task's id; None where no task's picture is called so, or it cannot be told which of two."""
        exact = self._by_stem.get(_stem(name))
        if exact is not None:
            return exact
        said = read_name(name)
        if said is None:
            return None
        # Another export may have needed more of the video's SHA-256, or less.
        among = self._by_moment.get((said.camera, said.pts_us), [])
        fits = [
            task
            for prefix, task in among
            if prefix.startswith(said.video_prefix) or said.video_prefix.startswith(prefix)
        ]
        return fits[0] if len(fits) == 1 else None


def _stem(name: str) -> str:
    return PurePosixPath(name).stem.casefold()
