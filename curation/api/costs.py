"""Costs: what it would take to label frames."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from curation.api.errors import Problem, QueryProblem
from curation.api.floats import FiniteFloat
from curation.api.plan_field import PlanField
from curation.api.resource import Guarded
from curation.api.roles import Role
from curation.core.costs import parse_prices
from curation.core.sampling import parse_plan, read_yaml
from curation.services.costs import MAX_FRAMES, CostEstimate, estimate, estimate_plan

MAX_IDS = 50_000
ASKED = OpenApiExample(
    "2,000 dark pictures, at prices of one's own",
    value={
        "query": "lighting:dark",
        "frames": 2000,
        "prices": {"currency": "EUR", "services": [{"name": "ours", "seconds_per_picture": 5, "wage_per_hour": 20}]},
    },
    request_only=True,
)


class CostQuery(serializers.Serializer[Any]):
    query = serializers.CharField(
        default="", allow_blank=True, max_length=4000, help_text="Lucene syntax; none is every frame."
    )
    frames = serializers.IntegerField(
        required=False, min_value=1, max_value=MAX_FRAMES, help_text="Price so many pictures like those of the query."
    )
    frame_ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=1 << 62),
        required=False,
        max_length=MAX_IDS,
        help_text="Only these frames, for instance those of a draw.",
    )
    plan = PlanField(required=False, help_text="A sampling plan, as YAML or as JSON: what it would draw now is priced.")
    boxes_per_picture = FiniteFloat(
        required=False,
        min_value=0,
        max_value=10_000,
        help_text="Where you know better.",
    )
    prices = serializers.DictField(
        required=False, help_text="A price list: currency, services, cpu_hour. Without it the usual prices are taken."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if unknown := sorted(set(self.initial_data) - {*self.fields, "format"}):
            valid = ", ".join(self.fields)
            raise serializers.ValidationError({unknown[0][:80]: [f"There is no such parameter. Valid ones: {valid}."]})
        if "plan" in attrs and (attrs["query"] or {"frames", "frame_ids"} & attrs.keys()):
            raise serializers.ValidationError({"plan": ["A plan has a query and a size of its own: give it alone."]})
        return attrs


class WorkSerializer(serializers.Serializer[Any]):
    pictures = serializers.IntegerField()
    boxes = serializers.FloatField()
    tags = serializers.FloatField()


class CostLineSerializer(serializers.Serializer[Any]):
    service = serializers.CharField()
    help = serializers.CharField(allow_blank=True)
    money = serializers.FloatField(help_text="Prices and wages, in `currency`.")
    work_hours = serializers.FloatField(help_text="Hours that people work, all together.")
    wait_hours = serializers.FloatField(help_text="Hours until it is done, with all the service's people at work.")


class ModelCostSerializer(serializers.Serializer[Any]):
    factors = serializers.ListField(child=serializers.CharField(), help_text="Factors that models and rules give.")
    tags = serializers.IntegerField()
    runs = serializers.IntegerField(help_text="Done runs that the CPU times are the means of.")
    cpu_s_per_frame = serializers.FloatField(allow_null=True, help_text="All stages, for each kept frame.")
    cpu_s_per_footage_hour = serializers.FloatField(allow_null=True)
    cpu_hours = serializers.FloatField(allow_null=True, help_text="For the priced pictures.")
    money = serializers.FloatField(allow_null=True)
    by_people = CostLineSerializer(many=True, help_text="What services would take for the same tags.")


class CostSerializer(serializers.Serializer[Any]):
    query = serializers.CharField(allow_blank=True)
    matching = serializers.IntegerField()
    labelled = serializers.IntegerField(help_text="Of them labelled already, so not priced.")
    held_out = serializers.IntegerField(help_text="Of them held out, so not priced.")
    to_label = serializers.IntegerField()
    work = WorkSerializer(help_text="What was priced.")
    boxes_per_picture = serializers.FloatField()
    boxes_from = serializers.ChoiceField(choices=["given", "annotations", "detections", "unknown"])
    boxes_seen_in = serializers.IntegerField(help_text="Frames that the boxes a picture are the mean of.")
    tag_factors = serializers.ListField(child=serializers.CharField(), help_text="Factors whose values people give.")
    currency = serializers.CharField()
    lines = CostLineSerializer(many=True)
    models = ModelCostSerializer()
    notes = serializers.ListField(child=serializers.CharField())
    is_drawn = serializers.BooleanField(help_text="Whether the frames are those that a plan draws.")


class CostsView(Guarded):
    """Price the labelling of a query's frames, or of a number of pictures like them, at each service of a price list;
    beside it stands what the tags cost in CPU time that models give."""

    http_method_names = ["post"]
    write_role = Role.VIEWER  # it asks, and writes nothing

    @extend_schema(
        summary="Price labelling",
        request=CostQuery,
        responses={
            200: CostSerializer,
            400: OpenApiResponse(QueryProblem, description="What is wrong, and where."),
            409: OpenApiResponse(Problem, description="The plan asks for frames that are held out."),
        },
        examples=[ASKED],
    )
    def post(self, request: Request) -> Response:
        query = CostQuery(data=request.data)
        query.is_valid(raise_exception=True)
        return Response(_priced(query.validated_data).to_dict())


def _priced(asked: dict[str, Any]) -> CostEstimate:
    boxes = asked.get("boxes_per_picture")
    prices = parse_prices(asked["prices"]) if "prices" in asked else None
    if "plan" in asked:
        return estimate_plan(parse_plan(read_yaml(asked["plan"])), boxes_per_picture=boxes, prices=prices)
    return estimate(
        asked["query"],
        frame_ids=asked.get("frame_ids"),
        frames=asked.get("frames"),
        boxes_per_picture=boxes,
        prices=prices,
    )
