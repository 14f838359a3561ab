"""Strategies and samplers over HTTP: what a form, or somebody who writes YAML, needs to know."""

import pytest

from activelearning.core.samplers import SAMPLERS
from activelearning.core.shipped import SHIPPED
from activelearning.core.strategy import parse_strategy, read_yaml

URL = "/api/v1/strategies/"


@pytest.mark.django_db
def test_shipped_strategies_come_with_their_text_and_what_they_do(viewer):
    found = {one["name"]: one for one in viewer.get(URL).data["strategies"]}
    assert set(found) == set(SHIPPED)
    assert [name for name, one in found.items() if one["is_default"]] == ["default"]
    for name, one in found.items():
        assert one["description"], name
        assert parse_strategy(read_yaml(one["text"])).to_dict() == one["spec"]


@pytest.mark.django_db
def test_samplers_come_with_the_schema_of_their_parameters(viewer):
    answer = viewer.get(URL).data
    assert [one["kind"] for one in answer["samplers"]] == list(SAMPLERS)
    for one in answer["samplers"]:
        assert one["help"], one["kind"]
        assert one["parameters"]["properties"]["share"]["type"] == "number"
    for part in ("seeds", "diversity", "limits"):
        assert answer[part]["properties"]


@pytest.mark.django_db
def test_nothing_is_written_here(admin):
    assert admin.post(URL, {}, format="json").status_code == 405
