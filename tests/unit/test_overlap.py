"""Hold carried figures to their sums, whatever the outlines, and to the decree where there is one."""

from __future__ import annotations

import itertools
import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.outlines import communes_until_2025, wards_2025
from zoning.errors import InputError
from zoning.overlap import TOKEN_HA, back, carry, overlap, people_in_both

CRS = "EPSG:9210"


def strips(bounds, prefix, **columns):
    """Return units side by side from west to east, 1 km high, cut at the metres `bounds`."""
    boxes = [shapely.box(west, 0, east, 1000) for west, east in itertools.pairwise(bounds)]
    ids = [f"{prefix}{i}" for i in range(len(boxes))]
    return gpd.GeoDataFrame({"id": ids, "name_vi": ids, **columns}, geometry=boxes, crs=CRS)


@pytest.fixture(scope="module")
def region():
    return communes_until_2025(), wards_2025()


def test_counts_follow_the_common_area():
    old, new = strips([0, 1000, 4000], "c"), strips([0, 2000, 4000], "w")
    carried = carry(pd.Series({"c0": 30, "c1": 90}), overlap(old, new))
    assert carried.units["figure"].to_dict() == {"w0": 30 + 30, "w1": 60}
    assert carried.by_area == ()


def test_outlines_that_do_not_match_lose_nobody():
    """The second drawing ends 100 m early and starts 100 m late: the shares are of what both have."""
    old, new = strips([0, 1000, 2000], "c"), strips([100, 1000, 1900], "w")
    way = overlap(old, new)
    assert way.outside_pct == pytest.approx([10, 10])
    assert carry(pd.Series({"c0": 7, "c1": 11}), way).units["figure"].tolist() == [7, 11]


def test_the_decree_goes_before_the_drawing():
    """A tenth of c0 is drawn in w1, of which the decree says nothing; c1 is drawn wholly outside its successor."""
    old = strips([0, 1000, 2000], "c", merged_into=["w0", "W1; w2"])
    new = strips([0, 900, 2000, 3000], "w")
    way = overlap(old, new)
    assert way.by_decree.tolist() == [True, True]
    assert carry(pd.Series({"c0": 50}), way).units["known"].tolist() == [50, 0, 0]
    assert way.outside_pct[0] == pytest.approx(10)
    assert way.area_ha[1].tolist() == [0, 100, TOKEN_HA]


def test_a_decree_with_an_unknown_name_counts_for_nothing():
    old = strips([0, 1000, 2000], "c", merged_into=["w0 | somewhere else", None])
    way = overlap(old, strips([0, 900, 2000], "w"))
    assert way.by_decree.tolist() == [False, False]
    assert way.area_ha[0] == pytest.approx([90, 10])


def test_unknown_figures_are_null_not_zero():
    old, new = strips([0, 1000, 4000], "c"), strips([0, 2000, 4000], "w")
    for figures in (
        pd.Series({"c0": math.nan, "c1": 90.0}),
        pd.Series({"c1": 90}),
        pd.Series({"c0": None, "c1": 90}, dtype="Int64"),
    ):
        units = carry(figures, overlap(old, new)).units
        assert math.isnan(units.loc["w0", "figure"])
        assert units["known"].tolist() == [30, 60]
        assert units["unknown_units"].tolist() == [1, 0]


def test_people_say_more_than_area():
    old, new = strips([0, 1000, 2000], "c"), strips([0, 500, 2000], "w")
    homes = gpd.GeoDataFrame(
        {"people": [90.0, 10.0, 5.0]}, geometry=shapely.points([(100, 5), (900, 5), (1500, 5)]), crs=CRS
    )
    people = people_in_both(homes, old, new)
    assert people.tolist() == [[90, 10], [0, 5]]
    assert carry(pd.Series({"c0": 40, "c1": 8}), overlap(old, new), people).units["figure"].tolist() == [36, 12]


