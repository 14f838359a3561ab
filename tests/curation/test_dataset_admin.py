"""Dataset versions in the admin: looked at by all of the staff, locked by admins."""

import pytest
from django.contrib.auth.models import Group, User
from django.urls import reverse

from config.bootstrap import _make_roles
from curation.models import DatasetVersion, Frame
from tests.factories import DatasetFactory, DatasetFrameFactory, DatasetVersionFactory, FrameFactory

pytestmark = pytest.mark.django_db
LIST = "admin:curation_datasetversion_changelist"


@pytest.fixture
def as_role(client):
    _make_roles(refresh=True)

    def log_in(role):
        user = User.objects.create_user(f"a-{role}", is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        client.force_login(user)
        return client

    return log_in


@pytest.fixture
def version():
    version = DatasetVersionFactory(dataset=DatasetFactory(name="final"), number=2, frame_count=1)
    DatasetFrameFactory(version=version, frame=FrameFactory(phash=12345))
    return version


def lock(client, version, **more):
    body = {"action": "lock", "_selected_action": [version.pk], **more}
    return client.post(reverse(LIST), body, follow=True).content.decode()


@pytest.mark.parametrize("role", ["viewer", "curator"])
def test_only_admins_lock(as_role, version, role):
    client = as_role(role)
    assert 'value="lock"' not in client.get(reverse(LIST)).content.decode()
    lock(client, version, confirmed="yes")
    assert not DatasetVersion.objects.filter(locked_at__isnull=False).exists()


def test_an_admin_sees_what_a_lock_keeps_away_before_it_is_made(as_role, version):
    client = as_role("admin")
    page = lock(client, version)
    assert "1 frames: is in the hold-out" in page
    assert "It cannot be undone." in page
    assert not Frame.objects.filter(held_out=True).exists()
    assert "1 locked." in lock(client, version, confirmed="yes")
    locked = DatasetVersion.objects.get()
    assert (locked.locked_by.username, locked.lock["by"]) == ("a-admin", "a-admin")
    assert "locked already" in lock(client, version)
    assert "0 locked." in lock(client, version, confirmed="yes")


def test_what_speaks_against_a_lock_is_shown_and_refuses_it(as_role, version):
    Frame.objects.update(phash=None)
    other = DatasetVersionFactory(dataset=DatasetFactory(name="gate"), number=1)
    DatasetFrameFactory(version=other, frame=Frame.objects.get(), split="train")
    client = as_role("admin")
    page = lock(client, version)
    assert "gate@1 has 1 of these frames" in page
    assert "1 frames have neither a vector nor a hash" in page
    assert "inal@2 was not locked" in lock(client, version, confirmed="yes")
    assert not DatasetVersion.objects.filter(locked_at__isnull=False).exists()
