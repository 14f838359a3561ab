"""Some of the pictures that the demo's detector was taught with, as a dataset: what it must not forget."""

from collections.abc import Callable
from pathlib import Path

from activelearning.services.out_of_bounds import contact_with
from activelearning.services.test_ground import ground_of
from curation.models import DatasetVersion, Keep
from curation.services.datasets import NoSuchVersion, create_version, find_version
from curation.services.import_request import read_request, request_import
from demo.taking_in import DoJob
from demo.train import CLASSES, TRAIN_SEED, write_pictures
from evaluation.models import TestRun

DATASET = "demo-base"
FOLDER = "demo-base-world"
PICTURES = 160


def base_version(folder: Path, run: TestRun, *, say: Callable[[str], None], do: DoJob) -> DatasetVersion:
    """Return the version of the pictures; they are rendered and taken in where that was not done yet.

    Those that look like a frame of the test (an empty place, mostly) stay out: no round would train on them."""
    try:
        return find_version(DATASET)
    except NoSuchVersion:
        pass
    say(f"  {PICTURES} of the pictures that the detector was taught with come in, so that it forgets nothing …")
    if not (folder / "data.yaml").exists():
        # The seed of its last lesson; it begins with these.
        write_pictures(folder, seed=TRAIN_SEED + 1, count=PICTURES)
        names = "".join(f"  {number}: {name}\n" for number, name in enumerate(CLASSES))
        (folder / "data.yaml").write_text(f"train: images\nnames:\n{names}", encoding="utf-8")
    asked = {
        "root": str(folder), "place": "disk", "format": "yolo", "name": DATASET,
        "camera_from_path": "([a-z]+)_[0-9]+_[0-9]",
    }  # fmt: skip
    row = request_import(read_request(asked), here=True)
    assert row.job is not None
    do(row.job)
    frames = list(Keep.objects.filter(made_in=row).order_by("frame_id").values_list("frame_id", flat=True))
    alike = contact_with(ground_of(run), frames)
    return create_version(dataset=DATASET, frame_ids=[pk for pk in frames if pk not in alike])
