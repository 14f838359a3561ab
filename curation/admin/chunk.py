"""Chunks: what workers do, and where it went wrong."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from curation.admin.site import MadeByMachines, link
from curation.models import Chunk, Track


@admin.register(Chunk)
class ChunkAdmin(MadeByMachines[Chunk]):
    list_display = ("id", "run_link", "stage_index", "index", "stretch", "state", "attempt", "frames", "cpu_s", "error")
    list_filter = ("state",)
    list_select_related = ("run",)
    search_fields = ("=run__id", "=worker")

    @admin.display(description="run")
    def run_link(self, chunk: Chunk) -> SafeString:
        return link(chunk.run, f"run {chunk.run_id}")

    @admin.display(description="seconds")
    def stretch(self, chunk: Chunk) -> str:
        end = "end" if chunk.end_us is None else f"{chunk.end_us / 1e6:.2f}"
        return f"{chunk.start_us / 1e6:.2f} – {end}"

    @admin.display(description="frames in / out")
    def frames(self, chunk: Chunk) -> str:
        return f"{chunk.frames_in} / {chunk.frames_out}"


@admin.register(Track)
class TrackAdmin(MadeByMachines[Track]):
    list_display = ("id", "chunk_link")
    search_fields = ("=chunk__run__id",)
    list_select_related = ("chunk",)
    exclude = ("arrays",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Track]:
        return super().get_queryset(request).defer("arrays")

    @admin.display(description="chunk")
    def chunk_link(self, track: Track) -> SafeString:
        return link(track.chunk)
