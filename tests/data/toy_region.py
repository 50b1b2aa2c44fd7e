"""Build a region small enough for sums by hand: one street of six nodes a minute apart, three wards, four places."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import shapely

from tests.data.street_graphs import CRS, EAST, NORTH, line_graph
from zoning.errors import UnknownLayerError
from zoning.reach import TravelNetwork

PEOPLE = {"a": 300.0, "b": 600.0, "c": None}


def box(first, last):
    """Return the land round the nodes from `first` to `last`."""
    return shapely.box(EAST + first * 100 - 50, NORTH - 500, EAST + last * 100 + 50, NORTH + 500)


def at(node, off_m=0.0):
    return shapely.Point(EAST + node * 100, NORTH + off_m)


def frame(rows, geometry):
    return gpd.GeoDataFrame(pd.DataFrame(rows), geometry=geometry, crs=CRS)


class ToyRegion:
    """Wards a (nodes 0, 1; 300 people), b (2, 3; 600) and c (4, 5; unknown); communes west (0-2) and east (3-5)."""

    def __init__(self, **layers):
        wards = [
            {"id": i, "name_vi": f"Phường {i}", "name_en": f"{i} Ward", "population": p} for i, p in PEOPLE.items()
        ]
        communes = [{"id": i, "name_vi": f"Xã {i}", "name_en": f"{i} Commune"} for i in ("west", "east")]
        self.layers = {
            "wards_2025": frame(wards, [box(0, 1), box(2, 3), box(4, 5)]),
            "communes_until_2025": frame(communes, [box(0, 2), box(3, 5)]),
            "facilities": frame(
                {
                    "id": ["h0", "h3", "far", "none", "soon"],
                    "name_vi": ["Không", "Ba", "Xa", "Chưa rõ", "Sắp có"],
                    "name_en": ["Zero", "Three", "Far", "Nowhere", "Soon"],
                    "kind": ["hospital"] * 5,
                    "status": ["operating"] * 4 + ["planned"],
                    "beds": [90.0, 60.0, 10.0, 10.0, 10.0],
                    "geometry_quality": ["osm", "osm", "osm", "none", "osm"],
                },
                [at(0), at(3), at(5, off_m=5_000), None, at(5)],
            ),
            "population": frame([{"id": "p", "unit": "a"}], [None]),
        } | layers
        self.graph = line_graph(count=6, step_m=100.0, seconds=60.0)

    def layer(self, name):
        if name not in self.layers:
            raise UnknownLayerError("There is no layer {name}.", name=name)
        return self.layers[name]

    def network(self, mode, *, hour=None, day=None, name="strategic"):
        return TravelNetwork.from_graph(self.graph)

    def network_for(self, points):
        return "strategic"

    def demand(self, name):
        unit = ["a", "a", "b", "b", "c", "c"]
        people = [150.0, 150.0, 300.0, 300.0, None, None]
        rows = {"node": range(6), "unit_id": unit, "people": pd.array(people, dtype="Float64")}
        return frame(rows, [at(node) for node in range(6)])

    def points(self, lonlat):
        return gpd.GeoSeries([at(lon) for lon, _ in lonlat], crs=CRS)  # a toy's degrees are its nodes

    def fingerprint(self, name):
        return f"print of {name}"
