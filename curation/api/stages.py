"""Stage kinds: what a cascade can be built from."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from curation.api.resource import Guarded
from curation.core.keep import Keep
from curation.core.params import schema
from curation.core.stages import STAGES
from curation.core.taggers import TAGGERS


class StageKindSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    help = serializers.CharField(help_text="What it does, in a line.")
    parameters = serializers.DictField(help_text="JSON schema of its parameters, with defaults, limits and units.")


class PartsSerializer(serializers.Serializer[Any]):
    stages = StageKindSerializer(many=True, help_text="Kinds of stages.")
    taggers = StageKindSerializer(many=True, help_text="Taggers, set under `tags`.")
    keep = serializers.DictField(help_text="JSON schema of `keep`.")


class StagesView(Guarded):
    """The stages, taggers and parameters that a cascade can have; forms can be built from it."""

    http_method_names = ["get", "head"]

    @extend_schema(summary="List stage kinds and their parameters", responses=PartsSerializer)
    def get(self, request: Request) -> Response:
        return Response(
            {
                "stages": [_described(name, kind) for name, kind in STAGES.items()],
                "taggers": [_described(name, kind) for name, kind in TAGGERS.items()],
                "keep": schema(Keep),
            }
        )


def _described(name: str, kind: type[Any]) -> dict[str, Any]:
    return {"kind": name, "help": (kind.__doc__ or "").strip().partition("\n")[0], "parameters": schema(kind)}
