"""The first page: what came in, what was kept, and the kept frames to search."""

from typing import Any

import dash_mantine_components as dmc
from dash import (
    ClientsideFunction,
    Input,
    Output,
    Patch,
    State,
    callback,
    clientside_callback,
    ctx,
    dcc,
    html,
    no_update,
)

from frontend import human, queries
from frontend.components import detail, empty, frames, panels, search_bar
from frontend.components.attributes import aria
from frontend.components.funnel import covers, funnel_table
from frontend.components.panels import HIDDEN, SHOWN
from frontend.components.totals import totals_row
from frontend.components.videos import video_list
from frontend.page import Page
from frontend.place import place_of
from frontend.records import QueryFault
from frontend.site import here

PAGE = Page(name="Overview", path="/", title="Winnow", order=0)

VIDEOS = 5
FRAMES = 30
BUSY_MS, WAITING_MS = 2000, 5000


def layout(q: object = "", frame: object = None, **_: object) -> html.Div:
    """Lay the page out; callbacks fill it."""
    place = place_of(query=q, frame=frame)
    return html.Div(
        id="overview",
        className="page loading",
        children=[
            dcc.Location(id="overview-url", refresh=False),
            dcc.Store(id="overview-asked", data=place.query),
            dcc.Store(id="overview-opened", data=None),
            dcc.Store(id="overview-kept", data=0),
            dcc.Store(id="overview-shown"),
            dcc.Interval(id="overview-tick", interval=BUSY_MS, disabled=True),
            html.Div(id="overview-empty"),
            html.Div(
                className="when-full",
                children=[
                    html.H1("Overview", className="visually-hidden"),
                    html.Section(id="overview-totals", **aria(label="Totals")),
                    html.Div([panels.cascade_panel(), panels.footage_panel()], className="panels"),
                    panels.frames_panel(place.query),
                ],
            ),
            dmc.Modal(
                id="overview-frame",
                opened=False,
                size="min(1360px, 96vw)",
                children=[],
                title=" ",
                closeButtonProps={"aria-label": "Close"},
                transitionProps={"duration": 100},
            ),
        ],
    )


@callback(
    Output("overview", "className"),
    Output("overview-empty", "children"),
    Output("overview-totals", "children"),
    Output("overview-cascade", "data"),
    Output("overview-cascade", "style"),
    Output("overview-funnel", "children"),
    Output("overview-covers", "children"),
    Output("overview-running", "children"),
    Output("overview-videos", "children"),
    Output("overview-more-videos", "style"),
    Output("overview-kept", "data"),
    Output("overview-tick", "disabled"),
    Output("overview-tick", "interval"),
    Input("overview-tick", "n_intervals"),
    Input("overview-more-videos", "n_clicks"),
    Input("overview-cascade", "value"),
    State("overview-kept", "data"),
)
def refresh(_ticks: object, more: object, cascade: object, kept: object) -> tuple[Any, ...]:
    """Show how far everything is. Asks again by itself only while something runs, or before the first video."""
    totals = queries.totals()
    if not totals.videos:
        site = here()
        start = empty.no_videos(site=site.root, docs=site.docs)
        return "page is-empty", start, *[no_update] * 8, 0, False, WAITING_MS
    limit = VIDEOS * (1 + (more if isinstance(more, int) and 0 < more < 100 else 0))
    funnels = queries.funnels()
    funnel = next((one for one in funnels if one.cascade == cascade), funnels[0] if funnels else None)
    return (
        "page",
        [],
        totals_row(totals, funnel),
        [one.cascade for one in funnels],
        SHOWN if len(funnels) > 1 else HIDDEN,
        funnel_table(funnel),
        covers(funnel, totals.videos),
        _state(totals.open_runs, totals.failed),
        video_list(queries.videos(limit=limit)),
        SHOWN if totals.videos > limit else HIDDEN,
        totals.frames_kept if totals.frames_kept != kept else no_update,
        totals.open_runs == 0,
        BUSY_MS,
    )


def _state(open_runs: int, failed: int) -> str:
    parts = [f"{human.some(open_runs, 'run')} at work"] if open_runs else []
    parts += [f"{human.count(failed)} failed"] if failed else []
    return ", ".join(parts)


