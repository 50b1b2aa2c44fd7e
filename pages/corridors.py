"""Show the transport corridors by mode, status and year."""

import streamlit as st

from layers.words import MODES, STATUSES
from pages.ui.along import along_corridors
from pages.ui.data import layer
from pages.ui.explorer import explorer
from pages.ui.figures import figures
from pages.ui.guard import page
from pages.ui.language import n, t
from pages.ui.station_areas import station_areas
from zoning.corridors import open_in
from zoning.text import N_


@page("corridors")
def show() -> None:
    """Draw the page."""
    st.title(t(N_("Transport corridors")))
    every = layer("corridors")
    modes = [mode for mode in MODES if mode in set(every["mode"])]
    statuses = [status for status in STATUSES if status in set(every["status"])]
    chosen_modes = st.pills(t(N_("Mode")), modes, selection_mode="multi", wrap=True, default=modes, key="modes",
                              format_func=lambda mode: t(MODES[mode]))  # fmt: skip
    chosen_statuses = st.pills(t(N_("Status today")), statuses, selection_mode="multi", wrap=True, default=statuses,
                                   key="statuses", format_func=lambda status: t(STATUSES[status]))  # fmt: skip
    by_year = st.toggle(t(N_("Only what is open by a year")), key="by_year")
    frame = every[every["mode"].isin(chosen_modes) & every["status"].isin(chosen_statuses)]
    if by_year:
        year = st.slider(t(N_("Year")), 2015, 2035, 2026, key="year")
        frame, unknown = open_in(frame, year)
        st.caption(
            t(N_("{count} planned corridors have no published year: not counted as open.")).format(count=unknown)
        )
    published = frame["length_published_km"]
    roads = frame[frame["mode"].isin(["road", "expressway"])]
    figures(
        (t(N_("Corridors")), n(len(frame)), t(N_("of {total}")).format(total=len(every))),
        (t(N_("Length drawn here")), f"{n(frame['length_drawn_km'].sum())} km",
         t(N_("along waypoints, a little shorter than the road"))),
        (t(N_("Length published")), f"{n(published.sum())} km",
         t(N_("known for {known} of {total}")).format(known=int(published.notna().sum()), total=len(frame))),
        (t(N_("Roads and expressways")), n(len(roads)),
         t(N_("{count} of them schematic")).format(count=int(roads["geometry_quality"].eq("schematic").sum()))),
    )  # fmt: skip
    explorer(
        "corridors",
        {"corridors": frame, "logistics": layer("logistics"), "stops": layer("stops")},
        shown=("corridors", "logistics"),
        look_at=layer("wards_2025").geometry,
    )
    station_areas(frame)
    along_corridors(frame)
