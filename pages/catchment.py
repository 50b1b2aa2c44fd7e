"""Run a catchment from the sidebar: what can be reached within minutes, by whom, and which way."""

import streamlit as st

from layers import results
from pages.ui import analysis
from pages.ui.data import layer, own_layers, warm_up
from pages.ui.downloads import folded_downloads
from pages.ui.explained import explained
from pages.ui.guard import page, shown_faults
from pages.ui.language import t
from pages.ui.origins import chosen_by_click, take_click
from pages.ui.views import reader, region_map
from zoning.text import N_

LAYERS = ("zones", "facilities", "logistics")


def draw(key: str, title: str, result, origin_by_click: bool) -> None:  # noqa: ANN001, FBT001
    """Show one catchment: figures, map, tables, exports, and how it was computed."""
    pins = chosen_by_click()
    extra = [] if pins is None else [results.positions(pins, reader(), apart=False)]
    with st.container():  # one element above the map, however much is in it: see `hint`
        if title:
            st.subheader(title)
        if result:
            rings, origins = result.frames["rings"], result.frames["origins"]
            pins = origins.geometry if pins is None else pins
            extra = [results.rings(rings, reader()), results.positions(pins, reader(), apart="origin" in rings)]
            analysis.rings_table(result)
            legs = analysis.way(result, key)
            if legs:
                extra.append(results.route(legs.frames["legs"], reader()))
    click = region_map(
        key,
        {name: layer(name) for name in (*LAYERS, *own_layers())},
        look_at=result.frames["rings"].geometry if result else layer("wards_2025").geometry,
        look_token=result.run["id"] if result else "region",
        extra=extra,
        choosing=not origin_by_click,
    )
    if click is not None and origin_by_click:
        take_click(click.lon, click.lat)
        st.rerun()
    if not result:
        return
    if legs:
        with st.expander(t(N_("The way, leg by leg")), expanded=True):
            analysis.rings_table(legs, "legs")
    analysis.places_table(result)
    folded_downloads(result, "rings", t(N_("Take home: rings, with the run record inside")))
    explained(result)


@page("catchment")
def show() -> None:
    """Draw the page."""
    st.title(t(N_("Catchment")))
    origin_by_click = analysis.catchment_form() == "map"
    asked, answers = {}, {}
    with shown_faults():
        asked = analysis.requests()
        answers = {title: analysis.run(request) for title, request in asked.items()}
    hint = st.empty()  # the map below keeps its place on the page, hence its frame, whether there are answers or not
    if not answers:
        warm_up()
        hint.info(
            t(N_("Choose an origin and the minutes in the sidebar, then run. The map takes the origin by a click."))
        )
    shown = answers or {"": None}
    for number, (side, (title, result)) in enumerate(zip(st.columns(len(shown)), shown.items(), strict=True)):
        with side:
            draw(f"catchment-{number}" if number else "catchment", title if len(shown) > 1 else "", result,
                 origin_by_click)  # fmt: skip
    if answers:
        analysis.curves(answers)
        analysis.area_by_minute(asked)
        analysis.gates_table(next(iter(asked.values())))
