"""Show what a scenario changes: figures, map, who gains and loses by ward and zone, chart, laws of travel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import pandas as pd
import streamlit as st

from layers import results
from layers.changes import additions, diverging, edges
from pages.ui.data import layer, own_layers
from pages.ui.downloads import folded_downloads
from pages.ui.figures import figures
from pages.ui.folded import folded
from pages.ui.language import n, name_column, t
from pages.ui.origin import CLICK
from pages.ui.scenario_ask import hour_of_day, mode_of_travel, transit_of
from pages.ui.scenario_draw import clicked, drawing, placed, sketched
from pages.ui.scenario_pick import draft
from pages.ui.scenario_run import compared
from pages.ui.table import plain_table
from pages.ui.views import reader, region_map
from zoning.jobs import catchment, gates
from zoning.laws import CAVEAT
from zoning.text import N_

if TYPE_CHECKING:
    import geopandas as gpd

    from layers.drawing import Drawing
    from zoning.difference import Comparison
    from zoning.scenarios.model import Scenario

BOUNDS_MIN = (-5.0, -0.5, 0.5, 5.0)
MOST_ROWS = 12


def question(at: tuple[float, float] | None) -> catchment.CatchmentRequest | None:
    """Draw the form in the sidebar; return the question, None while there is no origin."""
    mode = mode_of_travel("car")
    longest = st.slider(t(N_("Minutes")), 10, 60, 30, step=5, key="scenario_minutes")
    arrive = st.toggle(t(N_("towards the point")), key="scenario_arrive")
    hour = hour_of_day()
    if at is None:
        return None
    st.query_params["at"] = f"{at[0]:.6f},{at[1]:.6f}"
    limits = tuple(sorted({float(longest), float(longest) / 2}))
    return catchment.CatchmentRequest(
        at=(at,), minutes=limits, mode=mode, arrive=arrive, hour=hour, transit=transit_of(mode)
    )


def reach(found: Comparison) -> list[Drawing]:
    """Draw a catchment before and after: changes of minutes by ward, the outlines of the reach, the origin."""
    assert found.wards is not None  # noqa: S101 - a catchment has an origin
    shades = diverging(found.wards, "minutes_change", reader(), title=t(N_("Change of minutes")), bounds=BOUNDS_MIN,
                       unit=t(N_("min"))).switched(on=True)  # fmt: skip
    outlines = edges(found.before.frames["rings"], found.after.frames["rings"], reader())
    return [shades, outlines, results.positions(found.after.frames["origins"].geometry, reader())]


def scenario_map(
    chosen: Scenario | None, extra: list[Drawing], look_at: gpd.GeoSeries | None, *, origin_by_click: bool
) -> None:
    """Draw the map: the changes, what is new, and the line being drawn; clicks draw, or give the origin."""
    extra = list(extra)
    drawn = draft() if drawing() else None
    if (shown := drawn or chosen) is not None:
        extra.append(additions(placed(shown), reader()))
    click = region_map(
        "scenarios",
        {name: layer(name) for name in ("zones", "corridors", "logistics", *own_layers())},
        shown=("corridors",) if look_at is None else (),
        look_at=layer("wards_2025").geometry if look_at is None else look_at,
        look_token=chosen.id if chosen else "region",
        extra=[*extra, *sketched()],
        choosing=not (drawing() or origin_by_click),
    )
    if click is None:
        return
    if drawing():
        clicked(click.lon, click.lat)
        st.rerun()
    if origin_by_click:
        st.session_state[CLICK] = (click.lon, click.lat)
        st.rerun()


def answer(found: Comparison) -> None:
    """Show figures, tables and chart of a catchment before and after."""
    rings = found.tables["rings"]
    figures(
        *(
            (
                t(N_("{minutes} minutes")).format(minutes=n(row.minutes)),
                t(N_("{people} people")).format(people=n(row.people_after)),
                t(N_("change {people}; {km} km of street, change {change}")).format(
                    people=n(row.people_change), km=n(row.reachable_km_after), change=n(row.reachable_km_change)
                ),
            )
            for row in rings.itertuples()
        ),
        (t(N_("People who gain")), n(found.wards["gain"].sum()), t(N_("half a minute or more"))),
        (t(N_("People who lose")), n(found.wards["lose"].sum()), t(N_("half a minute or more"))),
    )


def laws_kept(found: Comparison) -> None:
    """Say whether the laws of travel hold, and where they need not."""
    for broken in found.broken:
        st.error(f"{t(N_('Draft, not for export:'))} {broken.text(t)}", icon=":material/gavel:")
    st.caption(t(CAVEAT))


def tables(found: Comparison) -> None:
    """Show who gains and loses by ward and zone, a chart, and the exports."""
    name = name_column()
    wards = found.wards.sort_values("gain", ascending=False, kind="stable")
    shown = wards.rename(columns={"minutes_before": "before_min", "minutes_after": "after_min",
                                  "minutes_change": "change_min"})  # fmt: skip
    st.subheader(t(N_("Who gains and who loses, by ward")))
    plain_table(shown, (name, "people", "gain", "lose", "before_min", "after_min", "change_min"), rows=MOST_ROWS)
    places = found.tables["places"]
    places = places[places["minutes_before"].notna() | places["minutes_after"].notna()]
    order = places["minutes_change"].abs().sort_values(ascending=False, kind="stable").index
    places = places.loc[order].rename(columns={"minutes_before": "before_min", "minutes_after": "after_min",
                                               "minutes_change": "change_min"})  # fmt: skip
    st.subheader(t(N_("Zones, facilities and gates before and after")))
    plain_table(places, (name, "kind", "before_min", "after_min", "change_min"), rows=MOST_ROWS)
    _chart(found)
    folded_downloads(found.after, "rings", t(N_("Take home: rings, with the run record inside")))


def gate_times(request: catchment.CatchmentRequest, versus: Scenario | None, chosen: Scenario) -> None:
    """Show, on demand, the minutes by truck to every gate before and after."""
    words = t(N_("Truck time to the gates (ports, depots, stations)"))
    with folded(words, "scenario-gates", ":material/local_shipping:") as is_open:
        if not is_open:
            return
        asked = gates.GatesRequest(request.at, "truck", request.arrive, request.hour, request.day, request.network)
        found = compared(gates, asked, versus, chosen).tables["gates"]
        table = found.rename(columns={"minutes_before": "before_min", "minutes_after": "after_min",
                                      "minutes_change": "change_min"})  # fmt: skip
        plain_table(table, (name_column(), "kind", "before_min", "after_min", "change_min"), rows=MOST_ROWS)


def _chart(found: Comparison) -> None:
    parts = [
        side.frames["curve"].assign(what=words)
        for side, words in ((found.before, t(N_("before"))), (found.after, t(N_("after"))))
    ]
    curve = pd.concat(parts, ignore_index=True)
    st.altair_chart(
        alt.Chart(curve).mark_line(point=True).encode(
            x=alt.X("minutes:Q", title=t(N_("Minutes"))),
            y=alt.Y("people:Q", title=t(N_("People"))),
            color=alt.Color("what:N", title=None, legend=alt.Legend(orient="bottom")),
            strokeDash=alt.StrokeDash("what:N", title=None, legend=None),
        )
    )  # fmt: skip
