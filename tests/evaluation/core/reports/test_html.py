"""A test run as one HTML file."""

import re
from base64 import b64decode
from html.parser import HTMLParser

import pytest

from evaluation.core.reports import Extras
from evaluation.core.reports.html import render_html
from evaluation.core.reports.html_curves import curve_figures
from evaluation.core.reports.html_errors import MOST_LABELS, error_figures
from evaluation.core.reports.html_frames import clock
from evaluation.core.reports.html_interval import scenario_bar
from evaluation.core.reports.markup import VOID, Markup, el
from evaluation.core.results import Curves, Errors
from tests.evaluation.records import HOSTILE, KINDS, a_frame, a_ready_run, a_run, a_scenario, an_empty_run

RUNS = {"full": a_run(), "ready": a_ready_run(), "empty": an_empty_run(), "final": a_run(is_final=True)}
PICTURES = {1: b"\xff\xd8one", 2: b"\xff\xd8two", 7: b"\xff\xd8seven"}
URL = "https://w.example"
SVG = {"line", "rect", "circle", "text", "polygon", "polyline", "image", "use", "title", "g", "defs"}


class Page(HTMLParser):
    """What a browser would see: elements, well nested, and their text."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.open, self.said = [], [], []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.said.append(data)

    def all(self, tag, **wanted):
        return [has for name, has in self.elements if name == tag and wanted.items() <= has.items()]

    @property
    def text(self):
        return " ".join(self.said)


def page(run, **extras):
    return Page(render_html(run, Extras(**extras)))


@pytest.mark.parametrize("name", RUNS)
def test_the_page_is_well_formed_and_needs_nothing_from_elsewhere(name):
    seen = page(RUNS[name], pictures=PICTURES)
    for tag, has in seen.elements:
        assert tag != "script"
        for key, value in has.items():
            assert not key.startswith("on")
            if key in ("src", "href"):
                assert value.startswith(("data:", "#"))
    assert "url(" not in render_html(RUNS[name], Extras(pictures=PICTURES))
    assert "@import" not in render_html(RUNS[name], Extras())


def test_the_page_forbids_itself_scripts_and_addresses():
    policy = page(a_run()).all("meta", **{"http-equiv": "Content-Security-Policy"})[0]["content"]
    assert policy.startswith("default-src 'none'")
    assert "script-src" not in policy


def test_hostile_names_are_text_and_nothing_else():
    hostile = a_run(
        suite=HOSTILE, model=HOSTILE, baseline=HOSTILE, dataset=HOSTILE, notes=(HOSTILE,), options={HOSTILE: HOSTILE},
        model_sha256=HOSTILE, code_version=HOSTILE, created_at=HOSTILE, finished_at=HOSTILE,
    )  # fmt: skip
    html = render_html(hostile, Extras(base_url=URL))
    assert "<script" not in html
    assert "\x1b" not in html
    assert "\u202e" not in html
    seen = Page(html)
    assert seen.text.count("<script>alert('x')</script>") > 8
    assert {tag for tag, _ in seen.elements} == {tag for tag, _ in page(a_run(), base_url=URL).elements}


def test_the_worst_scenario_comes_first_and_is_unfolded():
    rows = page(a_run()).all("details")
    assert [one["class"].split()[1] for one in rows] == ["fail"] * 2 + ["inconclusive"] * 4 + ["pass"] * 2
    assert ["open" in one for one in rows] == [True] + [False] * 7
    assert all("open" not in one for one in page(a_ready_run()).all("details"))


def test_the_verdict_and_its_sentence_stand_at_the_top():
    text = page(a_run(is_final=True, previous_uses=1)).text
    assert text.index("Not ready: 1 of 3 critical scenarios failed") < text.index("Far and small critical")
    assert "Final evaluation on a locked hold-out, used once before." in text
    assert "0.821 [0.787, 0.852]" in text


def test_a_scenario_says_figure_interval_need_sizes_reason_and_why():
    text = page(a_run()).text
    figures = ("0.412", "[0.350, 0.478]", "≥ 0.600", "1,034", "23 groups", "Labels under review 4")
    words = ("Early warning needs them.", "Even the interval's upper end, 0.478, is below 0.6.", "box_area:<1024")
    assert [said for said in (*figures, *words) if said not in text] == []
    assert "This model 0.901 Baseline 0.914" in text


def test_links_lead_to_the_frames_of_a_scenario():
    links = [has["href"] for has in page(a_run(), base_url=URL).all("a")]
    assert f"{URL}/dashboard/?q=box_area%3A%3C1024+AND+dataset%3Apeople%403" in links
    assert f"{URL}/dashboard/?q=box_area%3A%3C1024+AND+dataset%3Apeople%403&frame=1" in links
    assert page(a_run()).all("a") == []
    with pytest.raises(ValueError, match="must be a web address"):
        render_html(a_run(), Extras(base_url="javascript:alert(1)"))


def test_each_picture_is_in_the_page_once():
    seen = page(a_run(), pictures=PICTURES)
    images = seen.all("image")
    assert [one["id"] for one in images] == ["frame-1", "frame-2", "frame-7"]
    assert b64decode(images[1]["href"].partition(",")[2]) == PICTURES[2]
    assert [one["href"] for one in seen.all("use")].count("#frame-2") == 2
    assert len(seen.all("rect", **{"class": "blank"})) == 3  # frames 3, 4 and 9 have no picture


def test_boxes_are_drawn_where_they_are():
    seen = page(a_run(scenarios=(a_scenario(frames=(a_frame(),)),)))
    assert seen.all("svg", viewbox="0 0 1280 720")
    assert seen.all("rect", x="700.5", y="300", width="59.5", height="170")
    assert {one["class"] for one in seen.all("g")} == {
        "box truth",
        "box found",
        "box missed",
        "box false",
        "box ignored",
    }
    assert "labelled and missed" in seen.text
    assert "jacket 0.64 detection that is none (background)" in seen.text


def test_filters_are_there_where_verdicts_differ():
    chosen = [one["id"] for one in page(a_run()).all("input")]
    assert chosen == ["only-all", "only-fail", "only-inconclusive", "only-pass"]
    assert page(a_ready_run()).all("input") == []


@pytest.mark.parametrize("name", RUNS)
def test_the_same_run_gives_the_same_bytes(name):
    extras = Extras(pictures=PICTURES, base_url=URL)
    other = Extras(pictures=dict(reversed(PICTURES.items())), base_url=URL)
    assert render_html(RUNS[name], extras) == render_html(RUNS[name], other)


# Drawings.


def numbers(markup, tag, *names, **wanted):
    found = Page(markup).all(tag, **wanted)
    return [tuple(float(one[name]) for name in names) for one in found]


def test_the_interval_is_drawn_to_scale():
    bar = scenario_bar(a_scenario(value=0.5, low=0.25, high=0.75, threshold=1.0))
    assert numbers(bar, "circle", "cx") == [(160,)]
    assert numbers(bar, "rect", "x", "width", **{"class": "range pass"}) == [(83, 154)]
    assert numbers(bar, "line", "x1", **{"class": "threshold"}) == [(314,)]


def test_the_good_side_is_the_left_one_where_less_is_better():
    bar = scenario_bar(a_scenario(unit="s", is_higher_better=False, value=1.0, low=0.5, high=1.5, threshold=1.25))
    assert numbers(bar, "rect", "x", "width", **{"class": "good"}) == [(6, 192.5)]  # the scale ends at 2


def test_a_difference_has_zero_in_the_middle():
    bar = scenario_bar(a_scenario(is_relative=True, value=-0.01, low=-0.03, high=0.01, threshold=-0.02))
    assert numbers(bar, "line", "x1", **{"class": "zero"}) == [(160,)]


@pytest.mark.parametrize(
    "value, low, high", [(None, None, None), (0.5, None, None), (0.0, 0.0, 0.0), (-1.0, -2.0, 9.0)]
)
def test_a_bar_can_be_drawn_of_anything(value, low, high):
    for unit in ("", "s"):
        bar = scenario_bar(a_scenario(value=value, low=low, high=high, unit=unit, threshold=0.0), has_labels=True)
        for x, width in numbers(bar, "rect", "x", "width"):
            assert 0 <= x <= x + width <= 320
        assert "nan" not in bar


def test_curves_are_drawn_where_there_are_any():
    assert curve_figures(Curves()) == []
    assert curve_figures(Curves(calibration=({"low": 0, "high": 1, "score": 0, "precision": 0, "count": 0},))) == []
    only = curve_figures(Curves(precision=(1.0, 0.0)))
    assert len(only) == 1
    assert Page(only[0]).all("polyline")[0]["points"] == "34.0,8.0 274.0,178.0"
    assert len(curve_figures(a_scenario().curves)) == 2


def test_errors_are_shown_most_first():
    assert error_figures(Errors()) == []
    bars = Page(error_figures(Errors(KINDS | {"odd": 5}))[0]).text
    order = ["missed", "background", "localisation", "duplicate", "odd", "class", "both"]
    assert [word for word in bars.split() if word in order] == order


def test_the_confusion_matrix_is_a_table():
    matrix = Page(error_figures(a_scenario().errors)[1])
    assert [len(matrix.all(tag)) for tag in ("tr", "th", "td")] == [4, 6, 10]
    assert "412" in matrix.text


def test_a_matrix_of_many_labels_shows_those_with_the_most_mistakes():
    size = 31
    labels = tuple(f"label{n:02}" for n in range(size - 1))
    confusion = tuple(tuple(100 if a == b else int(a == 20 or b == 3) for b in range(size)) for a in range(size))
    matrix = Page(error_figures(Errors({}, labels, confusion))[0])
    assert len(matrix.all("th", scope="row")) == MOST_LABELS + 1
    assert "label20" in matrix.text
    assert "The 12 labels with the most mistakes, of 30." in matrix.text


def test_moments_are_cut_and_not_rounded():
    assert [clock(us) for us in (0, 72_469_999, 3_600_000_000)] == ["0:00.0", "1:12.4", "1:00:00.0"]


# Markup.


def test_elements_escape_what_is_text():
    assert el("p", "<b>", Markup("<i></i>"), None, ["&"], title='"') == '<p title="&quot;">&lt;b&gt;<i></i>&amp;</p>'
    assert el("input", checked=True, name=None, value=False, size=1.50) == '<input checked size="1.5">'
    assert el("rect", x=0.123456, y=-0.0, width=0) == '<rect x="0.12" y="0" width="0"></rect>'


def test_the_page_speaks_html_that_browsers_know():
    for tag, _ in page(a_run()).elements:
        assert re.fullmatch(r"[a-z]+[1-6]?", tag)
