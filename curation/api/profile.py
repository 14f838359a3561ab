"""Profile: what there is among the frames of a query, and what is lacking."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from curation.api.errors import Problem, QueryProblem
from curation.api.profile_fields import FootageSharesSerializer, ProfileSerializer
from curation.api.resource import Guarded
from curation.api.roles import Role
from curation.services.datasets import find_version
from curation.services.footage_shares import footage_shares
from curation.services.profiles import MAX_PAIRS, profile

PAIR = r"^[^,\s]+,[^,\s]+$"
ASKED = OpenApiExample(
    "The gate, against a version",
    value={"query": "camera:gate", "against": "roads@2", "pairs": ["lighting,weather", "camera,time"]},
    request_only=True,
)


class ProfileQuery(serializers.Serializer[Any]):
    query = serializers.CharField(
        default="", allow_blank=True, max_length=4000, help_text="Lucene syntax; none is every frame."
    )
    against = serializers.CharField(
        required=False, max_length=100, help_text="A dataset version to compare with: NAME@2, or NAME for its newest."
    )
    pairs = serializers.ListField(
        child=serializers.RegexField(
            PAIR,
            max_length=100,
            error_messages={"invalid": "Write two factors with a comma between them, as in lighting,weather."},
        ),
        default=list,
        max_length=MAX_PAIRS,
        help_text="Pairs of factors whose combinations are counted: lighting,weather. `camera` and `time` are factors.",
    )
    by_time = serializers.BooleanField(default=True, help_text="Count by time too.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if unknown := sorted(set(self.initial_data) - {*self.fields, "format"}):
            valid = ", ".join(self.fields)
            raise serializers.ValidationError({unknown[0][:80]: [f"There is no such parameter. Valid ones: {valid}."]})
        return attrs


class ProfileView(Guarded):
    """The frames of a query by each factor of the operating conditions, by pairs of factors, over cameras and time,
    beside the expected shares and beside a dataset version; what is lacking comes as sentences, the worst first."""

    http_method_names = ["get", "post", "head"]
    write_role = Role.VIEWER  # POST asks, as GET does: a query may be too long for a URL

    ANSWERS = {
        200: ProfileSerializer,
        400: OpenApiResponse(QueryProblem, description="`column` counts from 1 and `near` is the piece that is meant."),
        404: OpenApiResponse(Problem, description="There is no such dataset version; the message lists what there is."),
    }

    @extend_schema(summary="Profile a query", parameters=[ProfileQuery], responses=ANSWERS)
    def get(self, request: Request) -> Response:
        said = request.query_params
        listed = {"pairs": said.getlist("pairs")} if "pairs" in said else {}
        return self._profile({**said.dict(), **listed})

    @extend_schema(
        summary="Profile a query, given in the body", request=ProfileQuery, responses=ANSWERS, examples=[ASKED]
    )
    def post(self, request: Request) -> Response:
        return self._profile(request.data)

    def _profile(self, said: Any) -> Response:
        query = ProfileQuery(data=said)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        pairs = [(first, second) for first, second in (pair.split(",") for pair in asked["pairs"])]
        against = find_version(asked["against"]) if asked.get("against") else None
        return Response(profile(asked["query"], against=against, pairs=pairs, by_time=asked["by_time"]).to_dict())


class FootageView(Guarded):
    """In how much of all footage there is motion, people and each class: not only in the frames that were kept.

    Each video counts once, by its newest run that looked for the thing in question."""

    http_method_names = ["get", "head"]

    @extend_schema(summary="Show what the whole footage holds", responses=FootageSharesSerializer)
    def get(self, request: Request) -> Response:
        return Response(asdict(footage_shares()))
