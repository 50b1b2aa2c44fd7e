"""Show the station areas of the lines on the Corridors page: people and zones within a walk along the streets."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from layers.changes import surroundings
from pages.ui.data import layer, region
from pages.ui.downloads import result_downloads
from pages.ui.guard import shown_faults
from pages.ui.language import name_column, t
from pages.ui.table import plain_table
from pages.ui.text import literal
from pages.ui.views import reader, region_map
from pages.ui.waiting import heavy
from zoning.jobs import stations
from zoning.text import N_

if TYPE_CHECKING:
    import geopandas as gpd


ON_FOOT = N_(
    "No mode is asked: a station area is what lies within a walk of the station. Who gets there by public transport is "
    "asked under Accessibility."
)


def station_areas(corridors: gpd.GeoDataFrame) -> None:
    """Show, on demand, what lies round the lines among the chosen corridors (open by the year if one is set)."""
    title = t(N_("Station areas: who and what lies along each line"))
    with st.expander(title, icon=":material/subway:"), shown_faults():
        lines = corridors[corridors["mode"].isin(stations.LINE_MODES) & corridors.geometry.notna()]
        if not len(lines):
            st.caption(t(N_("None of the corridors chosen above is a metro, BRT or railway line with known points.")))
            return
        if not st.toggle(t(N_("Compute the station areas")), key="station_areas"):
            return
        st.caption(t(ON_FOOT))
        asked = stations.StationsRequest(tuple(lines["id"]))
        found = heavy("stations", asked, partial(stations.run, asked, region()), t(N_("Computing the station areas …")))
        areas = found.frames["areas"].sort_values(["radius_m", "people"], ascending=[True, False])
        region_map(
            "stations",
            {"corridors": lines},
            shown=("corridors",),
            look_at=layer("wards_2025").geometry,
            extra=[surroundings(areas, reader())],
            height=480,
        )
        table = areas.rename(columns={"area_ha": "ground_ha"})
        columns = (name_column(), "status", "open_year", "radius_m", "stations", "people", "jobs", "zones", "ground_ha",
                   "geometry_quality")  # fmt: skip
        plain_table(table, columns)
        for note in found.notes:
            st.caption(literal(note.text(t)))
        result_downloads(found, "areas")
