"""Show a region as a scenario would have it, to any job: the region behind it stays as it is."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from zoning.errors import InputError, UnknownLayerError
from zoning.reach.modes import mode_named
from zoning.scenarios.apply import Plan, plan
from zoning.scenarios.content import content_of, hash_of, read
from zoning.scenarios.layers import added_people, changed_layer, layers_of
from zoning.scenarios.model import AddZone
from zoning.text import N_
from zoning.transit.changes import changed_supply, transit_changes
from zoning.transit.modes import TRANSIT_MODES, transit_network
from zoning.transit.notes import LAYER as TRANSIT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

    from zoning.reach import TravelNetwork
    from zoning.region import Region
    from zoning.scenarios.content import ScenarioError
    from zoning.scenarios.model import Point, Scenario
    from zoning.transit.supply import Supply

NETWORKS = ("strategic", "streets")
_KEPT = 6


class ScenarioRegion:
    """A region with a scenario: fulfils `zoning.region.Region`, so that every job answers to scenarios unchanged.

    Parameters
    ----------
    base
        The region as it is.
    scenario
        What changes; an empty one hands everything through, to the byte.
    strict
        Raise the first modification that a network or layer refuses (default). Else it is left out, and stands in
        `faults` as soon as its network or layer has been asked for.
    """

    def __init__(self, base: Region, scenario: Scenario, *, strict: bool = True) -> None:
        self.base, self.scenario = base, scenario
        self._strict = strict
        self._guard = threading.RLock()
        self._supplies: dict[str | None, tuple[Supply, Supply]] = {}
        self._plans: dict[str, tuple[str, Plan]] = {}
        self._networks: OrderedDict[tuple[object, ...], tuple[TravelNetwork, TravelNetwork]] = OrderedDict()
        self._layers: dict[str, tuple[str, gpd.GeoDataFrame]] = {}
        self._layer_faults: dict[str, tuple[ScenarioError, ...]] = {}
        self._mark = hash_of(scenario)
        self._changes = {name for change in scenario.modifications for name in layers_of(change)}

    @property
    def record(self) -> Mapping[str, Any] | None:
        """What run records hold of the scenario; nothing where it is empty."""
        return content_of(self.scenario) if self.scenario else None

    @property
    def faults(self) -> tuple[ScenarioError, ...]:
        """What the networks and layers asked for so far have refused."""
        of_networks = [fault for _, made in self._plans.values() for fault in made.faults]
        of_layers = [fault for faults in self._layer_faults.values() for fault in faults]
        return tuple({fault.values["item"]: fault for fault in (*of_networks, *of_layers)}.values())

    def layer(self, name: str) -> gpd.GeoDataFrame:
        """Return a layer as the scenario has it."""
        if name not in self._changes:
            return self.base.layer(name)
        mark = self.base.fingerprint(name)
        with self._guard:
            kept = self._layers.get(name)
            if kept is None or kept[0] != mark:
                frame, faults = changed_layer(name, self.base.layer(name), self.scenario, self._place)
                self._layer_faults[name] = faults
                if faults and self._strict:
                    raise faults[0]
                kept = mark, frame
                self._layers[name] = kept
            return kept[1].copy(deep=False)

    def transit(self, day: str | None = None) -> Supply:
        """Return what runs on a day, with the scenario's lines and stops."""
        base = self.base.transit(day)
        if not transit_changes(self.scenario.modifications):
            return base
        with self._guard:
            kept = self._supplies.get(day)
            if kept is None or kept[0] is not base:
                kept = base, changed_supply(base, self.scenario.modifications, self._place)
                self._supplies[day] = kept
            return kept[1]

    def network(
        self, mode: str, *, hour: float | None = None, day: str | None = None, name: str, transit: str = ""
    ) -> TravelNetwork:
        """Return a network with the scenario's roads, lines and changes, as a mode travels it."""
        if mode in TRANSIT_MODES:
            region = self if self.scenario else self.base
            return transit_network(region, mode, hour=hour, day=day, name=name, transit=transit)
        base = self.base.network(mode, hour=hour, day=day, name=name)
        if not self.scenario:
            return base
        key = (name, mode, hour, day)
        with self._guard:
            kept = self._networks.get(key)
            if kept is None or kept[0] is not base:  # other data, or a truck ban that has come since
                kept = base, self.plan(name, base).travel(base, mode_named(mode), hour=hour, day=day)
                self._networks[key] = kept
                while len(self._networks) > _KEPT:
                    self._networks.popitem(last=False)
            return kept[1]

    def plan(self, name: str, base: TravelNetwork | None = None) -> Plan:
        """Return what the scenario does to a network; raise its first fault if the region is strict."""
        made_for = self.scenario.network
        if made_for and made_for != name:
            raise InputError(
                N_("The scenario is made for the {made} network, and the question is asked on the {asked} one."),
                made=made_for, asked=name,
            )  # fmt: skip
        mark = self.base.fingerprint(name)
        with self._guard:
            kept = self._plans.get(name)
            if kept is None or kept[0] != mark:
                network = base if base is not None else self.base.network("car", name=name)
                kept = mark, plan(network, self.scenario, self._place)
                self._plans[name] = kept
            if self._strict and kept[1].faults:
                raise kept[1].faults[0]
            return kept[1]

    def network_for(self, points: gpd.GeoSeries) -> str:
        """Name the network of a question: the one that the scenario is made for, else what the region says."""
        return self.scenario.network or self.base.network_for(points)

    def demand(self, name: str) -> gpd.GeoDataFrame:
        """Return the people of the wards and of the scenario's zones as points on a network."""
        return added_people(self.base.demand(name), self.scenario, self._place)

    def points(self, lonlat: Sequence[tuple[float, float]]) -> gpd.GeoSeries:
        """Return positions in degrees as points in the planning CRS."""
        return self.base.points(lonlat)

    def fingerprint(self, name: str) -> str:
        """Return the base's hash where the scenario leaves a layer or network as it is, else one of both."""
        base = self.base.fingerprint(name)
        network = name in NETWORKS and bool(self.scenario)
        network |= name == TRANSIT and bool(transit_changes(self.scenario.modifications))
        people = name == "population" and any(isinstance(one, AddZone) for one in self.scenario.modifications)
        if not (network or people or name in self._changes):
            return base
        return hashlib.sha256(f"{base}\x1f{self._mark}".encode()).hexdigest()[:32]

    def _place(self, lonlat: Sequence[Point]) -> np.ndarray:
        return np.asarray(shapely.get_coordinates(self.base.points(list(lonlat)).to_numpy()))


def with_scenario(region: Region, record: Mapping[str, Any] | None) -> Region:
    """Return a region with the scenario that a run record holds; the region itself where it holds none."""
    return region if record is None else ScenarioRegion(region, read(record).whole())


def check(scenario: Scenario, region: Region, name: str = "strategic") -> tuple[ScenarioError, ...]:
    """Return every modification that a network or layer of the region refuses, none where all can be used."""
    tried = ScenarioRegion(region, scenario, strict=False)
    tried.plan(scenario.network or name)
    for layer in sorted({one for change in scenario.modifications for one in layers_of(change)}):
        try:
            tried.layer(layer)
        except UnknownLayerError:
            continue
    return tried.faults


def usable(scenario: Scenario, region: Region, name: str = "strategic") -> tuple[Scenario, tuple[ScenarioError, ...]]:
    """Return a scenario without what the region refuses, and a fault for each modification left out."""
    faults = check(scenario, region, name)
    if not faults:
        return scenario, ()
    lost = {fault.values["item"] for fault in faults}
    return replace(scenario, modifications=tuple(one for one in scenario.modifications if one.id not in lost)), faults
