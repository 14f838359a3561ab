"""In how much of the footage there is motion, people, and each class: over all of it, not only over kept frames.

What counts as footage is each video's whole length, once, whatever number of runs there are over it. For motion the
newest done run with a motion stage speaks for a video. For a class it is, of the newest done run of each cascade, the
newest one whose last objects stage looks for that class; so a run that looked for cars does not say that there were no
people. Videos that nobody searched for a class are no part of that class's share. A class that no cascade looks for
was only seen by the way, while something else was in view: its share is a lower bound, and marked.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import TypeAlias

from django.db.models import Count, F, Sum

from curation.core.stages import Motion, Objects
from curation.core.taggers.people import People
from curation.models import Run, Video
from curation.services.in_force import current_spec
from curation.services.presence import fill_in_class_times

Stages: TypeAlias = list[dict[str, object]]
MANY_RUNS, MOST_REMEMBERED = 1_000, 20_000
FILL_IN_AT_ONCE = 50
"""Runs from before classes' times were noted are worked out so many at a time, lest one page waits for all."""


@dataclass(frozen=True)
class FootageShare:
    """Something was in view for `seconds` of `footage_s` seconds, those of the `videos` in which it was looked for.

    share is None where there is no such footage. by_the_way: no cascade looks for it, so this is what was seen while
    something else was in view, out of all footage that was searched for anything."""

    name: str
    seconds: float
    footage_s: float
    share: float | None
    videos: int
    by_the_way: bool = False


@dataclass(frozen=True)
class FootageShares:
    """`total_s` is the length of all footage, `done_s` of that which a cascade was run over. Classes come in order of
    their share, largest first. motion and people are None where no run looked for them. `runs_to_count` runs are
    older than this figure and still to be worked out: ask again."""

    total_s: float
    videos: int
    done_s: float
    done_videos: int
    motion: FootageShare | None
    people: FootageShare | None
    classes: tuple[FootageShare, ...]
    runs_to_count: int


@dataclass(frozen=True)
class _Done:
    """A done run: the seconds with motion, and the last objects stage; None where it has none."""

    id: int
    video: int
    length_s: float
    cascade: str
    motion_s: float | None
    looks_for: frozenset[str] | None = None
    """Classes; empty is every class."""
    class_s: Mapping[str, float] | None = field(default_factory=dict)
    is_counted: bool = True


_remembered: dict[tuple[int, datetime | None], _Done] = {}


def footage_shares(*, fill_in: int = FILL_IN_AT_ONCE) -> FootageShares:
    """Add up what was in view in all footage. Works out at most `fill_in` runs that are older than this figure.

    A few queries on videos and runs; none on frames."""
    runs = _newest_first()
    stale = [run for run in _searched(runs) if not run.is_counted]
    for run in stale[:fill_in]:
        fill_in_class_times(run_id=run.id)
    if stale[:fill_in]:
        runs = _newest_first()
    searched = _searched(runs)
    classes = _classes(searched)
    people_are = {str(name) for name in current_spec().tags.get("people", {}).get("classes", People().classes)}
    people = [share for share in classes if share.name in people_are]
    footage = Video.objects.filter(kind=Video.Kind.FOOTAGE, status=Video.Status.READY)
    whole = footage.aggregate(videos=Count("id"), total_s=Sum("duration_s", default=0.0))
    lengths = {run.video: run.length_s for run in runs}
    return FootageShares(
        total_s=float(whole["total_s"]),
        videos=whole["videos"],
        done_s=sum(lengths.values()),
        done_videos=len(lengths),
        motion=_motion(runs),
        # Several classes may be people; they can be in view together, so the longest is what is certain.
        people=max(people, key=lambda share: share.share or 0.0, default=None),
        classes=classes,
        runs_to_count=sum(not run.is_counted for run in searched),
    )


def _newest_first() -> list[_Done]:
    rows = Run.objects.filter(video__kind=Video.Kind.FOOTAGE, status=Run.Status.DONE, video__duration_s__gt=0).order_by(
        F("finished_at").desc(nulls_last=True), "-pk"
    )
    keys = list(rows.values_list("pk", "finished_at"))
    known = {key: run for key in keys if (run := _remembered.get(key)) is not None}
    if unread := [key[0] for key in keys if key not in known]:
        columns = ("pk", "finished_at", "video_id", "video__duration_s", "cascade__name", "spec__stages", "stages")
        # All of them in one query where many are new, not a list of ids as long as the table.
        wanted = rows if len(unread) > MANY_RUNS else rows.filter(pk__in=unread)
        known |= {(pk, ended_at): _read(pk, *rest) for pk, ended_at, *rest in wanted.values_list(*columns)}
        _remember(known)
    # One may have been started again in between.
    return [known[key] for key in keys if key in known]


