"""`manage.py prepare`: makes tables, roles and the first admin, for installations that start their own processes."""

from typing import Any

from django.core.management.base import BaseCommand

from config import bootstrap


class Command(BaseCommand):
    help = "Migrate, make the roles, and make the first admin of an empty installation."

    def handle(self, *args: Any, **options: Any) -> None:
        bootstrap.prepare()
