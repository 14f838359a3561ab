"""What came in, what was kept, and what each stage did."""

from collections import defaultdict
from typing import Any

from django.db import connection
from django.db.models import Count, Q, Sum

from curation.models import Camera, Run, Video
from frontend.queries.runs import latest_runs, settled_runs
from frontend.records import Funnel, StageSum, Totals

# Only runs that are done: stages of one under way have not seen the same footage, so their shares would mislead.
FUNNELS_SQL = """
WITH settled AS (
    SELECT DISTINCT ON (video_id) id, video_id, cascade_id, spec, stages, frames_kept
    FROM curation_run WHERE status = 'done' ORDER BY video_id, id DESC
)
SELECT c.name, s.value->>'name', settled.spec->'stages'->(s.at::int - 1)->>'kind', min(s.at),
       sum((s.value->>'frames_in')::bigint)::bigint, sum((s.value->>'frames_out')::bigint)::bigint,
       sum((s.value->>'cpu_s')::float), sum(coalesce((s.value->>'duration_s')::float, 0)),
       sum(v.duration_s), sum(settled.frames_kept)::bigint, sum(coalesce(v.decoded_frames, v.header_frames))::bigint,
       count(*), max(settled.id)
FROM settled
JOIN curation_cascade c ON c.id = settled.cascade_id
JOIN curation_video v ON v.id = settled.video_id
CROSS JOIN LATERAL jsonb_array_elements(settled.stages) WITH ORDINALITY s(value, at)
GROUP BY 1, 2, 3 ORDER BY 1, 4, 2
"""


def totals() -> Totals:
    """Sum up what is there. 4 queries over videos and runs; frames are not counted, runs know how many they kept."""
    videos = Video.objects.aggregate(
        number=Count("id"), footage_s=Sum("duration_s", default=0.0), failed=Count("id", filter=Q(status="failed"))
    )
    latest = Run.objects.filter(id__in=latest_runs().values("id")).aggregate(
        open=Count("id", filter=Q(status__in=("queued", "running"))),
        failed=Count("id", filter=Q(status="failed")),
    )
    settled = Run.objects.filter(id__in=settled_runs().values("id")).aggregate(kept=Sum("frames_kept", default=0))
    return Totals(
        cameras=Camera.objects.count(),
        videos=videos["number"],
        footage_s=videos["footage_s"],
        frames_kept=settled["kept"],
        open_runs=latest["open"],
        failed=videos["failed"] + latest["failed"],
    )


def funnels() -> list[Funnel]:
    """Sum up the stages of each cascade, the one with the newest run first. 1 query."""
    found: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(FUNNELS_SQL)
        for cascade, *row in cursor.fetchall():
            found[cascade].append(tuple(row))
    newest_first = sorted(found.items(), key=lambda item: -max(row[-1] for row in item[1]))
    return [
        Funnel(
            cascade=cascade,
            stages=[
                StageSum(name, kind or "", seen, out, cpu, held) for name, kind, _, seen, out, cpu, held, *_ in rows
            ],
            footage_s=max(row[7] for row in rows),
            frames_kept=max(row[8] for row in rows),
            frames_decoded=max(row[9] for row in rows),
            videos=max(row[10] for row in rows),
        )
        for cascade, rows in newest_first
    ]
