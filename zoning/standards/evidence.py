"""Find for a zone what a rule asks for: people, land, facilities, distances; or say which layer is missing."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from zoning.errors import InputError, UnknownLayerError
from zoning.land_use import CIVIL, Balance, balance, of_use
from zoning.standards.lookup import row_of, step_of
from zoning.standards.reaches import Reaches
from zoning.standards.roads import density_km_km2
from zoning.standards.services import Service, service
from zoning.standards.verdicts import Finding, per_person, per_place

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from shapely.geometry.base import BaseGeometry

    from zoning.reach import TravelNetwork
    from zoning.region import Region
    from zoning.standards.ground import Zone
    from zoning.standards.rules import Rule

STATION_KINDS = ("rail_station", "metro_station")
TOD_LOOK_M = 1_000.0
"""A zone farther than this from every station is not asked whether it may be a TOD area."""
MAIN_ROADS = ("road", "expressway")
EDGE_M = 50.0
"""A main road within this of the edge of a unit runs along it, not across."""
LAND_PER_PERSON: Mapping[str, tuple[str, ...]] = {
    "green_per_person": ("green",),
    "parking_per_person": ("parking",),
    "housing": ("housing", "mixed"),
    "public": ("school", "health", "culture", "sport", "service"),
    "infrastructure": ("roads", "infrastructure", "parking"),
}
"""Uses that count for a figure of land per person."""
SHARES = {"roads": ("roads",), "green": ("green", "green_limited"), "infrastructure": ("infrastructure", "parking")}


class Evidence:
    """What the layers of a region say about zones, each layer read once."""

    def __init__(self, region: Region, zones: Sequence[Zone], network: TravelNetwork, *, schematic: bool) -> None:
        self._region = region
        self._zones = zones
        self._layers: dict[str, gpd.GeoDataFrame | None] = {}
        self._services: dict[str, Service | None] = {}
        self._balances: dict[str, Balance] = {}
        self._held: dict[tuple[str, str], gpd.GeoDataFrame] = {}
        self.reaches = Reaches(zones, network, self.service, schematic=schematic)

    def find(self, zone: Zone, rule: Rule) -> tuple[Rule, Finding | None]:
        """Return the rule that applies (of a table, its row) and what was found; None where it does not concern it."""
        name, _, kind = rule.finding.partition(":")
        method = _FINDERS.get(name)
        if method is None:
            return rule, Finding(None, rule.needs)
        return method(self, zone, rule, kind)

    def layer(self, name: str) -> gpd.GeoDataFrame | None:
        """Return a layer with places; None where there is none of that name."""
        if name not in self._layers:
            try:
                frame = self._region.layer(name)
            except UnknownLayerError:
                frame = None
            usable = isinstance(frame, gpd.GeoDataFrame) and bool(frame.geometry.notna().any())
            self._layers[name] = frame[frame.geometry.notna()] if usable else None
        return self._layers[name]

    def service(self, name: str) -> Service | None:
        """Return the places of a service; None where no layer has any."""
        if name not in self._services:
            self._services[name] = service(self._region, name)
        return self._services[name]

    @property
    def used(self) -> tuple[str, ...]:
        """Names of the layers that were found and read."""
        return tuple(sorted(name for name, frame in self._layers.items() if frame is not None))

    # people and land

    def find_people(self, zone: Zone, rule: Rule, _: str) -> tuple[Rule, Finding]:
        """Return the residents."""
        return rule, Finding(zone.people, _lacks(zone, "population"), doubt=zone.people_doubt)

    def find_land_per_person(self, zone: Zone, rule: Rule, _: str) -> tuple[Rule, Finding]:
        """Return the land of the zone for each resident, m2."""
        found = None if zone.area_ha is None else per_person(zone.area_ha * 1e4, zone.people)
        return rule, Finding(found, _lacks(zone, "population"), doubt=zone.people_doubt)

    def find_density(self, zone: Zone, rule: Rule, _: str) -> tuple[Rule, Finding]:
        """Return people a hectare of civil land or its inverse; a bound where nobody knows which land is civil."""
        land = self._balance(zone)
        if land is not None:
            civil = sum(land.uses_ha.get(use, 0.0) for use in CIVIL)
            per_ha = per_place(zone.people or -1.0, civil)
            value = per_ha if rule.unit == "persons/ha" else per_person(civil * 1e4, zone.people)
            return rule, Finding(value, "population", doubt=land.doubt or zone.people_doubt)
        if zone.people is None or zone.area_ha is None:
            return rule, Finding(None, _lacks(zone, "land_use" if zone.people else "population"))
        # civil land is a part of all land: there are at least so many people on each hectare of it
        gross = zone.people / zone.area_ha
        if rule.unit == "persons/ha":
            return rule, Finding(gross, "land_use", "at_least")
        return rule, Finding(1e4 / gross, "land_use", "at_most")

    def find_share(self, zone: Zone, rule: Rule, kind: str) -> tuple[Rule, Finding]:
        """Return the share of the site that a group of uses has, %."""
        land = self._balance(zone)
        if land is None:
            return rule, Finding(None, _lacks(zone, "land_use"))
        if kind == "roads_urban":
            built = sum(area for use, area in land.uses_ha.items() if use not in ("farm", "forest", "water", "unused"))
            share = 100.0 * land.uses_ha.get("roads", 0.0) / built if built > 0 else None
            return rule, Finding(share, "land_use", doubt=land.doubt)
        return rule, Finding(land.share_pct(*SHARES[kind]), doubt=land.doubt)

    def find_use_per_person(self, zone: Zone, rule: Rule, kind: str) -> tuple[Rule, Finding]:
        """Return the land of a use for each resident, m2."""
        land = self._balance(zone)
        parks = self._inside(zone, "park") if rule.finding == "green_per_person" else None
        if land is None and parks is not None and parks[1].whole:
            area_m2, _known = _amounts(parks[0], ("capacity",))
            return rule, Finding(per_person(area_m2, zone.people), "population", doubt=zone.people_doubt)
        if land is None:
            return rule, Finding(None, _lacks(zone, "land_use"))
        uses = LAND_PER_PERSON[kind or rule.finding]
        area_m2 = 1e4 * sum(land.uses_ha.get(use, 0.0) for use in uses)
        if rule.table == "parking-land" and zone.people is not None:
            rule = step_of("parking-land", zone.people)
        return rule, Finding(per_person(area_m2, zone.people), "population", doubt=land.doubt or zone.people_doubt)

    def find_largest_park(self, zone: Zone, rule: Rule, _: str) -> tuple[Rule, Finding]:
        """Return the area of the largest public green."""
        land = self._balance(zone)
        if land is None:
            return rule, Finding(None, _lacks(zone, "land_use"))
        return rule, Finding(land.largest_green_m2 / (1e4 if rule.unit == "ha" else 1.0), doubt=land.doubt)

    def _balance(self, zone: Zone) -> Balance | None:
        land = self.layer("land_use")
        if land is None or zone.shape is None:
            return None
        if zone.id not in self._balances:
            self._balances[zone.id] = balance(zone.shape, land)
        found = self._balances[zone.id]
        return found if found.uses_ha or found.unknown else None

    # facilities

    def _inside(self, zone: Zone, kind: str) -> tuple[gpd.GeoDataFrame, Service] | None:
        given = self.service(kind)
        if given is None or zone.shape is None:
            return None
        if (zone.id, kind) not in self._held:
            self._held[zone.id, kind] = given.frame[shapely.intersects(zone.shape, given.shapes)]
        return self._held[zone.id, kind], given

    def find_count(self, zone: Zone, rule: Rule, kind: str) -> tuple[Rule, Finding | None]:
        """Return how many facilities of a kind lie inside."""
        if "over_20000" in rule.notes or "20,000" in rule.subject:
            if zone.people is None:
                return rule, Finding(None, _lacks(zone, "population"))
            if zone.people < 20_000:
                return rule, None
        found = self._inside(zone, kind)
        if found is None:
            return rule, Finding(None, _lacks(zone, f"facilities:{kind}"))
        return rule, Finding(float(len(found[0])), bound="exact" if found[1].whole else "at_least")

    def find_capacity(self, zone: Zone, rule: Rule, kind: str) -> tuple[Rule, Finding]:
        """Return the places or beds inside for each 1,000 (or 10,000) residents."""
        found = self._inside(zone, kind)
        if found is None:
            return rule, Finding(None, _lacks(zone, f"facilities:{kind}"))
        places, known = _amounts(found[0], ("capacity_value", "capacity", "places", "beds"))
        if not known and len(found[0]):
            return rule, Finding(None, f"capacities:{kind}")
        each = per_person(places, zone.people, people_unit=10_000 if "10000" in rule.unit else 1_000)
        whole = found[1].whole and known == len(found[0])
        return rule, Finding(each, "population", "exact" if whole else "at_least", doubt=zone.people_doubt)

    def find_site(self, zone: Zone, rule: Rule, kind: str) -> tuple[Rule, Finding | None]:
        """Return the smallest site of a kind of facility, or the land of all for each resident or place."""
        found = self._inside(zone, kind)
        if found is None:
            return rule, Finding(None, _lacks(zone, f"facilities:{kind}"))
        frame, given = found
        areas, known = _amounts(frame, ("area_ha",))
        if not known:
            return rule, Finding(None, f"sites:{kind}" if len(frame) else f"facilities:{kind}")
        if rule.finding.startswith("smallest_site"):
            least = float(pd.to_numeric(frame["area_ha"], errors="coerce").min())
            return rule, Finding(least if rule.unit.startswith("ha") else least * 1e4)
        bound = "exact" if given.whole and known == len(frame) else "at_least"
        if rule.finding.startswith("site_land_per_person"):
            return rule, Finding(per_person(areas * 1e4, zone.people), "population", bound, doubt=zone.people_doubt)
        places, counted = _amounts(frame, ("capacity_value", "capacity", "places", "beds"))
        if counted != len(frame) or known != len(frame):
            return rule, Finding(None, f"capacities:{kind}")
        return rule, Finding(per_place(areas * 1e4, places), f"capacities:{kind}")

    def find_people_per(self, zone: Zone, rule: Rule, kind: str) -> tuple[Rule, Finding]:
        """Return the residents for each facility of a kind."""
        found = self._inside(zone, kind)
        if found is None or zone.people is None:
            return rule, Finding(None, _lacks(zone, f"facilities:{kind}"))
        return rule, Finding(per_place(zone.people, float(len(found[0]))), f"facilities:{kind}")

    def find_has_bus(self, zone: Zone, rule: Rule, _: str) -> tuple[Rule, Finding]:
        """Return how many stops lie inside."""
        found = self._inside(zone, "stop")
        if found is None:
            return rule, Finding(None, _lacks(zone, "stops"))
        # the operators' lists do not cover the whole region: where they have no stop, that proves nothing
        doubt = "" if len(found[0]) else "list_incomplete"
        return rule, Finding(float(len(found[0])), doubt=doubt, required=("at_least", 1.0, None), unit="count")

    def find_reach(self, zone: Zone, rule: Rule, kind: str) -> tuple[Rule, Finding]:
        """Return who is within the radius of a service."""
        return rule, self.reaches.find(zone, rule, kind)

    # distances

    def find_main_roads(self, zone: Zone, rule: Rule, _: str) -> tuple[Rule, Finding]:
        """Return how many main roads cross the zone."""
        roads = self.layer("corridors")
        if roads is None or zone.shape is None:
            return rule, Finding(None, _lacks(zone, "streets"))
        roads = roads[roads["mode"].isin(MAIN_ROADS) & roads["status"].eq("operating")]
        heart = zone.shape.buffer(-EDGE_M)
        inside = shapely.length(shapely.intersection(roads.geometry.to_numpy(), heart))
        return rule, Finding(float(np.count_nonzero(inside > 2 * EDGE_M)))

    def find_road_density(self, zone: Zone, rule: Rule, level: str) -> tuple[Rule, Finding]:
        """Return the km of streets of a level and above for each km2."""
        streets = self.layer("streets")
        if streets is None or zone.shape is None or not level or "highway" not in streets:
            return rule, Finding(None, _lacks(zone, "streets"))
        return rule, Finding(density_km_km2(streets, zone.shape, level))

    def find_housing_distance(self, zone: Zone, rule: Rule, _: str) -> tuple[Rule, Finding]:
        """Return how far the nearest homes are from a park, by the hazard class of its factories, m."""
        name = str(zone.facts.get("hazard_class") or "").strip().upper()
        if not name or name in ("NAN", "NONE"):
            return rule, Finding(None, "hazard_class")
        try:
            rule = row_of("hazard-distance", name)
        except InputError:
            return rule, Finding(None, "hazard_class", doubt="bad_figure")
        homes = self._housing
        if homes is None or zone.shape is None:
            return rule, Finding(None, _lacks(zone, "housing"))
        return rule, Finding(float(shapely.distance(homes, zone.shape).min()))

    @cached_property
    def _housing(self) -> np.ndarray | None:
        """Where people live: housing of the land use, else outlines of urban areas; None where nobody knows."""
        land = self.layer("land_use")
        if land is not None:
            homes = of_use(land, "housing", "mixed")
            return homes.geometry.to_numpy() if len(homes) else None
        areas = [one.shape for one in self._zones if "urban" in one.profiles and one.shape is not None]
        return np.array(areas, dtype=object) if areas else None

    def find_utility_distance(self, zone: Zone, rule: Rule, kind: str) -> tuple[Rule, Finding]:
        """Return how far the nearest technical works of a kind are from where people live, m."""
        works = self.layer("utilities")
        if works is None or "kind" not in works:
            return rule, Finding(None, rule.needs)
        near = works[works["kind"].astype(str).eq(kind)]
        if not len(near):
            return rule, Finding(None, rule.needs)
        lived: BaseGeometry | None = zone.shape
        if {"ward", "town", "commune"} & set(zone.profiles):  # works lie inside wards; what counts is where people live
            homes = self._housing
            lived = None
            if homes is not None and zone.shape is not None:
                inside = homes[shapely.intersects(homes, zone.shape)]
                lived = shapely.union_all(inside) if len(inside) else None
        if lived is None:
            return rule, Finding(None, _lacks(zone, "housing"))
        away = shapely.distance(near.geometry.to_numpy(), lived)
        at = int(np.argmin(away))
        if rule.form == "steps":
            volumes = pd.to_numeric(near.get("capacity"), errors="coerce") if "capacity" in near else None
            if volumes is None or not np.isfinite(volumes.iloc[at]):
                return rule, Finding(float(away[at]), doubt="other_limit")
            rule = step_of(rule.table, float(volumes.iloc[at]))
        return rule, Finding(float(away[at]))

    def find_line_distance(self, zone: Zone, rule: Rule, _: str) -> tuple[Rule, Finding | None]:
        """Return how far the nearest power line is, m, against the corridor of its voltage."""
        lines = self.layer("power_lines")
        area = zone.shape or zone.point
        if lines is None or area is None or "voltage_kv" not in lines:
            return rule, Finding(None, _lacks(zone, "power_lines"))
        away = shapely.distance(lines.geometry.to_numpy(), area)
        at = int(np.argmin(away))
        voltage = pd.to_numeric(lines["voltage_kv"], errors="coerce").iloc[at]
        covered = bool(lines["covered"].iloc[at]) if "covered" in lines else False
        key = (
            f"{voltage:g} kV"
            if voltage > 35
            else f"{'35' if voltage > 22 else 'to 22'} kV {'covered' if covered else 'bare'}"
        )
        try:
            rule = row_of("power-corridor", key)
        except InputError:
            return rule, Finding(float(away[at]), doubt="other_limit")
        return rule, Finding(float(away[at]), doubt="line_crosses" if away[at] == 0 else "")

    def find_station_distance(self, zone: Zone, rule: Rule, _: str) -> tuple[Rule, Finding | None]:
        """Return how far the nearest station is, m; None where too far to be a TOD area."""
        every = self.layer("logistics")
        area = zone.shape or zone.point
        if every is None or area is None:
            return rule, Finding(None, _lacks(zone, "logistics"))
        stations = every[every["kind"].isin(STATION_KINDS) & every["geometry_quality"].ne("approximate")]
        if not len(stations):
            return rule, Finding(None, "logistics")
        away = float(shapely.distance(stations.geometry.to_numpy(), area).min())
        return rule, Finding(away, doubt="point_only" if zone.shape is None else "") if away <= TOD_LOOK_M else None


_FINDERS: Mapping[str, Callable[[Evidence, Zone, Rule, str], tuple[Rule, Finding | None]]] = {
    "people": Evidence.find_people,
    "land_per_person": Evidence.find_land_per_person,
    "civil_land_per_person": Evidence.find_density,
    "people_per_civil_ha": Evidence.find_density,
    "share": Evidence.find_share,
    "share_pp": Evidence.find_use_per_person,
    "green_per_person": Evidence.find_use_per_person,
    "parking_per_person": Evidence.find_use_per_person,
    "largest_park_m2": Evidence.find_largest_park,
    "largest_park_ha": Evidence.find_largest_park,
    "count": Evidence.find_count,
    "capacity_per_1000": Evidence.find_capacity,
    "smallest_site": Evidence.find_site,
    "site_land_per_person": Evidence.find_site,
    "site_land_per_place": Evidence.find_site,
    "people_per": Evidence.find_people_per,
    "has_bus": Evidence.find_has_bus,
    "reach": Evidence.find_reach,
    "main_roads_across": Evidence.find_main_roads,
    "road_density": Evidence.find_road_density,
    "housing_distance": Evidence.find_housing_distance,
    "utility_distance": Evidence.find_utility_distance,
    "line_distance": Evidence.find_line_distance,
    "station_distance": Evidence.find_station_distance,
}


def _lacks(zone: Zone, layer: str) -> str:
    """Return what is missing first: without an outline, no layer helps."""
    return layer if zone.shape is not None or layer == "population" else "outline"


def _amounts(frame: gpd.GeoDataFrame, columns: Sequence[str]) -> tuple[float, int]:
    """Return the sum of the first of some columns that holds numbers, and how many are known."""
    for column in columns:
        if column in frame:
            values = pd.to_numeric(frame[column], errors="coerce")
            values = values[np.isfinite(values) & (values >= 0)]
            if len(values):
                return float(values.sum()), len(values)
    return 0.0, 0