def _remember(known: Mapping[tuple[int, datetime | None], _Done]) -> None:
    """Remember done runs by number and end: as long as that stands, one that is counted does not change any more."""
    lasting = ((key, run) for key, run in known.items() if run.is_counted and key[1] is not None)
    # Another one in its place, since other threads may be reading it.
    global _remembered
    _remembered = dict(islice(lasting, MOST_REMEMBERED))


def _read(
    run_id: int,
    video: int,
    length_s: float,
    cascade: str,
    spec: Stages | None,
    stages: Stages,
) -> _Done:
    counted = {stage["name"]: stage for stage in stages}
    done = [(one, counted[one["name"]]) for one in spec or () if one.get("name") in counted]
    motion = [counts for one, counts in done if one.get("kind") == Motion.kind]
    motion_s = min(_seconds(motion[0].get("duration_s")), length_s) if motion else None
    objects = [(one, counts) for one, counts in done if one.get("kind") == Objects.kind]
    if not objects:
        return _Done(run_id, video, length_s, cascade, motion_s)
    last, counts = objects[-1]
    classes, class_s = last.get("classes"), counts.get("class_s")
    return _Done(
        id=run_id,
        video=video,
        length_s=length_s,
        cascade=cascade,
        motion_s=motion_s,
        looks_for=frozenset(map(str, classes)) if isinstance(classes, list) else frozenset(),
        class_s={str(k): min(_seconds(s), length_s) for k, s in class_s.items()} if isinstance(class_s, dict) else None,
        is_counted="class_s" in counts,
    )


def _searched(runs: Iterable[_Done]) -> list[_Done]:
    """Return the newest run with an objects stage of each video and cascade, newest first."""
    chosen: dict[tuple[int, str], _Done] = {}
    for run in runs:
        if run.looks_for is not None:
            chosen.setdefault((run.video, run.cascade), run)
    return list(chosen.values())


def _motion(runs: Iterable[_Done]) -> FootageShare | None:
    chosen: dict[int, _Done] = {}
    for run in runs:
        if run.motion_s is not None:
            chosen.setdefault(run.video, run)
    if not chosen:
        return None
    return _share("motion", {video: (run.motion_s or 0.0, run.length_s) for video, run in chosen.items()})


def _classes(searched: Iterable[_Done]) -> tuple[FootageShare, ...]:
    known = [run for run in searched if run.class_s is not None]
    names = {name for run in known for name in (*(run.class_s or ()), *(run.looks_for or ()))}
    lengths = {run.video: run.length_s for run in known}
    looked_for: dict[str, dict[int, tuple[float, float]]] = {}
    by_the_way: dict[str, dict[int, float]] = {}
    for run in known:
        seen = run.class_s or {}
        for name in run.looks_for or names:
            looked_for.setdefault(name, {}).setdefault(run.video, (seen.get(name, 0.0), run.length_s))
        for name in seen.keys() - (run.looks_for or names):
            longest = by_the_way.setdefault(name, {})
            longest[run.video] = max(seen[name], longest.get(run.video, 0.0))
    whole_s = sum(lengths.values())
    shares = [_share(name, looked_for[name]) for name in sorted(looked_for)]
    for name in sorted(names - looked_for.keys()):
        shares.append(_shared(name, sum(by_the_way[name].values()), whole_s, len(lengths), by_the_way=True))
    return tuple(sorted(shares, key=lambda share: -(share.share or 0.0)))


def _share(name: str, seen: Mapping[int, tuple[float, float]]) -> FootageShare:
    seconds = sum(seconds for seconds, _ in seen.values())
    return _shared(name, seconds, sum(length_s for _, length_s in seen.values()), len(seen))


def _shared(name: str, seconds: float, footage_s: float, videos: int, *, by_the_way: bool = False) -> FootageShare:
    share = seconds / footage_s if footage_s else None
    return FootageShare(name, round(seconds, 3), round(footage_s, 3), share, videos, by_the_way)


def _seconds(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
