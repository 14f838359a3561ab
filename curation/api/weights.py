"""Which models a cascade names. A `.pt` file is code, so naming a model for the first time is for admins.

A curator may build cascades and set runs with any model that a stored cascade names already: storing that cascade was
an admin's decision, or came with Winnow."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from rest_framework.exceptions import PermissionDenied

from curation.api.roles import Role, role_of
from curation.models import Cascade

_MODEL = re.compile(r"[A-Za-z][\w-]*:.+|.*\.(pt|pth|torchscript|engine|onnx|safetensors|bin|pkl)", re.IGNORECASE | re.S)


def models_in(spec: Mapping[str, Any]) -> set[str]:
    """List the models that a cascade's stages name: detectors and embedders with a file or a name to fetch.

    >>> models_in({"stages": [{"kind": "objects", "detector": "yolox_onnx:/models/nano.onnx", "classes": ["person"]}]})
    {'yolox_onnx:/models/nano.onnx'}
    """
    parts = [value for key, value in spec.items() if key not in ("name", "description")]
    return {text for text in _texts(parts) if _MODEL.fullmatch(text)}


def known_models() -> set[str]:
    """List the models that stored cascades name."""
    return {model for spec in Cascade.objects.values_list("spec", flat=True) for model in models_in(spec)}


def check_models(spec: Mapping[str, Any], *, known: set[str], user: AbstractBaseUser | AnonymousUser) -> None:
    """Refuse a model that is new, unless an admin names it. Raises PermissionDenied."""
    new = sorted(models_in(spec) - known)
    if new and role_of(user) < Role.ADMIN:
        valid = ", ".join(sorted(known)) or "none yet"
        raise PermissionDenied(
            f"{new[0]}: model files can hold code, so only an admin may store a cascade that names a new one. "
            f"Known models: {valid}."
        )


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)
