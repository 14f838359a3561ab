"""One RQ worker: takes jobs from one queue and runs them in its own process, so that models stay loaded."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import django_rq
from django.db import close_old_connections
from redis import RedisError
from rq import worker_registration
from rq.executions import Execution
from rq.job import Job
from rq.queue import Queue
from rq.serializers import JSONSerializer
from rq.worker import BaseWorker, SimpleWorker

QUEUES = ("cascade", "training")
QUEUE = QUEUES[0]
BEAT_S = 15
MAINTENANCE_S = 30
log = logging.getLogger(__name__)


def work(queue: str = QUEUE) -> None:
    """Run one worker in this process until it is asked to stop: by SIGINT or SIGTERM after its job, which a second
    one ends with a SystemExit.

    It has one queue only: with two, RQ pops with BLPOP, and a worker killed just then loses the job."""
    connection = django_rq.get_connection(queue)
    worker = CascadeWorker(
        [django_rq.get_queue(queue, connection=connection)],
        connection=connection,
        serializer=JSONSerializer,
        worker_ttl=2 * BEAT_S,
        job_monitoring_interval=BEAT_S,
        maintenance_interval=MAINTENANCE_S,
    )
    worker.work(logging_level="WARNING")


def registered(queue: str = QUEUE) -> int:
    """Count the workers of a queue that Redis knows of, on every machine."""
    return len(CascadeWorker.all(queue=django_rq.get_queue(queue)))


class CascadeWorker(SimpleWorker):
    """A worker that does not fork, yet is noticed within about a minute when it dies in the middle of a job.

    RQ's SimpleWorker promises to be alive for the whole job timeout, since nothing beats while it works. Here a
    thread beats, so the promise is short."""

    def execute_job(self, job: Job, queue: Queue) -> None:
        close_old_connections()
        execution = self.prepare_execution(job)
        with self._beating(job, execution):
            self.perform_job(job, queue, execution)
        self.set_state("idle")
        close_old_connections()

    def get_heartbeat_ttl(self, job: Job, working_time: float = 0.0) -> int:
        return BaseWorker.get_heartbeat_ttl(self, job, working_time)

    def run_maintenance_tasks(self) -> None:
        worker_registration.register(self)  # a flushed Redis has forgotten us
        super().run_maintenance_tasks()  # type: ignore[no-untyped-call]

    @contextmanager
    def _beating(self, job: Job, execution: Execution) -> Iterator[None]:
        done = threading.Event()

        def beat() -> None:
            while not done.wait(BEAT_S):
                try:
                    self.maintain_heartbeats(job, execution)
                except RedisError as error:
                    log.warning("no heartbeat sent for job %s: %s", job.id, error)

        thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()
