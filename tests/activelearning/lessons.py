"""Small trainings: pictures of bright squares in the storage, labelled, and a network of half a million numbers."""

from pathlib import Path

import cv2
import numpy as np
import yaml
from django.utils import timezone

from activelearning.services.trainings import find_training, request_training
from curation.backends import storage
from curation.services.datasets import create_version
from curation.services.job_kinds import run_here
from tests.factories import AnnotationFactory, FrameFactory, VideoFactory

SIDE = 64
QUICK = {
    "epochs": 2, "imgsz": SIDE, "batch": 4, "architecture": "tiny.yaml", "mosaic": 0.0, "onnx": False,
    "optimizer": "AdamW", "learning_rate": 0.002, "device": "cpu", "warm_up_epochs": 0.0,
}  # fmt: skip
"""Two short epochs on the CPU."""


def put_tiny_network(folder):
    """Describe YOLO11 with a scale smaller than any that is published, in a weights folder."""
    import importlib.util

    package = Path(importlib.util.find_spec("ultralytics").origin).parent
    layers = yaml.safe_load((package / "cfg" / "models" / "11" / "yolo11.yaml").read_text())
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tiny.yaml").write_text(yaml.safe_dump(layers | {"scales": {"p": [0.33, 0.125, 512]}}))


def picture(seed, box):
    """Draw a bright square on noise, as a JPEG."""
    draw = np.random.default_rng(seed)
    bgr = draw.integers(0, 60, (SIDE, SIDE, 3), np.uint8)
    x1, y1, x2, y2 = map(int, box)
    bgr[y1:y2, x1:x2] = (250, 250, 30)
    return cv2.imencode(".jpg", bgr)[1].tobytes()


def labelled(count=12, *, videos=4, label="person", seed=0, **tags):
    """Make labelled frames with stored pictures, spread over videos; returns them."""
    draw = np.random.default_rng(seed)
    films = [VideoFactory() for _ in range(videos)]
    frames = []
    for n in range(count):
        x, y = draw.integers(2, SIDE - 26, 2).tolist()
        box = (x, y, x + 22, y + 22)
        frame = FrameFactory(
            video=films[n % videos], pts_us=n * 1_000_000, width_px=SIDE, height_px=SIDE, tags=dict(tags),
            annotated_at=timezone.now(),
        )  # fmt: skip
        storage.put_bytes(frame.image, picture(seed * 1000 + n, box))
        AnnotationFactory(frame=frame, label=label, x1=x, y1=y, x2=x + 22, y2=y + 22)
        frames.append(frame)
    return frames


def version_of(frames, name="squares", **asked):
    return create_version(dataset=name, frame_ids=[frame.pk for frame in frames], **asked)


def asked(version, name="squares-1", **more):
    """Ask for a short training here."""
    options = {**QUICK, **more.pop("options", {})}
    return request_training(name=name, version=version, options=options, here=True, **more)


def trained(version, name="squares-1", **more):
    """Train here, to the end; returns the training as it is stored then."""
    run_here(asked(version, name, **more).job)
    return find_training(name)
