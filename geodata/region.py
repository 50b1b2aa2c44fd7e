"""Answer what jobs ask of the region from the store: layers, networks as each mode travels them, and people."""

from __future__ import annotations

import hashlib
import logging
import math
import threading
from collections import OrderedDict
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from geodata.compiling import compile_aside
from geodata.crs import PLANNING_CRS, STUDY_ENVELOPE, in_study_area, lonlat_to_planning
from geodata.embedded import code_fingerprint
from geodata.people import LAYER as PEOPLE
from zoning.errors import InputError, NetworkError
from zoning.pace import held, untimed
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import networkx as nx
    import numpy as np
    from numpy.typing import NDArray
    from shapely import Geometry

    from geodata.store import Store
    from geodata.strategic import StrategicSettings
    from zoning.reach import TravelNetwork
    from zoning.transit.supply import Supply

_log = logging.getLogger(__name__)

STRATEGIC, STREETS, TRANSIT = "strategic", "streets", "transit"
NETWORKS = (STRATEGIC, STREETS)
_MADE_OF = {STRATEGIC: ("corridors", "wards_2025"), STREETS: (STREETS, "corridors", "wards_2025")}
"""The layers that a network is compiled from: where streets end, the strategic network goes on."""
_MODULES = ("strategic", "corridor_parts", "lattice_parts", "streetparts", "streets", "streetlayer", "joined", "joints",
            "coverage")  # fmt: skip
"""The code that makes street graphs: where it or the engine has changed, a network in the cache is an old one."""
_KEPT_RECOSTS = 8
"""Networks by mode and hour kept in memory: each holds its own costs, some megabytes, and shares all the rest."""
_KEPT_FILES = 3
_KEPT_DAYS = 8


