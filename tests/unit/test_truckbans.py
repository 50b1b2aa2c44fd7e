"""Truck bans close roads at their hours, for trucks alone, and a ban that begins on the way is named."""

import geopandas as gpd
import pytest

from geodata.crs import PLANNING_CRS
from geodata.region import StoreRegion
from geodata.truckbans import add_ban, bans_of, drop_ban
from zoning.errors import InputError
from zoning.jobs import route
from zoning.jobs.route import RouteRequest

BUS_STATION = (106.66886, 10.966375)  # facilities.csv, bus-bd
LAI_UYEN = (106.63231, 11.31778)  # on NR13


pytestmark = pytest.mark.usefixtures("compiled")  # bans change what its streets cost, not the network


def ban_on_nr13(store, **changes):
    corridors = store.layer("corridors")
    line = corridors.loc[corridors["id"] == "nr13", "geometry"].iloc[0]
    row = {
        "id": ["ban-nr13"], "kind": ["road"], "name": ["QL13"], "weight_over_t": [2.5], "weight_upto_t": [None],
        "days": ["mon-sat"], "hours": ["6-9"], "decree": ["made up for this test"], "source": ["this test"],
    }  # fmt: skip
    return gpd.GeoDataFrame(row | changes, geometry=[line], crs=PLANNING_CRS)


def way(store, hour, mode="truck"):
    return route.run(RouteRequest(BUS_STATION, LAI_UYEN, mode=mode, hour=hour, day="mon"), StoreRegion(store))


def test_a_banned_road_is_avoided_at_its_hours_by_trucks_alone(store):
    before = way(store, 7.5)
    assert before.figures["minutes"] > 0
    assert any("No truck ban" in note.text() for note in before.notes)
    car, free = way(store, 7.5, "car"), way(store, 10.0)
    add_ban(store, ban_on_nr13(store))
    banned = way(store, 7.5)
    assert banned.figures["minutes"] > before.figures["minutes"]
    on_nr13 = banned.frames["legs"]["name"].str.contains("Quốc lộ 13", na=False)
    assert banned.frames["legs"].loc[on_nr13, "length_m"].sum() < 1000  # its ends are joined to other roads
    assert way(store, 10.0).figures["minutes"] == free.figures["minutes"]
    assert way(store, 7.5, "car").figures["minutes"] == car.figures["minutes"]
    assert "bans" in banned.run["data"]
    assert banned.run["id"] != before.run["id"]


def test_a_ban_that_begins_on_the_way_is_named(store):
    add_ban(store, ban_on_nr13(store))
    texts = [note.text() for note in way(store, 5.75).notes]
    assert any("QL13" in text and "15 minutes" in text for text in texts)


def test_a_ban_can_be_taken_away(store):
    before = way(store, 7.5).figures["minutes"]
    add_ban(store, ban_on_nr13(store))
    drop_ban(store, "ban-nr13")
    assert bans_of(store).empty
    assert way(store, 7.5).figures["minutes"] == before


@pytest.mark.parametrize("changes", [{"decree": [""]}, {"hours": ["soon"]}, {"kind": ["area"]}, {"days": ["someday"]}])
def test_a_ban_that_cannot_be_applied_is_refused_and_nothing_kept(store, changes):
    with pytest.raises(InputError):
        add_ban(store, ban_on_nr13(store, **changes))
    assert bans_of(store).empty
