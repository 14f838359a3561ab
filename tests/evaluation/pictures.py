"""Frames with pictures in the storage, and small models, for the tests of predictions."""

from curation.backends import storage
from curation.backends.decode.footage import VideoFootage
from curation.backends.decode.probe import probe
from curation.services.datasets import create_version
from curation.services.import_pictures import jpeg as coded
from evaluation.services.model_registry import register_model
from tests import toy_models
from tests.datasets import jpeg
from tests.factories import FrameFactory, VideoFactory


def drawn_frames(count, *, width=64, height=48):
    """Make frames with a picture each; no two look alike."""
    video = VideoFactory()
    frames = [FrameFactory(video=video, width_px=width, height_px=height) for _ in range(count)]
    for seed, frame in enumerate(frames):
        storage.put_bytes(frame.image, jpeg(seed, width, height))
    return frames


def frames_of_footage(path, seconds):
    """Make frames of a real video, with their pictures."""
    found, video = probe(path), VideoFactory()
    frames = []
    with VideoFootage(path, start_us=0, keyframes_us=found.keyframes_us, rotation_deg=0) as footage:
        for second in seconds:
            picture = footage.at(round(second * 1_000_000))
            rgb = picture.rgb()
            frame = FrameFactory(
                video=video, pts_us=picture.pts_us, width_px=rgb.shape[1], height_px=rgb.shape[0]
            )  # fmt: skip
            storage.put_bytes(frame.image, coded(rgb, quality=95))
            frames.append(frame)
    return frames


def version_of(frames, *, name="roads"):
    return create_version(dataset=name, frame_ids=[frame.pk for frame in frames])


def toy_model(folder, *, name="toy", **said):
    """Register weights that find the same boxes whatever they see, of the labels person and jacket."""
    return register_model(name=name, detector=f"yolox_onnx:{toy_models.yolox(folder)}?classes=person,jacket", **said)
