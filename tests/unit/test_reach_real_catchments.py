"""Hold catchments in the real streets of Di An to the exact buffered reach, where the extract is at hand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geodata.crs import lonlat_to_planning
from geodata.osm import street_graph
from geodata.osmfile import read_streets
from tests.data.street_lines import stretches
from zoning.reach import MODES, TravelNetwork, catchment
from zoning.reach.modes import travel_costs

BOX = (106.70, 10.86, 106.81, 10.94)
ORIGINS = {"Di An": (106.769, 10.906), "Lai Thieu": (106.715, 10.905), "the national university": (106.802, 10.876)}
LIMITS = {"walk": [5.0, 10.0, 15.0], "motorbike": [1.0, 4.0]}
CASES = [
    ("walk", "Di An", False),
    ("walk", "Lai Thieu", False),
    ("walk", "the national university", True),
    ("motorbike", "Di An", True),
    ("motorbike", "Lai Thieu", False),
]


@pytest.fixture(scope="module")
def networks(shared):
    path = shared / "realdata" / "osm-hcmc-south-binhduong-2018" / "hcm_2018.osm.pbf"
    if not path.is_file():
        pytest.skip("the real extract is not here")
    graph, _ = street_graph(read_streets(path), bbox=BOX, margin_m=0)
    base = TravelNetwork.from_graph(graph)
    table = base.attributes.assign(length_m=base.edges["length_m"])
    made = {}
    for name in LIMITS:
        costs = travel_costs(table, MODES[name], hour=None, day=None)
        made[name] = base.recost(costs["seconds"], mode=name, snap_limit_m=MODES[name].snap_limit_m)
    return made


@pytest.mark.parametrize(("mode", "place", "arrive"), CASES)
def test_rings_in_real_streets_are_exact_to_a_hundredth(networks, mode, place, arrive):
    network = networks[mode]
    east, north = lonlat_to_planning(*(np.array([value]) for value in ORIGINS[place]))
    origin = gpd.GeoSeries(shapely.points(east, north), crs=network.crs)
    limits = LIMITS[mode]
    rings = catchment(network, origin, limits, arrive)
    assert rings["reachable_km"].is_monotonic_increasing
    for inner, outer in zip(rings.geometry, rings.geometry[1:], strict=False):
        assert inner.difference(outer).area <= 1e-6
    reaches = network.street_reach(origin, limits, arrive)
    for ring, reach in zip(rings.itertuples(), reaches, strict=True):
        assert ring.geometry.is_valid
        # buffered in one go: lines that GEOS has merged need fewer arcs
        truth = shapely.buffer(shapely.union_all(stretches(network.streets, reach)), network.walk_off_m, quad_segs=16)
        common = ring.geometry.intersection(truth).area
        missed, false = 100 * (1 - common / truth.area), 100 * (ring.geometry.area - common) / truth.area
        assert common / ring.geometry.union(truth).area >= 0.98
        assert max(missed, false) <= 1
        # the certificate, within four standard errors: 4,000 points and more
        assert abs(ring.missed_pct - missed) <= 0.4
        assert abs(ring.false_pct - false) <= 0.4
