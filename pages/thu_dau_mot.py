"""Show Thu Dau Mot: the city until 2025, the wards of today, its zones and facilities."""

import streamlit as st

from pages.ui.data import layer
from pages.ui.explorer import explorer
from pages.ui.figures import figures
from pages.ui.guard import page
from pages.ui.language import n, t
from zoning.places import inside
from zoning.text import N_

DISTRICT = "Thủ Dầu Một"


@page("thu_dau_mot")
def show() -> None:
    """Draw the page."""
    st.title(t(N_("Thu Dau Mot")))
    st.write(
        t(
            N_(
                "Two things bear this name: the city of 14 wards until 30 June 2025, and one ward of Ho Chi Minh City "
                "since 1 July 2025. This page shows the city; its area is now shared by the wards in the table."
            )
        )
    )
    zones = layer("zones")
    city = zones[zones["id"] == "thu-dau-mot-city"].iloc[0]
    district = layer("districts_until_2025")
    people = district[district["name_vi"].str.contains(DISTRICT)].iloc[0]
    communes = layer("communes_until_2025")
    communes = communes[communes["parent"].str.contains(DISTRICT)]
    wards = inside(layer("wards_2025"), city.geometry.buffer(-300))
    of_city = zones[zones["district_pre2025"].fillna("").str.contains(DISTRICT)]
    figures(
        (t(N_("Area, published")), f"{n(city['area_ha'])} ha", t(N_("figure of 2021"))),
        (t(N_("Area of its outline")), f"{n(city['area_drawn_ha'])} ha",
         t(N_("union of its 14 communes, generalised; in VN-2000"))),
        (t(N_("People")), n(people["population"]),
         t(N_("district of {year}")).format(year=int(people["population_year"]))),
        (t(N_("Zones and parks")), n(len(of_city)),
         t(N_("{count} with a known outline or point")).format(count=int(of_city.geometry.notna().sum()))),
    )  # fmt: skip
    frames = {
        "zones": of_city,
        "communes_until_2025": communes,
        "wards_2025": wards,
        "facilities": inside(layer("facilities"), city.geometry),
        "logistics": inside(layer("logistics"), city.geometry),
        "corridors": inside(layer("corridors"), city.geometry),
        "stops": inside(layer("stops"), city.geometry),
    }
    explorer("thu_dau_mot", frames, shown=("zones", "facilities", "corridors"), look_at=communes.geometry)
