"""Say which corridors are open by a year."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import geopandas as gpd


def open_in(corridors: gpd.GeoDataFrame, year: int) -> tuple[gpd.GeoDataFrame, int]:
    """Return the corridors open by the end of `year`, and how many are left out because no year is published.

    A corridor in operation counts as open from its opening year, always where that is not known; one under
    construction or planned from its published opening year, never where there is none.
    """
    operating = corridors["status"].eq("operating")
    unknown = corridors["open_year"].isna()
    is_open = (operating & unknown) | corridors["open_year"].le(year).fillna(value=False).astype(bool)
    return corridors[is_open], int((~operating & unknown).sum())
