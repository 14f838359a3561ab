"""What is asked of rounds and loops."""

import re
from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from activelearning.core.merging import read_merge
from activelearning.core.shipped import shipped_text
from activelearning.models import LabelBatch, LabelProject
from activelearning.services.loops import last_run
from curation.api.dataset_fields import BIGGEST, Strict
from curation.api.floats import FiniteFloat
from curation.api.plan_field import PlanField
from curation.core.errors import WinnowError
from evaluation.models import TestRun
from evaluation.services.model_registry import find_model
from evaluation.services.suites import find_suite
from evaluation.services.test_records import find_run

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,80}")


class StrategyField(PlanField):
    """The name of a shipped strategy, or one as YAML or as JSON; gives YAML text."""

    def to_internal_value(self, data: Any) -> str:
        if isinstance(data, str) and _NAME.fullmatch(data):
            try:
                return shipped_text(data)
            except WinnowError as error:
                raise serializers.ValidationError(str(error)) from error
        return super().to_internal_value(data)


class LabellingSerializer(Strict):
    """How the frames are labelled. What is not said is as batches have it."""

    project = serializers.IntegerField(
        required=False, min_value=1, max_value=BIGGEST, help_text="Id of a Label Studio project that is known here."
    )
    truth = serializers.CharField(required=False, max_length=80, help_text="Of `via` truth: whose.")
    classes = serializers.ListField(
        child=serializers.CharField(max_length=80), required=False, max_length=500, help_text="What boxes are drawn of."
    )
    factors = serializers.ListField(
        child=serializers.CharField(max_length=80),
        required=False,
        max_length=100,
        help_text="Which tags are asked for.",
    )
    merge = serializers.DictField(
        required=False, help_text='Of several annotators: {"policy": "majority", "iou": 0.5}.'
    )
    least_score = FiniteFloat(required=False, min_value=0, max_value=1, help_text="Lower boxes are not pre-annotated.")
    cost_per_hour = FiniteFloat(required=False, min_value=0, max_value=1_000_000, help_text="Of an annotator.")
    currency = serializers.CharField(required=False, max_length=8)

    def validate_project(self, number: int) -> int:
        if not LabelProject.objects.filter(pk=number).exists():
            raise serializers.ValidationError(f"There is no Label Studio project {number} here: see /label-projects/.")
        return number

    def validate_merge(self, merge: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            read_merge(merge)
        except WinnowError as error:
            raise serializers.ValidationError(str(error)) from error
        return merge


class TrainerSerializer(Strict):
    kind = serializers.CharField(
        default="ultralytics", max_length=40, help_text="none: somebody else trains, and attach/ gives the model."
    )
    options = serializers.DictField(required=False, help_text='The trainer\'s own: {"epochs": 10}.')
    base = serializers.CharField(
        required=False, max_length=80, help_text="The model to start from. Default: the tested."
    )


class SettingsSerializer(Strict):
    """What rounds and loops have in common. They start from `test_run`, or from the newest of `suite` and `model`."""

    test_run = serializers.IntegerField(required=False, min_value=1, max_value=BIGGEST, help_text="Its id.")
    suite = serializers.CharField(required=False, max_length=100, help_text="With `model`: street, or street@3.")
    model = serializers.CharField(required=False, max_length=80, help_text="The name of the model that was tested.")
    budget = serializers.IntegerField(min_value=1, max_value=1_000_000, help_text="Frames to label at most.")
    scenarios = serializers.ListField(
        child=serializers.CharField(max_length=120), default=list, max_length=2_000,
        help_text="Those it is about. Default: all that failed or are undecided.",
    )  # fmt: skip
    strategy = StrategyField(required=False, help_text="A shipped one by name, or YAML or JSON. Default: default.")
    seed = serializers.IntegerField(
        required=False, min_value=0, max_value=BIGGEST, help_text="Default: the strategy's."
    )
    via = serializers.ChoiceField(
        LabelBatch.Via.choices, default="", allow_blank=True, help_text="How frames are labelled; can be said later."
    )
    labelling = LabellingSerializer(default=dict)
    dataset = serializers.RegexField(
        r"^[a-z0-9][a-z0-9_.-]*$", max_length=80, default="", allow_blank=True,
        help_text="The dataset that the labels are added to. Default: the base's.",
    )  # fmt: skip
    base_version = serializers.CharField(
        default="", allow_blank=True, max_length=100,
        help_text="What is trained on besides: street@4. Default: what the tested model was trained on.",
    )  # fmt: skip
    trainer = TrainerSerializer(default=dict)
    raise_shares = serializers.DictField(
        child=FiniteFloat(min_value=0.001, max_value=0.999), default=dict,
        help_text='Shares of the training set, by scenario or query: {"partly hidden": 0.3}.',
    )  # fmt: skip

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        named = "suite" in attrs and "model" in attrs
        if named == ("test_run" in attrs) or ("suite" in attrs) != ("model" in attrs):
            raise serializers.ValidationError("Give either `test_run`, or `suite` and `model`.")
        if attrs["via"] == LabelBatch.Via.LABEL_STUDIO and "project" not in attrs["labelling"]:
            raise serializers.ValidationError({"labelling": ["By Label Studio: say which `project`, by its id."]})
        return attrs


class NewRoundSerializer(SettingsSerializer):
    automatic = serializers.BooleanField(default=False, help_text="Goes on by itself: nobody looks at candidates.")


class NewLoopSerializer(SettingsSerializer):
    rounds = serializers.IntegerField(default=3, min_value=1, max_value=100, help_text="At most so many.")
    via = serializers.ChoiceField(LabelBatch.Via.choices, help_text="How frames are labelled.")
    patience = serializers.IntegerField(
        default=2, min_value=1, max_value=100, help_text="It gives up after so many rounds without progress."
    )
    from_first = serializers.BooleanField(
        default=True, help_text="Each model is taught from the first one, on all labels so far."
    )


def run_of(asked: Mapping[str, Any]) -> TestRun:
    """Find the test run that is asked for. Raises TestRunError, NoSuchSuite, NoSuchModel, ValidationError."""
    if "test_run" in asked:
        return find_run(asked["test_run"])
    suite, model = find_suite(asked["suite"]), find_model(asked["model"])
    found = last_run(suite=suite, model=model)
    if found is None:
        raise serializers.ValidationError(
            {"model": [f"{model} was not tested against {suite} yet: POST /test-runs/ does that."]}
        )
    return found
