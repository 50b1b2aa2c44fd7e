"""Building lots are checked one by one by the code's tables, read between sizes and heights by straight line."""

import math

import numpy as np
import pytest
import shapely

from tests.unit.test_jobs_check import Town, box, checked, zones
from zoning.standards.inputs import COLUMNS, column, numbers, texts
from zoning.standards.lookup import limit_at, limits_at, needs_height
from zoning.standards.lots import SPECS, kind_of, lots_of
from zoning.standards.rules import rules

SITE = box(0, 0, 1000, 1000)


def lots(*rows, **more):
    """Return lots of 10 x 10 m in a row inside the site, with the columns of `rows`."""
    shapes = [box(20 * at, 0, 20 * at + 10, 10) for at in range(len(rows))]
    names = sorted({name for row in rows for name in row})
    return zones(*shapes, **{name: [row.get(name) for row in rows] for name in names}, **more)


def answer(*rows, kind="urban_area", **request):
    region = Town(zones=zones(SITE, kind=kind, population=[5000]), lots=lots(*rows))
    result, checks = checked(region, **request)
    return result.frames["lots"].set_index(["lot_id", "rule_id"]), checks.loc["z0"]


def house(area, density, **more):
    return {"use": "nhà liền kề", "area_m2": area, "density_pct": density, **more}


def test_a_lot_of_87_5_m2_is_read_from_the_table_of_the_facts():
    # The issue says that such a lot "may be built over 85 %". Table 2.8 of QCVN 01:2021/BXD, as the facts give it
    # (BD-018 to BD-023), allows 100 % up to 90 m2 and 90 % at 100 m2: by it 87.5 m2 may be built over whole, which is
    # more than 85 %. Exactly 85 % is what a straight line between 75 m2 (90 %) and 100 m2 (80 %) gives, sizes that no
    # table of the facts has; so the figures of the facts stand, and the straight line is held where they have one.
    assert limit_at("density-detached", 87.5) == 100
    assert {float(one.key) for one in rules() if one.table == "density-detached"} == {90, 100, 200, 300, 500, 1000}
    each, checks = answer(house(87.5, 85.0), house(87.5, 100.0))
    assert each["verdict"].xs("BD-018", level="rule_id").tolist() == ["pass", "pass"]
    assert checks.loc["BD-018", ["required", "found", "unit", "verdict"]].tolist() == [">= 100", 100.0, "% of lots",
                                                                                      "pass"]  # fmt: skip


def test_each_lot_has_its_own_limit_by_straight_line():
    # 95 m2 lies halfway between 90 m2 (100 %) and 100 m2 (90 %); 150 m2 halfway between 90 % and 70 %
    each, checks = answer(house(95, 95.0), house(95, 95.1), house(150, 80.0), house(150, 80.1))
    part = each.xs("BD-018", level="rule_id")
    assert part["limit"].tolist() == pytest.approx([95, 95, 80, 80])
    assert part["verdict"].tolist() == ["pass", "fail", "pass", "fail"]
    assert checks.loc["BD-018", ["found", "verdict"]].tolist() == [50.0, "fail"]


def test_apartments_by_size_and_height_and_what_storeys_leave_open():
    def tower(**more):
        return {"use": "chung cư", "area_m2": 10_000, **more}

    # Table 2.9 at 10,000 m2: 16 m 65 %, 19 m 60 %, 46 m 41 %; five storeys are 15 to 20 m high
    each, _ = answer(
        tower(height_m=17.5, density_pct=62.5), tower(height_m=17.5, density_pct=62.6),
        tower(storeys=5, density_pct=58), tower(storeys=5, density_pct=66), tower(storeys=5, density_pct=62),
        tower(density_pct=20),
    )  # fmt: skip
    assert each["verdict"].xs("BD-025", level="rule_id").tolist() == [
        "pass", "fail", "pass", "fail", "no_data", "no_data",
    ]  # fmt: skip


def test_floor_area_of_high_towers_is_at_most_13():
    def tower(far, height):
        return {"use": "chung cư", "area_m2": 5_000, "far": far, "height_m": height}

    each, _ = answer(tower(13.0, 80), tower(13.1, 80), tower(20.0, 30))
    assert each["verdict"].xs("BD-073", level="rule_id").tolist() == ["pass", "fail"]  # the low one is not asked


def test_factories_by_their_floors_and_their_green():
    def factory(density, storeys=None, green=20.0):
        return {"use": "nhà máy", "area_m2": 20_000, "density_pct": density, "storeys": storeys, "green_pct": green}

    each, checks = answer(
        factory(70, 1), factory(70.1, 1), factory(60, 6), factory(61, 6, 19.0), factory(55), factory(65),
        kind="industrial_park",
    )  # fmt: skip
    low, high = (each["verdict"].xs(rule_id, level="rule_id").to_dict() for rule_id in ("IP-004", "IP-005"))
    assert low == {"z0": "pass", "z1": "fail", "z4": "pass", "z5": "no_data"}
    assert high == {"z2": "pass", "z3": "fail"}
    assert checks.loc["IP-009", ["found", "verdict"]].tolist() == pytest.approx([100 * 5 / 6, "fail"], abs=1e-3)


