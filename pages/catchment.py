"""Run a catchment from the sidebar: what can be reached within minutes, by whom, and which way."""

import streamlit as st

from layers import results
from pages.ui.analysis import catchment_form, places_table, request_in_address, rings_table, run_catchment, run_way
from pages.ui.data import layer
from pages.ui.downloads import result_downloads
from pages.ui.explained import explained
from pages.ui.figures import figures
from pages.ui.guard import page
from pages.ui.language import n, t
from pages.ui.origin import CLICK
from pages.ui.views import reader, region_map
from zoning.text import N_


@page("catchment")
def show() -> None:
    """Draw the page."""
    st.title(t(N_("Catchment")))
    way, request = catchment_form()
    request = request or request_in_address()
    result = run_catchment(request) if request else None
    extra, leg_result = [], None
    if result:
        rings, origins = result.frames["rings"], result.frames["origins"]
        figures(
            *(
                (
                    t(N_("{minutes} minutes")).format(minutes=n(row.minutes, int(row.minutes % 1 > 0))),
                    t(N_("{people} people")).format(people=n(row.people)),
                    t(N_("{area} ha · {length} km of street")).format(area=n(row.area_ha), length=n(row.reachable_km)),
                )
                for row in rings.itertuples()
            )
        )
        leg_result = run_way(request, result)
        extra = [results.rings(rings, reader()), results.positions(origins.geometry, reader())]
        if leg_result:
            extra.append(results.route(leg_result.frames["legs"], reader()))
    else:
        st.info(
            t(N_("Choose an origin and the minutes in the sidebar, then run. The map takes the origin by a click."))
        )
    click = region_map(
        "catchment",
        {"zones": layer("zones"), "facilities": layer("facilities"), "logistics": layer("logistics")},
        shown=("logistics",),
        look_at=result.frames["rings"].geometry if result else layer("wards_2025").geometry,
        look_token=result.run["id"] if result else "region",
        extra=extra,
        choosing=way != "map",
    )
    if click is not None and way == "map":
        st.session_state[CLICK] = (click.lon, click.lat)
        st.rerun()
    if result:
        rings_table(result)
        places_table(result)
        if leg_result:
            st.subheader(t(N_("The way, leg by leg")))
            rings_table(leg_result, "legs")
        with st.expander(t(N_("Take home: rings, with the run record inside")), icon=":material/download:"):
            result_downloads(result, "rings")
        explained(result)
