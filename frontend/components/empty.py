"""What a page says before there is anything to show."""

import dash_mantine_components as dmc
from dash import html

STEPS = (
    ("See it work", "Renders footage of a small world and runs the whole cascade on it.", "make demo"),
    (
        "Use your own footage",
        "A file or a folder; every video becomes a run that the workers take.",
        ".venv/bin/python manage.py ingest PATH --wait",
    ),
    (
        "Send it from elsewhere",
        "Begins an upload; its parts follow, and can be sent again after a break.",
        'curl -H "Authorization: Token $TOKEN" {site}/api/v1/uploads/ '
        "-d name=gate.mp4 -d camera=gate -d size_bytes=$(stat -c %s gate.mp4)",
    ),
)


def no_videos(*, site: str, docs: str) -> html.Section:
    """Say how footage gets in."""
    return html.Section(
        className="empty",
        children=[
            html.H1("No footage yet"),
            html.P(
                "Winnow looks through camera footage and keeps the frames that matter, tagged and searchable. "
                "This page fills as soon as the first video arrives."
            ),
            html.Ol([step(title, words, command.format(site=site)) for title, words, command in STEPS]),
            html.P(["All calls are described in the ", html.A("API documentation", href=docs), "."], className="note"),
        ],
    )


def step(title: str, words: str, command: str) -> html.Li:
    """Show a step with the command that takes it."""
    return html.Li(
        [
            html.H2(title),
            html.P(words, className="note"),
            html.Div(
                [
                    html.Code(command),
                    dmc.CopyButton(
                        "Copy", value=command, copiedChildren="Copied", size="compact-xs", variant="default"
                    ),
                ],
                className="command",
            ),
        ]
    )
