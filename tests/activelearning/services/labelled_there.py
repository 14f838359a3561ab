"""A batch in a real Label Studio project, and what annotators do there."""

import uuid

import httpx

from activelearning.models import Connection, LabelBatch, LabelProject
from activelearning.services.connections import add_connection
from activelearning.services.pulling import request_pull
from curation.services.job_kinds import run_here
from tests.activelearning.factories import LabelBatchFactory, LabelTaskFactory

WIDTH_PX, HEIGHT_PX = 640, 360


def region(x=10, y=10, side=20, *, label="person"):
    """A box in percent of the picture."""
    value = {"x": x, "y": y, "width": side, "height": side, "rotation": 0, "rectanglelabels": [label]}
    return {
        "id": uuid.uuid4().hex[:10], "type": "rectanglelabels", "from_name": "box", "to_name": "image",
        "original_width": WIDTH_PX, "original_height": HEIGHT_PX, "image_rotation": 0, "value": value,
    }  # fmt: skip


class There:
    """A project of a real server with a batch of frames sent to it, without the pushing that other tests are about."""

    def __init__(self, server, count=3, *, url="", config=None, merge=None):
        self.server = server
        made = server.project(**({"config": config} if config else {}))
        self.connection = Connection.objects.filter(url=url or server.url).first() or add_connection(
            name=f"here-{uuid.uuid4().hex[:8]}", url=url or server.url, token=server.token
        )
        self.project = LabelProject.objects.create(
            connection=self.connection, number=made.id, title=made.title, config=made.label_config,
            classes=["person", "jacket"],
        )  # fmt: skip
        self.batch = LabelBatchFactory(
            via=LabelBatch.Via.LABEL_STUDIO, project=self.project, classes=["person", "jacket"], merge=merge or {},
            state="sent",
        )  # fmt: skip
        self.send(count)

    def send(self, count):
        from django.utils import timezone

        tasks = [
            LabelTaskFactory(batch=self.batch, project=self.project, state="sent", sent_at=timezone.now())
            for _ in range(count)
        ]
        fields = [{"data": {"image": "http://x.test/1.jpg", "winnow": str(task.key)}} for task in tasks]
        told = self.server.sdk().projects.import_tasks(self.project.number, request=fields, return_task_ids=True)
        for task, number in zip(tasks, told.task_ids, strict=True):
            task.number = number
            task.save()

    @property
    def tasks(self):
        return list(self.batch.tasks.select_related("frame").order_by("pk"))

    def answer(self, task, *regions, token="", **said):
        """Let an annotator answer; returns the annotation's id."""
        body = {"result": list(regions), "lead_time": 5.0, **said}
        return self.server.ask("POST", f"/api/tasks/{task.number}/annotations/", token, json=body).json()["id"]

    def change(self, annotation, *regions):
        self.server.ask("PATCH", f"/api/annotations/{annotation}/", json={"result": list(regions)})

    def delete(self, what, number):
        """Delete one of "annotations" or "tasks"."""
        self.server.ask("DELETE", f"/api/{what}/{number}/")

    def pull(self, **how):
        """Pull once, in this process; returns the job's result."""
        return run_here(request_pull(batch=self.batch, here=True, **({"wait": False} | how))).result


def url_that_refuses():
    """An address at which nothing listens."""
    from tests.config.machine import free_port

    return f"http://localhost:{free_port()}"


__all__ = ["There", "httpx", "region", "url_that_refuses"]
