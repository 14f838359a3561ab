"""Cascades by name and version."""

import pytest

from curation.core.errors import SpecError
from curation.models import Cascade
from curation.services import cascades
from curation.services.cascades import find, save_cascade, sync_builtin

pytestmark = pytest.mark.django_db

TEXT = "name: mine\nstages:\n  - {name: motion, kind: motion, fps: 5}\n"


def test_the_shipped_ones_are_found_by_name():
    assert str(find("motion")) == "motion@1"
    assert [stage["name"] for stage in find("people").spec["stages"]] == ["motion", "people_fast", "people", "embed"]
    sync_builtin()
    assert Cascade.objects.count() == 2


def test_finding_again_makes_no_new_version():
    assert find("motion") == find("motion")
    assert Cascade.objects.count() == 1


def test_the_same_spec_is_the_same_version():
    first = save_cascade(text=TEXT)
    assert save_cascade(text=TEXT + "# a remark\nkeep: {fps: 1.0}\n") == first
    assert first.version == 1
    assert first.spec["stages"][0]["fps"] == 5.0


def test_another_spec_is_the_next_version_and_the_old_one_stays():
    save_cascade(text=TEXT)
    second = save_cascade(text=TEXT.replace("5", "8"))
    assert str(second) == "mine@2"
    assert find("mine") == second
    assert find("mine@1").spec["stages"][0]["fps"] == 5.0
    assert str(save_cascade(text=TEXT)) == "mine@3"  # back again: what is newest is what `mine` means


def test_a_new_release_of_a_shipped_one_is_its_next_version(monkeypatch):
    find("motion")
    shipped = {"motion": "name: motion\nstages:\n  - {name: motion, kind: motion, fps: 7}\n"}
    monkeypatch.setattr(cascades, "_builtin_texts", lambda: shipped)
    assert str(find("motion")) == "motion@2"


@pytest.mark.parametrize(
    "name, said",
    [
        ("poeple", "There is no cascade 'poeple'. Did you mean 'people'? There are: mine, motion, people."),
        ("mine@7", "There is no cascade 'mine@7'"),
        ("mine@new", "the version after '@' must be a number"),
        ("", "There are: mine, motion, people"),
    ],
)
def test_a_wrong_name_lists_what_there_is(name, said):
    save_cascade(text=TEXT)
    with pytest.raises(SpecError) as caught:
        find(name)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "text", ["", "- a list", "name: x\nstages: [", "name: x", "name: x\nstages: []", TEXT + "kee: {}"]
)
def test_a_wrong_text_writes_nothing(text):
    with pytest.raises(SpecError):
        save_cascade(text=text)
    assert not Cascade.objects.exists()
