"""Changing what is known of a camera."""

from collections.abc import Mapping

from django.db import transaction

from curation.models import Camera, Frame
from curation.services.layers import in_force, refresh_tags
from curation.services.retagging import BATCH, retag_frames

READ_BY_TAGGERS = ("timezone", "hemisphere", "latitude")


@transaction.atomic
def change_attributes(*, camera: Camera, attributes: Mapping[str, object]) -> Camera:
    """Store a camera's attributes and bring the tags of its frames in line with them.

    Where a tagger goes by what changed, it is asked anew from what is stored."""
    camera = Camera.objects.select_for_update().get(pk=camera.pk)
    before = camera.attributes
    if before == attributes:
        return camera
    camera.attributes = dict(attributes)
    camera.save(update_fields=["attributes"])
    is_read = any(before.get(name) != attributes.get(name) for name in READ_BY_TAGGERS)
    frames, added, last = Frame.objects.filter(camera=camera).order_by("id"), in_force(), 0
    while batch := list(frames.filter(id__gt=last)[:BATCH]):
        if is_read:
            retag_frames(batch, added=added)
        else:
            refresh_tags(batch, added=added)
        last = batch[-1].pk
    return camera
