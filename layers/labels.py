"""Name the columns and coded values of every layer for people to read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from layers.words import FACILITY_KINDS, LOGISTICS_KINDS, MODES, OWN_KINDS, QUALITIES, STATUSES, ZONE_KINDS
from zoning.doors import TIMED_TO
from zoning.places import POSITION_NOTES
from zoning.text import N_, Translate, english

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Field:
    """A column as people read it: its label, and for numbers how many digits follow the point."""

    label: str
    digits: int | None = None


FIELDS: Mapping[str, Field] = {
    "name_vi": Field(N_("Name (Vietnamese)")),
    "name_en": Field(N_("Name (English)")),
    "kind": Field(N_("Kind")),
    "mode": Field(N_("Mode")),
    "level": Field(N_("Level")),
    "status": Field(N_("Status")),
    "status_note": Field(N_("Status note")),
    "open_year": Field(N_("Opening year")),
    "area_ha": Field(N_("Area, published (ha)"), 2),
    "area_basis": Field(N_("Area stands on")),
    "area_osm_ha": Field(N_("Area as drawn in OpenStreetMap (ha)"), 1),
    "area_drawn_ha": Field(N_("Area drawn here, VN-2000 (ha)"), 1),
    "area_km2": Field(N_("Area, published (km²)"), 2),
    "length_published_km": Field(N_("Length, published (km)"), 2),
    "length_drawn_km": Field(N_("Length drawn here (km)"), 1),
    "lanes": Field(N_("Lanes"), 0),
    "lanes_note": Field(N_("Lanes note")),
    "design_speed_kmh": Field(N_("Design speed (km/h)"), 0),
    "free_speed_kmh": Field(N_("Free speed of cars (km/h)"), 0),
    "road_class": Field(N_("Road class")),
    "from_place": Field(N_("From")),
    "to_place": Field(N_("To")),
    "waypoint_quality": Field(N_("Where the waypoints come from")),
    "population": Field(N_("Population"), 0),
    "population_year": Field(N_("Year of population")),
    "people": Field(N_("People"), 0),
    "year": Field(N_("Year")),
    "unit": Field(N_("Unit")),
    "parent": Field(N_("Belongs to")),
    "gso_code": Field(N_("Statistical code")),
    "seat": Field(N_("Seat")),
    "valid_from": Field(N_("Valid from")),
    "feed": Field(N_("Timetable")),
    "valid_to": Field(N_("Valid until")),
    "decree": Field(N_("Decree")),
    "merged_from": Field(N_("Merged from")),
    "merged_into": Field(N_("Merged into")),
    "district_pre2025": Field(N_("District until 2025")),
    "commune_pre2025": Field(N_("Commune until 2025")),
    "unit_post2025": Field(N_("Ward or commune since July 2025")),
    "established_decision": Field(N_("Decision")),
    "developer": Field(N_("Developer")),
    "capacity": Field(N_("Capacity")),
    "area": Field(N_("Size")),
    "opened": Field(N_("Opened")),
    "address": Field(N_("Address")),
    "direction": Field(N_("Direction")),
    "operator": Field(N_("Operator")),
    "routes": Field(N_("Routes")),
    "place": Field(N_("What the point is")),
    "coord_method": Field(N_("How it was located")),
    "geometry_quality": Field(N_("Quality of the drawing")),
    "notes": Field(N_("Notes")),
    "minutes": Field(N_("Minutes"), 1),
    "origin": Field(N_("Origin"), 0),
    "access_value": Field(N_("Access"), 2),
    "people_reached": Field(N_("People who reach one"), 0),
    "reached_pct": Field(N_("… of the people (%)"), 1),
    "demand": Field(N_("Needed"), 0),
    "assigned": Field(N_("Assigned"), 0),
    "unmet": Field(N_("Unmet"), 0),
    "room": Field(N_("Room for the park"), 0),
    "left": Field(N_("Left"), 0),
    "workers": Field(N_("Workers"), 0),
    "reachable_km": Field(N_("Street reached (km)"), 1),
    "missed_pct": Field(N_("Missed area (%)"), 2),
    "false_pct": Field(N_("False area (%)"), 2),
    "speed_kmh": Field(N_("Speed (km/h)"), 0),
    "speed_source": Field(N_("Speed stands on")),
    "length_m": Field(N_("Length (m)"), 0),
    "radius_m": Field(N_("Walk along the streets (m)"), 0),
    "stations": Field(N_("Stations on the network"), 0),
    "zones": Field(N_("Zones"), 0),
    "ground_ha": Field(N_("Area reached (ha)"), 0),
    "gain": Field(N_("People who gain"), 0),
    "lose": Field(N_("People who lose"), 0),
    "people_after": Field(N_("People after"), 0),
    "before": Field(N_("Before"), 2),
    "after": Field(N_("After"), 2),
    "change": Field(N_("Difference"), 2),
    "what": Field(N_("Figure")),
    "rule": Field(N_("Rule")),
    "verdict_before": Field(N_("Verdict before")),
    "verdict_after": Field(N_("Verdict after")),
    "found_before": Field(N_("Found before")),
    "found_after": Field(N_("Found after")),
    "people_before": Field(N_("People before"), 0),
    "people_change": Field(N_("Change (people)"), 0),
    "open": Field(N_("Corridors open"), 0),
    "hour": Field(N_("Shift begins (hour)"), 1),
    "jobs": Field(N_("Jobs in parks"), 0),
    "jobs_estimated": Field(N_("… of them estimated"), 0),
    "before_min": Field(N_("Minutes before"), 1),
    "after_min": Field(N_("Minutes after"), 1),
    "change_min": Field(N_("Change (minutes)"), 1),
    "position": Field(N_("Position")),
    "timed_to": Field(N_("Timed to")),
    "layer": Field(N_("Layer")),
    "count": Field(N_("Features")),
    "geometry": Field(N_("Geometry")),
    "source": Field(N_("Source")),
    "licence": Field(N_("Licence")),
    "date": Field(N_("Date")),
    "method": Field(N_("Method")),
    "crs": Field(N_("Coordinate system")),
    "osm_name": Field(N_("Name in OpenStreetMap")),
    "distance_m": Field(N_("Distance (m)"), 0),
    "topic": Field(N_("Topic")),
    "geography": Field(N_("Place")),
    "metric": Field(N_("Measure")),
    "value": Field(N_("Value")),
    "note": Field(N_("Note")),
}

VALUES: Mapping[str, Mapping[str, str]] = {
    "status": {**STATUSES, "unknown": N_("not known")},
    "kind": {**OWN_KINDS, **ZONE_KINDS, **LOGISTICS_KINDS, **FACILITY_KINDS},
    "mode": MODES,
    "geometry_quality": QUALITIES,
    "level": {
        "district_pre2025": N_("district (until 30 June 2025)"),
        "ward_pre2025": N_("ward (until 30 June 2025)"),
        "commune_pre2025": N_("commune (until 30 June 2025)"),
        "township_pre2025": N_("township (until 30 June 2025)"),
        "ward_2025": N_("ward (since 1 July 2025)"),
        "commune_2025": N_("commune (since 1 July 2025)"),
    },
    "area_basis": {
        "published": N_("published figure"),
        "osm": N_("drawn in OpenStreetMap"),
        "edited": N_("figure entered here"),
        "unknown": N_("not known"),
    },
    "place": {
        "centre": N_("the centre of the place"),
        "inside": N_("a point inside, not the centre"),
        "gate": N_("a gate or stop at its edge"),
        "commune": N_("the centre of its commune, not of the place"),
        "outline": N_("inside its outline"),
        "none": N_("not known"),
    },
    "speed_source": {
        "tag": N_("signed (OpenStreetMap)"),
        "law": N_("legal limit"),
        "class": N_("default of the road class"),
        "fact": N_("published for the road"),
        "assumption": N_("assumption"),
        "scenario": N_("set by the scenario"),
        "graph": N_("as the network says"),
    },
    "position": POSITION_NOTES,
    "timed_to": TIMED_TO,
}


def field_label(column: str, translate: Translate = english) -> str:
    """Return the label of a column; a column nobody named shows as it is."""
    field = FIELDS.get(column)
    return translate(field.label) if field else column


def value_label(column: str, value: object, translate: Translate = english) -> object:
    """Return what a coded value means; notes and places come in the reader's language, all else as it is."""
    return translate(VALUES.get(column, {}).get(value, value)) if isinstance(value, str) else value
