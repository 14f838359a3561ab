"""A test run as one HTML file that needs nothing else: no scripts, no fonts, no addresses."""

from functools import cache
from pathlib import Path

from evaluation.core.reports.contract import Extras
from evaluation.core.reports.html_frames import picture_store
from evaluation.core.reports.html_interval import readiness_bar
from evaluation.core.reports.html_scenario import scenario_row
from evaluation.core.reports.markup import Markup, el, join
from evaluation.core.reports.words import (
    RUN_VERDICTS,
    clean,
    counts,
    coverage,
    failures_first,
    figure,
    finality,
    interval,
)
from evaluation.core.results import RunRecord

# Nothing that a name smuggles in could run or call home, even if the escaping had a hole.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
FILTERS = {"failed": "fail", "inconclusive": "inconclusive", "passed": "pass"}
MARKS = {"ready": "✓", "failed": "✗", "undecided": "?"}


def render_html(record: RunRecord, extras: Extras) -> str:
    """Show the run as a page with curves, matrices and pictures, in light and dark, also on a phone.

    The worst scenario is unfolded. Raises ValueError where the base URL is no web address."""
    shown = failures_first(record)
    rows = [
        scenario_row(
            one, pictures=extras.pictures, base_url=extras.base_url,
            is_open=place == 0 and one.verdict != "pass",
        )
        for place, one in enumerate(shown)
    ]  # fmt: skip
    main = el("main", _verdict(record), _notes(record), _filters(record), el("div", rows, class_="rows"))
    body = el("body", picture_store(shown, extras.pictures), _header(record), main, _footer(record))
    return f"<!doctype html>\n{el('html', _head(record), body, lang='en')}\n"


@cache
def _style() -> Markup:
    return Markup((Path(__file__).parent / "html.css").read_text(encoding="utf-8"))


def _head(record: RunRecord) -> Markup:
    return el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=POLICY),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("link", rel="icon", href="data:,"),
        el("title", f"{RUN_VERDICTS[record.verdict]}: {record.model} against {record.suite}"),
        el("style", _style()),
    )


def _header(record: RunRecord) -> Markup:
    title = el("h1", record.model, el("span", " against suite "), record.suite)
    places = [f"on {record.dataset}" if record.dataset else "", f"beside {record.baseline}" if record.baseline else ""]
    about = ", ".join(place for place in places if place)
    return el("header", title, el("p", about, class_="note") if about else None)


def _verdict(record: RunRecord) -> Markup:
    sentence = clean(record.readiness.sentence) or RUN_VERDICTS[record.verdict]
    words = el(
        "div", el("p", sentence, class_="sentence"),
        el("p", finality(record), class_="note") if record.is_final else None,
    )  # fmt: skip
    mark = el("span", MARKS[record.verdict], class_="mark")
    return el("section", mark, words, _weighted(record), class_=f"verdict {record.verdict}")


def _weighted(record: RunRecord) -> Markup | None:
    ready = record.readiness
    if ready.value is None:
        return None
    said = f"weighted by expected use{coverage(record)}"
    number = el("b", figure(ready.value, ""))
    ends = el("span", interval(ready.low, ready.high, "")) if ready.low is not None else None
    return el("div", el("p", number, ends), readiness_bar(ready), el("p", said, class_="note"), class_="weighted")


def _notes(record: RunRecord) -> Markup | None:
    return el("ul", [el("li", note) for note in record.notes], class_="notes") if record.notes else None


def _filters(record: RunRecord) -> Markup:
    said = counts(record.scenarios)
    if len(said) < 2:
        return el("h2", "Scenarios")
    choices = {"all": f"All {len(record.scenarios):,}"} | {FILTERS[k]: f"{n:,} {k}" for k, n in said.items()}
    inputs = [
        el(
            "label", el("input", type="radio", name="only", id=f"only-{key}", checked=key == "all"), words,
            class_=f"choice {key}",
        )
        for key, words in choices.items()
    ]  # fmt: skip
    return el("fieldset", el("legend", "Scenarios"), inputs, class_="filters")


def _footer(record: RunRecord) -> Markup:
    facts = {
        "Test run": str(record.id),
        "Begun": record.created_at,
        "Done": record.finished_at,
        "Model's SHA-256": record.model_sha256,
        "Dataset's SHA-256": record.dataset_sha256,
        "Code": record.code_version,
        **{name: str(record.options[name]) for name in sorted(record.options)},
    }
    items = [el("div", el("dt", name), el("dd", value)) for name, value in facts.items() if value]
    said = el("p", "Intervals come from resampling independent groups. The same stored run gives this same file.")
    return el("footer", el("h2", "How this run came about"), el("dl", items), join(said))
