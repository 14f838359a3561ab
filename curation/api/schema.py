"""What every operation of the OpenAPI schema has in common: the answers to those who may not, and to what is not."""

from typing import Any, Literal

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiResponse

from curation.api.errors import Problem

STANDARD = {
    "400": "The request is not valid.",
    "401": "Log in first.",
    "403": "Your role does not allow this.",
}
WITH_BODY = {
    "413": "The body is too large.",
    "415": "The body's content type is not one of those offered.",
}


class WinnowSchema(AutoSchema):
    """drf-spectacular's view of an operation, with the standard refusals added."""

    def _tokenize_path(self) -> list[str]:
        tokens: list[str] = super()._tokenize_path()
        return tokens[1:] if tokens[:1] == ["v1"] else tokens  # or it would be the name of every group

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        refusals = dict(STANDARD)
        if "{" in self.path or "cursor" in {p["name"] for p in self._get_parameters()}:
            refusals["404"] = "There is no such thing, or the cursor is not one of ours."
        if self.method in ("POST", "PUT", "PATCH"):
            refusals |= WITH_BODY
        for code, description in refusals.items():
            if code not in bodies:
                response = OpenApiResponse(Problem, description=description)
                bodies[code] = self._get_response_for_code(response, code, direction=direction)  # type: ignore[no-untyped-call]
        return bodies
