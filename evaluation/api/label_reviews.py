"""Label reviews: labels that several signals contradict, and what people said of them."""

from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from curation.api.errors import Problem
from curation.api.floats import FiniteFloat
from curation.api.paging import ById
from curation.services.datasets import find_version
from evaluation.api.resource import Resource
from evaluation.models import LabelReview, TestRun
from evaluation.services.label_reviews import MOST_NOTE_CHARS, decide_review, open_reviews
from evaluation.services.model_registry import find_model
from evaluation.services.suspect_labels import LEAST_WITNESSES, MOST_MODELS, Witnesses, find_suspects, witnesses_of
from evaluation.services.test_records import find_run

AT_ONCE = 1_000
BIGGEST = 2**63 - 1
TWO_MODELS = OpenApiExample(
    "What two models contradict", value={"dataset": "street@4", "models": ["people-v3", "yolox"], "limit": 50},
    request_only=True,
)  # fmt: skip
OF_RUN = OpenApiExample("Of a test run", value={"test_run": 12, "scenario": "people at night"}, request_only=True)
WRONG = OpenApiExample("A wrong label", value={"state": "wrong", "note": "it is a mannequin"}, request_only=True)
MISSING = OpenApiResponse(Problem, description="There is no such version, model or review.")


class LabelReviewSerializer(serializers.ModelSerializer[LabelReview]):
    """`box` is [x1, y1, x2, y2] in pixels of the upright frame."""

    box = serializers.SerializerMethodField(help_text="[x1, y1, x2, y2] in pixels of the upright frame.")
    reasons = serializers.ListField(child=serializers.CharField(), read_only=True, help_text="What contradicts it.")
    opened_by = serializers.CharField(source="opened_by.username", read_only=True, default=None, allow_null=True)
    decided_by = serializers.CharField(source="decided_by.username", read_only=True, default=None, allow_null=True)

    class Meta:
        model = LabelReview
        fields = [
            "id", "frame", "kind", "label", "box", "suspicion", "reasons", "state", "note", "test_run", "opened_by",
            "opened_at", "decided_by", "decided_at",
        ]  # fmt: skip

    def get_box(self, review: LabelReview) -> list[float]:
        return [review.x1, review.y1, review.x2, review.y2]


class DecisionSerializer(serializers.Serializer[Any]):
    state = serializers.ChoiceField(
        choices=LabelReview.State.choices,
        help_text="right: tests count it again; wrong: they leave it out; open: undecided.",
    )
    note = serializers.CharField(default="", allow_blank=True, max_length=MOST_NOTE_CHARS)


