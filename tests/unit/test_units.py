"""Hold names and dates of administrative units to what the region's own history says."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from geodata.outlines import communes_until_2025, districts_until_2025, wards_2025
from zoning.units import find, in_force


@pytest.fixture(scope="module")
def layers():
    communes = communes_until_2025()
    return wards_2025(), communes, districts_until_2025(communes)


def names(layers, ids):
    return {dict(zip(layers[0]["id"], layers[0]["name_vi"], strict=True))[one] for one in ids}


def test_thu_dau_mot_is_two_things(layers):
    ward, city = find("thu dau mot", *layers)[:2]
    assert (ward.layer, ward.valid_from, ward.valid_to) == ("wards_2025", "2025-07-01", "")
    assert names(layers, ward.wards) == {"Phường Thủ Dầu Một"}
    assert (city.layer, city.valid_to) == ("districts_until_2025", "2025-06-30")
    assert "1685" in city.decree
    # facts: five wards have its land, Bình Dương and Phú An together with land of others
    assert names(layers, city.wards) == {
        "Phường Thủ Dầu Một",
        "Phường Phú Lợi",
        "Phường Chánh Hiệp",
        "Phường Bình Dương",
        "Phường Phú An",
    }
    assert names(layers, city.shared) == {"Phường Bình Dương", "Phường Phú An"}


@pytest.mark.parametrize("query", ["tp thu dau mot", "Thành phố Thủ Dầu Một", "Thu Dau Mot City"])
def test_a_city_is_found_by_its_kind(layers, query):
    assert find(query, *layers)[0].layer == "districts_until_2025"


def test_every_old_district_and_commune_finds_wards(layers):
    wards, communes, districts = layers
    found = set()
    for frame, layer in ((communes, "communes_until_2025"), (districts, "districts_until_2025")):
        for one, name in zip(frame["id"], frame["name_vi"], strict=True):
            unit = next(unit for unit in find(name, *layers) if unit.id == one)
            assert unit.layer == layer
            assert unit.wards
            assert set(unit.shared) <= set(unit.wards)
            found |= set(unit.wards)
    assert found == set(wards["id"])


def test_a_commune_of_two_wards(layers):
    unit = next(unit for unit in find("hiep thanh", *layers) if unit.layer == "communes_until_2025")
    assert names(layers, unit.wards) == {"Phường Phú Lợi", "Phường Thủ Dầu Một"}


def test_where_the_decree_is_silent_the_drawing_says(layers):
    wards, communes, districts = layers
    silent = communes.assign(merged_into="")
    unit = next(unit for unit in find("phuong phu cuong", wards, silent, districts) if unit.id.startswith("c-"))
    assert names(layers, unit.wards) == {"Phường Thủ Dầu Một"}


def test_nothing_is_found_for_nothing(layers):
    assert find("", *layers) == []
    assert find("xyzzy", *layers) == []
    assert len(find("phu", *layers, limit=3)) == 3


def test_units_are_in_force_from_their_first_to_their_last_day(layers):
    wards, communes, _ = layers
    last, first = dt.date(2025, 6, 30), dt.date(2025, 7, 1)
    assert [len(in_force(communes, day)) for day in (last, first)] == [91, 0]
    assert [len(in_force(wards, day)) for day in (last, first)] == [0, 36]


def test_missing_days_are_open():
    units = pd.DataFrame({"valid_from": [None, "2020-01-01", pd.NaT], "valid_to": ["", None, "2021-12-31"]})
    assert in_force(units, dt.date(2019, 1, 1)).index.tolist() == [0, 2]
    assert in_force(units, dt.date(2023, 1, 1)).index.tolist() == [0, 1]
