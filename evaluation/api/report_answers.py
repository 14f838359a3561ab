"""Reports as answers: files to save, or pages to look at that can do nothing."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers

from curation.api.dataset_fields import Strict
from evaluation.core.reports import REPORTS

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; sandbox allow-popups allow-top-navigation-by-user-activation"
)
"""Styles and pictures are in the page itself; scripts, forms and foreign addresses have no place there."""
DASHBOARD = "/dashboard"
FILES: Mapping[str, tuple[str, str]] = {name: (report.media_type, report.suffix) for name, report in REPORTS.items()}


class RunReportQuery(Strict):
    kind = serializers.ChoiceField(list(REPORTS), default="html")
    inline = serializers.BooleanField(default=False, help_text="To be shown in the browser, not saved.")


def report_response(text: str, *, kind: str, name: str, is_inline: bool = False) -> HttpResponse:
    """Answer a report as a file of that name, without its suffix."""
    media_type, suffix = FILES[kind]
    response = HttpResponse(text, content_type=f"{media_type}; charset=utf-8")
    # The name is of a suite, a model and a number: letters, digits, '_', '.', '-' and '@'.
    response["Content-Disposition"] = f'{"inline" if is_inline else "attachment"}; filename="{name}{suffix}"'
    response["Content-Security-Policy"] = POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def report_answers(kinds: Mapping[str, tuple[str, str]] = FILES) -> dict[Any, Any]:
    """Describe the answers for the schema, by media type."""
    return {
        (200, media_type): OpenApiResponse(
            {"type": "object" if kind == "json" else "string"}, description=f"kind={kind}"
        )
        for kind, (media_type, _) in kinds.items()
    }


def base_url(request: HttpRequest) -> str:
    """Return the dashboard's address as this request reached it, for links in reports."""
    return request.build_absolute_uri(DASHBOARD)
