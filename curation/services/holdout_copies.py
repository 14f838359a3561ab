"""Videos that are copies of a hold-out's: encoded again, say, so that neither bytes nor times betray them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from curation.core.stretches import Match, copies, shifted
from curation.core.types import Span
from curation.models import Frame, Video
from curation.services.holding import frames_within

SAME_S = 1.0


def copied_stretches(
    pairs: Iterable[tuple[int, int]], stretches: Mapping[int, Sequence[Span]]
) -> dict[int, list[Span]]:
    """Return the stretches of videos that are copies of held ones, so that they are held too, frames to come included.

    pairs are (frame, the held frame that it looks like); stretches are those of the hold-out, by video. A video is a
    copy, or a piece of one, where nearly all moments that both have look alike and neither length nor clock says
    otherwise."""
    pairs = list(pairs)
    ids = {frame_id for pair in pairs for frame_id in pair}
    footage = Frame.objects.filter(pk__in=ids, video__kind=Video.Kind.FOOTAGE)
    places = {pk: (video, pts) for pk, video, pts in footage.values_list("id", "video_id", "pts_us")}
    matches = [
        Match(*places[frame_id], *places[like_id])
        for frame_id, like_id in pairs
        if frame_id in places and like_id in places and places[like_id][0] in stretches
    ]
    times: dict[int, list[int]] = defaultdict(list)
    rows = Frame.objects.filter(video__in={match.video_id for match in matches}).order_by("video_id", "pts_us")
    for video_id, pts_us in rows.values_list("video_id", "pts_us"):
        times[video_id].append(pts_us)
    found = copies(matches, _times_within({m.held_video_id: stretches[m.held_video_id] for m in matches}), times)
    videos = Video.objects.defer("keyframes").in_bulk({pk for pair in found for pk in pair})
    result: dict[int, list[Span]] = {}
    for (video_id, held_id), shift_us in sorted(found.items()):
        if _may_be_one(videos[video_id], videos[held_id], shift_us):
            result.setdefault(video_id, []).extend(shifted(stretches[held_id], by_us=shift_us))
    return result


def _times_within(stretches: Mapping[int, Sequence[Span]]) -> dict[int, list[int]]:
    """Return the rising times of the frames there are in stretches, by video."""
    found: dict[int, list[int]] = defaultdict(list)
    rows = Frame.objects.filter(pk__in=frames_within(stretches), video__in=stretches).order_by("video_id", "pts_us")
    for video_id, pts_us in rows.values_list("video_id", "pts_us"):
        found[video_id].append(pts_us)
    return found


def _may_be_one(video: Video, held: Video, shift_us: int) -> bool:
    """Tell whether nothing says that one is no copy of the other: the length of a whole copy, or the clocks."""
    if shift_us == 0 and abs(video.duration_s - held.duration_s) > SAME_S:
        return False
    if video.recorded_at is None or held.recorded_at is None:
        return True
    return abs(video.recorded_at + timedelta(microseconds=shift_us) - held.recorded_at) <= timedelta(seconds=SAME_S)
