"""Show what a scenario changes: figures, map, who gains and loses by ward and zone, chart, laws of travel."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import altair as alt
import pandas as pd
import streamlit as st

from layers import results
from layers.changes import additions, diverging, edges
from layers.labels import value_label
from pages.ui.access_places import own_layers as own_places
from pages.ui.analysis import HOURS
from pages.ui.data import layer, own_layers, region
from pages.ui.downloads import result_downloads
from pages.ui.figures import figures
from pages.ui.language import n, name_column, t
from pages.ui.origin import CLICK
from pages.ui.scenario_draw import clicked, drawing, placed, sketched
from pages.ui.scenario_pick import draft
from pages.ui.table import plain_table
from pages.ui.views import reader, region_map
from pages.ui.waiting import heavy
from zoning.difference import compare
from zoning.jobs import access, catchment, gates
from zoning.laws import CAVEAT
from zoning.reach import MODES
from zoning.scenarios.content import hash_of, text_of
from zoning.scenarios.region import ScenarioRegion
from zoning.text import N_

if TYPE_CHECKING:
    from types import ModuleType

    from zoning.difference import Comparison
    from zoning.scenarios.model import Scenario

BOUNDS_MIN = (-5.0, -0.5, 0.5, 5.0)
MOST_ROWS = 12


def question(at: tuple[float, float] | None) -> catchment.CatchmentRequest | None:
    """Draw the form in the sidebar; return the question, None while there is no origin."""
    modes = list(MODES)
    asked = st.query_params
    mode = st.selectbox(t(N_("Mode of travel")), modes, index=modes.index(asked.get("mode", "car"))
                        if asked.get("mode", "car") in modes else 0, format_func=lambda one: t(MODES[one].title),
                        key="scenario_travel")  # fmt: skip
    longest = st.slider(t(N_("Minutes")), 10, 60, 30, step=5, key="scenario_minutes")
    arrive = st.toggle(t(N_("towards the point")), key="scenario_arrive")
    hour = st.select_slider(t(N_("Hour of the day")), HOURS, value="7.5", key="scenario_hour",
                            format_func=lambda one: one or t(N_("empty road, no congestion")))  # fmt: skip
    asked["mode"] = mode
    if at is None:
        return None
    asked["at"] = f"{at[0]:.6f},{at[1]:.6f}"
    limits = tuple(sorted({float(longest), float(longest) / 2}))
    return catchment.CatchmentRequest(at=(at,), minutes=limits, mode=mode, arrive=arrive,
                                      hour=float(hour) if hour else None)  # fmt: skip


def compared(job: ModuleType, request: object, versus: Scenario | None, chosen: Scenario) -> Comparison:
    """Ask the question of both regions, or take the answer from the last runs."""
    marks = (hash_of(chosen), hash_of(versus) if versus else "")
    work = partial(compare, job, request, _paper(versus) if versus else region(), _paper(chosen))
    return heavy("compare", (job.__name__, request, marks), work, t(N_("Comparing …")))


def _paper(scenario: Scenario) -> ScenarioRegion:
    return _region(text_of(scenario), scenario)


@st.cache_resource(show_spinner=False, max_entries=6, ttl=3600)
def _region(text: str, _scenario: Scenario) -> ScenarioRegion:  # noqa: ARG001 - the cache's key
    return ScenarioRegion(region(), _scenario)


def scenario_map(chosen: Scenario | None, found: Comparison | None, *, origin_by_click: bool) -> None:
    """Draw the map: changes of minutes by ward, reach before and after, what is new, and the line being drawn."""
    extra = []
    if found is not None and found.wards is not None:
        extra.append(
            diverging(found.wards, "minutes_change", reader(), title=t(N_("Change of minutes")), bounds=BOUNDS_MIN,
                      unit=t(N_("min"))).switched(on=True)
        )  # fmt: skip
        extra.append(edges(found.before.frames["rings"], found.after.frames["rings"], reader()))
        extra.append(results.positions(found.after.frames["origins"].geometry, reader()))
    drawn = draft() if drawing() else None
    if (shown := drawn or chosen) is not None:
        extra.append(additions(placed(shown), reader()))
    click = region_map(
        "scenarios",
        {name: layer(name) for name in ("zones", "corridors", "logistics", *own_layers())},
        shown=("corridors",) if found is None else (),
        look_at=found.after.frames["rings"].geometry if found else layer("wards_2025").geometry,
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
    with st.expander(t(N_("Take home: rings, with the run record inside")), icon=":material/download:"):
        result_downloads(found.after, "rings")


def gate_times(request: catchment.CatchmentRequest, versus: Scenario | None, chosen: Scenario) -> None:
    """Show, on demand, the minutes by truck to every gate before and after."""
    with st.expander(t(N_("Truck time to the gates (ports, depots, stations)")), icon=":material/local_shipping:"):
        asked = gates.GatesRequest(request.at, "truck", request.arrive, request.hour, request.day, request.network)
        found = compared(gates, asked, versus, chosen).tables["gates"]
        table = found.rename(columns={"minutes_before": "before_min", "minutes_after": "after_min",
                                      "minutes_change": "change_min"})  # fmt: skip
        plain_table(table, (name_column(), "kind", "before_min", "after_min", "change_min"), rows=MOST_ROWS)


def nearest(request: catchment.CatchmentRequest, versus: Scenario | None, chosen: Scenario) -> None:
    """Show, on demand, the minutes to the nearest facility of a kind by ward, before and after."""
    with st.expander(t(N_("Nearest facility by ward, before and after")), icon=":material/accessibility_new:"):
        kinds = {
            f"facilities:{kind}": value_label("kind", kind, t) for kind in sorted(set(layer("facilities")["kind"]))
        }
        options = kinds | own_places()
        to = st.selectbox(t(N_("Where people go")), list(options), format_func=options.get, key="scenario_nearest",
                          index=list(options).index("facilities:hospital") if "facilities:hospital" in options else 0,
                          )  # fmt: skip
        if not st.toggle(t(N_("Compute")), key="scenario_nearest_on"):
            return
        asked = access.AccessRequest(to, mode=request.mode, hour=request.hour, minutes=60.0)
        table = (
            compared(access, asked, versus, chosen)
            .tables["units"]
            .rename(columns={"value_before": "before_min", "value_after": "after_min", "value_change": "change_min"})
        )
        plain_table(table, (name_column(), "people_after", "before_min", "after_min", "change_min"), rows=MOST_ROWS)


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
