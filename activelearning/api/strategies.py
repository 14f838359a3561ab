"""Strategies that ship, and the samplers that one's own can be made of."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from activelearning.api.resource import Guarded
from activelearning.core.samplers import SAMPLERS, Sampler
from activelearning.core.shipped import DEFAULT, SHIPPED, shipped
from activelearning.core.strategy_parts import Diversity, Limits, SeedCounts
from curation.core.params import schema


class StrategySerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    is_default = serializers.BooleanField()
    text = serializers.CharField(help_text="Its YAML, to be changed and sent back.")
    spec = serializers.DictField(help_text="The same, every default written out.")


class SamplerSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    help = serializers.CharField(help_text="What it finds, in a line.")
    needs = serializers.ListField(child=serializers.CharField(), help_text="What must be worked out for it.")
    parameters = serializers.DictField(help_text="JSON schema of its parameters, with defaults, limits and units.")


class StrategyPartsSerializer(serializers.Serializer[Any]):
    strategies = StrategySerializer(many=True, help_text="Those that ship.")
    samplers = SamplerSerializer(many=True, help_text="For `mine`.")
    seeds = serializers.DictField(help_text="JSON schema of `seeds`.")
    diversity = serializers.DictField(help_text="JSON schema of `diversity`.")
    limits = serializers.DictField(help_text="JSON schema of `limits`.")


class StrategiesView(Guarded):
    """What a round can look by; forms can be built from it."""

    http_method_names = ["get", "head"]

    @extend_schema(summary="List strategies, samplers and their parameters", responses=StrategyPartsSerializer)
    def get(self, request: Request) -> Response:
        return Response(
            {
                "strategies": [_strategy(name) for name in SHIPPED],
                "samplers": [_sampler(name, kind) for name, kind in SAMPLERS.items()],
                "seeds": schema(SeedCounts),
                "diversity": schema(Diversity),
                "limits": schema(Limits),
            }
        )


def _strategy(name: str) -> dict[str, Any]:
    found = shipped(name)
    return {
        "name": name,
        "description": found.description,
        "is_default": name == DEFAULT,
        "text": SHIPPED[name],
        "spec": found.to_dict(),
    }


def _sampler(name: str, kind: type[Sampler]) -> dict[str, Any]:
    help = (kind.__doc__ or "").strip().partition("\n")[0]
    return {"kind": name, "help": help, "needs": sorted(kind.needs), "parameters": schema(kind)}
