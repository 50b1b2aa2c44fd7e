"""Stations have round them whom one can count by hand, each once a line, and say when their place is a guess."""

import numpy as np
import pytest
import shapely

from tests.data.street_graphs import line_graph
from tests.data.toy_region import ToyRegion, at, frame
from zoning.errors import InputError
from zoning.jobs.stations import StationsRequest, run
from zoning.reach import TravelNetwork
from zoning.scenarios.model import AddLine, Scenario
from zoning.scenarios.region import ScenarioRegion

WALK_S = 100 / (4.3 / 3.6)


class Walkable(ToyRegion):
    """Six nodes 100 m apart as one walks them."""

    def network(self, mode, *, hour=None, day=None, name="strategic"):
        return TravelNetwork.from_graph(line_graph(count=6, step_m=100.0, seconds=WALK_S))


def toy(*nodes):
    line = {"id": "m", "name_vi": "Tuyến", "name_en": "Line", "mode": "metro", "status": "planned", "open_year": 2031,
            "geometry_quality": "osm"}  # fmt: skip
    zones = frame([{"id": "z", "name_vi": "Khu", "name_en": "Zone", "kind": "urban_area", "geometry_quality": "osm"}],
                  [at(3)])  # fmt: skip
    return Walkable(corridors=frame([line], [shapely.LineString([at(node) for node in nodes])]), zones=zones)


def test_people_and_zones_are_counted_by_hand_and_once_a_line():
    # people at nodes 0 to 3: 150, 150, 300, 300; stations at 1 and 2, a walk of 100 and 200 m along the street
    areas = run(StationsRequest(radii_m=(100, 200)), toy(1, 2)).frames["areas"].set_index("radius_m")
    assert areas.loc[100.0, "people"] == 900  # 0 and 1 and 2 and 3: each is 100 m from one of them
    assert areas["zones"].tolist() == [1, 1]
    one = run(StationsRequest(radii_m=(100, 200)), toy(0, 0.5)).frames["areas"].set_index("radius_m")
    assert one.loc[100.0, "people"] == 300
    assert one.loc[200.0, "people"] == 600
    assert one.loc[200.0, "zones"] == 0
    assert one["area_ha"].is_monotonic_increasing


def test_stations_off_the_network_are_counted_and_left_out():
    region = toy(1, 2)
    far = shapely.LineString([at(1), at(2, off_m=5_000)])
    region.layers["corridors"] = region.layers["corridors"].assign(geometry=[far]).set_crs(9210)
    found = run(StationsRequest(), region)
    assert found.frames["areas"]["stations_off"].tolist() == [1, 1]
    assert found.frames["stations"]["on_network"].tolist() == [True, False]
    assert any("too far from a street" in note.text() for note in found.notes)


def test_lines_of_the_region_have_people_round_them_and_a_scenario_adds_one(region):
    found = run(StationsRequest(), region)
    areas = found.frames["areas"].set_index("id")
    assert areas.loc["brt-1000", "people"] > areas.loc["brt-500", "people"] > 0
    assert {"bd-metro-1", "hcmc-metro-1", "rail-di-an-bau-bang"} <= set(areas["corridor"])
    assert any("not published" in note.text() for note in found.notes)
    line = AddLine("new", stops=((106.66, 10.98), (106.68, 11.05)), mode="brt")
    more = run(StationsRequest(), ScenarioRegion(region, Scenario("s", modifications=(line,))))
    added = set(more.frames["areas"]["corridor"]) - set(areas["corridor"])
    assert added == {"scenario:new"}
    assert not np.isnan(more.frames["areas"]["area_ha"].iloc[-1])


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"corridors": ("nowhere",)}, "called nowhere"),
        ({"radii_m": ()}, "at least one radius"),
        ({"radii_m": (0,)}, "at least one radius"),
        ({"radii_m": (float("nan"),)}, "at least one radius"),
        ({"network": "rails"}, "no network"),
    ],
)
def test_what_cannot_be_answered_gets_a_sentence(asked, said):
    with pytest.raises(InputError, match=said):
        run(StationsRequest(**asked), toy(1, 2))