def test_where_nobody_is_known_to_live_area_decides_and_is_named():
    old, new = strips([0, 1000, 2000], "c"), strips([0, 500, 2000], "w")
    homes = gpd.GeoDataFrame({"people": [math.nan, 10.0]}, geometry=shapely.points([(100, 5), (900, 5)]), crs=CRS)
    carried = carry(pd.Series({"c0": 40, "c1": 8}), overlap(old, new), people_in_both(homes, old, new))
    assert carried.by_area == ("c0", "c1")
    assert carried.units["figure"].tolist() == [20, 28]


@given(st.lists(st.floats(0, 1e7), min_size=91, max_size=91))
@settings(derandomize=True, max_examples=25)
def test_the_region_there_and_back_keeps_its_sum(region, figures):
    communes, wards = region
    way = overlap(communes, wards)
    series = pd.Series(figures, index=communes["id"])
    there = carry(series, way).units["figure"]
    returned = carry(there, back(way, wards)).units["figure"]
    assert math.fsum(there) == pytest.approx(math.fsum(figures), rel=1e-9, abs=1e-9)
    assert math.fsum(returned) == pytest.approx(math.fsum(figures), rel=1e-9, abs=1e-9)
    assert len(there) == 36
    assert returned.index.tolist() == communes["id"].tolist()


def test_the_region_by_people_keeps_its_sum(region):
    """People at a point inside each commune: 1, 2, 3, ... of them."""
    communes, wards = region
    homes = gpd.GeoDataFrame({"people": np.arange(1.0, 92)}, geometry=communes.geometry.representative_point())
    people = people_in_both(homes, communes, wards)
    assert people.sum() == pytest.approx(91 * 92 / 2)
    carried = carry(pd.Series(1000.0, index=communes["id"]), overlap(communes, wards), people)
    assert math.fsum(carried.units["figure"]) == pytest.approx(91_000, rel=1e-12)


def test_the_region_follows_its_decree(region):
    """Two whole communes that became one ward each, and one of which the drawing puts 30 % into the neighbour."""
    communes, wards = region
    way = overlap(communes, wards)
    assert way.by_decree.all()
    ward = dict(zip(wards["id"], wards["name_vi"], strict=True))
    for name, expected in (
        ("Phường Hòa Lợi", {"Phường Hòa Lợi"}),
        ("Phường Phú Cường", {"Phường Thủ Dầu Một"}),
        ("Phường Hiệp Thành", {"Phường Phú Lợi", "Phường Thủ Dầu Một"}),
    ):
        one = communes.loc[communes["name_vi"] == name, "id"].item()
        known = carry(pd.Series({one: 100}), way).units["known"]
        assert {ward[i] for i in known.index[known > 0]} == expected


def test_figures_that_cannot_be_carried_are_refused():
    old, new = strips([0, 1000], "c"), strips([0, 1000], "w")
    way = overlap(old, new)
    with pytest.raises(InputError, match=r"do not exist: 1 \(x\)"):
        carry(pd.Series({"x": 3}), way)
    for bad in (-1, math.inf):
        with pytest.raises(InputError, match="1 of 1 figures"):
            carry(pd.Series({"c0": bad}), way)
    with pytest.raises(InputError, match="numbers"):
        carry(pd.Series({"c0": "many"}), way)
    with pytest.raises(InputError, match="1 by 1"):
        carry(pd.Series({"c0": 1}), way, np.ones((2, 2)))


def test_units_that_cannot_be_compared_are_refused():
    old, new = strips([0, 1000], "c"), strips([0, 1000], "w")
    with pytest.raises(InputError, match="coordinate system"):
        overlap(old, new.set_crs("EPSG:4326", allow_override=True))
    with pytest.raises(InputError, match="twice: 1"):
        overlap(pd.concat([old, old]), new)
    with pytest.raises(InputError, match=r"outside all .*: 1 \(c0\)"):
        overlap(old, strips([5000, 6000], "w"))
    wide = strips([0, 1000, 2000], "w")
    with pytest.raises(InputError, match=r"outside all .*: 1 \(w1\)"):
        back(overlap(old, wide), wide)
