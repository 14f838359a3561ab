"""What all views of active learning share: those of curation, which know this app's errors too."""

from typing import TypeVar

from django.db.models import Model
from rest_framework.response import Response

from activelearning.api.errors import translated
from curation.api import resource

M = TypeVar("M", bound=Model)


class Guarded(resource.Guarded):
    """A view that needs a role, and answers errors of the services of all three apps."""

    def handle_exception(self, exc: Exception) -> Response:
        return super().handle_exception(translated(exc))


class Resource(Guarded, resource.Resource[M]):
    """A list and its items, filtered by an allow-list and paged by cursor."""
