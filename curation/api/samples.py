"""Sampling: what a plan would give, and the kinds of plans there are."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from curation.api.cascade_text import MAX_TEXT_CHARS, check_yaml, yaml_of
from curation.api.errors import Problem, QueryProblem
from curation.api.parsers import CascadeYAML, StrictJSON
from curation.api.resource import Guarded
from curation.api.roles import Role
from curation.api.stages import StageKindSerializer
from curation.core.params import schema
from curation.core.sampling import SAMPLERS, Constraints, Diversity, parse_plan, read_yaml
from curation.core.splits import SplitSpec
from curation.services.sampling import preview

MOST_IDS = 10_000
PLAN = {
    "query": "camera:gate",
    "size": 500,
    "seed": 7,
    "quotas": ["40% lighting:dark", "30% weather:rain"],
    "constraints": {"max_per_video": 50, "min_gap_s": 2},
}
AS_JSON = OpenApiExample("As JSON", value={"plan": PLAN, "ids": True}, request_only=True, media_type="application/json")
AS_YAML = OpenApiExample(
    "As YAML in JSON",
    value={"text": "size: 500\nuniform: [lighting, weather]\n"},
    request_only=True,
    media_type="application/json",
)


class PlanSerializer(serializers.Serializer[Any]):
    """Either `text` or `plan`."""

    text = serializers.CharField(required=False, max_length=MAX_TEXT_CHARS, help_text="A sampling plan, as YAML.")
    plan = serializers.DictField(required=False, help_text="The same as JSON.")
    ids = serializers.BooleanField(
        default=False, help_text=f"Answer the frames' ids too, if there are at most {MOST_IDS:,}."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if unknown := sorted(set(self.initial_data) - {*self.fields}):
            raise serializers.ValidationError(
                {unknown[0][:80]: [f"There is no such parameter. Valid ones: {', '.join(self.fields)}."]}
            )
        if ("text" in attrs) == ("plan" in attrs):
            raise serializers.ValidationError("Give either `text` (YAML) or `plan` (JSON).")
        return {"text": check_yaml(attrs.get("text") or yaml_of(attrs.get("plan"))), "ids": attrs["ids"]}


class StratumSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="A quota, a combination of values, or a class.")
    wanted = serializers.IntegerField()
    given = serializers.IntegerField()
    available = serializers.IntegerField(help_text="Frames that would do, before constraints.")
    missing = serializers.IntegerField(help_text="How many fewer are given than wanted.")
    reason = serializers.CharField(allow_blank=True, help_text="Why; empty where nothing is missing.")


class SampleSerializer(serializers.Serializer[Any]):
    size = serializers.IntegerField(allow_null=True, help_text="What was asked for; null is as many as are balanced.")
    given = serializers.IntegerField(help_text="Frames that the plan gives.")
    is_short = serializers.BooleanField(help_text="Whether there are fewer than asked for, in all or in a part.")
    candidates = serializers.IntegerField(help_text="Frames that were to be had.")
    strata = StratumSerializer(many=True)
    notes = serializers.ListField(child=serializers.CharField())
    left_out = serializers.DictField(
        child=serializers.IntegerField(), help_text="Why frames that match were not to be had: held out, duplicates…"
    )
    ruled_out = serializers.DictField(
        child=serializers.IntegerField(), help_text="Frames that could not come besides, by constraint."
    )
    plan = serializers.DictField(help_text="The plan, every default written out.")
    frames = serializers.ListField(
        child=serializers.IntegerField(), allow_null=True, help_text="Ids, rising; null where they were not asked for."
    )


class SamplePreviewView(Guarded):
    """What a plan would give now. Nothing is made: a dataset version is made at dataset-versions/."""

    http_method_names = ["post"]
    write_role = Role.VIEWER  # POST asks: a plan is too long for a URL
    parser_classes = [StrictJSON, CascadeYAML]

    @extend_schema(
        summary="Preview a sampling plan",
        description="The same frames, plan and seed give the same draw. Each part says what was wanted, what it gives "
        "and why it falls short. Frames that are held out never come; a plan that asks for them is refused.",
        request={"application/json": PlanSerializer, "application/yaml": {"type": "string"}},
        responses={
            200: SampleSerializer,
            400: OpenApiResponse(QueryProblem, description="The plan, or a query in it, is not valid."),
            409: OpenApiResponse(Problem, description="The plan asks for frames that are held out."),
        },
        examples=[AS_JSON, AS_YAML],
    )
    def post(self, request: Request) -> Response:
        asked = PlanSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        plan = parse_plan(read_yaml(asked.validated_data["text"]))
        drawn = preview(plan)
        listed = asked.validated_data["ids"] and len(drawn.frame_ids) <= MOST_IDS
        frames = drawn.frame_ids.tolist() if listed else None
        return Response({**drawn.to_dict(), "plan": plan.to_dict(), "frames": frames})


class PlanPartsSerializer(serializers.Serializer[Any]):
    samplers = StageKindSerializer(many=True, help_text="Kinds of plans, for `sampler`.")
    constraints = serializers.DictField(help_text="JSON schema of `constraints`.")
    diversity = serializers.DictField(help_text="JSON schema of `diversity`.")
    splits = serializers.DictField(help_text="JSON schema of `splits`.")


class SamplersView(Guarded):
    """What a sampling plan can have; forms can be built from it."""

    http_method_names = ["get", "head"]

    @extend_schema(summary="List kinds of sampling plans and their parameters", responses=PlanPartsSerializer)
    def get(self, request: Request) -> Response:
        return Response(
            {
                "samplers": [_described(name, kind) for name, kind in SAMPLERS.items()],
                "constraints": schema(Constraints),
                "diversity": schema(Diversity),
                "splits": schema(SplitSpec),
            }
        )


def _described(name: str, kind: type[Any]) -> dict[str, Any]:
    help_text = " ".join((kind.__doc__ or "").split("\n\n")[0].split())
    return {"kind": name, "help": help_text, "parameters": schema(kind)}