class NewReviewsSerializer(serializers.Serializer[Any]):
    """Where to look: either `dataset` and `models`, or `test_run`."""

    test_run = serializers.IntegerField(
        required=False, min_value=1, max_value=BIGGEST, help_text="Its version, model and baseline."
    )
    scenario = serializers.CharField(
        default="", allow_blank=True, max_length=120, help_text="Only the frames of the run's scenario of that name."
    )
    dataset = serializers.CharField(
        required=False, max_length=200, help_text="A dataset version: street@4, or street for the newest."
    )
    models = serializers.ListField(
        child=serializers.CharField(max_length=80), required=False, allow_empty=False, max_length=MOST_MODELS,
        help_text="Names of models that have predicted it.",
    )  # fmt: skip
    query = serializers.CharField(
        default="", allow_blank=True, max_length=2000, help_text="Only these frames of it; as in search."
    )
    min_suspicion = FiniteFloat(default=0.5, min_value=0.0, max_value=1.0)
    least_witnesses = serializers.IntegerField(
        default=LEAST_WITNESSES, min_value=1, max_value=MOST_MODELS + 1,
        help_text="So many models, or the frames before and after, must contradict a label.",
    )  # fmt: skip
    limit = serializers.IntegerField(default=100, min_value=1, max_value=AT_ONCE, help_text="The most suspect.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        named = "dataset" in attrs and "models" in attrs
        if named == ("test_run" in attrs):
            raise serializers.ValidationError("Give either `dataset` and `models`, or `test_run`.")
        if named and attrs["scenario"]:
            raise serializers.ValidationError("`scenario` goes with `test_run`.")
        if not named and attrs["query"]:
            raise serializers.ValidationError("`query` goes with `dataset`; a run's frames are its scenario's.")
        return attrs


class OpenedSerializer(serializers.Serializer[Any]):
    opened = serializers.IntegerField(help_text="How many reviews were opened.")
    known = serializers.IntegerField(help_text="How many suspect labels were sent to review before.")


class LabelReviewFilters(filters.FilterSet):  # type: ignore[misc]
    state = filters.ChoiceFilter(choices=LabelReview.State.choices, help_text="open, right or wrong.")
    kind = filters.ChoiceFilter(choices=LabelReview.Kind.choices, help_text="What is suspected.")
    label = filters.CharFilter(help_text="The exact label.")
    frame = filters.NumberFilter(help_text="Id of the frame.")
    video = filters.NumberFilter("frame__video", help_text="Id of the video.")
    test_run = filters.NumberFilter(help_text="Id of the test run that it was opened from.")
    min_suspicion = filters.NumberFilter("suspicion", lookup_expr="gte", help_text="0 to 1.")


class MostSuspectFirst(ById):
    """Pages with the most suspect labels first."""

    ordering = ("-suspicion", "-id")  # type: ignore[assignment]


@extend_schema_view(
    list=extend_schema(summary="List label reviews, most suspect first"),
    retrieve=extend_schema(summary="Show a label review"),
)
class LabelReviewViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Resource[LabelReview]):
    """Suspect labels. While a review is open, or its label was found wrong, tests leave that object out."""

    queryset: QuerySet[LabelReview] = LabelReview.objects.select_related("opened_by", "decided_by").order_by("id")
    serializer_class = LabelReviewSerializer
    filterset_class = LabelReviewFilters
    pagination_class = MostSuspectFirst

    @extend_schema(
        summary="Look for suspect labels and send them to review",
        description="Holds the labels of a version against what models predict, and against the frames before and "
        "after. What was sent before is not sent again, whatever came of it.",
        request=NewReviewsSerializer,
        responses={201: OpenedSerializer, 404: MISSING, 409: OpenApiResponse(Problem, description="No predictions.")},
        examples=[TWO_MODELS, OF_RUN],
    )
    def create(self, request: Request) -> Response:
        asked = NewReviewsSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        chosen = dict(asked.validated_data)
        run, where = _place(chosen)
        found = find_suspects(
            version=where.version,
            models=where.models,
            query=where.query,
            min_suspicion=chosen["min_suspicion"],
            least_witnesses=chosen["least_witnesses"],
            limit=chosen["limit"],
        )
        opened = open_reviews(suspects=found.suspects, frame_ids=found.frame_ids, test_run=run, user=request.user)
        body = {"opened": opened.new, "known": opened.known + found.known}
        return Response(OpenedSerializer(body).data, status=HTTPStatus.CREATED)

    @extend_schema(
        summary="Say whether a label is right",
        description="The last word stands.",
        request=DecisionSerializer,
        responses={200: LabelReviewSerializer, 404: MISSING},
        examples=[WRONG],
    )
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: int) -> Response:
        said = DecisionSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        review = decide_review(review=self.get_object(), **said.validated_data, user=request.user)
        return Response(LabelReviewSerializer(self.get_queryset().get(pk=review.pk)).data)


def _place(chosen: dict[str, Any]) -> tuple[TestRun | None, Witnesses]:
    if "test_run" in chosen:
        run = find_run(chosen["test_run"])
        return run, witnesses_of(run, scenario=chosen["scenario"])
    models = tuple(find_model(name) for name in chosen["models"])
    return None, Witnesses(find_version(chosen["dataset"]), models, chosen["query"])
