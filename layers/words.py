"""Say kinds, statuses and qualities in words, and figures as each language writes them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zoning.text import Translate

ZONE_KINDS = {
    "industrial_park": N_("Industrial park"),
    "science_technology_park": N_("Science and technology park"),
    "urban_area": N_("Urban area"),
    "new_town": N_("New city"),
    "complex": N_("Industry, service and urban complex"),
    "city": N_("City until 2025"),
    "town": N_("Town until 2025"),
    "university_campus": N_("University campus"),
    "health_campus": N_("Health campus"),
    "leisure": N_("Leisure area"),
    "innovation_region": N_("Innovation region"),
}
STATUSES = {
    "operating": N_("in operation"),
    "under_construction": N_("under construction"),
    "planned": N_("planned"),
    "removed": N_("removed from the plan"),
}
MODES = {
    "expressway": N_("Expressway"),
    "road": N_("Road"),
    "metro": N_("Metro"),
    "rail": N_("Railway"),
    "brt": N_("Bus rapid transit"),
    "bus": N_("Bus network"),
    "waterway": N_("Waterway"),
}
LOGISTICS_KINDS = {
    "icd": N_("Inland container depot"),
    "logistics_centre": N_("Logistics centre"),
    "river_port": N_("River port"),
    "seaport": N_("Seaport"),
    "rail_station": N_("Railway station"),
    "metro_station": N_("Metro station"),
    "metro_depot": N_("Metro depot"),
    "depot": N_("Depot"),
    "airport": N_("Airport"),
    "summary": N_("Summary figure"),
}
FACILITY_KINDS = {
    "administration": N_("Administration"),
    "bus_station": N_("Bus station"),
    "clinic": N_("Clinic"),
    "college": N_("College"),
    "commerce": N_("Shopping and business"),
    "culture": N_("Culture"),
    "exhibition": N_("Exhibition and conference"),
    "hospital": N_("Hospital"),
    "housing": N_("Housing"),
    "innovation": N_("Research and innovation"),
    "market": N_("Market"),
    "park": N_("Park"),
    "sport": N_("Sport"),
    "university": N_("University"),
}
OWN_KINDS = {  # of planners' own layers
    "kindergarten": N_("Kindergarten"),
    "primary_school": N_("Primary school"),
    "lower_secondary_school": N_("Lower secondary school"),
    "upper_secondary_school": N_("Upper secondary school"),
    "primary": N_("Primary school"),
    "lower_secondary": N_("Lower secondary school"),
    "upper_secondary": N_("Upper secondary school"),
    "health_station": N_("Health station"),
    "garden": N_("Garden"),
    "playground": N_("Playground"),
    "culture_house": N_("Culture house"),
    "children_house": N_("Children's house"),
    "parking": N_("Car park"),
    "fire_station": N_("Fire station"),
    "petrol_station": N_("Petrol station"),
    "funeral_home": N_("Funeral home"),
}
QUALITIES = {
    "surveyed": N_("surveyed"),
    "osm": N_("from OpenStreetMap"),
    "official_generalised": N_("official outline, generalised"),
    "gazetteer": N_("point of a gazetteer"),
    "approximate": N_("approximate place"),
    "schematic": N_("schematic: right size and centre, not the true shape"),
    "edited": N_("edited here"),
    "none": N_("place unknown"),
}
SCHEMATIC_LINE = N_("schematic: drawn through the centres of communes")


def word(words: Mapping[str, str], key: object, translate: Translate) -> str:
    """Return the translated word for `key`; a key that has none is shown as it is, an empty one as nothing."""
    if pd.isna(key):  # type: ignore[call-overload]
        return ""
    return translate(words[str(key)]) if str(key) in words else str(key).replace("_", " ")


def figure(value: object, lang: str, digits: int = 0) -> str:
    """Return a number with its thousands marked, as English or Vietnamese (1.234,5) write it; nothing if unknown."""
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return ""
    if not math.isfinite(number):
        return ""
    text = f"{number:,.{digits}f}"
    return text.translate(str.maketrans(",.", ".,")) if lang == "vi" else text
