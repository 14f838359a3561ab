"""Dataset versions: made, compared, checked for leaks, locked as hold-outs."""

from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from curation.api.dataset_fields import (
    DatasetVersionSerializer,
    LockSerializer,
    MemberQuery,
    MemberSerializer,
    NewUseSerializer,
    NewVersionSerializer,
    ReachSerializer,
    Strict,
    UseSerializer,
    WholeVersionSerializer,
)
from curation.api.dataset_reports import (
    CompareQuery,
    ComparisonSerializer,
    ForeseenSerializer,
    LeakageQuery,
    LeakageSerializer,
    VerifiedSerializer,
)
from curation.api.errors import Problem, Refused
from curation.api.filtering import PAGING
from curation.api.paging import ById, NewestFirst
from curation.api.resource import Resource
from curation.api.roles import Role
from curation.core.sampling import parse_plan, read_yaml
from curation.core.sides import Asked
from curation.core.splits import SplitSpec
from curation.models import DatasetFrame, DatasetVersion, HoldoutUse
from curation.services.comparison import compare_versions
from curation.services.datasets import create_version
from curation.services.holdout import Reach, foresee, lock_version, record_use
from curation.services.leakage import leakage_of
from curation.services.manifests import verify_version
from curation.services.sampling import draw

BY_QUERY = OpenApiExample(
    "All of the gate in the dark",
    value={"dataset": "gate-night", "query": "camera:gate AND lighting:dark", "splits": {"by": "day"}, "seed": 7},
    request_only=True,
)
BY_PLAN = OpenApiExample(
    "By a sampling plan", value={"dataset": "gate-night", "plan": "query: camera:gate\nsize: 500\n"}, request_only=True
)
CONFIRMED = OpenApiExample("Locking it for good", value={"confirm": "gate-night@2"}, request_only=True)
EVALUATED = OpenApiExample(
    "A final evaluation", value={"model": "yolo-gate 7", "metric": "mAP50", "value": 0.61}, request_only=True
)
NO_LOCK = OpenApiResponse(
    Problem,
    description="It is locked already (`locked`), other versions have some of its frames (`overlap`), or frames cannot "
    "be compared (`uncompared`); the message says what to do.",
)


class VersionFilters(filters.FilterSet):  # type: ignore[misc]
    dataset = filters.CharFilter("dataset__name", help_text="Name of the dataset.")
    locked = filters.BooleanFilter(
        "locked_at", lookup_expr="isnull", exclude=True, help_text="Only hold-outs, or none."
    )


