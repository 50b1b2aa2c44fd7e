"""What zones hold and need, worked by hand from the code's figures."""

import math

import geopandas as gpd
import pytest
import shapely

from zoning.capacity import (
    density_per_ha,
    floor_area_m2,
    industrial_needs,
    jobs,
    largest_floor_area_m2,
    people_range,
    residential_needs,
)
from zoning.errors import InputError
from zoning.land_use import USES, balance, balance_table, categories, category, code_column, colour

CRS = "EPSG:9210"


def test_an_industrial_park_of_100_ha():
    needs = {one.what: one for one in industrial_needs(100)}
    assert needs["water"].amount == pytest.approx(1_200)  # 20 m3 on 60 of 100 ha
    assert needs["power"].amount == pytest.approx(20_000)  # 200 kW/ha
    assert needs["waste"].amount == pytest.approx(30)  # 0.3 t/ha
    assert industrial_needs(100, "heavy industry")[1].amount == pytest.approx(35_000)
    assert jobs(700) == 35_000


def test_ten_thousand_residents():
    needs = {one.what: one.amount for one in residential_needs(10_000, "I")}
    assert needs["water"] == pytest.approx(10_000 * 0.080 * 1.18)
    assert needs["power"] == pytest.approx(7_000)  # 700 W each
    assert needs["waste"] == pytest.approx(13)  # 1.3 kg each
    assert residential_needs(10_000, "special")[1].amount == pytest.approx(8_000)


def test_a_residential_unit_by_its_land_a_person():
    fewest, most = people_range(28, "I")  # 15 to 28 m2 a person
    assert (fewest, most) == pytest.approx((10_000, 18_666.67))
    assert people_range(28, "special") == people_range(28, "I")


def test_floor_area():
    assert floor_area_m2(1_000, 7) == 7_000
    assert density_per_ha(500, 10) == 50
    plain = largest_floor_area_m2(3_000, 28)
    assert plain == pytest.approx(3_000 * 7.2)
    assert largest_floor_area_m2(3_000, 28, near_station=True) == pytest.approx(1.5 * plain)


@pytest.mark.parametrize("bad", [0, -1, math.nan, math.inf])
def test_areas_that_are_none_are_refused(bad):
    with pytest.raises(InputError):
        industrial_needs(bad)
    with pytest.raises(InputError):
        density_per_ha(1, bad)


def test_unknown_industries_and_classes_are_refused():
    with pytest.raises(InputError):
        industrial_needs(1, "alchemy")
    with pytest.raises(InputError):
        residential_needs(1, "VII")


def test_every_category_has_names_and_a_use():
    assert len(categories()) == 154
    for one in categories():
        assert one.use in USES
        assert one.name_vi
        assert one.name_en
        assert not one.colour or (one.colour.startswith("#") and len(one.colour) == 7)
    assert category("dgt").use == "roads"
    assert category("DKV").system == "inventory_2024"
    assert colour("DGT") == "#ffaa32"
    with pytest.raises(InputError):
        category("DKC")  # found in no list


def test_a_balance_counts_each_ground_once_and_adds_up():
    area = shapely.box(0, 0, 1000, 1000)
    land = gpd.GeoDataFrame(
        {"Mã đất": ["DGT", "ODT", "ODT", "QQQ"]},
        geometry=[
            shapely.box(-500, 0, 100, 1000), shapely.box(100, 0, 500, 1000), shapely.box(400, 0, 600, 1000),
            shapely.box(600, 0, 700, 1000),
        ],
        crs=CRS,
    )  # fmt: skip
    land = land.rename(columns={"Mã đất": "ma_dat"})
    assert code_column(land) == "ma_dat"
    found = balance(area, land)
    assert found.uses_ha == pytest.approx({"roads": 10, "housing": 50})
    assert found.unknown == pytest.approx({"QQQ": 10})
    assert found.uncovered_ha == pytest.approx(30)
    assert found.overlap_ha == pytest.approx(10)
    assert sum(found.uses_ha.values()) + sum(found.unknown.values()) + found.uncovered_ha == pytest.approx(100)
    table = balance_table(found)
    assert table["area_ha"].sum() == pytest.approx(100)
    assert table["use"].tolist() == ["housing", "roads", ""]
    assert found.doubt == "land_use_gaps"
    with pytest.raises(InputError):
        balance(area, land.rename(columns={"ma_dat": "x"}))