@callback(
    Output("overview-count", "children"),
    Output("overview-fault", "children"),
    Output("overview-facets", "children"),
    Output("overview-grid", "children"),
    Output("overview-cursor", "data"),
    Output("overview-more", "style"),
    Output("overview-more", "children"),
    Output("overview-shown", "data"),
    Input("overview-asked", "data"),
    Input("overview-show-new", "n_clicks"),
    Input("overview-kept", "data"),
    State("overview-shown", "data"),
)
def find(asked: object, _clicks: object, kept: object, shown: object) -> tuple[Any, ...]:
    """Show the first frames that the query finds. New ones come by themselves only where there are none yet."""
    if ctx.triggered_id == "overview-kept" and shown:
        return (no_update,) * 8
    place = place_of(query=asked)
    found = queries.frames(place.query, limit=FRAMES) if place.query else queries.spread(limit=FRAMES)
    if isinstance(found, QueryFault):
        return "", search_bar.fault_view(place.query, found), no_update, [], None, *_more(None), kept
    facets = queries.facets(place.query if found.count else "")
    return (
        frames.count_words(found),
        [],
        search_bar.facet_column(facets, place=place) if facets.frames else [],
        frames.grid(found.cards, place=place),
        found.next_cursor,
        *_more(found.next_cursor),
        kept,
    )


def _more(cursor: str | None) -> tuple[dict[str, Any], str]:
    return HIDDEN if cursor is None else SHOWN, "Show more frames" if cursor else "Show all in order"


@callback(
    Output("overview-grid", "children", allow_duplicate=True),
    Output("overview-cursor", "data", allow_duplicate=True),
    Output("overview-more", "style", allow_duplicate=True),
    Output("overview-more", "children", allow_duplicate=True),
    Output("overview-count", "children", allow_duplicate=True),
    Input("overview-more", "n_clicks"),
    State("overview-asked", "data"),
    State("overview-cursor", "data"),
    prevent_initial_call=True,
)
def find_more(_clicks: object, asked: object, cursor: object) -> tuple[Any, ...]:
    """Add the next frames to the grid; after a sample begin with the first."""
    place = place_of(query=asked)
    found = queries.frames(place.query, limit=FRAMES, cursor=cursor if isinstance(cursor, str) else None)
    if isinstance(found, QueryFault):
        return no_update, None, *_more(None), no_update
    cards: Any = frames.grid(found.cards, place=place)
    if cursor:
        added = Patch()
        added.extend(cards)
        cards = added
    return cards, found.next_cursor, *_more(found.next_cursor), frames.count_words(found)


@callback(
    Output("overview-show-new", "children"),
    Output("overview-show-new", "style"),
    Input("overview-kept", "data"),
    Input("overview-shown", "data"),
)
def tell_new(kept: object, shown: object) -> tuple[str, dict[str, str]]:
    """Offer frames that were kept since the grid was filled."""
    new = kept - shown if isinstance(kept, int) and isinstance(shown, int) else 0
    return f"Show {human.some(new, 'new frame')}", SHOWN if new > 0 and shown else HIDDEN


@callback(
    Output("overview-frame", "title"),
    Output("overview-frame", "children"),
    Input("overview-opened", "data"),
    State("overview-asked", "data"),
)
def open_frame(opened: object, asked: object) -> tuple[Any, Any]:
    """Fill the window with the frame that the address names."""
    place = place_of(query=asked, frame=opened)
    if place.frame is None:
        return " ", []
    found = queries.frame(place.frame)
    if found is None:
        return "Frame", detail.missing(place.frame)
    return detail.title(found), detail.frame_detail(found, place=place)


clientside_callback(
    ClientsideFunction("winnow", "read"),
    Output("overview-asked", "data"),
    Output("overview-opened", "data"),
    Output("overview-query", "value"),
    Output("overview-frame", "opened"),
    Input("overview-url", "search"),
    State("overview-asked", "data"),
    State("overview-opened", "data"),
)
clientside_callback(
    ClientsideFunction("winnow", "ask"),
    Output("overview-url", "search", allow_duplicate=True),
    Input("overview-query", "n_submit"),
    Input("overview-ask", "n_clicks"),
    State("overview-query", "value"),
    prevent_initial_call=True,
)
clientside_callback(
    ClientsideFunction("winnow", "close"),
    Output("overview-url", "search", allow_duplicate=True),
    Input("overview-frame", "opened"),
    State("overview-url", "search"),
    prevent_initial_call=True,
)
clientside_callback(
    ClientsideFunction("winnow", "boxes"), Output("overview-frames", "className"), Input("overview-boxes", "checked")
)
