"""Which frame each picture of an import is: one that is there, or a new one with a place of its own."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from django.db.models import Max

from curation.models import DataImport, Frame, Keep, Video
from curation.services.export_names import LAST_US, STEP_US, read_name
from curation.services.import_pictures import Arrived
from curation.services.import_report import Tally

COPY = "picture that is another one's copy"


def place(arrived: Sequence[Arrived], *, row: DataImport, tally: Tally) -> tuple[list[tuple[int, Arrived]], set[int]]:
    """Find or make each picture's frame; the ids of the new ones come second.

    A picture that this import had before, under another name, is noted and left out. Call it in a transaction."""
    contents = {one.sha256: one for one in reversed(arrived) if one.frame_id is None and one.video_id is None}
    moments = {
        (one.video_id, one.pts_us): one
        for one in reversed(arrived)
        if one.frame_id is None and one.video_id is not None
    }
    before = _by_content(contents), _by_moment(moments)
    of_folders = _of_folders(row, [one for sha256, one in contents.items() if sha256 not in before[0]])
    of_videos = (
        _frame(one, video_id=one.video_id or 0, pts_us=one.pts_us or 0)
        for moment, one in moments.items()
        if moment not in before[1]
    )
    # Two imports may bring the same picture at once; the second finds the first one's frame.
    Frame.objects.bulk_create([*of_folders, *of_videos], ignore_conflicts=True)
    by_content, by_moment = _by_content(contents), _by_moment(moments)
    ids = [
        one.frame_id or (by_content[one.sha256] if one.video_id is None else by_moment[one.video_id, one.pts_us])
        for one in arrived
    ]
    had = set(Keep.objects.filter(made_in=row, frame__in=ids).values_list("frame_id", flat=True))
    placed = []
    for frame_id, one in zip(ids, arrived, strict=True):
        if frame_id in had:
            tally.skip(one.picture.name, COPY)
        else:
            had.add(frame_id)
            placed.append((frame_id, one))
    old = {*before[0].values(), *before[1].values(), *(one.frame_id for one in arrived)}
    return placed, {frame_id for frame_id, _ in placed} - old


def _by_content(contents: Iterable[str | None]) -> dict[str | None, int]:
    return dict(Frame.objects.filter(picture_sha256__in=list(contents)).values_list("picture_sha256", "id"))


def _by_moment(moments: Iterable[tuple[int | None, int | None]]) -> dict[tuple[int | None, int | None], int]:
    wanted = set(moments)
    rows = Frame.objects.filter(video__in={video for video, _ in wanted}, pts_us__in={pts for _, pts in wanted})
    return {
        (video, pts): pk for video, pts, pk in rows.values_list("video_id", "pts_us", "id") if (video, pts) in wanted
    }


def _of_folders(row: DataImport, fresh: Sequence[Arrived]) -> Iterator[Frame]:
    folders: dict[tuple[int, str], list[Arrived]] = defaultdict(list)
    for one in fresh:
        folders[one.camera_id, _folder_name(one)].append(one)
    for (camera_id, folder), members in sorted(folders.items(), key=lambda item: item[0]):
        members.sort(key=lambda one: one.picture.name)
        is_sequence = any(one.picture.sequence for one in members)
        video = _folder(row, camera_id=camera_id, folder=folder, fps=1e6 / STEP_US if is_sequence else 0.0)
        for one, pts_us in zip(members, _times(video, members), strict=True):
            yield _frame(one, video_id=video.pk, pts_us=pts_us)


def _folder_name(one: Arrived) -> str:
    """Return what of pictures belongs together: a sequence, what an export's names say, or a folder."""
    named = read_name(one.picture.name)
    return one.picture.sequence or (named.sequence if named else one.picture.name.rpartition("/")[0])


def _frame(one: Arrived, *, video_id: int, pts_us: int) -> Frame:
    assert one.look is not None
    return Frame(
        video_id=video_id, camera_id=one.camera_id, pts_us=pts_us, recorded_at=one.look.recorded_at, image=one.image,
        width_px=one.look.width_px, height_px=one.look.height_px, picture_sha256=one.sha256, phash=one.look.phash,
    )  # fmt: skip


def _folder(row: DataImport, *, camera_id: int, folder: str, fps: float) -> Video:
    """Return the row that stands for a folder of an import, locked: who adds pictures sees the last one's place.

    A frame rate says that its pictures are a sequence, so that splits and hold-outs take it as one piece."""
    identity = "\0".join(("pictures", row.name, str(camera_id), folder))
    video, _ = Video.objects.get_or_create(
        sha256=hashlib.sha256(identity.encode()).hexdigest(),
        defaults={
            "kind": Video.Kind.PICTURES, "camera_id": camera_id, "name": (folder or row.name)[-255:], "size_bytes": 0,
            "fps": fps,
        },
    )  # fmt: skip
    return Video.objects.select_for_update(no_key=True, of=("self",)).get(pk=video.pk)


def _times(video: Video, members: Sequence[Arrived]) -> Iterator[int]:
    """Give each picture a time of its own: the one it says, else the next in order."""
    frames = Frame.objects.filter(video=video)
    last = frames.aggregate(last=Max("pts_us"))["last"]
    wishes = [_wish(one) for one in members]
    said = [wish for wish in wishes if wish is not None]
    taken = set(frames.filter(pts_us__in=said).values_list("pts_us", flat=True))
    # Those without a time come behind all that have one.
    behind = max([*said, *([last] if last is not None else [])], default=-STEP_US)
    for wish in wishes:
        if wish is None or wish in taken:
            behind += STEP_US
            wish = behind
        taken.add(wish)
        yield wish


def _wish(one: Arrived) -> int | None:
    said, named = one.picture, read_name(one.picture.name)
    if named is not None:
        return named.pts_us
    wish = said.time_s * 1e6 if said.time_s is not None else None
    if wish is None and said.frame_index is not None:
        wish = float(said.frame_index) * STEP_US
    return round(wish) if wish is not None and 0 <= wish < LAST_US else None
