"""Apply a scenario to a network: recost what changes, extend by what is new; the base stays as it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from zoning.errors import InputError
from zoning.reach.attributes import categorical
from zoning.reach.modes import travel_costs
from zoning.scenarios.content import refused
from zoning.scenarios.existing import changed, chosen_edges, plain
from zoning.scenarios.model import Existing
from zoning.scenarios.roads import NewStreets, new_streets

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zoning.reach import TravelNetwork
    from zoning.reach.modes import Mode
    from zoning.scenarios.content import ScenarioError
    from zoning.scenarios.existing import Place
    from zoning.scenarios.model import Scenario

SOURCE = "scenario"


@dataclass
class Plan:
    """What a scenario does to one network, whatever the mode; made once, shared by all modes and hours.

    Attributes
    ----------
    scenario
        Where it comes from.
    edges
        Attributes of the edges that change, after the change, indexed by edge.
    touched
        For each modification by id, how many edges it changes or streets it adds.
    new
        Streets that are added.
    faults
        Modifications that this network refuses; the rest stays.
    """

    scenario: Scenario
    edges: pd.DataFrame
    touched: dict[str, int]
    new: NewStreets
    faults: tuple[ScenarioError, ...]
    _extended: TravelNetwork | None = field(default=None, repr=False)

    def travel(
        self, base: TravelNetwork, mode: Mode, *, hour: float | None = None, day: str | None = None
    ) -> TravelNetwork:
        """Return the network with the scenario as a mode travels it; `base` is the same network without it."""
        if not len(self.edges) and not len(self.new.rows):
            return base
        rows = self.new.rows
        costs = [np.empty(0)]
        both = rows["both_ways"].to_numpy(dtype=bool) if len(rows) else np.empty(0, dtype=bool)
        if len(rows):
            costs = [travel_costs(pd.DataFrame(rows.drop(columns="geometry")), mode, hour=hour, day=day)["seconds"]
                     .to_numpy()]  # fmt: skip
        new_s = np.repeat(costs[0], np.where(both, 2, 1)) if len(rows) else costs[0]
        old_s = base.costs.edge_seconds
        network = base
        source = base.speed_source
        if len(rows):
            if self._extended is None or self._extended.layout.base is not base.layout:
                self._extended = base.extend(rows.assign(seconds=costs[0]))
            if source is not None:
                source = pd.api.types.union_categoricals(
                    [source, categorical([SOURCE] * new_s.size)], sort_categories=True
                )
            network = self._extended.recost(
                np.concatenate([old_s, new_s]), speed_source=source, mode=base.mode, snap_limit_m=base.snap_limit_m
            )
        if not len(self.edges):
            return network
        changed_s = self._seconds(old_s, mode, hour, day)
        seconds = np.concatenate([changed_s, new_s])
        # a point keeps its street even where that is closed: it must not gain by being moved to another
        return network.recost(
            seconds, speed_source=self._sources(source, old_s, changed_s), mode=base.mode,
            snap_limit_m=base.snap_limit_m, keep_snaps=True,
        )  # fmt: skip

    def _seconds(
        self, old_s: NDArray[np.float64], mode: Mode, hour: float | None, day: str | None
    ) -> NDArray[np.float64]:
        edges = self.edges.index.to_numpy()
        found = travel_costs(self.edges, mode, hour=hour, day=day)["seconds"].to_numpy()
        opened = self.edges["opened"].map(lambda names: mode.name in names.split()).to_numpy(dtype=bool)
        seconds = old_s.copy()
        # what a ban or a closure of the base keeps shut stays shut, unless the scenario opens it
        seconds[edges] = np.where(np.isinf(old_s[edges]) & ~opened, np.inf, found)
        return np.asarray(seconds)

    def _sources(
        self, source: pd.Categorical | None, old_s: NDArray[np.float64], changed_s: NDArray[np.float64]
    ) -> pd.Categorical | None:
        if source is None:
            return None
        named = source if SOURCE in source.categories else source.add_categories([SOURCE])
        codes = np.array(named.codes)
        codes[np.flatnonzero(old_s != changed_s)] = named.categories.get_loc(SOURCE)
        return pd.Categorical.from_codes(codes, categories=named.categories)


def plan(network: TravelNetwork, scenario: Scenario, place: Place) -> Plan:
    """Find out what a scenario does to a network.

    Parameters
    ----------
    network
        The base, in any mode.
    scenario
        Checked by `zoning.scenarios.content.read`.
    place
        Turns degrees into positions in the network's CRS, (n, 2) metres; it may refuse positions.

    Returns
    -------
    Plan, with the modifications that cannot be used here as its `faults`.
    """
    layout, attributes = network.layout, network.layout.attributes
    faults: list[ScenarioError] = []
    usable = []
    picked: list[tuple[Existing, NDArray[np.intp]]] = []
    for change in scenario.modifications:
        try:
            if isinstance(change, Existing):
                picked.append((change, chosen_edges(layout, attributes, change, place)))
            usable.append(change)
        except InputError as fault:
            faults.append(refused(change.id, fault))
    touched = {change.id: edges.size for change, edges in picked}
    every = np.unique(np.concatenate([edges for _, edges in picked])) if picked else np.empty(0, dtype=np.intp)
    frame = plain(attributes, every, layout.length_m)
    for change, edges in picked:
        try:
            part = changed(layout, frame.loc[edges], change, place)
        except InputError as fault:
            faults.append(refused(change.id, fault))
            continue
        rows = frame.index.get_indexer(pd.Index(edges))
        for name, values in part.items():
            whole = frame[name].to_numpy(copy=True)
            whole[rows] = values
            frame[name] = whole
    new = new_streets(layout, attributes, usable, place)
    for change_id in new.rows["source_id"].unique() if len(new.rows) else ():
        touched[change_id] = int((new.rows["source_id"] == change_id).sum())
    return Plan(scenario, frame, touched, new, (*faults, *new.faults))
