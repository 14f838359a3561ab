"""Pictures for annotators, by signed link: their browsers have no session here, and draw them on a canvas."""

from http import HTTPStatus
from typing import TypeVar

from django.contrib.auth.decorators import login_not_required
from django.core.signing import SignatureExpired
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from activelearning.services.picture_links import BadSignature, frame_behind
from curation.services.pictures import PictureMissing, open_picture

R = TypeVar("R", HttpResponse, FileResponse)


@login_not_required
@require_safe
def label_picture(request: HttpRequest, token: str) -> HttpResponse | FileResponse:
    """Serve a task's picture to any page: whoever has the link may see it."""
    try:
        frame, keep_s = frame_behind(token)
    except SignatureExpired:
        return _refuse(
            HTTPStatus.FORBIDDEN, "This link has expired. `manage.py labelling mend BATCH links` gives new ones."
        )
    except BadSignature:
        return _refuse(HTTPStatus.FORBIDDEN, "This link was not made by this service.")
    if frame is None:
        return _refuse(HTTPStatus.NOT_FOUND, "This picture is no longer to be labelled.")
    try:
        file = open_picture(frame)
    except PictureMissing as error:
        return _refuse(HTTPStatus.NOT_FOUND, str(error))
    response = FileResponse(file, content_type="image/jpeg", filename=f"frame-{frame.pk}.jpg")
    response["Cache-Control"] = f"private, max-age={keep_s}, immutable"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return _shared(response)


def _refuse(status: HTTPStatus, detail: str) -> HttpResponse:
    response = JsonResponse({"detail": detail}, status=status)
    response["Cache-Control"] = "no-store"
    return _shared(response)


def _shared(response: R) -> R:
    """Let pages of other origins read it. No cookie comes into it, so any origin may."""
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
