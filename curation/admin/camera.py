"""Cameras."""

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.safestring import SafeString

from curation.admin.site import LeanAdmin, list_link
from curation.models import Camera, Frame, Video
from curation.services.cameras import change_attributes


@admin.register(Camera)
class CameraAdmin(LeanAdmin[Camera]):
    list_display = ("name", "attributes", "rows", "created_at")
    search_fields = ("name",)
    ordering = ("name",)

    def get_fields(self, request: HttpRequest, obj: Camera | None = None) -> tuple[str, ...]:
        return ("name", "attributes", "rows", "created_at") if obj else ("name", "attributes")

    def get_readonly_fields(self, request: HttpRequest, obj: Camera | None = None) -> tuple[str, ...]:
        return ("name", "rows", "created_at") if obj else ()  # the name is a folder in the storage

    def save_model(self, request: HttpRequest, obj: Camera, form: "ModelForm[Camera]", change: bool) -> None:
        if change:
            change_attributes(camera=obj, attributes=obj.attributes)
        else:
            super().save_model(request, obj, form, change)

    @admin.display(description="has")
    def rows(self, camera: Camera) -> SafeString:
        return (
            list_link(Video, "videos", camera=camera.pk)
            + SafeString(" ")
            + list_link(Frame, "frames", camera=camera.pk)
        )
