"""Suites of scenarios, and their versions."""

from http import HTTPStatus
from typing import Any

from django.db.models import F, Func, IntegerField, OuterRef, QuerySet, Subquery
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.request import Request
from rest_framework.response import Response

from curation.api.errors import Problem
from curation.api.paging import NewestFirst
from curation.api.parsers import CascadeYAML, StrictJSON
from evaluation.api.resource import Resource
from evaluation.api.suite_field import SUITE, NewSuiteSerializer
from evaluation.api.suite_fields import SuiteSerializer, SuiteVersionSerializer, WholeSuiteSerializer
from evaluation.models import Suite, SuiteVersion
from evaluation.services.suites import save_suite

NEWEST = SuiteVersion.objects.filter(suite=OuterRef("pk")).order_by("-number")
COUNTED: QuerySet[SuiteVersion] = (
    SuiteVersion.objects.select_related("suite", "created_by")
    .annotate(scenario_count=Func(F("spec__scenarios"), function="jsonb_array_length", output_field=IntegerField()))
    .order_by("-id")
)
AS_JSON = OpenApiExample("As JSON", value={"spec": SUITE}, request_only=True, media_type="application/json")
AS_YAML = OpenApiExample(
    "As YAML in JSON",
    value={"text": "suite: street\nscenarios:\n- {name: all, metric: ap50, at_least: 0.6, critical: true}\n"},
    request_only=True,
    media_type="application/json",
)


class SuiteFilters(filters.FilterSet):  # type: ignore[misc]
    name = filters.CharFilter(help_text="The exact name.")


@extend_schema_view(list=extend_schema(summary="List suites"), retrieve=extend_schema(summary="Show a suite"))
class SuiteViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Resource[Suite]):
    """A suite is what a model must be able to do: scenarios, each with a figure and a bound. Versions never change."""

    queryset: QuerySet[Suite] = Suite.objects.annotate(
        newest=Subquery(NEWEST.values("number")[:1]), newest_id=Subquery(NEWEST.values("pk")[:1])
    ).order_by("id")
    serializer_class = SuiteSerializer
    filterset_class = SuiteFilters
    parser_classes = [StrictJSON, CascadeYAML]

    @extend_schema(
        summary="Store a suite, or its next version",
        description="Its name stands in it. What is not known is refused with a list of what is; the query of a "
        "scenario with the column of the fault. What means the same as the newest version is that version.",
        request={"application/json": NewSuiteSerializer, "application/yaml": {"type": "string"}},
        responses={
            201: WholeSuiteSerializer,
            200: OpenApiResponse(WholeSuiteSerializer, description="This version was there already."),
            400: OpenApiResponse(Problem, description="It is not valid; the message names the scenario."),
        },
        examples=[AS_JSON, AS_YAML],
    )
    def create(self, request: Request) -> Response:
        new = NewSuiteSerializer(data=request.data)
        new.is_valid(raise_exception=True)
        stored, is_new = save_suite(text=new.validated_data["text"], user=request.user)
        return Response(_shown(stored), status=HTTPStatus.CREATED if is_new else HTTPStatus.OK)


class SuiteVersionFilters(filters.FilterSet):  # type: ignore[misc]
    suite = filters.CharFilter("suite__name", help_text="Name of the suite.")
    number = filters.NumberFilter(help_text="Its number in the suite.")


@extend_schema_view(list=extend_schema(summary="List versions of suites, newest first"))
class SuiteVersionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Resource[SuiteVersion]):
    """A suite as it was at a time. A new one is stored at /suites/."""

    queryset: QuerySet[SuiteVersion] = COUNTED.defer("text", "spec")
    serializer_class = SuiteVersionSerializer
    filterset_class = SuiteVersionFilters
    pagination_class = NewestFirst
    http_method_names = ["get", "head"]

    @extend_schema(summary="Show a version of a suite", responses=WholeSuiteSerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        return Response(_shown(self.get_object()))


def _shown(version: SuiteVersion) -> Any:
    return WholeSuiteSerializer(COUNTED.get(pk=version.pk)).data
