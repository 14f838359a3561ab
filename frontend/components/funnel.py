"""The cascade as a funnel: how many frames each stage looked at, let through and cost."""

from dash import html

from frontend import human
from frontend.records import Funnel, StageSum


def funnel_table(funnel: Funnel | None) -> html.Div | html.Table:
    """Show a cascade's stages, each bar a share of all frames decoded."""
    if funnel is None or not funnel.frames_decoded:
        return html.Div("Shows what each stage let through, once a run is done.", className="quiet")
    decoded = funnel.frames_decoded
    return html.Table(
        className="funnel",
        children=[
            html.Thead(
                html.Tr([html.Th(name, scope="col", className=side) for name, side in _COLUMNS]),
            ),
            html.Tbody(
                [
                    _row("decoded", decoded, decoded, "", "", kind="all"),
                    *(_stage_row(stage, decoded) for stage in funnel.stages if stage.kind != "embed"),
                    _row("kept", funnel.frames_kept, decoded, "", human.duration(_embed_s(funnel)), kind="kept"),
                ]
            ),
            html.Tfoot(
                html.Tr(
                    [
                        html.Th("in all", scope="row"),
                        html.Td(),
                        html.Td(),
                        html.Td(human.duration(funnel.cpu_s), className="number"),
                    ]
                )
            ),
        ],
    )


def covers(funnel: Funnel | None, videos: int) -> str:
    """Say of how much the funnel speaks, where that is not everything."""
    return f"{funnel.videos} of {human.some(videos, 'video')}" if funnel and funnel.videos < videos else ""


_COLUMNS = (("Stage", ""), ("Frames it looked at", ""), ("Let through", "number"), ("CPU", "number"))


def _stage_row(stage: StageSum, decoded: int) -> html.Tr:
    passed, cpu = human.count(stage.frames_out), human.duration(stage.cpu_s)
    return _row(stage.name, stage.frames_in, decoded, passed, cpu, kind="stage")


def _embed_s(funnel: Funnel) -> float:
    """What was spent on the kept frames themselves: their pictures, tags and vectors."""
    return sum(stage.cpu_s for stage in funnel.stages if stage.kind == "embed")


def _row(name: str, frames: int, decoded: int, passed: str, cpu: str, *, kind: str) -> html.Tr:
    share = min(1.0, frames / decoded)
    return html.Tr(
        className=f"funnel-{kind}",
        children=[
            html.Th(html.Span(name.replace("_", " "), className="cut", title=name), scope="row"),
            html.Td(
                html.Div(
                    className="bar",
                    children=[
                        html.Span(className="bar-fill", style={"width": f"{max(0.4, share * 100):.2f}%"}),
                        html.Span(
                            [human.count(frames), html.Span(human.percent(share), className="note")],
                            className="bar-words",
                            # Within the bar where there is room, else beside it: words on an edge are hard to read.
                            style={} if share > 0.5 else {"left": f"{share * 100:.2f}%"},
                        ),
                    ],
                )
            ),
            html.Td(passed, className="number"),
            html.Td(cpu, className="number"),
        ],
    )
