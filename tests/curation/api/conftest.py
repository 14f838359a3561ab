import pytest
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient


class KnownClient(APIClient):
    """A client that knows whose it is."""

    def __init__(self, user, **options):
        super().__init__(**options)
        self.user = user


@pytest.fixture(autouse=True)
def _no_attempts_yet():
    cache.clear()  # the log-in throttle counts there


@pytest.fixture
def user_of(db):
    def make(role, name=""):
        user = User.objects.create_user(username=name or f"a-{role}", password="correct horse battery")
        if role:
            user.groups.add(Group.objects.get_or_create(name=role)[0])
        return user

    return make


@pytest.fixture
def client_of(user_of):
    """A client with the token of a new user of that role; "" is a user without one."""

    def make(role, name="", **options):
        client = KnownClient(user_of(role, name), **options)
        client.credentials(HTTP_AUTHORIZATION=f"Token {Token.objects.create(user=client.user).key}")
        return client

    return make


@pytest.fixture
def viewer(client_of):
    return client_of("viewer")


@pytest.fixture
def curator(client_of):
    return client_of("curator")


@pytest.fixture
def admin(client_of):
    return client_of("admin")
