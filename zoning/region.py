"""Say what a job may ask of the region it runs on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

    from zoning.reach import TravelNetwork
    from zoning.transit.supply import Supply


class Region(Protocol):
    """The data behind a job; `geodata.region` fulfils it from the store."""

    def layer(self, name: str) -> gpd.GeoDataFrame:
        """Return a layer in the planning CRS (metres), to be read only; UnknownLayerError if there is none."""
        ...

    def network(
        self, mode: str, *, hour: float | None = None, day: str | None = None, name: str, transit: str = ""
    ) -> TravelNetwork:
        """Return the network `name` (strategic, streets) as `mode` travels it at `hour`.

        For modes of public transport, `transit` holds their settings (see `zoning.transit.settings.parse`).
        """
        ...

    def transit(self, day: str | None = None) -> Supply:
        """Return what public transport runs on a day, None for a working day."""
        ...

    def network_for(self, points: gpd.GeoSeries) -> str:
        """Name the most detailed network that covers every point: streets where they do, else strategic."""
        ...

    def demand(self, name: str) -> gpd.GeoDataFrame:
        """Return the people of the wards as points on network `name`: people, unit_id, geometry (planning CRS)."""
        ...

    def points(self, lonlat: Sequence[tuple[float, float]]) -> gpd.GeoSeries:
        """Return positions in degrees as points in the planning CRS; InputError outside the study area."""
        ...

    def fingerprint(self, name: str) -> str:
        """Return a hash of what a layer or network is made of: equal data, equal hash."""
        ...
