"""Files of events, as people write them."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.core.event_files import EventFileError, read_events
from tests.evaluation.core.footage import spans

ONE = {"video": "gate.mp4", "label": "person", "intervals": [[5.9, 19.7], [22, 45]]}


def told(text, *, name="truth.json", video=""):
    read = read_events(text if isinstance(text, str) else json.dumps(text), name=name, video=video)
    return [(one.video, one.label, list(one.events), one.looked) for one in read]


def test_an_object_is_one_label_of_one_video():
    assert told(ONE) == [("gate.mp4", "person", spans((5.9, 19.7), (22, 45)), None)]


def test_a_list_is_several_and_what_was_looked_through_can_be_said():
    other = {"video": "yard.mp4", "label": "car", "intervals": [], "looked": [[0, 60]], "unit": "s", "note": "by N."}
    assert told([ONE, other]) == [
        ("gate.mp4", "person", spans((5.9, 19.7), (22, 45)), None),
        ("yard.mp4", "car", [], tuple(spans((0, 60)))),
    ]
    assert told([]) == []


def test_the_real_file_s_further_fields_are_taken(shared_data):
    text = (shared_data / "videos" / "one-by-one-person-detection.truth.json").read_text()
    ((video, label, events, looked),) = told(text)
    assert (video, label, len(events), looked) == ("one-by-one-person-detection.mp4", "person", 6, None)


def test_a_table_has_a_row_for_each_event_and_one_without_times_for_none():
    table = "\ufefflabel, video,start_s,end_s\nperson,gate.mp4,5.9,19.7\ncar,gate.mp4,,\nperson,gate.mp4, 22,45\n"
    assert told(table, name="T.CSV") == [
        ("gate.mp4", "person", spans((5.9, 19.7), (22, 45)), None),
        ("gate.mp4", "car", [], None),
    ]
    assert told("video,label,start_s,end_s\n", name="t.csv") == []


def test_a_file_that_names_no_video_is_about_the_one_that_is_given():
    unnamed = {key: value for key, value in ONE.items() if key != "video"}
    assert told(unnamed, video="a.mp4")[0][0] == "a.mp4"
    assert told("label,start_s,end_s\nperson,1,2\n", name="t.csv", video="a.mp4")[0][0] == "a.mp4"
    assert told(ONE, video="a.mp4")[0][0] == "gate.mp4"


@pytest.mark.parametrize(
    "plain, says",
    [
        ("{", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        (3, "must be an object"),
        ([ONE, None], r"truth\.json\[1\] is None"),
        ({**ONE, "interval": []}, "there is no 'interval'"),
        ({"video": "a", "label": "b"}, "'intervals' is missing"),
        ({**ONE, "unit": "ms"}, "times are in seconds"),
        ({**ONE, "video": 3}, "video is 3"),
        ({**ONE, "label": " "}, "label is ' '"),
        ({**ONE, "label": "x" * 81}, "81 characters"),
        ({**ONE, "video": "a\0"}, "must be a name"),
        ({**ONE, "intervals": {}}, "must be a list"),
        ({**ONE, "intervals": [[1, 2], 3]}, r"intervals\[1\] is 3"),
        ({**ONE, "intervals": [[1, 2, 3]]}, r"must be \[start_s, end_s\]"),
        ({**ONE, "intervals": [[1, True]]}, r"must be \[start_s, end_s\]"),
        ({**ONE, "intervals": [[2, 1]]}, "end after its start"),
        ({**ONE, "intervals": [[1, 1]]}, "end after its start"),
        ({**ONE, "intervals": [[-1, 1]]}, "start at 0 s"),
        ({**ONE, "intervals": [[0, float("nan")]]}, "end after its start"),
        ({**ONE, "intervals": [[0, float("inf")]]}, "end after its start"),
        ({**ONE, "intervals": [[0, 10**400]]}, "end after its start"),
        ({**ONE, "looked": [[5, 1]]}, r"looked\[0\]"),
    ],
)
def test_what_is_wrong_is_named(plain, says):
    with pytest.raises(EventFileError, match=says):
        told(plain)


@pytest.mark.parametrize(
    "table, says",
    [
        ("", "has the columns none"),
        ("video,label,start,end\n", "it must have video, label, start_s, end_s"),
        ("video,label,start_s,end_s,score\n", "no others"),
        ("video,label,start_s,end_s\na,b,1\n", "line 2: start_s and end_s are '1' and ''"),
        ("video,label,start_s,end_s\na,b,x,2\n", "not seconds"),
        ("video,label,start_s,end_s\na,b,1,2,3\n", "more fields"),
        ("video,label,start_s,end_s\na,b,1,nan\n", "line 2"),
        ("video,label,start_s,end_s\n,b,1,2\n", "line 2: video is ''"),
        ("video,label,start_s,end_s\na,,1,2\n", "line 2: label is"),
        (f"video,label,start_s,end_s\n{'x' * 200_000},b,1,2\n", "field larger"),
    ],
)
def test_what_is_wrong_with_a_table_is_named_with_its_line(table, says):
    with pytest.raises(EventFileError, match=says):
        told(table, name="t.csv")


def test_other_endings_are_refused():
    with pytest.raises(EventFileError, match=r"\.json and \.csv"):
        told("", name="truth.txt")


@given(st.text(max_size=200), st.sampled_from(["t.json", "t.csv"]))
def test_any_text_is_read_or_refused(text, name):
    with suppress(EventFileError):
        told(text, name=name)


plain = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*ONE, "looked"]), inner, max_size=5),
    max_leaves=12,
)


@given(plain)
def test_any_json_is_read_or_refused(value):
    with suppress(EventFileError):
        told(json.dumps(value))
