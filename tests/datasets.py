"""Small labelled datasets on disk, for the tests of what comes in and goes out."""

import hashlib
import io
import json

import numpy as np
from PIL import Image

from curation.models import (
    Annotation,
    Camera,
    DataExport,
    DataImport,
    Dataset,
    DatasetFrame,
    DatasetVersion,
    Frame,
    Keep,
    Video,
)
from curation.services.export_request import read_request as read_export
from curation.services.export_request import request_export
from curation.services.import_request import read_request, request_import
from curation.services.job_kinds import run_here


def jpeg(seed, width=64, height=48, kind="JPEG", **options):
    """Draw a picture that differs from any other seed's: blotches, so that no two look alike either."""
    draw = np.random.default_rng(seed)
    coarse = draw.integers(0, 255, (6, 8, 3), np.uint8)
    rgb = np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, kind, **({"quality": 92} if kind == "JPEG" else {}), **options)
    return file.getvalue()


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def write_coco(folder, pictures, *, name="instances.json", size=(64, 48)):
    """Write COCO with pictures: {"a.jpg": [("person", x, y, w, h), …]}; the n-th picture is drawn from seed n.

    A value that is a dict holds further fields of the image, with its boxes under "boxes"."""
    folder.mkdir(parents=True, exist_ok=True)
    labels = sorted({box[0] for said in pictures.values() for box in _boxes(said)})
    images, annotations = [], []
    for number, (file_name, said) in enumerate(pictures.items(), start=1):
        path = folder / "images" / file_name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(jpeg(number, *size))
        more = {k: v for k, v in said.items() if k != "boxes"} if isinstance(said, dict) else {}
        images.append({"id": number, "file_name": file_name, "width": size[0], "height": size[1], **more})
        for label, x, y, w, h in _boxes(said):
            annotations.append({
                "id": len(annotations) + 1, "image_id": number, "category_id": labels.index(label) + 1,
                "bbox": [x, y, w, h], "area": w * h, "iscrowd": 0,
            })  # fmt: skip
    document = {
        "images": images, "annotations": annotations,
        "categories": [{"id": number, "name": label} for number, label in enumerate(labels, start=1)],
    }  # fmt: skip
    (folder / name).write_text(json.dumps(document))
    return folder


def _boxes(said):
    return said.get("boxes", []) if isinstance(said, dict) else said


def import_here(root, **asked):
    """Import a folder or file of this disk in this process; returns the import with its report."""
    request = read_request({"root": str(root), "place": "disk", **asked})
    row = request_import(request, here=True)
    run_here(row.job)
    return DataImport.objects.get(pk=row.pk)


def skipped(row):
    """Return what an import skipped: {reason: (count, examples)}."""
    return {one["why"]: (one["count"], one["examples"]) for one in row.report["skipped"]}


def rows_of_frames(frames=None):
    """Write down all frames with their labels and tags as plain values, without ids, in an order of their own."""
    frames = Frame.objects.all() if frames is None else frames
    return sorted(
        (
            {
                "camera": frame.camera.name, "size": (frame.width_px, frame.height_px), "tags": frame.tags,
                "evidence": frame.evidence, "labelled": frame.annotated_at is not None,
                "boxes": [
                    (a.label, a.x1, a.y1, a.x2, a.y2, a.is_crowd, a.track_id, a.area_px2, a.segmentation, a.attributes)
                    for a in Annotation.objects.filter(frame=frame).order_by("id")
                ],
                "recorded_at": frame.recorded_at, "pts_us": frame.pts_us, "sha256": frame.picture_sha256,
                "keeps": Keep.objects.filter(frame=frame).count(),
            }
            for frame in frames.select_related("camera")
        ),
        key=lambda row: (row["camera"], row["pts_us"], str(row["sha256"])),
    )  # fmt: skip


def export_here(**asked):
    """Export in this process; returns the export with its archive."""
    request, version = read_export({"format": "coco", **asked})
    row = request_export(request, version, by_name="tester", here=True)
    run_here(row.job)
    return DataExport.objects.get(pk=row.pk)


def empty_database():
    """Remove all frames and what hangs on them, so that an import comes into an empty house."""
    for model in (DataExport, DatasetFrame, DatasetVersion, Dataset, Frame, Video, DataImport, Camera):
        model.objects.all().delete()
