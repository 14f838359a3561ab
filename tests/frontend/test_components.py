"""Components say what they are given."""

from dash.development.base_component import Component

from frontend.components.funnel import funnel_table
from frontend.components.search_bar import facet_column, fault_view
from frontend.components.tags import badges, evidence_table, value_words
from frontend.components.totals import totals_row
from frontend.components.videos import video_list
from frontend.place import Place
from frontend.records import Facet, Facets, FacetValue, Funnel, Lane, QueryFault, StageSum, Totals, VideoRow


def text(found):
    """Gather what a component says, blanks between its pieces."""
    if isinstance(found, list | tuple):
        return " ".join(filter(None, map(text, found)))
    if isinstance(found, Component):
        return text(getattr(found, "children", None))
    return "" if found is None else str(found)


def all_of(found, kind):
    if isinstance(found, list | tuple):
        return [one for piece in found for one in all_of(piece, kind)]
    if not isinstance(found, Component):
        return []
    own = [found] if type(found).__name__ == kind else []
    return own + all_of(getattr(found, "children", None), kind)


def row(**changes):
    values = {"id": 1, "name": "a.mp4", "camera": "gate", "duration_s": 60.0, "size_bytes": 1000, "status": "done"}
    return VideoRow(**{**values, **changes})


def test_totals_without_any_run_claim_nothing():
    said = text(totals_row(Totals(1, 1, 60.0, 0, 0, 0), None))
    assert "1 video, 1 camera" in said
    assert "–" in said
    assert "0%" not in said


def test_funnel_names_stages_with_their_cost():
    stages = [
        StageSum("motion", "motion", 600, 200, 6.0, 20.0),
        StageSum("people_fast", "objects", 60, 30, 75.0, 9.0),
        StageSum("embed", "embed", 9, 9, 2.0, 0.0),
    ]
    said = text(funnel_table(Funnel("people", stages, 600, 9, 60.0, 1)))
    assert "people fast 60 10% 30 1 min 15 s" in said
    assert "kept 9 1.5%" in said
    assert "embed" not in said
    assert "in all 1 min 23 s" in said


def test_funnel_before_any_frame_says_what_will_be_there():
    assert "once a run is done" in text(funnel_table(None))


def test_a_failed_video_says_why():
    said = text(video_list([row(status="failed", error="This is no video.")]))
    assert "This is no video." in said


def test_a_running_video_says_how_far_it_is():
    said = text(video_list([row(status="running", share_done=0.37, stage="people_fast", speed_x=6.4, left_s=48)]))
    assert "people fast · 37% · 48 s left" in said
    assert "6.4× real time" in said


def test_a_done_video_counts_the_intervals_of_its_last_stage_and_leads_to_its_frames():
    lanes = [Lane("motion", [(0, 9)]), Lane("people", [(1, 2), (4, 5)])]
    listed = video_list([row(lanes=lanes, frames_kept=7)])
    strip = all_of(listed, "Img")[0]
    assert "motion: 1 interval; people: 2 intervals" in strip.alt
    assert all_of(listed, "A")[0].href == Place(query="video:1").search
    assert "2  intervals 7  kept" in text(listed)


def test_a_fault_marks_its_column():
    view = fault_view("a:1 AND b>2", QueryFault("Write b:>2.", 9, "b>2"))
    assert text(all_of(view, "Mark")) == "b>2"
    assert "Column 9." in text(view)
    assert view.role == "alert"


def test_a_fault_past_the_end_marks_a_blank_there():
    assert text(all_of(fault_view("a:", QueryFault("A value is missing.", 3, "")), "Mark")) == "\u00a0"


def test_a_facet_adds_its_term_or_takes_it_out():
    facets = Facets(
        [Facet("Lighting", [FacetValue("dark", "lighting:dark", 3), FacetValue("dim", "lighting:dim", 1)])], 4, True
    )
    dark, dim = all_of(facet_column(facets, place=Place("people:>0 AND lighting:dark")), "A")
    assert dark.href == Place("people:>0").search
    assert dark.to_plotly_json()["props"]["aria-current"] == "true"
    assert dim.href == Place("people:>0 AND lighting:dark AND lighting:dim").search


def test_facets_over_a_part_say_so():
    assert "newest 20,000" in text(facet_column(Facets([], 20_000, False), place=Place()))


def test_badges_leave_out_what_goes_without_saying():
    shown = text(badges({"people": 1, "lighting": "normal", "blurriness": "sharp", "motion": True, "indoor": False}))
    assert shown == "1 person outdoors"


def test_badges_are_few_and_the_rest_is_counted():
    tags = {
        "people": 2,
        "lighting": "dark",
        "blurriness": "soft",
        "motion": False,
        "object_counts": {"car": 3, "person": 2},
    }
    assert text(badges(tags)) == "2 people car × 3 dark +2"


def test_evidence_says_who_found_a_tag_and_how_sure():
    evidence = {"indoor": {"source": "rule", "by": "indoor", "confidence": 0.83, "because": ["couch"]}}
    said = text(evidence_table({"indoor": True, "brightness": 101.234}, evidence))
    assert "indoor yes rule indoor because of couch 83%" in said
    assert "brightness 101" in said


def test_values_are_written_for_people():
    assert [value_words(v) for v in (True, 0.12345, {}, {"car": 2}, [], ["a", "b"], "pitch_dark")] == [
        "yes", "0.123", "none", "car × 2", "none", "a, b", "pitch dark",
    ]  # fmt: skip
