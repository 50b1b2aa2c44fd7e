"""Apply a scenario to a network: recost what changes, extend by what is new; the base stays as it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from zoning.errors import InputError
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
        """Return the network with the scenario as a mode travels it; `base` is the same network without it.

        Only the edges that the scenario touches are costed again; everything else is shared with the base.
        """
        if not len(self.edges) and not len(self.new.rows):
            return base
        old_s, source = base.costs.edge_seconds, base.speed_source
        changed_s = self._seconds(old_s, mode, hour, day) if len(self.edges) else old_s
        rows, network, new_s = self.new.rows, base, np.empty(0)
        if len(rows):
            # what it costs one way: both ways alike
            one_way_s = travel_costs(self.new.about, mode, hour=hour, day=day)["seconds"].to_numpy()
            new_s = np.repeat(one_way_s, np.where(rows["both_ways"].to_numpy(dtype=bool), 2, 1))
            if self._extended is None or self._extended.layout.base is not base.layout:
                self._extended = base.extend(rows.assign(seconds=one_way_s))
            network = self._extended.recost(
                np.concatenate([old_s, new_s]), mode=base.mode, snap_limit_m=base.snap_limit_m
            )
        if source is not None:
            different = np.concatenate([old_s != changed_s, np.ones(new_s.size, dtype=bool)])
            source = _from_scenario(source, different)
        # a point keeps its street even where that is closed: it must not gain by being moved to another
        return network.recost(
            np.concatenate([changed_s, new_s]), speed_source=source, mode=base.mode, snap_limit_m=base.snap_limit_m,
            keep_snaps=bool(len(self.edges)),
        )  # fmt: skip

    def _seconds(
        self, old_s: NDArray[np.float64], mode: Mode, hour: float | None, day: str | None
    ) -> NDArray[np.float64]:
        edges = self.edges.index.to_numpy()
        found = travel_costs(self.edges, mode, hour=hour, day=day)["seconds"].to_numpy()
        opened = np.array([mode.name in names.split() for names in self.edges["opened"].tolist()], dtype=bool)
        seconds = old_s.copy()
        # what a ban or a closure of the base keeps shut stays shut, unless the scenario opens it
        seconds[edges] = np.where(np.isinf(old_s[edges]) & ~opened, np.inf, found)
        return np.asarray(seconds)


def _from_scenario(source: pd.Categorical, different: NDArray[np.bool_]) -> pd.Categorical:
    """Return where speeds come from, the scenario where they are `different`; further edges follow the old ones."""
    names = sorted({*source.categories, SOURCE})
    known = np.array([*(names.index(name) for name in source.categories), -1], dtype=np.int8)  # code -1: not known
    codes = np.full(different.size, names.index(SOURCE), dtype=np.int8)
    codes[: len(source)] = np.where(different[: len(source)], codes[: len(source)], known[source.codes])
    return pd.Categorical.from_codes(codes, categories=pd.Index(names, dtype=object))


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
    held = plain(attributes, every, layout.length_m)
    for change, edges in picked:
        rows = np.searchsorted(every, edges)
        try:
            part = changed(layout, edges, {name: values[rows] for name, values in held.items()}, change, place)
        except InputError as fault:
            faults.append(refused(change.id, fault))
            continue
        for name, values in part.items():
            held[name][rows] = values
    new = new_streets(layout, attributes, usable, place)
    for change_id in new.rows["source_id"].unique() if len(new.rows) else ():
        touched[change_id] = int((new.rows["source_id"] == change_id).sum())
    frame = pd.DataFrame(held, index=pd.Index(every, name="edge"))
    return Plan(scenario, frame, touched, new, (*faults, *new.faults))
