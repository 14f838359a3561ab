"""The periodic poll: projects with tasks out are read now and then, whether or not a webhook came."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from activelearning.models import LabelBatch, LabelProject, LabelTask
from activelearning.services.pull_reading import KIND
from activelearning.services.pulling import request_pull
from curation.models import Job

FOLLOWED_FOR = timedelta(days=14)
"""Answers of a finished batch can still change; so long they are followed, an hour apart at most."""
SELDOM = timedelta(hours=1)


def poll() -> list[int]:
    """Ask for a pull of each project that is due; returns the jobs. The caller rings for them.

    Due is, every WINNOW_LABEL_POLL_S, one with tasks out, and every hour one whose batches were open lately. A project
    whose pull is open, or failed within the hour, waits."""
    now, every = timezone.now(), timedelta(seconds=settings.WINNOW_LABEL_POLL_S)
    out = Exists(LabelTask.objects.filter(project=OuterRef("pk"), state=LabelTask.State.SENT))
    lately = Exists(LabelBatch.objects.filter(project=OuterRef("pk"), sent_at__gte=now - FOLLOWED_FOR))
    due = Q(polled_at=None) | Q(polled_at__lte=now - every)
    seldom = Q(polled_at=None) | Q(polled_at__lte=now - SELDOM)
    projects = LabelProject.objects.filter((Q(out) & due) | (Q(lately) & seldom)).order_by("id")
    pulls = Job.objects.filter(kind=KIND)
    open_or_failed = Q(state__in=(Job.State.QUEUED, Job.State.RUNNING)) | Q(
        state=Job.State.FAILED, finished_at__gte=now - SELDOM
    )
    busy = set(pulls.filter(open_or_failed).values_list("params__project", flat=True))
    return [request_pull(project=project).pk for project in projects if project.pk not in busy]
