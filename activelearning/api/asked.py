"""The parameters of a URL, read strictly."""

from typing import Any

from rest_framework.request import Request

from curation.api.dataset_fields import Strict
from curation.api.filtering import PAGING


def asked_of(request: Request, kind: type[Strict], *, paged: bool = False) -> dict[str, Any]:
    """Read the parameters of a URL; those of paging are left to the pages. Raises ValidationError."""
    said = {name: value for name, value in request.query_params.items() if not (paged and name in PAGING)}
    asked = kind(data=said)
    asked.is_valid(raise_exception=True)
    return dict(asked.validated_data)
