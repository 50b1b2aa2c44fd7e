"""Show who lives and works along the corridors on the Corridors page, corridor by corridor and year by year."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import altair as alt
import streamlit as st

from layers.words import MODES
from pages.ui.data import region
from pages.ui.downloads import folded_downloads
from pages.ui.folded import folded
from pages.ui.guard import shown_faults
from pages.ui.language import n, name_column, t
from pages.ui.table import plain_table
from pages.ui.text import literal
from pages.ui.waiting import heavy
from zoning.jobs import along
from zoning.text import N_

if TYPE_CHECKING:
    import geopandas as gpd

    from zoning.result import Result


def along_corridors(corridors: gpd.GeoDataFrame) -> None:
    """Show, once opened, people, jobs and zones along the chosen corridors, and how they grow by year."""
    title = t(N_("Along each corridor: people, jobs and zones, by year"))
    with folded(title, "along-corridors", ":material/timeline:") as is_open, shown_faults():
        if not is_open:
            return
        drawn = corridors[corridors.geometry.notna()]
        if not len(drawn):
            st.caption(t(N_("None of the corridors chosen above has a known course.")))
            return
        request = along.AlongRequest(tuple(drawn["id"]))
        found = heavy("along", request, partial(along.run, request, region()), t(N_("Counting along the corridors …")))
        radius = st.segmented_control(
            t(N_("Distance")), list(request.radii_m), default=request.radii_m[-1], required=True,
            format_func=lambda one: f"{n(one)} m", key="along_radius",
        )  # fmt: skip
        table = found.frames["along"]
        table = table[table["radius_m"] == radius].sort_values("people", ascending=False)
        columns = (name_column(), "mode", "status", "open_year", "people", "jobs", "jobs_estimated", "zones",
                   "geometry_quality")  # fmt: skip
        plain_table(table, columns)
        _by_year(found, float(radius))
        for note in found.notes:
            st.caption(literal(note.text(t)))
        folded_downloads(found, "along", t(N_("Take home: the strips with their figures")))


def _by_year(found: Result, radius: float) -> None:
    years = found.frames["years"]
    years = years[years["radius_m"] == radius]
    whole = years[years["mode"] == "all"]
    st.caption(t(N_("Within {radius} m of any of them that is open by then, each person counted once:")).format(
        radius=n(radius)))  # fmt: skip
    plain_table(whole, ("year", "open", "people", "jobs", "zones"))
    parts = years[years["mode"] != "all"].assign(what=lambda frame: [t(MODES.get(one, one)) for one in frame["mode"]])
    st.altair_chart(
        alt.Chart(parts).mark_line(point=True, interpolate="step-after").encode(
            x=alt.X("year:O", title=t(N_("Year"))),
            y=alt.Y("people:Q", title=t(N_("People"))),
            color=alt.Color("what:N", title=None, legend=alt.Legend(orient="bottom")),
        )
    )  # fmt: skip
