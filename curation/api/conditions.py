"""Operating conditions: where the model should work, version by version."""

from functools import partial
from http import HTTPStatus
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
    extend_schema_view,
)
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from curation.api.cascade_text import MAX_TEXT_CHARS, check_yaml, yaml_of
from curation.api.errors import Problem, Refused
from curation.api.jobs import JobSerializer
from curation.api.paging import NewestFirst
from curation.api.parsers import CascadeYAML, StrictJSON
from curation.api.resource import Resource
from curation.doorbell import ring_job
from curation.models import Job, OperatingConditions
from curation.services.calibration import calibrate_factor
from curation.services.conditions import current, save_conditions
from curation.services.factor_states import factor_states
from curation.services.retagging import start_retag

MINE = {
    "name": "yard",
    "factors": {
        "lighting": {"values": ["dark", "dim", "normal"], "expected": {"dark": 0.3, "dim": 0.2, "normal": 0.5}},
        "weather": {"values": ["dry", "rain"], "from": "people"},
    },
    "critical": [{"name": "rainy night", "when": {"lighting": "dark", "weather": "rain"}, "least_frames": 50}],
    "tags": {"exposure": {"dim_from": 50}},
}
AS_JSON = OpenApiExample("As JSON", value={"spec": MINE}, request_only=True, media_type="application/json")
AS_YAML = OpenApiExample(
    "As YAML in JSON, without tagging anew",
    value={"text": "name: yard\nfactors:\n  lighting: {from: tagger}\n", "retag": False},
    request_only=True,
    media_type="application/json",
)


class FactorStateSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(source="factor.name")
    kind = serializers.CharField(source="factor.kind", help_text="categorical, boolean or numeric.")
    values = serializers.ListField(
        source="factor.values", child=serializers.CharField(), help_text="In order; of a number the names of its bins."
    )
    origin = serializers.CharField(source="factor.origin", help_text="tagger, camera, rules, prompts or people.")
    help = serializers.CharField(source="factor.help", allow_blank=True)
    state = serializers.CharField(
        help_text="In words, why it may have no values: `no embedder that reads text has embedded frames`."
    )


class VersionSerializer(serializers.ModelSerializer[OperatingConditions]):
    reference = serializers.CharField(source="__str__", read_only=True, help_text="name@version.")
    created_by = serializers.CharField(source="created_by.username", read_only=True, default=None, allow_null=True)

    class Meta:
        model = OperatingConditions
        fields = ["id", "reference", "name", "version", "created_by", "created_at"]


class ConditionsSerializer(VersionSerializer):
    text = serializers.CharField(read_only=True, help_text="The YAML as it was written.")
    spec = serializers.DictField(read_only=True, help_text="What it means, every default written out.")
    calibration = serializers.DictField(
        read_only=True, help_text="Of prompted factors: what was learnt from people's labels, and what it was worth."
    )
    factors = serializers.SerializerMethodField(help_text="Each factor, and how things stand with its values.")

    class Meta(VersionSerializer.Meta):
        fields = [*VersionSerializer.Meta.fields, "text", "spec", "calibration", "factors"]

    @extend_schema_field(FactorStateSerializer(many=True))
    def get_factors(self, row: OperatingConditions) -> Any:
        return FactorStateSerializer(factor_states(row), many=True).data


class SavedSerializer(ConditionsSerializer):
    job = serializers.SerializerMethodField(help_text="The job that tags all frames anew, where one was started.")

    class Meta(ConditionsSerializer.Meta):
        fields = [*ConditionsSerializer.Meta.fields, "job"]

    @extend_schema_field({"type": "integer", "nullable": True})
    def get_job(self, row: OperatingConditions) -> int | None:
        job: Job | None = self.context.get("job")
        return job.pk if job else None


