"""Say which corridors are open by a year, and how far around them a question may look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoning.errors import InputError
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

LONGEST_RADIUS_M = 5_000.0


def open_in(corridors: gpd.GeoDataFrame, year: int) -> tuple[gpd.GeoDataFrame, int]:
    """Return the corridors open by the end of `year`, and how many are left out because no year is published.

    A corridor in operation counts as open from its opening year, always where that is not known; one under
    construction or planned from its published opening year, never where there is none.
    """
    operating = corridors["status"].eq("operating")
    unknown = corridors["open_year"].isna()
    is_open = (operating & unknown) | corridors["open_year"].le(year).fillna(value=False).astype(bool)
    return corridors[is_open], int((~operating & unknown).sum())


def checked_radii(radii_m: Sequence[float]) -> list[float]:
    """Return radii around a line or its stations in rising order, each once; InputError for what cannot be asked."""
    if not radii_m or not all(0 < radius <= LONGEST_RADIUS_M for radius in radii_m):
        raise InputError(N_("Give at least one radius, above 0 and at most {most:g} metres."), most=LONGEST_RADIUS_M)
    return sorted(set(radii_m))
