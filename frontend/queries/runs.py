"""Which runs the pages speak of."""

from django.db.models import QuerySet

from curation.models import Run


def latest_runs() -> QuerySet[Run]:
    """The newest run of each video."""
    return Run.objects.order_by("video_id", "-id").distinct("video_id")


def settled_runs() -> QuerySet[Run]:
    """The newest run of each video that is done: what is known of it, while a newer one may be under way."""
    return Run.objects.filter(status=Run.Status.DONE).order_by("video_id", "-id").distinct("video_id")


def filter_names(run: Run) -> list[str]:
    """List the stages of a run that make intervals, in order."""
    return [stage["name"] for stage in run.spec.get("stages", ()) if stage.get("kind") != "embed"]