class NewConditionsSerializer(serializers.Serializer[Any]):
    """Either `text` or `spec`."""

    text = serializers.CharField(required=False, max_length=MAX_TEXT_CHARS, help_text="YAML.")
    spec = serializers.DictField(required=False, help_text="The same as JSON.")
    retag = serializers.BooleanField(default=True, help_text="Start the job that tags all frames anew.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("text" in attrs) == ("spec" in attrs):
            raise serializers.ValidationError("Give either `text` (YAML) or `spec` (JSON).")
        return {"text": check_yaml(attrs.get("text") or yaml_of(attrs.get("spec"))), "retag": attrs["retag"]}


class CalibrateSerializer(serializers.Serializer[Any]):
    factor = serializers.CharField(max_length=40, help_text="A prompted factor.")
    retag = serializers.BooleanField(default=True, help_text="Start the job that tags all frames anew.")


class CalibratedSerializer(serializers.Serializer[Any]):
    factor = serializers.CharField()
    calibration = serializers.DictField(help_text="Labels used, parameters, and figures before and after.")
    job = serializers.IntegerField(allow_null=True)


@extend_schema_view(list=extend_schema(summary="List versions of the operating conditions, newest first"))
class ConditionsViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Resource[OperatingConditions]):
    """Factors that matter, their expected shares and where their values come from. The newest version is in force."""

    queryset: QuerySet[OperatingConditions] = OperatingConditions.objects.select_related("created_by").order_by("-id")
    serializer_class = VersionSerializer
    pagination_class = NewestFirst
    parser_classes = [StrictJSON, CascadeYAML]

    @extend_schema(summary="Show a version", responses=ConditionsSerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        return Response(ConditionsSerializer(self.get_object()).data)

    @extend_schema(summary="Show the conditions in force", responses=ConditionsSerializer)
    @action(detail=False)
    def current(self, request: Request) -> Response:
        return Response(ConditionsSerializer(current()).data)

    @extend_schema(
        summary="Bring other conditions into force",
        description="What is not known is refused with a list of what is; the query of a rule with the column of the "
        "fault. What means the same as the version in force is that version. Frames are tagged anew from what is "
        "stored about them, by a job that reads no video.",
        request={"application/json": NewConditionsSerializer, "application/yaml": {"type": "string"}},
        responses={
            201: SavedSerializer,
            200: OpenApiResponse(SavedSerializer, description="These are in force already."),
            400: OpenApiResponse(Problem, description="They are not valid; the message says what would be."),
        },
        examples=[AS_JSON, AS_YAML],
    )
    def create(self, request: Request) -> Response:
        new = NewConditionsSerializer(data=request.data)
        new.is_valid(raise_exception=True)
        with transaction.atomic():
            row, is_new = save_conditions(text=new.validated_data["text"], user=request.user)
            job = _retag(request) if is_new and new.validated_data["retag"] else None
        status = HTTPStatus.CREATED if is_new else HTTPStatus.OK
        return Response(SavedSerializer(row, context={"job": job}).data, status=status)

    @extend_schema(
        summary="Tag all frames anew",
        description="From stored signals, detections and vectors, under the conditions in force. The job's result says "
        'what changed: `{"lighting": {"dark → dim": 12}}`.',
        request=None,
        responses={202: JobSerializer},
    )
    @action(detail=False, methods=["post"])
    def retag(self, request: Request) -> Response:
        with transaction.atomic():
            job = _retag(request)
        return Response(JobSerializer(job).data, status=HTTPStatus.ACCEPTED)

    @extend_schema(
        summary="Calibrate a prompted factor on people's labels",
        description="Fits how sure the image-text model may be of each value, by cross-validation on the tags that "
        "people set; held-out frames are left out.",
        request=CalibrateSerializer,
        responses={
            200: CalibratedSerializer,
            409: OpenApiResponse(Problem, description="There are too few labels, or these are not in force any more."),
        },
    )
    @action(detail=True, methods=["post"])
    def calibrate(self, request: Request, pk: int) -> Response:
        asked = CalibrateSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        row, factor = self.get_object(), asked.validated_data["factor"]
        if row != (newest := current()):
            detail = f"{row} is not in force any more; calibrate {newest}, which has the id {newest.pk}."
            raise Refused(HTTPStatus.CONFLICT, {"detail": detail, "code": "not_in_force"})
        with transaction.atomic():
            learnt = calibrate_factor(factor=factor, user=request.user)
            job = _retag(request) if asked.validated_data["retag"] else None
        return Response({"factor": factor, "calibration": learnt, "job": job.pk if job else None})


def _retag(request: Request) -> Job:
    job = start_retag(user=request.user)
    transaction.on_commit(partial(ring_job, job.pk))
    return job
