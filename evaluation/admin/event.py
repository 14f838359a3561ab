"""Sets of events, their events, and what was looked through."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from curation.admin.site import MadeByMachines, link, list_link
from evaluation.models import Event, EventSet, EventStretch
from evaluation.services.events import with_counts


@admin.register(EventSet)
class EventSetAdmin(MadeByMachines[EventSet]):
    """A set never changes; another truth is another set: `manage.py events import`."""

    list_display = ("id", "name", "videos", "events", "looked", "note", "created_at")
    search_fields = ("=id", "name")
    fields = ("name", "note", ("videos", "events", "looked"), "rows", "stretches", "sha256", "created_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[EventSet]:
        return with_counts(super().get_queryset(request))

    @admin.display(description="videos")
    def videos(self, row: EventSet) -> int:
        return int(getattr(row, "video_count", 0))

    @admin.display(description="events")
    def events(self, row: EventSet) -> int:
        return int(getattr(row, "event_count", 0))

    @admin.display(description="looked through")
    def looked(self, row: EventSet) -> str:
        return f"{getattr(row, 'looked_us', 0) / 3.6e9:.2f} h"

    @admin.display(description="events")
    def rows(self, row: EventSet) -> SafeString:
        return list_link(Event, "events", event_set=row.pk)

    @admin.display(description="looked through")
    def stretches(self, row: EventSet) -> SafeString:
        return list_link(EventStretch, "stretches", event_set=row.pk)


class _InVideo(MadeByMachines[Event]):
    list_display = ("id", "event_set", "video_link", "label", "start_s", "end_s")
    list_select_related = ("event_set", "video")
    search_fields = ("=id", "=label", "=video__name", "=event_set__name")
    fields = ("event_set", "video_link", "label", ("start_s", "end_s"))

    @admin.display(description="video")
    def video_link(self, row: Event) -> SafeString:
        return link(row.video)

    @admin.display(description="from (s)", ordering="start_us")
    def start_s(self, row: Event) -> float:
        return row.start_us / 1e6

    @admin.display(description="to (s)", ordering="end_us")
    def end_s(self, row: Event) -> float:
        return row.end_us / 1e6


@admin.register(Event)
class EventAdmin(_InVideo):
    """Stretches in which a label is in view."""


@admin.register(EventStretch)
class EventStretchAdmin(_InVideo):
    """Stretches that somebody looked through."""
