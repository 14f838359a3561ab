"""Search: frames by what is true of them, and by what they look like."""

from typing import Any

from django.db.models import prefetch_related_objects
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from curation.api.detections import BoxSerializer
from curation.api.errors import Problem, QueryProblem
from curation.api.frames import SHOWN, FrameSerializer
from curation.api.resource import Guarded
from curation.api.roles import Role
from curation.services.search import Hit, search

MAX_LIMIT = 200
DARK = OpenApiExample("People in the dark", value={"query": "people:>0 AND lighting:dark"}, request_only=True)
ALIKE = OpenApiExample("Like this box", value={"like_box": 9, "query": "camera:gate", "limit": 20}, request_only=True)
NEAR = OpenApiExample(
    "A bare word",
    value={"error": "query", "column": 1, "near": "people>0", "message": '"people>0" is a bare word. Write people:>0.'},
    response_only=True,
    status_codes=["400"],
)


class SearchQuery(serializers.Serializer[Any]):
    query = serializers.CharField(
        default="", allow_blank=True, max_length=4000, help_text="Lucene syntax: `people:>0 AND lighting:dark`."
    )
    like = serializers.IntegerField(required=False, min_value=1, max_value=1 << 62, help_text="Id of a frame.")
    like_box = serializers.IntegerField(required=False, min_value=1, max_value=1 << 62, help_text="Id of a detection.")
    text = serializers.CharField(
        required=False, max_length=500, help_text="Words for what the picture shows; needs an embedder that knows text."
    )
    embedder = serializers.CharField(required=False, max_length=255, help_text="Which vectors to compare.")
    limit = serializers.IntegerField(default=50, min_value=1, max_value=MAX_LIMIT)
    cursor = serializers.CharField(required=False, max_length=2000, help_text="`next_cursor` of the page before.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        asked = [name for name in ("like", "like_box", "text") if name in attrs]
        if len(asked) > 1:
            raise serializers.ValidationError({asked[1]: [f"Give {asked[0]} or {asked[1]}, not both."]})
        if unknown := sorted(set(self.initial_data) - {*self.fields, "format"}):
            valid = ", ".join(self.fields)
            raise serializers.ValidationError({unknown[0][:80]: [f"There is no such parameter. Valid ones: {valid}."]})
        return attrs


class HitSerializer(FrameSerializer):
    score = serializers.FloatField(
        read_only=True, allow_null=True, help_text="Likeness, 1 is the same; null where nothing was compared."
    )
    detection = BoxSerializer(
        read_only=True, allow_null=True, help_text="The box that is alike; null where frames are compared."
    )

    class Meta(FrameSerializer.Meta):
        fields = [*FrameSerializer.Meta.fields, "score", "detection"]

    def to_representation(self, instance: Any) -> dict[str, Any]:
        hit: Hit = instance
        shown = super().to_representation(hit.frame)  # knows nothing of the two fields above: they come as null
        box = BoxSerializer(hit.detection).data if hit.detection else None
        return {**shown, "score": hit.score, "detection": box}


class FoundSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField(help_text="Frames that match the query.")
    next_cursor = serializers.CharField(allow_null=True)
    frames = HitSerializer(many=True)


class SearchView(Guarded):
    """Frames that match a query, in order of likeness where `like`, `like_box` or `text` is given."""

    http_method_names = ["get", "post", "head"]
    write_role = Role.VIEWER  # POST asks, as GET does: a query may be too long for a URL

    ANSWERS = {
        200: FoundSerializer,
        400: OpenApiResponse(QueryProblem, description="`column` counts from 1 and `near` is the piece that is meant."),
        404: OpenApiResponse(Problem, description="There is no frame or box to be like."),
        409: OpenApiResponse(Problem, description="What it is to be like has no vector, or weights are missing."),
    }

    @extend_schema(summary="Search frames", parameters=[SearchQuery], responses=ANSWERS, examples=[NEAR])
    def get(self, request: Request) -> Response:
        return self._found(request, request.query_params.dict())

    @extend_schema(
        summary="Search frames, the query in the body",
        request=SearchQuery,
        responses=ANSWERS,
        examples=[DARK, ALIKE, NEAR],
    )
    def post(self, request: Request) -> Response:
        return self._found(request, request.data)

    def _found(self, request: Request, said: Any) -> Response:
        query = SearchQuery(data=said)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        page = search(
            asked["query"],
            like_frame_id=asked.get("like"),
            like_detection_id=asked.get("like_box"),
            text=asked.get("text"),
            embedder=asked.get("embedder"),
            limit=asked["limit"],
            cursor=asked.get("cursor"),
        )
        hits: Any = page.hits
        prefetch_related_objects([hit.frame for hit in page.hits], *SHOWN)
        frames = HitSerializer(hits, many=True, context={"request": request}).data
        return Response({"count": page.count, "next_cursor": page.next_cursor, "frames": frames})
