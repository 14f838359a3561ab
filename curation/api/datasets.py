"""Datasets: names for versions that belong together."""

from django.db.models import OuterRef, QuerySet, Subquery
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers

from curation.api.resource import Resource
from curation.models import Dataset, DatasetVersion

NEWEST = DatasetVersion.objects.filter(dataset=OuterRef("pk")).order_by("-number")


class DatasetSerializer(serializers.ModelSerializer[Dataset]):
    newest = serializers.IntegerField(read_only=True, allow_null=True, help_text="Number of the newest version.")
    newest_id = serializers.IntegerField(read_only=True, allow_null=True, help_text="Its id, as /dataset-versions/ID/.")

    class Meta:
        model = Dataset
        fields = ["id", "name", "description", "newest", "newest_id", "created_at"]
        read_only_fields = ["name", "description"]


class DatasetFilters(filters.FilterSet):  # type: ignore[misc]
    name = filters.CharFilter(help_text="The exact name.")


@extend_schema_view(list=extend_schema(summary="List datasets"), retrieve=extend_schema(summary="Show a dataset"))
class DatasetViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Resource[Dataset]):
    """A dataset is made with its first version: see /dataset-versions/."""

    queryset: QuerySet[Dataset] = Dataset.objects.annotate(
        newest=Subquery(NEWEST.values("number")[:1]), newest_id=Subquery(NEWEST.values("pk")[:1])
    ).order_by("id")
    serializer_class = DatasetSerializer
    filterset_class = DatasetFilters
    http_method_names = ["get", "head"]
