"""Count who of each zone is within a service's radius, and keep the counts for the table of services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from zoning.standards.services import UNIT_SERVICES, Reach, distances, reach, sample_points, walking
from zoning.standards.verdicts import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from zoning.reach import TravelNetwork
    from zoning.standards.ground import Zone
    from zoning.standards.rules import Rule
    from zoning.standards.services import Service

LONGEST_M = 6_000.0
"""Longer ways are not looked for: the widest radius of the code is 5 km."""
SAMPLE_M = 200.0
"""Where nobody is counted (parks, campuses), ground is: a point every so many metres."""


class Reaches:
    """The points of all zones, and how far each is from the places of each service, measured once a service."""

    def __init__(
        self,
        zones: Sequence[Zone],
        network: TravelNetwork,
        service: Callable[[str], Service | None],
        *,
        schematic: bool,
    ) -> None:
        self._zones = list(zones)
        self._network = network
        self._service = service
        self._schematic = schematic
        self._metres: TravelNetwork | None = None
        self._found: dict[str, pd.DataFrame] = {}
        self._points: gpd.GeoSeries | None = None
        self._rows: dict[str, np.ndarray] = {}
        self._weights = np.empty(0)
        self._counted: dict[str, str] = {}
        self._demand: gpd.GeoDataFrame | None = None
        self.table: list[dict[str, Any]] = []

    def people_at(self, demand: gpd.GeoDataFrame) -> None:
        """Take the points where people live; before the first `find`."""
        self._demand = demand

    def find(self, zone: Zone, rule: Rule, name: str) -> Finding:
        """Return the share of a zone's people that is within the rule's radius of a service, along the network.

        Of a zone that is known as a point only, the way from there.
        """
        radius_m = (rule.high or 0.0) * (1000.0 if rule.unit == "km" else 1.0)
        if name == "unit_services":
            return self._worst(zone, rule, radius_m)
        given = self._service(name)
        if given is None:
            return Finding(None, rule.needs)
        if zone.shape is None and zone.point is None:
            return Finding(None, "outline")
        found = self._reach(zone, rule, name, radius_m)
        if found is None:
            return Finding(None, "population")
        if zone.shape is None:
            away = found.farthest_network_m
            value = away if np.isfinite(away) else found.farthest_straight_m
            return Finding(value, doubt="point_only", required=("at_most", None, radius_m), unit="m")
        return Finding(
            found.network_pct,
            doubt=self._doubt(found, given),
            required=("at_least", 100.0, None),
            unit="%",
        )

    def _worst(self, zone: Zone, rule: Rule, radius_m: float) -> Finding:
        """Return the finding of the service of a residential unit that fewest people are near to."""
        if zone.shape is None:
            return Finding(None, "outline")
        lacking = next((name for name in UNIT_SERVICES if self._service(name) is None), "")
        known = [name for name in UNIT_SERVICES if self._service(name) is not None]
        found = [(self._reach(zone, rule, name, radius_m), self._service(name)) for name in known]
        shares = [(one.network_pct, self._doubt(one, given)) for one, given in found if one is not None and given]
        plain = [share for share, doubt in shares if not doubt]
        required = ("at_least", 100.0, None)
        if plain and min(plain) < 100.0:
            return Finding(min(plain), required=required, unit="%")
        if lacking or not shares:
            return Finding(None, f"facilities:{lacking}" if lacking else "population")
        share, doubt = min(shares)
        return Finding(share, doubt=doubt, required=required, unit="%")

    def _doubt(self, found: Reach, given: Service) -> str:
        if found.network_pct >= 100.0:
            return ""
        # a zone without a single stop nearby more likely lies outside the operators' lists than outside their lines
        if not given.whole or found.inside_straight == 0:
            return "list_incomplete"
        return "schematic_network" if self._schematic and found.straight_pct >= 100.0 else ""

    def _reach(self, zone: Zone, rule: Rule, name: str, radius_m: float) -> Reach | None:
        rows = self._rows_of(zone)
        found = self._distances(name)
        one = reach(found.iloc[rows], self._weights[rows], radius_m, self._counted[zone.id])
        if one is not None:
            self.table.append(
                {
                    "zone_id": zone.id,
                    "rule_id": rule.id,
                    "service": name,
                    "radius_m": radius_m,
                    "counted": one.counted,
                    "total": one.people,
                    "inside_straight": one.inside_straight,
                    "inside_network": one.inside_network,
                    "outside_network": one.people - one.inside_network,
                }
            )
        return one

    def _distances(self, name: str) -> pd.DataFrame:
        if name not in self._found:
            given = self._service(name)
            if self._metres is None:
                self._metres = walking(self._network)
            assert given is not None  # noqa: S101 - find has asked
            assert self._points is not None  # noqa: S101 - rows come first
            self._found[name] = distances(self._points, given, self._metres, LONGEST_M)
        return self._found[name]

    def _rows_of(self, zone: Zone) -> np.ndarray:
        """Return which points are a zone's: where its people live, else ground inside it, else its one point."""
        if self._points is None:
            self._lay_out()
        return self._rows[zone.id]

    def _lay_out(self) -> None:
        demand = self._demand
        homes = demand.geometry.to_numpy() if demand is not None else np.empty(0, dtype=object)
        living = demand["people"].to_numpy(dtype=float, na_value=np.nan) if demand is not None else np.empty(0)
        tree = shapely.STRtree(homes)
        parts, weights, start = [homes], [np.nan_to_num(living)], len(homes)
        for zone in self._zones:
            kind, rows = "point", np.empty(0, dtype=np.intp)
            if zone.shape is not None:
                works = {"industrial", "campus", "leisure"} & set(zone.profiles)
                rows = np.empty(0, dtype=np.intp) if works else np.sort(tree.query(zone.shape, predicate="intersects"))
                if len(rows) and np.nansum(living[rows]) > 0:
                    self._counted[zone.id], self._rows[zone.id] = "people", rows
                    continue
                own, _ = sample_points([zone.shape], SAMPLE_M)
                kind = "ground"
            elif zone.point is not None:
                own = np.array([zone.point], dtype=object)
            else:
                own = np.empty(0, dtype=object)
            parts.append(own)
            weights.append(np.ones(len(own)))
            self._counted[zone.id] = kind
            self._rows[zone.id] = np.arange(start, start + len(own))
            start += len(own)
        self._points = gpd.GeoSeries(np.concatenate(parts), crs=self._network.crs)
        self._weights = np.concatenate(weights)
