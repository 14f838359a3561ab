"""A form that starts a round: from which test, how many frames, by which strategy, labelled how."""

from collections.abc import Mapping, Sequence

import dash_mantine_components as dmc
from dash import html

from frontend.round_records import RedRun

USUAL_BUDGET, MOST_BUDGET = 100, 1_000_000


def start_form(
    reds: Sequence[RedRun],
    *,
    chosen: str,
    strategies: Mapping[str, str],
    usual: str,
    ways: Sequence[tuple[str, str]],
    is_open: bool,
) -> html.Details:
    """Offer to start a round. `chosen` is a test run's number; `strategies` are names with what they do."""
    runs = [
        {"value": str(red.id), "label": f"{red.id}: {red.model}, {red.suite} (not green: {', '.join(red.red)})"}
        for red in reds
    ]
    value = chosen if any(run["value"] == chosen for run in runs) else runs[0]["value"]
    return html.Details(
        open=is_open,
        children=[
            html.Summary(html.H2("Start a round"), className="start-head"),
            html.Div(
                [
                    dmc.Select(
                        id="rounds-run", label="Test run", data=runs, value=value, allowDeselect=False
                    ),
                    dmc.NumberInput(
                        id="rounds-budget", label="Frames to label at most", value=USUAL_BUDGET, min=1, max=MOST_BUDGET,
                        allowDecimal=False, allowNegative=False, hideControls=True,
                    ),
                    dmc.Select(
                        id="rounds-strategy", label="Strategy", data=list(strategies), value=usual, allowDeselect=False
                    ),
                    dmc.Select(
                        id="rounds-via", label="Labelled by", value=ways[0][0], allowDeselect=False,
                        data=[{"value": value, "label": words} for value, words in ways],
                    ),
                    dmc.Button("Start", id="rounds-start", size="sm"),
                ],
                className="start-fields",
            ),
            html.P(strategies.get(usual, ""), id="rounds-about-strategy", className="note"),
        ],
        className="panel start",
    )  # fmt: skip
