"""Build the strategic network: operating corridors, and a lattice of local connectors where no street is known."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from geodata.corridor_parts import corridor_parts
from geodata.demand import known_units, lattice_demand
from geodata.lattice_parts import join_parts, lattice_parts
from geodata.streetparts import StreetParts, largest_part, to_graph, together
from zoning.errors import InputError, NetworkError
from zoning.text import N_

if TYPE_CHECKING:
    import geopandas as gpd
    import networkx as nx

__all__ = [
    "SETTING_REASONS",
    "StrategicSettings",
    "corridor_graph",
    "known_units",
    "lattice_demand",
    "lattice_graph",
    "strategic_graph",
]

NAME = "strategic"
WALK_OFF_M = 300.0


@dataclass(frozen=True)
class StrategicSettings:
    """What the strategic network assumes where no street is known; shown to planners with `SETTING_REASONS`."""

    lattice_m: float = 500.0
    cut_m: float = 400.0
    join_m: float = 500.0
    local_kmh: float = 25.0
    local_detour: float = 1.0

    def __post_init__(self) -> None:
        """Refuse what would build a plausible but wrong network.

        Raises
        ------
        InputError
            A setting is not a positive number, or the detour is shorter than the straight line.
        """
        for field in fields(self):
            value = getattr(self, field.name)
            if not math.isfinite(value) or value <= 0:
                raise InputError(
                    N_("The setting {setting} must be a positive number, not {value}."), setting=field.name, value=value
                )
        if self.local_detour < 1:
            raise InputError(N_("The detour factor must be 1 or more, not {value}."), value=self.local_detour)
        if self.lattice_m < 50:
            raise InputError(N_("The lattice must be 50 m or wider, not {value} m."), value=self.lattice_m)


SETTING_REASONS = {
    "lattice_m": N_(
        "Distance of the local connectors: more than 60 points in the smallest ward, 11,000 in the province."
    ),
    "cut_m": N_("Longest piece of a corridor: shorter than the lattice, so that no connector passes a road unjoined."),
    "join_m": N_("How far a corridor may lie from the local connector that joins it; expressways are not joined."),
    "local_kmh": N_(
        "Speed of motor vehicles on local connectors: an assumption; scheduled buses run at 17 to 26 km/h here."
    ),
    "local_detour": N_(
        "Length of a local connector over its straight line: 1, because going along two directions of a lattice is"
        " 1.27 times the straight line on average already."
    ),
}
"""Why each setting has its value."""


def corridor_graph(
    corridors: gpd.GeoDataFrame, wards: gpd.GeoDataFrame, settings: StrategicSettings | None = None
) -> nx.MultiDiGraph:
    """Return the operating corridors alone as a street graph, cut but without the lattice."""
    chosen = settings or StrategicSettings()
    crs = _common_crs(corridors, wards)
    return to_graph(
        corridor_parts(corridors, wards, cut_m=chosen.cut_m), crs=crs, name="corridors", walk_off_m=WALK_OFF_M
    )


def lattice_graph(wards: gpd.GeoDataFrame, settings: StrategicSettings | None = None) -> nx.MultiDiGraph:
    """Return the lattice of local connectors alone as a street graph."""
    chosen = settings or StrategicSettings()
    return to_graph(_lattice(wards, chosen), crs=_common_crs(wards), name="lattice", walk_off_m=WALK_OFF_M)


def strategic_graph(
    corridors: gpd.GeoDataFrame, wards: gpd.GeoDataFrame, settings: StrategicSettings | None = None
) -> nx.MultiDiGraph:
    """Return the strategic network of the region, one connected street graph.

    Parameters
    ----------
    corridors
        Layer `corridors`: id, name_vi, mode, status, road_class, free_speed_kmh, lanes, lines. Only roads and
        expressways in operation are taken.
    wards
        Layer `wards_2025`: name_vi, polygons, in the same projected CRS.
    settings
        What is assumed; None for the defaults.

    Returns
    -------
    MultiDiGraph in the CRS of the layers, every street as two edges, no edge curved. Its graph attributes say crs,
    name, walk_off_m, settings and `left_out_nodes`: how many lattice points are cut off from the rest and left out.

    Raises
    ------
    NetworkError
        No common projected CRS, or no road in operation is drawn.
    """
    chosen = settings or StrategicSettings()
    crs = _common_crs(corridors, wards)
    roads = corridor_parts(corridors, wards, cut_m=chosen.cut_m)
    lattice = _lattice(wards, chosen)
    joins = join_parts(
        roads,
        lattice,
        wards,
        join_m=chosen.join_m,
        local_kmh=chosen.local_kmh,
        local_detour=chosen.local_detour,
    )
    whole, left_out = largest_part(together([roads, lattice, joins]))
    return to_graph(whole, crs=crs, name=NAME, walk_off_m=WALK_OFF_M, settings=chosen, left_out_nodes=left_out)


def _lattice(wards: gpd.GeoDataFrame, settings: StrategicSettings) -> StreetParts:
    return lattice_parts(
        wards, lattice_m=settings.lattice_m, local_kmh=settings.local_kmh, local_detour=settings.local_detour
    )


def _common_crs(*layers: gpd.GeoDataFrame) -> str:
    """Return the projected CRS of the layers, as an authority code where it has one."""
    crs = layers[0].crs
    if crs is None or not crs.is_projected or any(layer.crs != crs for layer in layers):
        raise NetworkError(N_("Corridors and wards must have one projected coordinate system."))
    return str(crs.to_string())