@extend_schema_view(list=extend_schema(summary="List dataset versions, newest first"))
class DatasetVersionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Resource[DatasetVersion]):
    """Frames with their tags, annotations and splits, frozen. Nothing changes a version; another choice is the next."""

    queryset: QuerySet[DatasetVersion] = DatasetVersion.objects.select_related(
        "dataset", "created_by", "locked_by"
    ).order_by("-id")
    serializer_class = DatasetVersionSerializer
    filterset_class = VersionFilters
    pagination_class = NewestFirst
    http_method_names = ["get", "post", "head"]

    @extend_schema(summary="Show a dataset version", responses=WholeVersionSerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        return Response(WholeVersionSerializer(self.get_object()).data)

    @extend_schema(
        summary="Make the next version of a dataset",
        description="From a sampling plan, from all frames of a query that are not held out, or from a list of frames. "
        "Groups keep the split they had in earlier versions. `report` says what the plan gave and what leaks.",
        request=NewVersionSerializer,
        responses={
            201: WholeVersionSerializer,
            400: OpenApiResponse(Problem, description="The message says what is wrong and what would be possible."),
            409: OpenApiResponse(Problem, description="Frames that were asked for are held out (`held`)."),
        },
        examples=[BY_QUERY, BY_PLAN],
    )
    def create(self, request: Request) -> Response:
        new = NewVersionSerializer(data=request.data)
        new.is_valid(raise_exception=True)
        asked = new.validated_data
        splits, parent = asked.get("splits"), asked.get("after")
        version = create_version(
            dataset=asked["dataset"],
            draw=draw(parse_plan(read_yaml(asked["plan"]))) if "plan" in asked else None,
            plan_text=asked.get("plan", ""),
            query=asked.get("query"),
            frame_ids=asked.get("frames"),
            splits=SplitSpec(**splits) if splits else None,
            seed=asked.get("seed"),
            parent=_other(parent, of="after") if parent else None,
            user=request.user,
        )
        return Response(WholeVersionSerializer(version).data, status=HTTPStatus.CREATED)

    @extend_schema(
        summary="List the frames of a version", parameters=[MemberQuery], responses=MemberSerializer(many=True)
    )  # fmt: skip
    @action(detail=True, serializer_class=MemberSerializer, filter_backends=[], pagination_class=ById)
    def frames(self, request: Request, pk: int) -> Response:
        """As they were chosen, with their splits and the groups that were kept together."""
        asked = _asked(MemberQuery, request, paged=True)
        members: QuerySet[Any] = DatasetFrame.objects.filter(version=self.get_object(), **asked).order_by("id")
        return self.get_paginated_response(MemberSerializer(self.paginate_queryset(members), many=True).data)

    @extend_schema(
        summary="Compare with an earlier version",
        description="What came, what went, which annotations changed, which frames changed sides, and how the "
        "distribution of each factor moved (Jensen-Shannon divergence).",
        parameters=[CompareQuery],
        responses=ComparisonSerializer,
    )
    @action(detail=True)
    def compare(self, request: Request, pk: int) -> Response:
        asked = _asked(CompareQuery, request)
        after = self.get_object()
        before_id = asked.get("to", after.parent_id)
        if before_id is None:
            detail = f"{after} is the first version of its dataset. Say with which one to compare: ?to=ID."
            raise Refused(HTTPStatus.BAD_REQUEST, {"detail": detail, "code": "no_parent"})
        found = compare_versions(_other(before_id, of="to"), after)
        return Response(found.to_dict(limit=asked["limit"]))

    @extend_schema(
        summary="Report what leaks",
        description="Near-duplicates and neighbours in time across the splits, groups on both sides, and frames that "
        "look like a hold-out, the worst first. A clean report says what was looked at.",
        parameters=[LeakageQuery],
        responses=LeakageSerializer,
    )
    @action(detail=True)
    def leakage(self, request: Request, pk: int) -> Response:
        asked = _asked(LeakageQuery, request)
        return Response(leakage_of(self.get_object(), Asked(**asked)).to_dict())

    @extend_schema(summary="Verify a version", responses=VerifiedSerializer)
    @action(detail=True)
    def verify(self, request: Request, pk: int) -> Response:
        """Read its manifest, work its SHA-256 out anew, and compare it with the rows."""
        version = self.get_object()
        found = verify_version(version)
        return Response(
            {
                "is_sound": found.is_sound,
                "manifest_sha256": version.manifest_sha256,
                "frames": found.frames,
                "annotations": found.annotations,
                "problems": found.problems,
            }
        )

    @extend_schema(
        summary="Show what locking would keep away", parameters=[ReachSerializer],
        responses={200: ForeseenSerializer, 409: NO_LOCK},
    )  # fmt: skip
    @action(detail=True, write_role=Role.ADMIN)
    def lock(self, request: Request, pk: int) -> Response:
        """Changes nothing."""
        asked = _asked(ReachSerializer, request)
        return Response(foresee(self.get_object(), reach=Reach(**asked)).to_dict())

    @extend_schema(
        summary="Lock a version as a hold-out, for good",
        description="From then on its frames, their blocks of video, whole events and whatever looks like them never "
        "come back from a sampling query, a plan, an export for training or labelling, frames that arrive later "
        "included. Nothing unlocks it. Needs the role admin.",
        request=LockSerializer,
        responses={200: WholeVersionSerializer, 409: NO_LOCK},
        examples=[CONFIRMED],
    )
    @lock.mapping.post
    def lock_for_good(self, request: Request, pk: int) -> Response:
        asked = LockSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        version = self.get_object()
        said = dict(asked.validated_data)
        if said.pop("confirm") != str(version):
            detail = f"A lock cannot be undone. To lock it, confirm with its reference: {version}."
            raise Refused(HTTPStatus.BAD_REQUEST, {"detail": detail, "code": "not_confirmed"})
        lock_version(version, user=request.user, by_name=request.user.get_username(), **said)
        return Response(WholeVersionSerializer(self.get_object()).data)

    @extend_schema(summary="List the uses of a hold-out, newest first", responses=UseSerializer(many=True))
    @action(detail=True, serializer_class=UseSerializer, filter_backends=[], pagination_class=NewestFirst)
    def uses(self, request: Request, pk: int) -> Response:
        """The ledger: every time it was opened, by whom, for which model, with which figure."""
        _asked(Strict, request, paged=True)
        uses: QuerySet[Any] = HoldoutUse.objects.filter(version=self.get_object()).order_by("-id")
        return self.get_paginated_response(UseSerializer(self.paginate_queryset(uses), many=True).data)

    @extend_schema(
        summary="Write a final evaluation into the ledger",
        description="Lines are never changed or removed.",
        request=NewUseSerializer,
        responses={201: UseSerializer, 409: OpenApiResponse(Problem, description="It is not locked (`not_locked`).")},
        examples=[EVALUATED],
    )
    @uses.mapping.post
    def record(self, request: Request, pk: int) -> Response:
        asked = NewUseSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        name = request.user.get_username()
        use = record_use(self.get_object(), user=request.user, by_name=name, **asked.validated_data)
        return Response(UseSerializer(use).data, status=HTTPStatus.CREATED)


def _asked(kind: type[Strict], request: Request, *, paged: bool = False) -> dict[str, Any]:
    """Read the parameters of a URL; those of paging are left to the pages."""
    said = {name: value for name, value in request.query_params.items() if not (paged and name in PAGING)}
    asked = kind(data=said)
    asked.is_valid(raise_exception=True)
    return dict(asked.validated_data)


def _other(version_id: int, *, of: str) -> DatasetVersion:
    found = DatasetVersion.objects.select_related("dataset").filter(pk=version_id).first()
    if found is None:
        raise ValidationError({of: [f"There is no dataset version {version_id}."]})
    return found
