"""Show the Bau Bang Science and Technology Industrial Park and the zones around it."""

import streamlit as st

from pages.ui.data import layer
from pages.ui.explorer import explorer
from pages.ui.figures import figures
from pages.ui.guard import page
from pages.ui.language import n, t
from pages.ui.selection import Chosen, choose
from zoning.places import inside
from zoning.text import N_

PARK = "bau-bang-stip"
DISTRICT = "Bàu Bàng"


@page("bau_bang")
def show() -> None:
    """Draw the page."""
    st.title(t(N_("Bau Bang Science and Technology Industrial Park")))
    zones = layer("zones")
    park = zones[zones["id"] == PARK].iloc[0]
    of_district = zones[zones["district_pre2025"].fillna("").str.contains(DISTRICT)]
    districts, communes = layer("districts_until_2025"), layer("communes_until_2025")
    district = districts[districts["name_vi"].str.contains(DISTRICT)].iloc[0]
    communes = communes[communes["parent"].str.contains(DISTRICT)]
    st.warning(
        t(
            N_(
                "No outline of the park is published: it is known by its commune (Lai Hưng) only. Sources give 600, "
                "900 and 1,000 ha; the map says “somewhere near here” and nothing is measured from it."
            )
        ),
        icon=":material/help:",
    )
    industry = of_district[of_district["kind"].isin(["industrial_park", "science_technology_park"])]
    figures(
        (t(N_("The park, published")), f"{n(park['area_ha'])} ha", t(N_("figure of 2019"))),
        (t(N_("Zones in Bau Bang district")), n(len(of_district)),
         t(N_("{count} industrial, {area} ha published")).format(
             count=len(industry), area=n(industry["area_ha"].sum()))),
        (t(N_("Area of the district")), f"{n(district['area_drawn_ha'])} ha",
         t(N_("union of its 7 communes, generalised; in VN-2000"))),
        (t(N_("People of the district")), n(district["population"]),
         t(N_("district of {year}")).format(year=int(district["population_year"]))),
    )  # fmt: skip
    if st.button(t(N_("Show what is known of the park")), icon=":material/factory:"):
        choose(Chosen("zones", PARK))
        st.rerun()
    frames = {
        "zones": of_district,
        "communes_until_2025": communes,
        "wards_2025": inside(layer("wards_2025"), district.geometry.buffer(-300)),
        "corridors": inside(layer("corridors"), district.geometry),
        "logistics": inside(layer("logistics"), district.geometry),
        "facilities": inside(layer("facilities"), district.geometry),
    }
    explorer("bau_bang", frames, shown=("zones", "corridors", "logistics"), look_at=communes.geometry)
