"""Pictures by signed link: no session needed, so that <img> tags and labelling tools can show them."""

from http import HTTPStatus

from django.contrib.auth.decorators import login_not_required
from django.core.signing import BadSignature, SignatureExpired
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from curation.models import Frame
from curation.services.pictures import PictureMissing, open_picture, read_token


@login_not_required
@require_safe
def picture(request: HttpRequest, token: str) -> HttpResponse | FileResponse:
    """Serve a frame's JPEG."""
    try:
        link = read_token(token)
    except SignatureExpired:
        return _refuse(HTTPStatus.FORBIDDEN, "This link has expired. Ask the API for the frame again.")
    except BadSignature:
        return _refuse(HTTPStatus.FORBIDDEN, "This link was not made by this service.")
    frame = Frame.objects.select_related("video").filter(pk=link.frame_id).first()
    if frame is None:
        return _refuse(HTTPStatus.NOT_FOUND, "This frame is no longer there.")
    try:
        file = open_picture(frame, width_px=link.width_px)
    except PictureMissing as error:
        return _refuse(HTTPStatus.NOT_FOUND, str(error))
    response = FileResponse(file, content_type="image/jpeg", filename=f"frame-{frame.pk}.jpg")
    response["Cache-Control"] = f"private, max-age={link.left_s}, immutable"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _refuse(status: HTTPStatus, detail: str) -> JsonResponse:
    response = JsonResponse({"detail": detail}, status=status)
    response["Cache-Control"] = "no-store"
    return response
