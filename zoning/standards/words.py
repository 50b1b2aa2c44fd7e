"""Say in words why a verdict is no plain one, what is wrong with a zone, and which layer is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoning.text import N_, Translate, english

if TYPE_CHECKING:
    from collections.abc import Mapping

VERDICT_WORDS: Mapping[str, str] = {
    "pass": N_("passes"),
    "fail": N_("fails"),
    "unsure": N_("unsure"),
    "no_data": N_("no data"),
}
CONFIDENCE_WORDS: Mapping[str, str] = {"high": N_("high"), "medium": N_("medium"), "low": N_("low")}
DOUBTS: Mapping[str, str] = {
    "low_confidence": N_("The rule is known second-hand: nothing passes by it plainly."),
    "not_in_force": N_("The text was replaced or is not in force yet on this day."),
    "only_a_bound": N_("Only a bound of the figure is known."),
    "bad_figure": N_("The figure is negative or no number."),
    "point_only": N_("Only a point of the zone is known: its edges may lie otherwise."),
    "list_incomplete": N_("The list of these places may be incomplete: one that is missing may lie nearer."),
    "schematic_network": N_("By straight line all are inside; the ways are only schematic. Load streets to know."),
    "spread_people": N_("The people are a share of the ward's, spread evenly."),
    "land_use_gaps": N_("More than 1 % of the area has no land use."),
    "land_use_overlaps": N_("Polygons of land use overlap on more than 1 % of the area."),
    "unknown_codes": N_("More than 1 % of the area has codes that are no official ones."),
    "centre_or_not": N_("It depends on whether this counts as the centre."),
    "line_crosses": N_("A line of this voltage crosses the zone: what stands below it is not known."),
    "other_limit": N_("The limit depends on a figure that is not known."),
    "land_use_repaired": N_("Polygons of land use cross themselves and were repaired: correct them first."),
    "lots_unknown": N_("Some lots could not be judged: a figure or their kind is not known."),
    "spacing_estimated": N_("Worked out as if routes ran parallel, from how far the ground lies from the nearest."),
    "drawn_roughly": N_("The lines are drawn to about 200 m: they do not decide what lies nearer."),
    "inner_or_not": N_("It depends on whether this counts as inner urban area."),
    "belt_outside": N_("The belt may lie outside the outline, where no land use is known."),
    "school_standard": N_("By relief; that the school meets the national school standard must be shown."),
    "bad_zone": N_("The data of the zone are faulty, as said above: nothing passes plainly."),
}
FAULTS: Mapping[str, str] = {
    "unknown_kind": N_("Its kind is not known: no rule can be chosen."),
    "no_place": N_("Its place is not known."),
    "approximate": N_("Known only by its commune or a gate: not measured."),
    "repaired": N_("Its outline crossed itself and was repaired for the check."),
    "no_area": N_("Its outline has no area."),
    "point_only": N_("Only a point of it is known."),
    "bad_area": N_("Its published area is not more than 0: not used."),
    "bad_population": N_("Its population is negative: not used."),
    "nobody": N_("Its population is 0: nothing is counted per person."),
    "overlaps": N_("Its outline overlaps that of {what}: the same ground counts twice."),
    "no_land_use": N_("No land use is known of it: the layer of land use leaves it out."),
    "land_use_gaps": N_("{what} of it have no land use."),
    "land_use_overlaps": N_("Polygons of land use overlap on {what} of it."),
    "land_use_repaired": N_("{what} polygons of its land use cross themselves and were repaired."),
    "unknown_codes": N_("Codes of land use that are no official ones: {what}."),
    "bad_lots": N_("{what} of its lots have no area, or a figure below 0: not used."),
}
GRAVE = ("repaired", "no_area", "bad_area", "overlaps")
"""Faults of a zone that leave no plain pass by any rule; those of its land use spoil what is read from it."""
NO_PEOPLE = ("nobody", "bad_population")
"""Faults that leave no plain pass where people live: who is served, is counted from somewhere else."""
LAYERS: Mapping[str, str] = {
    "land_use": N_("land use (polygons with official codes)"),
    "lots": N_("building lots (area, density, height)"),
    "buildings": N_("buildings"),
    "population": N_("residents of the zone"),
    "outline": N_("outline of the zone"),
    "streets": N_("streets (OpenStreetMap)"),
    "stops": N_("bus stops"),
    "bus_routes": N_("bus routes as lines"),
    "logistics": N_("stations"),
    "green_spaces": N_("parks and gardens"),
    "hazard_class": N_("hazard class of the factories (column hazard_class of the zones)"),
    "housing": N_("housing (land use, or outlines of urban areas)"),
    "by_hand": N_("drawings: this cannot be read from layers here"),
    "corridors": N_("roads and railways"),
    "lot_kinds": N_("kinds of the lots (column use: detached, apartment, mixed, public, factory)"),
    "lot_columns": N_("figures of the lots: {kind}"),
    "flood": N_("mapped floods with their periods (areas, return_years)"),
    "relief": N_("ground levels (points, ground_m)"),
    "drains": N_("drains of this kind with the period they overflow in (return_years)"),
    "flood_levels": N_("ground and flood levels"),
    "drainage": N_("drains and sewers"),
    "power_lines": N_("power lines (with voltage_kv)"),
    "gas_pipelines": N_("gas pipelines"),
    "utility_networks": N_("water and power networks"),
    "utilities": N_("technical works: {kind}"),
    "facilities": N_("facilities: {kind}"),
    "sites": N_("site areas of facilities: {kind}"),
    "capacities": N_("capacities of facilities: {kind}"),
}


def missing_text(missing: str, translate: Translate = english) -> str:
    """Return which layer is lacking, in words; `missing` is a layer, or layer:kind."""
    layer, _, kind = missing.partition(":")
    if layer not in LAYERS:
        return missing
    return translate(LAYERS[layer]).format(kind=kind_text(kind, translate))


def fault_text(fault: str, translate: Translate = english) -> str:
    """Return what is wrong with a zone, in words; `fault` is a key of `FAULTS`, or key:what, underscores for spaces."""
    key, _, what = fault.partition(":")
    return translate(FAULTS[key]).format(what=what.replace("_", " "))


def kind_text(kind: str, translate: Translate = english) -> str:
    """Return a kind of facility in words."""
    return translate(KIND_WORDS[kind]) if kind in KIND_WORDS else kind.replace("_", " ")


KIND_WORDS: Mapping[str, str] = {
    "kindergarten": N_("kindergartens"),
    "primary_school": N_("primary schools"),
    "lower_secondary_school": N_("lower secondary schools"),
    "upper_secondary_school": N_("upper secondary schools"),
    "hospital": N_("hospitals"),
    "health": N_("hospitals and clinics"),
    "health_station": N_("health stations"),
    "market": N_("markets"),
    "trade": N_("markets and shopping centres"),
    "culture": N_("culture and sports centres"),
    "culture_house": N_("culture houses"),
    "children_house": N_("children's houses"),
    "sport": N_("sports grounds"),
    "stadium": N_("stadiums"),
    "playground": N_("playgrounds"),
    "park": N_("public parks"),
    "garden": N_("gardens"),
    "stop": N_("bus stops (service)"),
    "parking": N_("car parks"),
    "fire_station": N_("fire stations"),
    "petrol_station": N_("petrol stations"),
    "funeral_home": N_("funeral homes"),
    "water_intake": N_("water intakes"),
    "water_plant": N_("water treatment plants"),
    "wastewater_plant": N_("wastewater treatment plants"),
    "pump_station": N_("wastewater pump stations"),
    "sludge_drying_beds": N_("sludge drying beds"),
    "mechanical_sludge_treatment": N_("mechanical sludge treatment"),
    "mechanical-biological_treatment": N_("mechanical-biological treatment"),
    "enclosed_treatment_with_odour_control": N_("enclosed wastewater treatment"),
    "biological_pond": N_("biological ponds"),
    "oxidation_ditch": N_("oxidation ditches"),
    "transfer_station": N_("waste transfer stations"),
    "landfill": N_("landfills"),
    "landfill_inert": N_("landfills of inert waste"),
    "waste_treatment": N_("waste treatment and incinerators"),
    "treatment_complex": N_("waste treatment complexes"),
    "cemetery": N_("cemeteries"),
    "cemetery_temporary": N_("cemeteries of temporary burial"),
    "cemetery_once": N_("cemeteries of one-time burial"),
    "cemetery_reburial": N_("cemeteries of re-burial"),
    "crematorium": N_("crematoria"),
    "livestock_farm": N_("livestock farms"),
    "gathering": N_("schools, hospitals, markets and other places of gathering"),
    "density_pct": N_("building density"),
    "far": N_("floor area ratio"),
    "green_pct": N_("planted green"),
    "frontage_m": N_("frontage"),
    "setback_m": N_("setback, street width and height"),
}