class StoreRegion:
    """The region of one store, shared by all sessions: safe between threads, and nothing it hands out is changed."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._guard = threading.Lock()  # the dicts below, for a moment
        # slow things, which are made once; never taken while holding the guard
        self._work = {name: threading.RLock() for name in (*NETWORKS, "area")}
        self._bases: dict[str, tuple[str, TravelNetwork]] = {}
        self._recosts: OrderedDict[tuple[object, ...], TravelNetwork] = OrderedDict()
        self._supplies: OrderedDict[tuple[str, str | None], Supply] = OrderedDict()
        self._demand: dict[str, tuple[str, gpd.GeoDataFrame]] = {}
        self._area: dict[str, Geometry] = {}

    def layer(self, name: str) -> gpd.GeoDataFrame:
        """Return a layer in the planning CRS (metres); UnknownLayerError if there is none."""
        return self.store.layer(name)

    def fingerprint(self, name: str) -> str:
        """Return a hash of what a layer or network is made of: equal data, equal hash."""
        if name == "population" and PEOPLE in self.store.names():  # a planner's own figures count before it
            return _hash(self.store.fingerprint(name), self.store.fingerprint(PEOPLE))
        if name == TRANSIT:
            return self._transit_mark()
        if name not in _MADE_OF:
            return self.store.fingerprint(name)
        return _hash(name, repr(_settings()), *(self.store.fingerprint(layer) for layer in _MADE_OF[name]))

    def network(
        self,
        mode: str,
        *,
        hour: float | None = None,
        day: str | None = None,
        name: str = STRATEGIC,
        transit: str = "",
    ) -> TravelNetwork:
        """Return a network as a mode travels it.

        Parameters
        ----------
        mode
            A name in `zoning.transit.modes.EVERY_MODE`.
        hour, day
            Time of travel, hour in 0..24 and day such as "mon"; None for an empty road and a working day.
        name
            `strategic` or `streets`.
        transit
            Settings of public transport, as `zoning.transit.settings.parse` reads them; for its modes.

        Raises
        ------
        InputError
            There is no such mode, hour, day or setting.
        NetworkError
            There is no such network, or no streets have been loaded.
        """
        # the engine brings scipy, which who only builds a store does not wait for
        from geodata.truckbans import LAYER, banned_costs, bans_of
        from zoning.reach import MODES
        from zoning.reach.bans import TRUCK_MASS_T
        from zoning.reach.modes import travel_costs
        from zoning.transit.modes import EVERY_MODE, TRANSIT_MODES, transit_network

        if mode not in EVERY_MODE:
            raise InputError(
                N_("There is no way to travel called {mode}. There are: {modes}"),
                mode=mode,
                modes=", ".join(EVERY_MODE),
            )
        if mode in TRANSIT_MODES:
            return transit_network(self, mode, hour=hour, day=day, name=name, transit=transit)
        self._check(name)
        bans = bans_of(self.store) if mode == "truck" else None
        mark = self.store.fingerprint(LAYER) if bans is not None and len(bans) else ""
        key = (name, self.fingerprint(name) + mark, mode, hour, day)
        with self._guard:
            if key in self._recosts:
                self._recosts.move_to_end(key)
                return self._recosts[key]
        base, chosen = self._base(name), MODES[mode]
        edges = base.attributes.assign(length_m=base.edges["length_m"])
        costs = travel_costs(edges, chosen, hour=hour, day=day)
        if bans is not None:
            costs = banned_costs(base, costs, bans, hour=hour, day=day, weight_t=TRUCK_MASS_T)
        made = base.recost(
            costs["seconds"].to_numpy(),
            speed_source=costs["speed_source"],
            mode=chosen.name,
            snap_limit_m=chosen.snap_limit_m,
        )
        with self._guard:
            self._recosts[key] = made
            while len(self._recosts) > _KEPT_RECOSTS:
                self._recosts.popitem(last=False)
        return made

    def transit(self, day: str | None = None) -> Supply:
        """Return what runs on a day (None: a working day): a timetable where one is loaded, else lines by headway."""
        from geodata.transit import supply_of

        key = (self._transit_mark(), day)
        with self._guard:
            kept = self._supplies.get(key)
        if kept is None:
            kept = supply_of(self.store, day)
            with self._guard:
                self._supplies[key] = kept
                while len(self._supplies) > _KEPT_DAYS:
                    self._supplies.popitem(last=False)
        return kept

    def _transit_mark(self) -> str:
        from geodata.transit import supply_mark

        return supply_mark(self.store)

    def prepare(self, name: str = STRATEGIC) -> None:
        """Compile a network and keep it beside the store, and load what draws, so that no first catchment waits."""
        from zoning.reach.kernels import load

        self._check(name)
        self._base(name)
        load()

    def network_for(self, points: gpd.GeoSeries) -> str:
        """Name the most detailed network that covers every point: streets where they do, else strategic."""
        if STREETS not in self.store.names():
            return STRATEGIC
        from geodata.streets import streets_area

        mark = self.store.fingerprint(STREETS)
        with held(self._work["area"]):
            if mark not in self._area:
                self._area = {mark: streets_area(self.layer(STREETS))}
            area = self._area[mark]
        return STREETS if bool(points.covered_by(area).all()) else STRATEGIC

    def demand(self, name: str) -> gpd.GeoDataFrame:
        """Return the people of the wards as points on a network: node, unit_id, people, geometry (planning CRS).

        Sums of each ward are kept; `people` is null where a ward's population is not known.
        """
        from geodata.demand import spread_people
        from geodata.lattice_parts import FIRST_ID
        from geodata.people import with_own_people

        self._check(name)
        mark = _hash(*(self.fingerprint(part) for part in (name, "wards_2025", "population")))
        with held(self._work[name]):
            kept = self._demand.get(name)
            if kept is None or kept[0] != mark:
                network = self._base(name)
                geometry = gpd.points_from_xy(network.node_xy[:, 0], network.node_xy[:, 1], crs=network.crs)
                every = gpd.GeoDataFrame({"node": network.node_ids}, geometry=geometry)
                if name == STRATEGIC:  # people live off the main roads: they stand on the lattice points
                    points = every[every["node"] <= -FIRST_ID]
                else:
                    points = every.assign(weight=_street_m(network))
                wards, people = self.layer("wards_2025"), self.layer("population")
                spread = spread_people(points.reset_index(drop=True), wards, people, elsewhere=every)
                if PEOPLE in self.store.names():
                    spread = with_own_people(spread, self.layer(PEOPLE), wards)
                kept = mark, spread
                self._demand[name] = kept
            return kept[1].copy(deep=False)

    def points(self, lonlat: Sequence[tuple[float, float]]) -> gpd.GeoSeries:
        """Return positions in degrees as points in the planning CRS; InputError outside the study area."""
        west, south, east, north = STUDY_ENVELOPE
        for lon, lat in lonlat:
            if not (math.isfinite(lon) and math.isfinite(lat) and in_study_area(lon, lat)):
                raise InputError(
                    N_(
                        "The point {lon}, {lat} lies outside the study area (longitude {west} to {east}, latitude "
                        "{south} to {north}). Longitude comes first."
                    ),
                    lon=lon,
                    lat=lat,
                    west=west,
                    east=east,
                    south=south,
                    north=north,
                )
        lon_lat = pd.DataFrame(list(lonlat), columns=["lon", "lat"], dtype=float)
        return gpd.GeoSeries(gpd.points_from_xy(*lonlat_to_planning(lon_lat["lon"], lon_lat["lat"])), crs=PLANNING_CRS)

    def _check(self, name: str) -> None:
        if name not in NETWORKS:
            raise NetworkError(
                N_("There is no network {name}. The networks are: {names}"), name=name, names=", ".join(NETWORKS)
            )
        if name == STREETS and STREETS not in self.store.names():
            raise NetworkError(
                N_(
                    "No streets have been loaded into the store yet. Load an OpenStreetMap file on the Data page, or "
                    "use the strategic network."
                )
            )

    def _base(self, name: str) -> TravelNetwork:
        """Return the compiled network of a name: from memory, from the cache beside the store, or built anew."""
        mark = self.fingerprint(name)
        with held(self._work[name]), untimed():  # compiling is for everybody, and kept
            kept = self._bases.get(name)
            if kept is None or kept[0] != mark:
                kept = mark, self._load(name, mark)
                self._bases[name] = kept
            return kept[1]

    def _load(self, name: str, mark: str) -> TravelNetwork:
        from zoning.reach import TravelNetwork

        file = self._file(name, mark)
        if not file.exists():
            compile_aside(self.store.path, name, file, self.store.address)
        if file.exists():
            try:
                return TravelNetwork.load(file)
            except NetworkError as error:  # of another version, or damaged: it is only a cache
                _log.warning("compiling network %s again: %s", name, error)
        return self.compile(name, file)

    def _file(self, name: str, mark: str) -> Path:
        return self.store.networks_dir / f"{name}-{mark}-{_code()}.npz"

    def compile(self, name: str, file: Path) -> TravelNetwork:
        """Make a network from the layers and keep it in a file, where it can be written."""
        from zoning.reach import TravelNetwork

        network = TravelNetwork.from_graph(self._graph(name))
        network.surface()  # what polygons are drawn on belongs to the file: it takes longer than all the rest
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            network.save(file)
            _tidy(file.parent, name)
        except OSError as error:
            _log.warning("network %s is not kept for the next start: %s", name, error)
        return network

    def _graph(self, name: str) -> nx.MultiDiGraph:
        from geodata.strategic import strategic_graph

        strategic = strategic_graph(self.layer("corridors"), self.layer("wards_2025"), _settings())
        if name == STRATEGIC:
            return strategic
        from geodata.streets import joined_streets

        return joined_streets(self.layer(STREETS), strategic)[0]


@cache
def _code() -> str:
    return code_fingerprint("geodata", *_MODULES) + code_fingerprint("zoning.reach")


def _settings() -> StrategicSettings:
    from geodata.strategic import StrategicSettings

    return StrategicSettings()


def _tidy(folder: Path, name: str) -> None:
    """Keep the newest files of a network: each change of data or code leaves one behind."""
    files = sorted(folder.glob(f"{name}-*.npz"), key=lambda file: file.stat().st_mtime)
    for old in files[:-_KEPT_FILES]:
        with suppress(OSError):
            old.unlink()


def _street_m(network: TravelNetwork) -> NDArray[np.float64]:
    """Return the metres of street that people live on at each node: any street that may be walked."""
    from zoning.reach.demand import street_length_at_nodes

    edges = network.edges
    place = pd.Series(range(len(network.node_ids)), index=network.node_ids)
    walked = network.attributes["allow_walk"].to_numpy(dtype=bool)
    return street_length_at_nodes(
        edges["u"].map(place), edges["v"].map(place), edges["length_m"].where(walked, 0.0), len(place)
    )


def _hash(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]
