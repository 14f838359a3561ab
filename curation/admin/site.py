"""What all admin pages share: no count of whole tables, no giant selects, and rows that machines write stay theirs."""

import json
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString

from curation.core.errors import WinnowError

M = TypeVar("M", bound=Model)
COUNT_TO = 10_000

if TYPE_CHECKING:
    _Paginator = Paginator[Any]
    _ModelAdmin = admin.ModelAdmin
else:
    _Paginator = Paginator

    class _ModelAdmin(admin.ModelAdmin):
        def __class_getitem__(cls, _):
            return cls


class CappedPaginator(_Paginator):
    """Counts to 10,000 and no further; what lies behind is reached by filters. A count of millions takes seconds."""

    @cached_property
    def count(self) -> int:
        rows = self.object_list
        return rows.order_by()[:COUNT_TO].count() if isinstance(rows, QuerySet) else len(rows)


class LeanAdmin(_ModelAdmin[M]):
    """A list page of fixed cost."""

    ordering = ("-id",)
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # they count the table once for each choice of each filter
    paginator = CappedPaginator


class MadeByMachines(LeanAdmin[M]):
    """Rows that workers write: to be looked at, not changed. What may be done with them are services, as actions."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False


def pretty(value: object) -> SafeString:
    """Show a JSON value over several lines."""
    return format_html('<pre style="margin: 0; white-space: pre-wrap">{}</pre>', json.dumps(value, indent=1))


def link(row: Model, text: object = None) -> SafeString:
    """Link to a row's admin page."""
    return format_html('<a href="{}">{}</a>', reverse(f"{_page(row)}_change", args=[row.pk]), text or row)


def list_link(model: type[Model], text: str, /, **filters: object) -> SafeString:
    """Link to the admin list of a model, filtered: `list_link(Frame, "frames", video=3)`."""
    query = "&".join(f"{name}__id__exact={value}" for name, value in filters.items())
    return format_html('<a href="{}?{}">{}</a>', reverse(f"{_page(model)}_changelist"), query, text)


def do_each(
    page: "admin.ModelAdmin[M]",
    request: HttpRequest,
    rows: QuerySet[M],
    verb: Callable[[M], object],
    *,
    ring: Callable[[int], object],
    done: str,
) -> None:
    """Do something to each row, ring for what follows, and say what could not be done."""
    count = 0
    for row in rows:
        try:
            with transaction.atomic():
                verb(row)
                transaction.on_commit(partial(ring, row.pk))
        except WinnowError as error:
            page.message_user(request, str(error), messages.WARNING)
        else:
            count += 1
    page.message_user(request, f"{count} {done}.", messages.SUCCESS if count else messages.INFO)


def _page(model: Model | type[Model]) -> str:
    return f"admin:{model._meta.app_label}_{model._meta.model_name}"
