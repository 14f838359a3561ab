"""Which queue a job's ring goes to."""

import django_rq
import pytest

from curation import doorbell
from tests.factories import JobFactory

# Committed for real: jobs are put on the queue when their transaction ends.
pytestmark = pytest.mark.django_db(transaction=True)


def test_a_kind_with_workers_of_its_own_waits_on_its_own_queue(queue):
    own, other = JobFactory(kind="train"), JobFactory(kind="retag")
    assert doorbell.ring_job(own.pk) == doorbell.ring_job(other.pk) == 1
    training = django_rq.get_queue("training")
    assert [job.args[0] for job in training.jobs] == [own.pk]
    assert [job.args[0] for job in queue.jobs] == [other.pk]
    assert training.jobs[0].timeout == -1
    assert queue.jobs[0].timeout > 0
    assert doorbell.ring_due() == 0
    training.empty()
    queue.empty()
    assert doorbell.ring_due() == 2
