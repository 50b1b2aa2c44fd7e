"""Find for a zone what a rule asks for: people, land, facilities, distances; or say which layer is missing."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from zoning.errors import UnknownLayerError
from zoning.land_use import CIVIL, Balance, Ground, balance
from zoning.standards import built, keepaway, routes, water
from zoning.standards.inputs import CHECK_LAYERS, LAND_USE, LOTS
from zoning.standards.lookup import step_of
from zoning.standards.lots import find_lots, lots_of
from zoning.standards.reaches import Reaches
from zoning.standards.roads import density_km_km2
from zoning.standards.services import Service, service
from zoning.standards.verdicts import Finding, per_person, per_place

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from zoning.reach import TravelNetwork
    from zoning.region import Region
    from zoning.standards.ground import Zone
    from zoning.standards.lots import Lots
    from zoning.standards.rules import Rule

STATION_KINDS = ("rail_station", "metro_station")
MAIN_ROADS = ("road", "expressway")
EDGE_M = 50.0
"""A main road within this of the edge of a unit runs along it, not across."""
LAND_PER_PERSON: Mapping[str, tuple[str, ...]] = {
    "green_per_person": ("green",),
    "parking_per_person": ("parking",),
    "housing": ("housing", "mixed"),
    "public": ("school", "health", "culture", "sport", "service"),
    "infrastructure": ("roads", "infrastructure", "parking"),
    "health": ("health",),
    "culture": ("culture", "sport"),
    "market": ("service",),
    "cemetery": ("cemetery",),
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
        self._inside_lots: dict[str, NDArray[np.intp]] = {}
        self._uses: dict[tuple[str, ...], NDArray[np.object_]] = {}
        self._corridors: dict[tuple[str, ...], NDArray[np.object_]] = {}
        self.lot_rows: list[dict[str, Any]] = []
        self._held: dict[tuple[str, str], gpd.GeoDataFrame] = {}
        self.reaches = Reaches(zones, network, self.service, schematic=schematic)

    def find(self, zone: Zone, rule: Rule) -> tuple[Rule, Finding | None]:
        """Return the rule that applies (of a table, its row) and what was found; None where it does not concern it."""
        name, _, kind = rule.finding.partition(":")
        method = _FINDERS.get(name)
        if method is None:
            # a layer that is there, and still does not tell: say so rather than ask for it again
            layer = rule.needs.partition(":")[0]
            known = layer in (*CHECK_LAYERS, "streets", "stops") and self.layer(layer) is not None
            return rule, Finding(None, "by_hand" if known else rule.needs)
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

    @cached_property
    def lots(self) -> Lots | None:
        """Building lots; None where no planner has brought them in."""
        frame = self.layer(LOTS)
        return None if frame is None else lots_of(frame.reset_index(drop=True))

    def lots_inside(self, zone: Zone) -> NDArray[np.intp]:
        """Return which lots lie in a zone by a point of theirs: each is in one zone only."""
        if zone.id not in self._inside_lots:
            lots = self.lots
            empty = np.empty(0, dtype=np.intp)
            found = empty if lots is None or zone.shape is None else self._lot_tree.query(zone.shape, "intersects")
            self._inside_lots[zone.id] = np.sort(found)
        return self._inside_lots[zone.id]

    @cached_property
    def _lot_tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.lots.centres if self.lots is not None else [])

    @cached_property
    def _ground(self) -> Ground | None:
        land = self.layer(LAND_USE)
        return None if land is None else Ground.of(land)

    def land_of(self, *uses: str) -> NDArray[np.object_] | None:
        """Return the polygons of some uses of land; None where no land use is known at all, or none of these."""
        if self._ground is None:
            return None
        if uses not in self._uses:
            self._uses[uses] = self._ground.shapes[np.isin(self._ground.uses, uses)]
        return self._uses[uses] if len(self._uses[uses]) else None

    def land_in(self, area: BaseGeometry, *uses: str) -> NDArray[np.object_]:
        """Return the polygons of some uses of land that meet an area; of every use and of none where none is named."""
        if self._ground is None:
            return np.empty(0, dtype=object)
        near = self._ground.tree.query(area, predicate="intersects")
        near = near[np.isin(self._ground.uses[near], uses)] if uses else near
        return self._ground.shapes[near]

    def corridors(self, *modes: str) -> NDArray[np.object_]:
        """Return the lines of the corridors of some modes that operate; empty where there are none."""
        if modes not in self._corridors:
            every = self.layer("corridors")
            lines = np.empty(0, dtype=object)
            if every is not None:
                lines = every[every["mode"].isin(modes) & every["status"].eq("operating")].geometry.to_numpy()
            self._corridors[modes] = np.asarray(lines[shapely.get_dimensions(lines) == 1], dtype=object)
        return self._corridors[modes]

    @cached_property
    def stations(self) -> NDArray[np.object_]:
        """Stations of railways and metro whose place is known; empty where there are none."""
        every = self.layer("logistics")
        if every is None:
            return np.empty(0, dtype=object)
        known = every["kind"].isin(STATION_KINDS) & every["geometry_quality"].ne("approximate")
        return np.asarray(every[known].geometry.to_numpy(), dtype=object)

    @cached_property
    def housing(self) -> NDArray[np.object_] | None:
        """Where people live: housing of the land use, else outlines of urban areas; None where nobody knows."""
        if self._ground is not None:
            return self.land_of("housing", "mixed")
        areas = [one.shape for one in self._zones if "urban" in one.profiles and one.shape is not None]
        return np.array(areas, dtype=object) if areas else None

    @property
    def used(self) -> tuple[str, ...]:
        """Names of the layers that were found and read."""
        services = {one.layer for one in self._services.values() if one is not None}
        return tuple(sorted({name for name, frame in self._layers.items() if frame is not None} | services))

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
        land = self.balance(zone)
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
        land = self.balance(zone)
        if land is None:
            return rule, Finding(None, _lacks(zone, "land_use"))
        if kind == "roads_urban":
            built = sum(area for use, area in land.uses_ha.items() if use not in ("farm", "forest", "water", "unused"))
            share = 100.0 * land.uses_ha.get("roads", 0.0) / built if built > 0 else None
            return rule, Finding(share, "land_use", doubt=land.doubt)
        return rule, Finding(land.share_pct(*SHARES[kind]), doubt=land.doubt)

    def find_use_per_person(self, zone: Zone, rule: Rule, kind: str) -> tuple[Rule, Finding]:
        """Return the land of a use for each resident, m2."""
        land = self.balance(zone)
        parks = self._inside(zone, "park") if rule.finding == "green_per_person" else None
        if land is None and parks is not None and parks[1].whole:
            area_m2, _known = _amounts(parks[0], ("capacity",))
            return rule, Finding(per_person(area_m2, zone.people), "population", doubt=zone.people_doubt)
        if land is None:
            return rule, Finding(None, _lacks(zone, "land_use"))
        uses = LAND_PER_PERSON[kind or rule.finding]
        area_m2 = 1e4 * sum(land.uses_ha.get(use, 0.0) for use in uses)
        if rule.unit == "ha/1000 persons":
            value = per_person(area_m2 / 1e4, zone.people, people_unit=1000.0)
            return rule, Finding(value, "population", doubt=land.doubt or zone.people_doubt)
        if rule.table == "parking-land" and zone.people is not None:
            rule = step_of("parking-land", zone.people)
        return rule, Finding(per_person(area_m2, zone.people), "population", doubt=land.doubt or zone.people_doubt)

    def find_largest_park(self, zone: Zone, rule: Rule, _: str) -> tuple[Rule, Finding]:
        """Return the area of the largest public green."""
        land = self.balance(zone)
        if land is None:
            return rule, Finding(None, _lacks(zone, "land_use"))
        return rule, Finding(land.largest_green_m2 / (1e4 if rule.unit == "ha" else 1.0), doubt=land.doubt)

    def balance(self, zone: Zone) -> Balance | None:
        """Return how the land of a zone is divided; None where no land use is known of it."""
        if self._ground is None or zone.shape is None:
            return None
        if zone.id not in self._balances:
            self._balances[zone.id] = balance(zone.shape, self._ground)
        found = self._balances[zone.id]
        return found if found.uses_ha or found.unknown else None

    @property
    def has_land_use(self) -> bool:
        """Whether there is a layer of land use at all."""
        return self._ground is not None

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
        if self.layer("corridors") is None or zone.shape is None:
            return rule, Finding(None, _lacks(zone, "streets"))
        heart = zone.shape.buffer(-EDGE_M)
        inside = shapely.length(shapely.intersection(self.corridors(*MAIN_ROADS), heart))
        return rule, Finding(float(np.count_nonzero(inside > 2 * EDGE_M)))

    def find_road_density(self, zone: Zone, rule: Rule, level: str) -> tuple[Rule, Finding]:
        """Return the km of streets of a level and above for each km2."""
        streets = self.layer("streets")
        if streets is None or zone.shape is None or not level or "highway" not in streets:
            return rule, Finding(None, _lacks(zone, "streets"))
        return rule, Finding(density_km_km2(streets, zone.shape, level))


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
    "housing_distance": keepaway.find_housing_distance,
    "utility_distance": keepaway.find_utility_distance,
    "works_apart": keepaway.find_works_apart,
    "line_distance": keepaway.find_line_distance,
    "lines_across": keepaway.find_lines_across,
    "station_distance": keepaway.find_station_distance,
    "rail_distance": keepaway.find_rail_distance,
    "gas_pressure": keepaway.find_gas_pressure,
    "petrol_apart": keepaway.find_petrol_apart,
    "gross_density": built.find_gross_density,
    "homes_near": built.find_homes_near,
    "green_belt": built.find_green_belt,
    "lots": find_lots,
    "route_density": routes.find_route_density,
    "route_spacing": routes.find_route_spacing,
    "stop_spacing": routes.find_stop_spacing,
    "ground_level": water.find_ground_level,
    "flood_period": water.find_flood_period,
    "drain_period": water.find_drain_period,
    "streets_drained": water.find_streets_drained,
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
