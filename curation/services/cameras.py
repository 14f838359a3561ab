"""Changing what is known of a camera."""

from collections.abc import Mapping

from django.db import transaction

from curation.models import Camera, Frame
from curation.services.keeping import refresh_tags

BATCH = 500


@transaction.atomic
def change_attributes(*, camera: Camera, attributes: Mapping[str, object]) -> Camera:
    """Store a camera's attributes and bring the tags of its frames in line with them."""
    camera = Camera.objects.select_for_update().get(pk=camera.pk)
    if camera.attributes == attributes:
        return camera
    camera.attributes = dict(attributes)
    camera.save(update_fields=["attributes"])
    frames = Frame.objects.filter(camera=camera).select_related("camera").order_by("id")
    last = 0
    while batch := list(frames.filter(id__gt=last)[:BATCH]):
        refresh_tags(batch)
        last = batch[-1].pk
    return camera
