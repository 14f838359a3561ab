"""What a database needs before the service works on it: tables, roles, a first admin."""

import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from curation.services.cascades import sync_builtin
from curation.services.conditions import sync_template
from curation.services.frame_stamps import mend_changed_xids

OUR_APPS = ("curation", "evaluation", "activelearning")
ROLES = {
    "viewer": ("view",),
    "curator": ("view", "add", "change", "delete"),
    "admin": ("view", "add", "change", "delete"),
}
ADMIN_ALSO = ("auth", "authtoken")
FIRST_ADMIN = "admin"
LOCK_KEY = 0x57494E4E  # "WINN": any number that nothing else in this database locks


def prepare() -> None:
    """Migrate, make the roles, and make the first admin of an empty installation, whose password goes to stderr.

    Safe to call at every start and by several processes at once; stdout stays clean for --json."""
    with _one_at_a_time():
        migrated = _migrate()
        _make_roles(refresh=migrated)
        sync_builtin()
        sync_template()
        mend_changed_xids()
        password = _make_first_admin()
    if password:
        _note(
            f"First start: log in as {FIRST_ADMIN} with the password {password}\n"
            f"It is shown this once. Set another: .venv/bin/python manage.py changepassword {FIRST_ADMIN}"
        )


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK_KEY])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK_KEY])


def _migrate() -> bool:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        _note(f"Applying {len(plan)} migrations …")
        call_command("migrate", verbosity=0, interactive=False)
    return bool(plan)


def _make_roles(*, refresh: bool) -> None:
    ours = [label for label in OUR_APPS if apps.is_installed(label)]
    for role, actions in ROLES.items():
        group, created = Group.objects.get_or_create(name=role)
        if created or refresh:
            labels = [*ours, *(ADMIN_ALSO if role == "admin" else ())]
            found = Permission.objects.filter(content_type__app_label__in=labels)
            group.permissions.add(*[p for p in found if p.codename.split("_")[0] in actions])


def _make_first_admin() -> str:
    """Make the admin where there is no user at all; gives the password, or "" where none was made."""
    users = get_user_model().objects
    if users.exists():
        return ""
    password = secrets.token_urlsafe(12)
    users.create_superuser(username=FIRST_ADMIN, password=password)
    return password


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
