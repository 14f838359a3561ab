"""A scenario on the page: a row that unfolds into its proof."""

from collections.abc import Mapping

from evaluation.core.reports.html_curves import curve_figures
from evaluation.core.reports.html_errors import error_figures
from evaluation.core.reports.html_frames import frames_section
from evaluation.core.reports.html_interval import scenario_bar
from evaluation.core.reports.markup import Markup, el
from evaluation.core.reports.words import MARKS, figure, frames_url, interval_of, needed, value_of
from evaluation.core.results import ScenarioRecord

VERDICTS = {"pass": "Pass", "fail": "Fail", "inconclusive": "Not enough evidence"}


def scenario_row(one: ScenarioRecord, *, pictures: Mapping[int, bytes], base_url: str, is_open: bool) -> Markup:
    """Show a scenario; unfolded if asked."""
    url = frames_url(base_url, one.link_query)
    row = el("summary", _name(one), el("div", scenario_bar(one), class_="bar"), _numbers(one))
    body = el(
        "div", _about(one, url), el("div", curve_figures(one.curves), error_figures(one.errors), class_="cards"),
        frames_section(one, pictures, url), class_="body",
    )  # fmt: skip
    return el("details", row, body, class_=f"scenario {one.verdict}", open=is_open)


def _name(one: ScenarioRecord) -> Markup:
    return el(
        "div",
        el("span", MARKS[one.verdict], class_=f"mark {one.verdict}", title=VERDICTS[one.verdict]),
        el(
            "span", el("b", one.name), el("em", "critical") if one.critical else None,
            el("span", one.metric, class_="note"), class_="words",
        ),
        class_="name",
    )  # fmt: skip


def _numbers(one: ScenarioRecord) -> Markup:
    return el(
        "div",
        el("span", el("b", value_of(one)), el("span", interval_of(one), class_="note"), class_="figure"),
        el("span", el("span", needed(one)), el("span", f"{one.groups:,} groups", class_="note"), class_="needed"),
        class_="numbers",
    )


def _about(one: ScenarioRecord, url: str) -> Markup:
    verdict = el("p", el("b", f"{VERDICTS[one.verdict]}. ", class_=one.verdict), one.reason, class_="reason")
    why = el("p", one.why, class_="why") if one.why else None
    words = el("div", why, verdict, _query(one, url))
    bar = el("div", scenario_bar(one, has_labels=True), _facts(one))
    return el("div", words, bar, class_="about")


def _query(one: ScenarioRecord, url: str) -> Markup | None:
    if not one.query:
        return None
    link = el("a", "Show its frames", href=url, rel="noreferrer") if url else None
    return el("p", el("code", one.query), link, class_="query")


def _facts(one: ScenarioRecord) -> Markup:
    facts = {
        "Images": f"{one.images:,}",
        "Objects": f"{one.instances:,}",
        "Independent groups": f"{one.groups:,}",
        "Further groups needed": f"{one.groups_needed:,}" if one.groups_needed is not None else "",
        "This model": figure(one.model_value, one.unit) if one.is_relative else "",
        "Baseline": figure(one.baseline_value, one.unit) if one.baseline_value is not None else "",
        "Expected share in use": f"{one.share:.0%}" if one.share is not None else "",
        "Labels under review": f"{one.under_review:,}" if one.under_review else "",
    }
    return el("dl", [el("div", el("dt", name), el("dd", value)) for name, value in facts.items() if value])
