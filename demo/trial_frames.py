"""The frames that the demo's detector is tested on: rendered from another seed, labelled and tagged by the truth."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from curation.models import DataImport, DatasetVersion, Frame, Keep
from curation.services.conditions import save_conditions
from curation.services.datasets import NoSuchVersion, create_version, find_version
from curation.services.in_force import current_spec
from curation.services.retagging import start_retag
from demo.footage import TRIAL_SEED, Clip, render_all
from demo.taking_in import DoJob, import_frames, take_in
from demo.truth_as_coco import write_annotations
from demo.world import RenderedVideo, scripts
from evaluation.core.event_files import Told, parse_told
from evaluation.models import EventSet
from evaluation.services.events import import_events

DATASET, EVENTS = "demo-test", "demo-visits"
CONDITIONS = Path(__file__).parent / "conditions.yaml"
_OWN, _SHIPPED = "demo", "usual"


def use_conditions(*, do: DoJob) -> bool:
    """Put the demo's operating conditions in force, but never over somebody's own; tells whether they are."""
    if current_spec().name not in (_OWN, _SHIPPED):
        return False
    _, is_new = save_conditions(text=CONDITIONS.read_text(encoding="utf-8"))
    if is_new and Frame.objects.exists():
        do(start_retag(here=True))
    return True


def trial_version(folder: Path, *, say: Callable[[str], None], do: DoJob) -> DatasetVersion:
    """Return the version of the test frames; renders the footage and imports its truth where that was not done yet.

    `do` does a job that was started here to its end."""
    say(f"  rendering {len(scripts(TRIAL_SEED, world='test'))} videos of short visits, where they are not there yet …")
    videos = render_all(folder, world="test", seed=TRIAL_SEED, say=lambda _: None)
    if not any(video.fresh for video in videos):
        try:
            return find_version(DATASET)
        except NoSuchVersion:
            pass
    say("  their truth comes in as labels and tags …")
    row = _import(videos, folder, do=do)
    frames = Keep.objects.filter(made_in=row).values_list("frame_id", flat=True)
    return create_version(dataset=DATASET, frame_ids=list(frames))


def visits(clips: Sequence[Clip]) -> EventSet:
    """Return the set of events that the truth beside clips tells: each time that somebody is there."""
    return import_events(name=EVENTS, told=[_told(clip) for clip in clips], note="The renderer's truth.")[0]


def _import(videos: Sequence[RenderedVideo], folder: Path, *, do: DoJob) -> DataImport:
    annotations = folder / "instances_test.json"
    write_annotations(videos, annotations, root=folder)
    return import_frames(videos, annotations=annotations, root=folder, name=DATASET, do=do)


def _told(clip: Clip) -> Told:
    truth = clip.path.with_suffix(".truth.json")
    intervals = json.loads(truth.read_text(encoding="utf-8"))["intervals"]
    plain = {"video": take_in(clip).video.sha256, "label": "person", "intervals": intervals}
    return parse_told(plain, where=truth.name)
