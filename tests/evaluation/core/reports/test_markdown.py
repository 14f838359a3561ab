"""A test run for a pull request."""

import pytest

from evaluation.core.reports import Extras
from evaluation.core.reports.markdown import MOST_CHARACTERS, render_markdown
from evaluation.core.reports.markdown_text import code, link, text
from tests.evaluation.records import HOSTILE, a_ready_run, a_run, a_scenario, an_empty_run

URL = "https://w.example"


def lines(run, **extras):
    return render_markdown(run, Extras(**extras)).splitlines()


def cells(line):
    """Split a table's line as a Markdown reader does: an escaped bar is no border."""
    return line.replace("\\|", "").split("|")[1:-1]


def test_the_first_line_says_it():
    assert lines(a_run())[0] == (
        "### ❌ Not ready: 1 of 3 critical scenarios failed (Far and small), 1 is undecided."
    )  # fmt: skip
    assert lines(a_ready_run())[0] == "### ✅ Ready: all critical ones pass."
    assert "2 failed, 4 inconclusive, 2 passed." in lines(a_run())[2]


def test_the_table_has_failures_first():
    rows = [cells(line) for line in lines(a_run()) if line.startswith("| ") and "---" not in line]
    scenarios = [row for row in rows if len(row) == 9][1:]
    assert [row[0].strip() for row in scenarios] == ["❌"] * 2 + ["❔"] * 4 + ["✅"] * 2
    assert [cell.strip() for cell in scenarios[0]] == [
        "❌", "**Far and small** (critical)", "AP50, small", "0.412", "[0.350, 0.478]", "≥ 0.600", "412", "1,034", "23"
    ]  # fmt: skip


@pytest.mark.parametrize("run", [a_run(), a_ready_run(), an_empty_run()])
def test_rows_have_as_many_cells_as_their_head(run):
    width = 0
    for line in lines(run, base_url=URL):
        width = (len(cells(line)) if width == 0 else width) if line.startswith("|") else 0
        assert not line.startswith("|") or len(cells(line)) == width


def test_what_is_open_or_failed_is_explained_in_a_fold():
    said = "\n".join(lines(a_run()))
    assert "- ✗ **Far and small**: Even the interval's upper end, 0.478, is below 0.6. 4 labels under review" in said
    assert "<br>Frames: <code>box\\_area:&lt;1024 AND dataset:people@3</code>" in said
    assert said.count("<details>") == said.count("</details>") == 2
    assert "Why, and which frames" not in "\n".join(lines(a_ready_run()))


def test_names_lead_to_frames_where_there_is_a_base_url():
    assert f"[Far and small]({URL}/dashboard/?q=box_area%3A%3C1024+AND+dataset%3Apeople%403)" in "\n".join(
        lines(a_run(), base_url=URL)
    )
    assert "](" not in "\n".join(lines(a_ready_run()))


def test_hostile_names_stay_names():
    said = "\n".join(lines(a_run(suite=HOSTILE, model=HOSTILE, notes=(HOSTILE,)), base_url=URL))
    for wrong in ("<script", "@everyone", " #12", "\x1b", "\u202e", "[a](javascript"):
        assert wrong not in said


@pytest.mark.parametrize(
    "said, written",
    [
        ("a_b*c", "a\\_b\\*c"),
        ("a|b", "a\\|b"),
        ("`x`", "\\`x\\`"),
        ("back\\slash", "back\\\\slash"),
        ("<img onerror=x>", "&lt;img onerror=x&gt;"),
        ("@team #1", "@&#8203;team #&#8203;1"),
        ("people@3", "people@3"),
        ("https://x.y", "https:&#8203;//x.y"),
        ("&#8203;", "&amp;#&#8203;8203;"),
        ("line\nbreak", "line break"),
    ],
)
def test_texts_are_escaped(said, written):
    assert text(said) == written


def test_code_and_links_of_nothing():
    assert (code(""), link("a", ""), code("a|b")) == ("", "a", "<code>a\\|b</code>")


def test_what_passed_is_folded_where_there_is_much():
    run = a_run(scenarios=tuple(a_scenario(f"s{n}", verdict="fail" if n < 3 else "pass") for n in range(60)))
    said = "\n".join(lines(run))
    assert "<summary>57 passed</summary>" in said
    assert said.index("**s2**") < said.index("<summary>57 passed") < said.index("**s59**")


@pytest.mark.parametrize("verdict", ["fail", "pass"])
def test_a_comment_is_never_longer_than_hosts_allow(verdict):
    run = a_run(scenarios=tuple(a_scenario(f"scenario {n}", verdict=verdict) for n in range(1000)))
    said = render_markdown(run, Extras(base_url=URL))
    assert MOST_CHARACTERS * 0.6 < len(said) <= MOST_CHARACTERS
    assert "more scenarios do not fit here" in said
    assert said.count("<details>") == said.count("</details>")
