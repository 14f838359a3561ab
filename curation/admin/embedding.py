"""Embedders and their vectors. The numbers themselves are of no use to a reader."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from curation.admin.site import MadeByMachines, link, list_link
from curation.models import Embedder, Embedding


@admin.register(Embedder)
class EmbedderAdmin(MadeByMachines[Embedder]):
    list_display = ("id", "name", "version", "dimension", "rows")
    search_fields = ("name", "=version")
    exclude = ("mean",)

    @admin.display(description="has")
    def rows(self, embedder: Embedder) -> SafeString:
        return list_link(Embedding, "vectors", embedder=embedder.pk)


@admin.register(Embedding)
class EmbeddingAdmin(MadeByMachines[Embedding]):
    list_display = ("id", "embedder", "frame_link", "detection")
    list_filter = ("embedder",)
    list_select_related = ("embedder", "frame", "detection")
    search_fields = ("=frame__id", "=detection__id")
    exclude = ("vector",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Embedding]:
        return super().get_queryset(request).defer("vector", "embedder__mean")

    @admin.display(description="frame")
    def frame_link(self, embedding: Embedding) -> SafeString:
        return link(embedding.frame)
