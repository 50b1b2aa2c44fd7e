"""Keep the layer of truck bans, and close what they ban on a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.crs import PLANNING_CRS
from zoning.reach.bans import apply_bans, check_bans, empty_bans

if TYPE_CHECKING:
    from geodata.store import Store
    from zoning.reach import TravelNetwork

LAYER = "bans"
TITLES = {
    "title_en": "Truck bans",
    "title_vi": "Cấm xe tải",
    "source": "entered by planners; each ban names its decree and source",
    "licence": "own data",
    "attribution": "",
    "date": "",
    "method": "areas and roads chosen from the layers of the store",
}


def bans_of(store: Store) -> gpd.GeoDataFrame:
    """Return the bans of the store, none where nobody has entered any: the facts hold none."""
    return store.layer(LAYER) if LAYER in store.names() else empty_bans(PLANNING_CRS.to_string())


def add_ban(store: Store, ban: gpd.GeoDataFrame) -> None:
    """Add one ban; InputError if it cannot be applied, ConflictError and StoreError as in `Store.change_layer`."""

    def change(now: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
        rows = ban if now is None or now.empty else gpd.GeoDataFrame(pd.concat([now, ban], ignore_index=True))
        return check_bans(rows)

    store.change_layer(LAYER, change, TITLES)


def drop_ban(store: Store, ban_id: str) -> None:
    """Take one ban away; nothing happens if it is gone already."""
    store.change_layer(LAYER, lambda now: bans_of(store) if now is None else now[now["id"] != ban_id], TITLES)


def banned_costs(
    network: TravelNetwork, costs: pd.DataFrame, bans: gpd.GeoDataFrame, *, hour: float | None, day: str | None,
    weight_t: float,
) -> pd.DataFrame:  # fmt: skip
    """Return the costs of a truck on `network` with the edges closed that `bans` ban at that hour."""
    if bans.empty:
        return costs
    streets = network.streets
    # a street's line once, then each edge its street's: both directions of a banned street are banned
    rows = np.repeat(np.arange(len(streets.offsets) - 1), np.diff(streets.offsets))
    lines = np.asarray(shapely.linestrings(streets.xy, indices=rows))
    return apply_bans(
        costs,
        gpd.GeoSeries(lines[streets.street_of_edge], crs=network.crs),
        bans,
        hour=hour,
        day=day,
        weight_t=weight_t,
    )
