"""Workers, and jobs within reach, by public transport: hand-worked minutes, before and after a scenario's line."""

import geopandas as gpd
import numpy as np
import pytest

from tests.data.street_graphs import CRS
from tests.data.toy_region import frame
from tests.unit.test_transit_region import LINE, SCENARIO, TRIP, Street, at
from zoning.difference import compare
from zoning.errors import InputError, UnknownLayerError
from zoning.gains import by_zone
from zoning.jobs import access, workers
from zoning.parkjobs import WORKERS_A_HA
from zoning.scenarios.model import Scenario
from zoning.scenarios.region import ScenarioRegion
from zoning.transit.patterns import Service, timetables
from zoning.transit.supply import Supply, digest


class Parks(Street):
    """The street with two parks, 20 ha at node 9 and one of unknown area at node 5, and beds at nodes 0 and 7."""

    def __init__(self, supply=None):
        super().__init__(supply)
        about = {"name_vi": ["Chín", "Năm"], "name_en": ["Nine", "Five"], "kind": ["industrial_park"] * 2,
                 "status": ["operating"] * 2, "geometry_quality": ["osm"] * 2, "place": ["centre"] * 2}  # fmt: skip
        self.layers["zones"] = frame({"id": ["z9", "z5"], "area_ha": [20.0, np.nan]} | about, [at(9), at(5)])
        self.layers["beds"] = frame({"id": ["b0", "b7"], "beds": [40, 40]}, [at(0), at(7)])

    def layer(self, name):
        if name not in self.layers:
            raise UnknownLayerError("There is no layer {name}.", name=name)
        return self.layers[name]


def shifts(**more):
    fields = {"park": "z9", "shifts": ((9.0, 60), (21.0, 60)), "housing": "beds", "housing_field": "beds",
              "minutes": 40.0, "mode": "transit"}  # fmt: skip
    return workers.WorkersRequest(**(fields | more))


def test_workers_come_by_the_line_of_a_scenario_while_it_runs():
    found = compare(workers, shifts(), Parks(), ScenarioRegion(Parks(), SCENARIO))
    before, after = (one.figures["housing"]["assigned"] for one in (found.before, found.after))
    assert (before, after) == (40, 80)  # on foot from node 7 alone, 20 minutes; by bus from node 0 as well
    pairs = found.after.frames["assigned"].set_index(["hour", "id"])["minutes"]
    assert pairs[9.0, "b0"] == pytest.approx(TRIP)
    assert (21.0, "b0") not in pairs  # the last bus is gone at 20:00
    assert found.after.run["transit"]["lines"] == ["scenario:bus"]
    assert "transit" in found.after.run["data"]
    assert any("arrive before their shift begins" in note.text() for note in found.after.notes)
    assert "transit" not in workers.run(shifts(mode="walk"), Parks()).run
    with pytest.raises(InputError, match="window_min needs a number"):
        workers.run(shifts(transit="window_min=soon"), Parks())


def test_by_timetable_workers_are_there_before_their_shift():
    """The only bus arrives at 8:45: it serves the shift that begins at 9:00, not the one at 8:30."""
    places = gpd.GeoDataFrame({"id": ["a", "b"], "name_vi": ["a", "b"], "name_en": ["a", "b"], "park": False},
                              geometry=[at(0), at(9)], crs=CRS)  # fmt: skip
    times = np.array([[510.0, 525.0]]) * 60  # 8:30 to 8:45
    bus = Supply(places, tuple(timetables(Service("t", "t", "t"), np.array([0, 1]), times, times)), "", digest("t"))
    request = shifts(shifts=((9.0, 40), (8.5, 40)), transit="window_min=15,every_min=15,percentile=99")
    pairs = workers.run(request, Parks(bus)).frames["assigned"].set_index(["hour", "id"])["minutes"]
    # who has to be there at 8:45 leaves home at 8:30, and so does who has until 9:00
    assert pairs[9.0, "b0"] == pytest.approx(30.0)
    assert (8.5, "b0") not in pairs


@pytest.mark.parametrize("minutes", [30.0, 32.0, 60.0])
def test_jobs_within_reach_by_public_transport_before_and_after_a_line(minutes):
    request = access.AccessRequest(to="park_jobs", measure="cumulative", minutes=minutes, mode="transit", hour=9.0)
    found = compare(access, request, Parks(), ScenarioRegion(Parks(), SCENARIO))
    jobs = 20 * WORKERS_A_HA
    walked = int(minutes // 10) + 1  # homes that reach node 9 on foot
    # after: all homes from node 2 on, and of the others those whose trip by bus is short enough
    by_bus = {0: TRIP, 1: TRIP - 10, 2: TRIP, 3: TRIP + 10}
    ridden = sum(spent <= minutes for home, spent in by_bus.items() if 9 - home >= walked)
    assert [float(one.frames["points"]["value"].sum()) for one in (found.before, found.after)] == [
        walked * jobs, (walked + ridden) * jobs]  # fmt: skip
    # who can work in the park: its labour catchment
    reach = [one.frames["facilities"].set_index("id")["people_reached"]["z9"] for one in (found.before, found.after)]
    assert reach == [100 * walked, 100 * (walked + ridden)]
    assert found.after.figures["places_left_out"] == {"no_capacity": 1}
    assert any("estimated at 100 a hectare" in note.text() for note in found.after.notes)
    assert set(found.after.run["data"]) >= {"zones", "transit"}
    assert "park_jobs" not in found.after.run["data"]
    zones = by_zone(Parks(), found.before.frames["points"], found.after.frames["points"]).set_index("id")
    assert zones.loc["z9", "change"] == 0


def test_a_planners_own_layer_of_that_name_goes_first():
    region = Parks()
    region.layers["park_jobs"] = frame({"id": ["own"], "jobs": [7.0]}, [at(4)])
    request = access.AccessRequest(to="park_jobs", measure="cumulative", minutes=5, mode="walk")
    assert access.run(request, region).frames["facilities"]["capacity"].tolist() == [7.0]
    assert ScenarioRegion(Parks(), Scenario(id="s", modifications=(LINE,))).transit().services[0].id == "scenario:bus"
