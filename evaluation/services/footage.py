"""The evidence over time: a set of events beside what a model saw in its videos."""

from collections.abc import Sequence

from django.db.models import QuerySet

from curation.backends import storage
from curation.core.errors import WinnowError
from curation.core.types import Span
from curation.models import HoldoutBlock, Video
from evaluation.core.events import FootageEvidence
from evaluation.core.footage_cutting import GroupBy, WatchedVideo, evidence_of, leave_out
from evaluation.core.looks import Looks, decode
from evaluation.models import Event, EventSet, EventStretch, Look, ModelVersion
from evaluation.services.events import find_events

FPS = 2.0
MIN_SCORE = 0.05
NAMED = 5


class LooksMissing(WinnowError):
    """A model did not look through all videos of a set of events yet."""


def footage_evidence(
    event_set: EventSet | str,
    model: ModelVersion,
    *,
    labels: Sequence[str] = (),
    fps: float = FPS,
    group_by: GroupBy = "interval",
    is_final: bool = False,
) -> FootageEvidence:
    """Put a set of events beside a model's looks: stretches, cut into independent groups. No `labels` are all of them.

    Stretches of hold-outs are left out, with every event that reaches into them, unless `is_final`. Raises
    NoSuchEvents, and LooksMissing, which tells the command."""
    wanted = find_events(event_set) if isinstance(event_set, str) else event_set
    videos = videos_of(wanted)
    looks = looks_at(videos, model=model, fps=fps)
    if missing := [video.name for video in videos if video.pk not in looks]:
        more = f" and {len(missing) - NAMED} more" if len(missing) > NAMED else ""
        raise LooksMissing(
            f"{model} did not look through {', '.join(missing[:NAMED])}{more} at {fps:g} looks a second yet. "
            f"Have it look: manage.py events look {model} --events {wanted} --fps {fps:g} --wait"
        )
    looked, events = _spans(wanted.stretches.all(), labels), _spans(wanted.events.all(), labels)
    held = {} if is_final else _held(videos)
    watched = []
    for video in videos:
        look = looks[video.pk]
        away = [*held.get(video.pk, []), Span(look.end_us, max(look.end_us, round(video.duration_s * 1e6)))]
        mine = {label for pk, label in looked if pk == video.pk}
        left = {label: leave_out(looked[video.pk, label], events.get((video.pk, label), []), away) for label in mine}
        watched.append(
            WatchedVideo(
                video_id=video.pk,
                camera=video.camera.name,
                looked={label: some for label, (some, _) in left.items()},
                events={label: some for label, (_, some) in left.items()},
                names={label: names_for(model, label) for label in mine},
                looks=read_looks(look),
            )
        )
    least = max((look.min_score for look in looks.values()), default=0.0)
    return evidence_of(watched, least_score=least, group_by=group_by)


def videos_of(event_set: EventSet) -> list[Video]:
    """Return the videos that a set of events is about, by id."""
    ids = event_set.stretches.order_by().values("video")
    return list(Video.objects.filter(pk__in=ids).select_related("camera").order_by("pk"))


def looks_at(videos: Sequence[Video], *, model: ModelVersion, fps: float, min_score: float = 1.0) -> dict[int, Look]:
    """Return a model's looks at videos, by video: those so many times a second that kept boxes from `min_score` on or
    from a lower one; of several those that kept the most."""
    rows = Look.objects.filter(model=model, video__in=[video.pk for video in videos], fps=fps, min_score__lte=min_score)
    return {look.video_id: look for look in rows.order_by("-min_score")}


def read_looks(look: Look) -> Looks:
    """Read the arrays of a row. Raises LooksMissing if the file is gone or damaged."""
    try:
        return decode(storage.read_bytes(look.file))
    except (OSError, ValueError) as error:
        raise LooksMissing(
            f"The file {look.file} of {look} is gone or damaged. Remove the row in the admin and look anew: "
            f"manage.py events look {look.model} --events NAME --fps {look.fps:g} --wait"
        ) from error


def names_for(model: ModelVersion, label: str) -> tuple[str, ...]:
    """Return the model's names for a label: those that its map says, and the label itself if it is not mapped away."""
    mapped = tuple(own for own, theirs in model.label_map.items() if theirs == label)
    return mapped if label in model.label_map else (*mapped, label)


def _spans(rows: QuerySet[EventStretch] | QuerySet[Event], labels: Sequence[str]) -> dict[tuple[int, str], list[Span]]:
    found: dict[tuple[int, str], list[Span]] = {}
    for video, label, start_us, end_us in rows.order_by("video_id", "label", "start_us", "end_us").values_list(
        "video_id", "label", "start_us", "end_us"
    ):
        if not labels or label in labels:
            found.setdefault((video, label), []).append(Span(start_us, end_us))
    return found


def _held(videos: Sequence[Video]) -> dict[int, list[Span]]:
    held: dict[int, list[Span]] = {}
    for block in HoldoutBlock.objects.filter(video__in=[video.pk for video in videos]):
        held.setdefault(block.video_id, []).append(Span(block.start_us, block.end_us))
    return held
