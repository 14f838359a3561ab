"""Some of the pictures that the demo's detector was taught with, as a dataset: what it must not forget."""

from pathlib import Path

from activelearning.services.out_of_bounds import contact_with
from activelearning.services.test_ground import ground_of
from curation.models import DataImport, Dataset, DatasetVersion
from curation.services.datasets import create_version, find_version
from demo.taking_in import arrived, asked_for, send_for_frames
from demo.train import CLASSES, TRAIN_SEED, write_pictures
from evaluation.models import TestRun

DATASET = "demo-base"
FOLDER = "demo-base-world"
PICTURES = 160


def send_for_base(folder: Path) -> DataImport | None:
    """Render the pictures where they are not there yet, and let the workers take them in; None if they are there."""
    if Dataset.objects.filter(name=DATASET, versions__isnull=False).exists():
        return None
    if not (folder / "data.yaml").exists():
        # The seed of its last lesson, which begins with these.
        write_pictures(folder, seed=TRAIN_SEED + 1, count=PICTURES)
        names = "".join(f"  {number}: {name}\n" for number, name in enumerate(CLASSES))
        (folder / "data.yaml").write_text(f"train: images\nnames:\n{names}", encoding="utf-8")
    return send_for_frames(asked_for(folder, name=DATASET, format="yolo", camera_from_path="([a-z]+)_[0-9]+_[0-9]"))


def base_version(row: DataImport | None, run: TestRun) -> DatasetVersion:
    """Return the version of the pictures, made of what the import brought if there is none yet.

    Those that look like a frame of the test (an empty place, mostly) stay out: no round would train on them."""
    if row is None:
        return find_version(DATASET)
    frames = arrived(row)
    alike = contact_with(ground_of(run), frames)
    return create_version(dataset=DATASET, frame_ids=[pk for pk in frames if pk not in alike])