def test_frontage_and_setback_follow_the_street():
    def on(street, **more):
        return house(100, 80, street_width_m=street, **more)

    # Table 2.7: on a street of 20 m a building of 23 m stands back 3 m, one of 30 m 6 m
    each, _ = answer(
        on(20, frontage_m=5.0, setback_m=3.0, height_m=23), on(20, frontage_m=4.9, setback_m=5.9, height_m=30),
        on(10, frontage_m=4.0, setback_m=0.0, height_m=12),
    )  # fmt: skip
    found = each["verdict"].to_dict()
    assert (found["z0", "BD-132"], found["z1", "BD-132"], found["z2", "BD-133"]) == ("pass", "fail", "pass")
    setback = next(one.id for one in rules() if one.table == "setback")
    assert [found[f"z{at}", setback] for at in range(3)] == ["pass", "fail", "pass"]


def test_a_lot_that_cannot_be_judged_leaves_no_pass():
    each, checks = answer(house(95, 90.0), house(95, None))
    assert each["verdict"].xs("BD-018", level="rule_id").tolist() == ["pass", "no_data"]
    assert checks.loc["BD-018", ["found", "verdict"]].tolist() == [100.0, "unsure"]
    _, checks = answer(house(95, 90.0), {"use": "ODT", "area_m2": 95, "density_pct": 90})  # housing of which form?
    assert checks.loc["BD-018", "verdict"] == "unsure"
    _, checks = answer({"use": "", "area_m2": 95, "density_pct": 90})
    assert checks.loc["BD-018", ["found", "verdict"]].tolist() == ["missing: lot_kinds", "no_data"]
    _, checks = answer(house(95, None))
    assert checks.loc["BD-018", "found"] == "missing: lot_columns:density_pct"


def test_without_lots_the_layer_is_named_and_with_other_lots_nothing_is_asked():
    _, checks = checked(Town(zones=zones(SITE, population=[5000])))
    assert checks.loc[("z0", "BD-018"), "found"] == "missing: lots"
    each, checks = answer(house(95, 90))
    assert "BD-025" not in checks.index  # no apartments here
    assert not each["verdict"].eq("no_data").all()


@pytest.mark.parametrize("bad", [{"area_m2": -95}, {"area_m2": 0}, {"density_pct": -1}])
def test_negative_figures_are_reported_and_never_pass(bad):
    row = house(95, 90) | bad
    result, checks = checked(Town(zones=zones(SITE, population=[5000]), lots=lots(row)))
    assert checks.loc[("z0", "BD-018"), "verdict"] == "no_data"
    assert "bad_lots:1" in result.frames["zones"]["faults"].iloc[0].split()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Nhà ở riêng lẻ", "detached"), ("BIỆT THỰ", "detached"), ("lô chung cư", "apartment"), ("hỗn hợp", "mixed"),
        ("Trường học", "public"), ("SKK", "factory"), ("DGD", "public"), ("TMD", "mixed"), ("ODT", ""), ("", ""),
        ("??", ""), ("detached", "detached"),
    ],
)  # fmt: skip
def test_kinds_of_lots_are_told_by_words_and_codes(text, kind):
    assert kind_of(text) == kind


def test_every_check_of_lots_is_one_of_the_specs():
    asked = {one.finding.partition(":")[2] for one in rules() if one.finding.startswith("lots:")}
    assert asked <= set(SPECS)
    assert set(SPECS) - asked == {"density-detached-existing"}  # by relief only


def test_many_limits_at_once_are_those_one_by_one():
    rng = np.random.default_rng(5)
    for table in ("density-detached", "density-apartment", "density-mixed", "far-existing"):
        sizes, heights = rng.uniform(10, 60_000, 200), rng.uniform(2, 90, 200)
        found = limits_at(table, sizes, heights)
        high = needs_height(table)
        assert found.tolist() == pytest.approx(
            [limit_at(table, size, height if high else None) for size, height in zip(sizes, heights, strict=True)]
        )
        rows = [one for one in rules() if one.table == table]
        assert min(one.high for one in rows) <= found.min() <= found.max() <= max(one.high for one in rows)
    assert np.isnan(limits_at("density-apartment", np.array([math.nan, 5e3]), np.array([20, math.nan]))).all()


def test_headers_of_plans_are_read_in_vietnamese():
    frame = zones(box(0, 0, 10, 10), box(20, 0, 30, 10)).rename(columns={"kind": "Loại lô"}).assign(
        **{"Diện tích (m²)": ["95,5", "n/a"], "Mật độ xây dựng (%)": [80, -3], "SỐ TẦNG": [3, None]}
    )  # fmt: skip
    assert numbers(frame, "lots", "area_m2")[0] == 95.5
    assert np.isnan(numbers(frame, "lots", "area_m2")[1])
    assert texts(frame, "lots", "use") == ["urban_area", "urban_area"]
    found = lots_of(frame)
    assert found.area_m2.tolist() == [95.5, 100.0]  # the outline's where none is given
    assert found.far[0] == pytest.approx(0.8 * 3)
    assert found.bad.tolist() == [False, True]
    assert column(frame, "lots", "far") is None
    for layer, names in COLUMNS.items():
        headers = [header for group in names.values() for header in group]
        assert all(name == group[0] or name in ("kind", "use") for name, group in names.items()), layer
        assert len(headers) == len(set(headers)), layer


def test_a_lot_belongs_to_the_zone_that_holds_a_point_of_it():
    west, east = box(0, 0, 30, 1000), box(30, 0, 1000, 1000)
    frame = zones(west, east, population=[5000, 5000])
    result, _ = checked(Town(zones=frame, lots=lots(*[house(95, 90)] * 5)))
    part = result.frames["lots"].query("rule_id == 'BD-018'")
    assert part.groupby("zone_id")["lot_id"].nunique().to_dict() == {"z0": 2, "z1": 3}
    assert part["lot_id"].is_unique
    assert shapely.intersects(west, east)
