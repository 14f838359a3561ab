"""Filters of list pages: an allow-list for each resource, and an error for any other parameter."""

from datetime import UTC, datetime
from typing import TypeVar

from django.db.models import Model, QuerySet
from django_filters.rest_framework import DjangoFilterBackend, IsoDateTimeFilter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.views import APIView

M = TypeVar("M", bound=Model)
PAGING = ("cursor", "limit", "format")


class MomentFilter(IsoDateTimeFilter):  # type: ignore[misc]
    """A moment in ISO 8601, with any offset: PostgreSQL refuses those beyond 16 hours, so it gets UTC."""

    def filter(self, queryset: QuerySet[M], value: datetime | None) -> QuerySet[M]:
        if value:
            try:
                value = value.astimezone(UTC)
            except (OverflowError, ValueError) as error:
                raise ValidationError({self.field_name: ["This moment is beyond the calendar."]}) from error
        found: QuerySet[M] = super().filter(queryset, value)
        return found


class StrictFilters(DjangoFilterBackend):  # type: ignore[misc]
    """django-filter, but a parameter that is not offered is refused.

    Ignoring `camera_name=gate` would answer with the frames of every camera, and nobody would notice."""

    def filter_queryset(self, request: Request, queryset: QuerySet[M], view: APIView) -> QuerySet[M]:
        if getattr(view, "action", None) != "list":
            return queryset  # one row by its id, or an action with parameters of its own
        filterset_class = self.get_filterset_class(view, queryset)
        offered = {*(filterset_class.base_filters if filterset_class else ()), *PAGING}
        if unknown := sorted(set(request.query_params) - offered):
            valid = ", ".join(sorted(offered - {"format"}))
            raise ValidationError(
                {name[:80]: [f"There is no such parameter. Valid ones: {valid}."] for name in unknown}
            )
        found: QuerySet[M] = super().filter_queryset(request, queryset, view)
        return found
