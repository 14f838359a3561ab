import re

import pytest
from django.contrib.auth import authenticate, get_user_model
from django.contrib.auth.models import Group

from config import bootstrap

pytestmark = pytest.mark.django_db


def test_the_first_admin_is_made_once_and_told_on_stderr_only(capsys):
    bootstrap.prepare()
    said = capsys.readouterr()
    password = re.search(r"log in as admin with the password (\S+)", said.err).group(1)
    assert "changepassword admin" in said.err
    assert said.out == ""
    assert authenticate(username="admin", password=password).is_superuser
    bootstrap.prepare()
    assert capsys.readouterr().err == ""
    assert get_user_model().objects.count() == 1


def test_no_admin_is_made_where_somebody_is_already(capsys):
    get_user_model().objects.create_user("somebody")
    bootstrap.prepare()
    assert capsys.readouterr().err == ""
    assert not get_user_model().objects.filter(is_superuser=True).exists()


def test_roles_may_do_what_their_names_say():
    bootstrap.prepare()

    def actions(role):
        return {p.codename.split("_")[0] for p in Group.objects.get(name=role).permissions.all()}

    def apps(role):
        return set(Group.objects.get(name=role).permissions.values_list("content_type__app_label", flat=True))

    assert actions("viewer") == {"view"}
    assert actions("curator") == actions("admin") == {"view", "add", "change", "delete"}
    assert apps("viewer") == apps("curator") == {"curation", "evaluation", "activelearning"}
    assert apps("admin") == {"curation", "evaluation", "activelearning", "auth", "authtoken"}


def test_a_right_that_was_taken_away_stays_away():
    bootstrap.prepare()
    curator = Group.objects.get(name="curator")
    taken = curator.permissions.filter(codename__startswith="delete_").first()
    curator.permissions.remove(taken)
    bootstrap.prepare()
    assert taken not in curator.permissions.all()
