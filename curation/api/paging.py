"""Cursor paging: a page costs the same wherever it is, and nothing is counted."""

from typing import Any

from django.core.exceptions import ValidationError
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.views import APIView


class ById(CursorPagination):
    """Pages in the order in which rows were made."""

    ordering = "id"
    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 200
    template = None

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any] | None:
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValueError, ValidationError) as error:
            # The position inside a cursor comes back from the client, and DRF puts it into a look-up unseen.
            raise NotFound(self.invalid_cursor_message) from error


class NewestFirst(ById):
    """Pages with the newest rows first."""

    ordering = "-id"


class NewestUploadFirst(ById):
    """Uploads have random ids, so they are paged by when they began."""

    ordering = "-created_at"
