"""Layers that planners bring in answer rules: floods, drains, bus routes, works, buildings; and what is wrong."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from tests.unit.test_jobs_check import CRS, WEST, X0, Y0, Town, box, checked, points, zones
from zoning.standards.inputs import CHECK_LAYERS
from zoning.standards.lots import kind_of
from zoning.standards.rules import rules
from zoning.standards.water import drain_kind
from zoning.standards.words import DOUBTS, FAULTS, KIND_WORDS, LAYERS, fault_text, missing_text

SITE = box(0, 0, 1000, 1000)


def line(*xy):
    return shapely.LineString([(X0 + x, Y0 + y) for x, y in xy])


def spots(*xy, **columns):
    return gpd.GeoDataFrame({"id": [str(at) for at in range(len(xy))], **columns},
                            geometry=[shapely.Point(X0 + x, Y0 + y) for x, y in xy], crs=CRS)  # fmt: skip


def town(kind="city", area=SITE, people=5000, **layers):
    return Town(zones=zones(area, kind=kind, population=[people]), **layers)


def verdict(region, rule_id, **request):
    _, checks = checked(region, **request)
    return checks.loc[("z0", rule_id), ["found", "verdict"]].tolist()


# ground and floods


def test_ground_lies_above_the_design_flood_level():
    for ground, expected in ((2.3, "pass"), (2.29, "fail"), (1.0, "fail")):  # 0.3 m above 2.0 m; below it is a fail too
        levels = spots((500, 500), ground_m=[ground], flood_m=[2.0])
        assert verdict(town(flood_levels=levels), "DR-001") == [pytest.approx(ground - 2.0), expected]
    assert verdict(town("industrial_park", flood_levels=spots((5, 5), ground_m=[2.4], flood_m=[2.0])), "DR-002")[1] == (
        "fail"  # a park needs 0.5 m
    )
    assert verdict(town(), "DR-001") == ["missing: flood_levels", "no_data"]
    only_flood = spots((500, 500), flood_m=[2.0])
    assert verdict(town(flood_levels=only_flood), "DR-001") == ["missing: relief", "no_data"]
    relief = spots((100, 100), (900, 900), (5_000, 0), ground_m=["2,4", "2,6", "0"])  # the third is elsewhere
    assert verdict(town(flood_levels=only_flood, relief=relief), "DR-001") == [pytest.approx(0.4), "pass"]


def test_floods_that_leave_a_zone_dry_say_how_rare_those_are_that_do_not():
    def floods(**reach):
        years = [float(name[1:]) for name in reach]
        return zones(*(box(-5_000, -5_000, east, 5_000) for east in reach.values()), return_years=years)

    park = "industrial_park"  # 100 years in a town of special class
    assert verdict(town(park, flood=floods(t10=-500, t50=-200, t100=500)), "DR-003") == [50.0, "fail"]
    assert verdict(town(park, flood=floods(t10=-500, t50=-200, t100=-50, t500=500)), "DR-003") == [100.0, "pass"]
    assert verdict(town(park, flood=floods(t10=-500, t50=300)), "DR-003") == [10.0, "fail"]
    # a map that stops at 50 years does not say what the flood of 100 years does
    around = floods(t50=-100)
    around.loc[len(around)] = around.iloc[0].to_dict() | {"geometry": box(4_000, -5_000, 5_000, 5_000)}
    assert verdict(town(park, flood=around), "DR-003") == [50.0, "unsure"]
    far = zones(box(90_000, 0, 91_000, 900), return_years=[100.0])  # mapped elsewhere
    assert verdict(town(park, flood=far), "DR-003") == ["missing: flood", "no_data"]
    designed = spots((500, 500), return_years=[100])
    assert verdict(town(park, flood_levels=designed), "DR-003") == [100.0, "pass"]
    assert verdict(town(park, flood_levels=designed.assign(return_years=50)), "DR-003") == [50.0, "fail"]


def test_drains_by_their_kind_and_streets_that_have_one():
    drains = zones(line((0, 10), (500, 10)), line((0, 500), (900, 500)),
                   kind=["cống chính", "kênh"], return_years=[5.0, 5.0])  # fmt: skip
    region = town(drainage=drains, streets=zones(line((0, 0), (1000, 0)), highway=["residential"]))
    assert verdict(region, "DR-009") == [5.0, "pass"]  # a main sewer of special class: 5 years
    assert verdict(region, "DR-006") == [5.0, "fail"]  # a canal: 10 years
    assert verdict(region, "DR-012") == ["missing: drains:branch", "no_data"]
    found, said = verdict(region, "DR-015")
    assert said == "fail"
    assert found == pytest.approx(51.7, abs=0.1)  # 500 m and the 17.3 m where the drain's end is within 20 m
    assert [drain_kind(text) for text in ("main_sewer", "Cống nhánh", "sông", "??")] == ["main", "branch", "canal", ""]


# public transport


def test_route_density_counts_shared_streets_once():
    # 2 km on 1 km2; the second route shares the first one's street
    routes = zones(line((0, 300), (1000, 300)), line((0, 300), (1000, 300)), line((0, 700), (1000, 700)))
    land = zones(SITE, code=["ODT"])
    assert verdict(town(bus_routes=routes, land_use=land), "TR-037") == [pytest.approx(2.0), "pass"]
    assert verdict(town(bus_routes=routes.iloc[:2], land_use=land), "TR-037") == [pytest.approx(1.0), "fail"]
    # without land use the whole area stands for what is built: at least so dense
    assert verdict(town(bus_routes=routes.iloc[:2]), "TR-037")[1] == "unsure"
    assert verdict(town(), "TR-037") == ["missing: bus_routes", "no_data"]


def test_parallel_routes_are_as_far_apart_as_they_are():
    routes = zones(*(line((x, -3_000), (x, 3_000)) for x in range(-2_000, 3_001, 800)))
    found, said = verdict(town(area=box(-800, 0, 1600, 1600), bus_routes=routes), "TR-034")
    assert found == pytest.approx(800, rel=0.05)
    assert said == "unsure"  # worked out as if routes ran parallel


def test_stops_follow_each_other_along_a_route():
    route = zones(line((0, 500), (1000, 500)))
    for xs, longest, said in (((100, 600, 900), 500, "pass"), ((100, 701), 601, "fail")):
        stops = points(*((x, 520) for x in xs), (300, 900))  # the last one stands elsewhere
        assert verdict(town(bus_routes=route, stops=stops), "TR-038") == [pytest.approx(longest), said]
    # without lines: the next stop of the same route, by straight line; a list may lack some
    stops = points((0, 0), (0, 900), (0, 100)).assign(routes=["1", "1", "2"])
    assert verdict(town(stops=stops), "TR-038") == [900.0, "unsure"]


# distances that must be kept


def test_graves_lie_away_from_water_intakes_and_factories_from_homes():
    works = spots((500, 500), (500, 1_900), kind=["cemetery_temporary", "water_intake"])
    assert verdict(town(utilities=works), "CE-007") == [1400.0, "fail"]  # 1,500 m
    assert verdict(town(utilities=works), "CE-008") == [1400.0, "pass"]  # 1,000 m for other cemeteries
    land = zones(SITE, box(1_400, 0, 1_500, 100), code=["SKK", "ODT"])
    park = zones(SITE, kind="industrial_park", hazard_class=["II"])  # 500 m
    assert verdict(Town(zones=park, land_use=land), "IP-003") == [1.0, "fail"]
    homes = zones(box(1_500, 0, 1_510, 10), box(1_499, 0, 1_500, 10), use=["nhà ở riêng lẻ", "kho"])
    assert verdict(Town(zones=park, buildings=homes), "IP-003") == [0.0, "pass"]  # at 500 m, the bound; and a store
    assert verdict(Town(zones=zones(SITE, kind="industrial_park"), buildings=homes), "IP-003")[0] == (
        "missing: hazard_class"
    )


def test_a_green_belt_of_10_m_runs_round_a_park():
    inner = box(10, 10, 990, 990)
    belt = SITE.difference(inner)
    for code, expected in (("DKV", [100.0, "pass"]), ("SKK", [0.0, "unsure"])):  # it may lie outside
        land = zones(belt, inner, code=[code, "SKK"])
        assert verdict(town("industrial_park", land_use=land), "IP-002") == expected
    around = box(-50, -50, 1050, 1050)
    land = zones(SITE, around.difference(SITE), code=["SKK", "ODT"])
    assert verdict(town("industrial_park", land_use=land), "IP-002") == [0.0, "fail"]
    gate = box(0, 400, 10, 420)  # the gate's road is no lack of green
    land = zones(gate, belt.difference(gate), inner, code=["DGT", "DKV", "SKK"])
    assert verdict(town("industrial_park", land_use=land), "IP-002")[1] == "pass"


def test_buildings_tell_the_gross_density():
    for width, said in ((600, "pass"), (601, "fail")):  # 60 % of a residential unit
        houses = zones(box(0, 0, width, 1000), box(0, 0, 100, 100), use="house")  # the second stands on the first
        assert verdict(town("urban_area", buildings=houses), "BD-125") == [width / 10, said]
    assert verdict(town("urban_area"), "BD-125") == ["missing: buildings", "no_data"]


def test_lines_pipes_and_petrol_stations():
    lines = zones(line((0, 500), (1000, 500)), voltage_kv=[500.0])
    assert verdict(town(power_lines=lines), "PO-028") == [1.0, "unsure"]  # is it inner urban area?
    assert verdict(town(power_lines=lines.assign(voltage_kv=22.0)), "PO-028") == [0.0, "pass"]
    pipes = zones(line((0, 5), (9, 5)), pressure_bar=[5.0])
    assert verdict(town(gas_pipelines=pipes), "SF-003") == [5.0, "pass"]
    assert verdict(town(gas_pipelines=pipes.assign(pressure_bar=9.0)), "SF-003") == [9.0, "unsure"]
    for gap, said in ((300, "pass"), (299, "fail")):
        stations = points((100, 100), (100 + gap, 100), kind="petrol_station")
        assert verdict(town(petrol_stations=stations), "SF-001") == [float(gap), said]


def test_cemeteries_and_services_by_land_use():
    land = zones(box(0, 0, 2, 1000), box(2, 0, 1000, 1000), code=["NTD", "ODT"])  # 0.2 ha for 5,000 people
    assert verdict(town(land_use=land), "CE-002") == [pytest.approx(0.04), "pass"]
    assert verdict(town(land_use=land, people=5_001), "CE-002")[1] == "fail"


# what is wrong, and what is not read


def test_bad_land_use_is_reported_with_its_zone_and_is_never_a_pass():
    bowtie = shapely.Polygon([(X0, Y0), (X0 + 500, Y0 + 500), (X0 + 500, Y0), (X0, Y0 + 500)])
    frame = zones(SITE, box(2_000, 0, 3_000, 1_000), kind="industrial_park")
    land = zones(box(0, 0, 1000, 200), bowtie, SITE, code=["DGT", "DKV", "Q Q"])
    result, checks = checked(Town(zones=frame, land_use=land))
    faults = result.frames["zones"].set_index("id")["faults"]
    keys = {fault.partition(":")[0]: fault for fault in faults["z0"].split()}
    assert set(keys) == {"land_use_overlaps", "land_use_repaired", "unknown_codes"}
    assert fault_text(keys["unknown_codes"]) == "Codes of land use that are no official ones: Q Q."
    assert faults["z1"] == "no_land_use"
    for rule_id in ("IP-006", "IP-007", "IP-008"):
        assert checks.loc[("z0", rule_id), "verdict"] == "unsure"
        assert checks.loc[("z1", rule_id), ["found", "verdict"]].tolist() == ["missing: land_use", "no_data"]


def test_repaired_overlapping_and_negative_zones_pass_nothing():
    twice = shapely.MultiPolygon([box(0, -900, 1000, 1000)] * 2)
    kinds = {"kind": "industrial_park", "geometry_quality": "edited"}
    land = zones(box(-5_000, -5_000, 9_000, 0), box(-5_000, 0, 9_000, 9_000), code=["DGT", "SKK"])
    roads = box(0, -900, 1000, 1000)  # 47 % roads
    tests = {
        "": zones(roads, **kinds),
        "repaired": zones(twice, **kinds),
        "overlaps": zones(roads, box(0, 500, 1000, 2500), **kinds),
        "bad_area": zones(roads, area_ha=[-3.0], **kinds),
    }
    for fault, frame in tests.items():
        result, checks = checked(Town(zones=frame, land_use=land, stops=points((500, 0))))
        said = {one.partition(":")[0] for one in result.frames["zones"]["faults"].iloc[0].split()}
        assert said == ({fault} if fault else set())
        assert checks.loc["z0", "verdict"].eq("pass").any() == (not fault)
    # a park inside a park, and a town that holds both, claim nothing twice by mistake
    nested = zones(roads, box(100, 100, 200, 200), SITE, kind=["industrial_park", "industrial_park", "city"])
    result, _ = checked(Town(zones=nested, land_use=land))
    assert not result.frames["zones"]["faults"].str.contains("overlaps").any()


def test_nobody_lives_there_or_fewer_than_that():
    for people, fault in ((0, "nobody"), (-5, "bad_population")):
        result, checks = checked(Town(zones=zones(WEST, population=[people]), stops=points((500, 500))))
        assert result.frames["zones"]["faults"].tolist() == [fault]
        assert not checks.loc["z0", "verdict"].eq("pass").any()


def test_a_layer_that_is_there_and_does_not_tell_is_not_asked_for_again():
    lots = zones(box(0, 0, 10, 10), use=["nhà phố"])
    _, checks = checked(town("urban_area", lots=lots))
    assert checks.loc[("z0", "BD-001"), "found"] == "missing: by_hand"
    assert "drawings" in missing_text("by_hand")


def test_every_layer_and_every_doubt_has_words():
    named = {one.needs.partition(":")[0] for one in rules() if one.concerns}
    assert named <= set(LAYERS)
    assert set(CHECK_LAYERS) <= set(LAYERS)
    for one in rules():
        kind = one.needs.partition(":")[2]
        assert not kind or kind in KIND_WORDS, kind
    assert {"bad_zone", "lots_unknown", "school_standard"} <= set(DOUBTS)
    assert all("{what}" in text or ":" not in key for key, text in FAULTS.items())
    assert kind_of("nhà ở riêng lẻ") == "detached"


def test_land_and_what_a_zone_holds_are_in_the_answer():
    land = zones(box(0, 0, 1000, 400), box(0, 400, 1000, 1000), code=["DGT", "ODT"])
    lots = zones(box(0, 500, 100, 600), use=["chung cư"], area_m2=[10_000], density_pct=[50], far=[5.0], height_m=[50])
    result, _ = checked(town("urban_area", people=20_000, land_use=land, lots=lots))
    table = result.frames["land"].set_index("code")
    assert table["area_ha"].to_dict() == pytest.approx({"DGT": 40, "ODT": 60})
    assert table.loc["DGT", ["use", "colour"]].tolist() == ["roads", "#ffaa32"]
    row = result.frames["holdings"].iloc[0]
    assert row["people_ha"] == 200
    assert (row["gfa_m2"], row["far"], row["density_pct"]) == pytest.approx((50_000, 0.05, 0.5))
    assert row["water_m3_day"] == pytest.approx(20_000 * 0.080 * 1.18)
    assert row["water_m3_day_ha"] == pytest.approx(row["water_m3_day"] / 100)
    assert (row["people_low"], row["people_high"]) == pytest.approx((1e6 / 28, 1e6 / 15))
    park, _ = checked(town("industrial_park"))
    row = park.frames["holdings"].iloc[0]
    assert row[["jobs", "jobs_ha", "water_m3_day_ha", "power_kw_ha"]].tolist() == [5000, 50, 12, 200]
    assert row["waste_t_day_ha"] == pytest.approx(0.3)
    assert row["rules"].split()
    assert pd.isna(row["far"])
