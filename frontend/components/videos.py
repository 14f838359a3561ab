"""The list of videos: how far each is, what was found and where in it."""

from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import html

from frontend import human
from frontend.components.attributes import aria, changes_place
from frontend.figures import data_uri, lane_colour, timeline_svg
from frontend.place import Place
from frontend.records import VideoRow

WAITING = {"new": "no run yet", "queued": "waiting for a worker", "cancelled": "cancelled"}


def video_list(rows: Sequence[VideoRow]) -> html.Div:
    """List videos, the newest first, below a key to the colours of their strips."""
    names = next(([lane.stage for lane in row.lanes] for row in rows if row.lanes), [])
    return html.Div(
        [
            html.Div(
                className="videos-head",
                children=[
                    html.Span("Video"),
                    _key(names),
                    html.Span("Length", className="number"),
                    html.Span("Intervals", className="number", title="Stretches that the last stage found"),
                    html.Span("Kept", className="number"),
                ],
            ),
            html.Ul([_row(row) for row in rows], className="videos"),
        ]
    )


def _key(names: Sequence[str]) -> html.Span:
    return html.Span(
        className="key",
        children=[
            html.Span([html.I(style={"background": lane_colour(at, of=len(names))}), name.replace("_", " ")])
            for at, name in enumerate(names)
        ],
    )


def _row(row: VideoRow) -> html.Li:
    found = len(row.lanes[-1].spans_s) if row.lanes else 0
    done = row.status == "done"
    return html.Li(
        key=str(row.id),
        className=f"video {row.status}",
        children=[
            html.Div(
                className="video-name",
                children=[
                    html.Span(row.name, className="cut", title=f"{row.name} ({human.size(row.size_bytes)})"),
                    html.Span(row.camera, className="cut note", title=row.camera),
                ],
            ),
            html.Div(_state(row), className="video-state"),
            html.Span(
                className="number video-length",
                children=[
                    html.Span(human.duration(row.duration_s) if row.duration_s else "–"),
                    html.Span(_speed(row), className="note"),
                ],
            ),
            html.Span(_number(found, "interval") if done else "–", className="number video-intervals"),
            html.Span(_kept(row) if done else "–", className="number video-kept"),
        ],
    )


def _speed(row: VideoRow) -> str:
    return f"{human.speed(row.speed_x)} real time" if row.speed_x is not None else ""


def _number(number: int, noun: str) -> list[Any]:
    plural = noun if number == 1 else f"{noun}s"
    return [human.count(number), html.Span(f" {plural}", className="phone-only")]


def _kept(row: VideoRow) -> Any:
    words: list[Any] = [human.count(row.frames_kept), html.Span(" kept", className="phone-only")]
    if not row.frames_kept:
        return words
    return html.A(
        words,
        href=Place(query=f"video:{row.id}").search,
        title=f"Show the frames kept of {row.name}",
        **changes_place(),
    )


def _state(row: VideoRow) -> Any:
    if row.status == "done":
        return _strip(row)
    if row.status == "failed":
        return html.Span(row.error or "failed, with no reason given", className="error clamp", title=row.error)
    if row.status == "running":
        return _progress(row)
    return html.Span(WAITING.get(row.status, row.status), className="note")


def _strip(row: VideoRow) -> html.Img:
    words = "; ".join(f"{lane.stage}: {human.some(len(lane.spans_s), 'interval')}" for lane in row.lanes)
    return html.Img(
        src=data_uri(timeline_svg(row.lanes, duration_s=row.duration_s)),
        alt=f"Where each stage found something. {words}",
        title=words.replace("; ", "\n"),
        className="strip",
    )


def _progress(row: VideoRow) -> html.Div:
    parts = [row.stage.replace("_", " "), human.percent(row.share_done)]
    parts += [f"{human.duration(row.left_s)} left"] if row.left_s is not None else []
    return html.Div(
        [
            dmc.Progress(value=row.share_done * 100, size="sm", **aria(label=f"Progress of {row.name}")),
            html.Span(" · ".join(part for part in parts if part), className="note"),
        ],
        className="progress",
    )
