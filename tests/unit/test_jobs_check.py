"""Zones are checked against the code: what is measured, what is missing, and never a pass by doubt."""

import csv
import io
import json
import math
from dataclasses import replace

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely

from geodata.checks_export import export_checks
from zoning.errors import ExportError, InputError, UnknownLayerError, ZoningError
from zoning.jobs.check import COLUMNS, CheckRequest, run
from zoning.reach import TravelNetwork
from zoning.replay import replay
from zoning.result import Note
from zoning.standards import rule, rules
from zoning.standards.services import distances, reach, service, walking

CRS = "EPSG:9210"
X0, Y0 = 600_000.0, 1_220_000.0
STEP_M = 100.0


def street(a, b):
    return {"length": STEP_M, "travel_time": STEP_M / 1.25}


def town_graph(*, bridge):
    """A town of 21 x 21 streets, cut by a river at x = 1,050 m unless there is a bridge."""
    graph = nx.MultiDiGraph(crs=CRS, name="strategic", walk_off_m=50.0)
    for i in range(21):
        for j in range(21):
            graph.add_node((i, j), x=X0 + i * STEP_M, y=Y0 + j * STEP_M)
    for i, j in list(graph.nodes):
        for other in ((i + 1, j), (i, j + 1)):
            across = i == 10 and other[0] == 11
            if other in graph and (not across or (bridge and j == 20)):
                graph.add_edge((i, j), other, **street((i, j), other))
                graph.add_edge(other, (i, j), **street(other, (i, j)))
    return nx.convert_node_labels_to_integers(graph)


class Town:
    """A region of a few layers, all in memory."""

    def __init__(self, *, bridge=False, name="streets", **layers):
        self._network = TravelNetwork.from_graph(town_graph(bridge=bridge))
        self._name = name
        self.layers = {"stops": points(), "facilities": points(), "logistics": points(), **layers}

    def layer(self, name):
        if name not in self.layers:
            raise UnknownLayerError("There is no layer {name}.", name=name)
        return self.layers[name]

    def network(self, mode, *, hour=None, day=None, name):
        return self._network

    def network_for(self, _):
        return self._name

    def demand(self, _):
        xy = [(X0 + i * STEP_M, Y0 + j * STEP_M) for i in range(21) for j in range(21)]
        return gpd.GeoDataFrame({"people": [10.0] * len(xy)}, geometry=shapely.points(xy), crs=CRS)

    def fingerprint(self, name):
        return name


def points(*xy, kind="stop", **columns):
    frame = {"id": [f"{kind}-{at}" for at in range(len(xy))], "kind": [kind] * len(xy), "status": "operating"}
    frame |= {"geometry_quality": "surveyed", **columns}
    return gpd.GeoDataFrame(
        pd.DataFrame(frame, index=range(len(xy))), geometry=[shapely.Point(X0 + x, Y0 + y) for x, y in xy], crs=CRS
    )


def zones(*shapes, **columns):
    frame = {"id": [f"z{at}" for at in range(len(shapes))], "kind": "urban_area", "geometry_quality": "edited"}
    return gpd.GeoDataFrame({**frame, **columns}, geometry=list(shapes), crs=CRS)


def box(x0, y0, x1, y1):
    return shapely.box(X0 + x0, Y0 + y0, X0 + x1, Y0 + y1)


def checked(region, day="2026-12-31", **request):
    result = run(CheckRequest(as_of=day, **request), region)
    return result, result.frames["checks"].set_index(["zone_id", "rule_id"])


WEST, EAST = box(-10, -10, 1010, 2010), box(1090, -10, 2010, 2010)


def test_the_columns_are_those_of_the_design():
    result, _ = checked(Town(zones=zones(WEST)))
    assert [*result.frames["checks"].columns] == [*COLUMNS, "geometry"]
    assert COLUMNS == ("zone_id", "rule_id", "code", "clause", "metric", "required", "found", "unit", "verdict",
                       "confidence", "source")  # fmt: skip
    known = {one.id for one in rules()}
    for row in result.frames["checks"].itertuples():
        assert row.rule_id in known
        assert row.verdict in ("pass", "fail", "unsure", "no_data")
        assert row.source.startswith("http")
        assert str(row.found).startswith("missing: ") == (row.verdict == "no_data")


def test_the_day_switches_the_code():
    region = Town(zones=zones(WEST))
    before, _ = checked(region, "2026-12-31")
    after, _ = checked(region, "2027-01-01")
    assert before.figures["code"] == "qcvn-01-2021"
    assert after.figures["code"] == "qcvn-01-2026"
    assert "QCVN 01:2026/BXD" not in set(before.frames["checks"]["code"])
    assert "QCVN 01:2021/BXD" not in set(after.frames["checks"]["code"])
    chosen = run(CheckRequest(as_of="2026-12-31", code="qcvn-01-2026"), region)
    assert chosen.figures["code"] == "qcvn-01-2026"


def test_a_school_across_a_river_without_a_bridge_passes_by_radius_and_fails_by_network():
    home = zones(box(890, -10, 1010, 110))  # four homes at the west bank
    school = points((1100, 0), kind="primary_school")
    for bridge, straight, network in ((False, 4, 0), (True, 4, 0)):
        region = Town(bridge=bridge, schools=school, zones=home)
        given = service(region, "primary_school")
        metres = walking(region.network("walk", name="streets"))
        found = distances(region.demand("").geometry.iloc[[9 * 21, 10 * 21]], given, metres, 6_000)
        assert found["straight_m"].tolist() == [200, 100]
        # by the bridge at the far end: up, across, and down again
        assert found["network_m"].tolist() == ([4_200, 4_100] if bridge else [math.inf, math.inf])
        result, _ = checked(region, "2027-01-01")
        row = result.frames["services"].set_index("rule_id").loc["N26-017"]
        assert row["inside_straight"] == straight * 10
        assert row["inside_network"] == network
        verdicts = result.frames["checks"].set_index("rule_id")["verdict"]
        assert verdicts["N26-017"] == "fail"


def test_a_way_that_is_short_enough_counts_its_bound():
    metres = walking(Town().network("walk", name=""))
    given = service(Town(stops=points((0, 0))), "stop")
    homes = gpd.GeoSeries([shapely.Point(X0 + x, Y0) for x in (500, 500.5, 400)], crs=CRS)
    found = distances(homes, given, metres, 6_000)
    assert found["network_m"].to_numpy() == pytest.approx([500, 500.5, 400], abs=1e-6)
    counted = reach(found.round(6), np.array([1.0, 2.0, 4.0]), 500.0)
    assert counted.inside_network == 5
    assert counted.people == 7
    assert reach(found, np.zeros(3), 500.0) is None


def test_people_inside_and_outside_add_up_and_the_network_never_has_more():
    result, _ = checked(Town(zones=zones(WEST, EAST), stops=points((0, 0), (1000, 1000), (2000, 700))))
    table = result.frames["services"]
    assert len(table) == 2
    for row in table.itertuples():
        assert row.inside_network + row.outside_network == pytest.approx(row.total)
        assert row.inside_network <= row.inside_straight <= row.total


def test_on_the_schematic_network_a_way_too_long_is_unsure_where_the_straight_line_holds():
    home = zones(box(890, -10, 1010, 110))
    stop = points((1100, 0))
    _, exact = checked(Town(name="streets", zones=home, stops=stop))
    _, rough = checked(Town(name="strategic", zones=home, stops=stop))
    assert exact.loc[("z0", "TR-036"), "verdict"] == "fail"
    assert rough.loc[("z0", "TR-036"), "verdict"] == "unsure"


def test_a_list_that_may_be_incomplete_never_fails_a_zone():
    home = zones(WEST)
    _, own = checked(Town(zones=home, schools=points((0, 0), kind="primary_school")), "2027-01-01")
    _, listed = checked(Town(zones=home, facilities=points((0, 0), kind="primary_school")), "2027-01-01")
    assert own.loc[("z0", "N26-017"), "verdict"] == "fail"
    assert listed.loc[("z0", "N26-017"), "verdict"] == "unsure"


def test_what_cannot_be_checked_names_its_layer():
    _, checks = checked(Town(zones=zones(WEST, kind="industrial_park")))
    assert checks.loc[("z0", "IP-006"), "found"] == "missing: land_use"
    assert checks.loc[("z0", "IP-010"), "found"] == "missing: hazard_class"
    assert checks.loc[("z0", "IP-004"), "found"] == "missing: lots"
    assert checks.loc[("z0", "SF-004"), "found"] == "missing: facilities:fire_station"


def test_the_land_balance_of_an_industrial_park():
    park = zones(box(0, 0, 1000, 1000), kind="industrial_park")  # 100 ha
    shares = {"DGT": (0, 100), "DKV": (100, 190), "DNL": (190, 210), "SKK": (210, 1000)}
    land = zones(*(box(0, low, 1000, high) for low, high in shares.values()), code=list(shares))
    _, checks = checked(Town(zones=park, land_use=land))
    row = checks.loc["z0"]
    assert row.loc["IP-006", ["found", "verdict"]].tolist() == [10.0, "pass"]
    assert row.loc["IP-007", ["found", "verdict"]].tolist() == [9.0, "fail"]
    assert row.loc["IP-008", ["found", "verdict"]].tolist() == [2.0, "pass"]


def test_gaps_overlaps_and_unknown_codes_of_land_use_are_no_pass():
    park = zones(box(0, 0, 1000, 1000), kind="industrial_park")
    whole = {"DGT": box(0, 0, 1000, 200), "SKK": box(0, 200, 1000, 1000)}
    tests = {
        "land_use_gaps": {**whole, "SKK": box(0, 200, 1000, 900)},
        "land_use_overlaps": {**whole, "DKV": box(0, 100, 1000, 200)},
        "unknown_codes": {"DGT": whole["DGT"], "XYZ": whole["SKK"]},
    }
    for doubt, land in tests.items():
        result, checks = checked(Town(zones=park, land_use=zones(*land.values(), code=list(land))))
        assert checks.loc[("z0", "IP-006"), "verdict"] == "unsure"
        reasons = result.frames["reasons"].set_index("rule_id")["doubt"]
        assert reasons["IP-006"] == doubt


def test_the_hazard_class_of_a_park_says_how_far_homes_must_be():
    park = box(0, 0, 500, 500)
    for name, verdict in (("I", "fail"), ("II", "pass"), ("iii", "pass"), ("IX", "no_data"), ("", "no_data")):
        frame = zones(park, box(1100, 0, 1500, 500), kind=["industrial_park", "urban_area"])
        frame["hazard_class"] = [name, ""]  # homes are 600 m away
        _, checks = checked(Town(zones=frame))
        hazard = checks.loc["z0"]
        hazard = hazard[hazard["metric"].str.contains("sanitary separation")]
        assert hazard["verdict"].tolist() == [verdict]


def test_a_residential_unit_by_its_people():
    for people, verdict in ((4_000, "pass"), (20_001, "fail"), (0, "no_data"), (-5, "no_data"), (None, "no_data")):
        _, checks = checked(Town(zones=zones(WEST, population=[people])))
        assert checks.loc[("z0", "RU-001"), "verdict"] == verdict
    _, checks = checked(Town(zones=zones(WEST)))  # counted from the ward's people: never plain
    assert checks.loc[("z0", "RU-001"), "found"] == 11 * 21 * 10
    assert checks.loc[("z0", "RU-001"), "verdict"] == "unsure"


def test_a_bad_zone_is_reported_never_left_out_never_passed():
    bowtie = shapely.Polygon([(X0, Y0), (X0 + 500, Y0 + 500), (X0 + 500, Y0), (X0, Y0 + 500)])
    frame = zones(bowtie, WEST, shapely.Point(X0, Y0), None, kind=["urban_area", "castle", "urban_area", "urban_area"])
    frame["area_ha"] = [-4.0, 10.0, 10.0, 10.0]
    result, checks = checked(Town(zones=frame, stops=points((0, 0))))
    faults = result.frames["zones"].set_index("id")["faults"]
    assert {"repaired", "bad_area"} <= set(faults["z0"].split())
    assert "unknown_kind" in faults["z1"]
    assert "point_only" in faults["z2"]
    assert "no_place" in faults["z3"]
    assert len(faults) == 4
    assert not (checks.loc["z2", "verdict"] == "pass").any()
    assert set(checks.loc["z3", "verdict"]) == {"no_data"}


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"as_of": "2026-02-31"},
        {"as_of": "1999-01-01"},
        {"code": "qcvn-01-1999"},
        {"as_of": "2026-12-31", "zones": "no_such"},
        {"as_of": "2026-12-31", "ids": ("no-such",)},
        {"as_of": "2026-12-31", "urban_class": "XI"},
        {"as_of": "2026-12-31", "network": "canals"},
        {"as_of": "2026-12-31", "zones": "table"},
        {"as_of": "2026-12-31", "zones": "lines"},
        {"as_of": "2026-12-31", "zones": "twice"},
        {"as_of": "2026-12-31", "zones": "empty"},
    ],
)
def test_a_request_that_cannot_be_answered_is_a_clear_fault(request_):
    region = Town(
        zones=zones(WEST),
        table=pd.DataFrame({"id": ["a"]}),
        lines=zones(shapely.LineString([(X0, Y0), (X0 + 9, Y0)])),
        twice=zones(WEST, EAST).assign(id="same"),
        empty=zones(WEST).iloc[:0],
    )
    with pytest.raises(ZoningError):
        run(CheckRequest(**request_), region)


def test_a_tod_area_lies_within_1_000_m_of_a_station_and_others_are_not_asked():
    near = zones(box(0, 0, 100, 100), box(1500, 0, 1600, 100))
    _, checks = checked(Town(zones=near, logistics=points((1100, 50), kind="rail_station")))
    assert checks.loc[("z0", "TOD-001"), ["found", "verdict"]].tolist() == [1000.0, "pass"]
    assert ("z1", "TOD-001") in checks.index
    _, checks = checked(Town(zones=near, logistics=points((1101, 50), kind="rail_station")))
    assert ("z0", "TOD-001") not in checks.index
    assert rule("TOD-001").high == 1000


def test_the_embedded_region_is_checked_whole(region):
    for layer, count in (("zones", 69), ("wards_2025", 36)):
        result, _ = checked(region, zones=layer)
        assert len(result.frames["zones"]) == result.figures["zones"] == count
        assert result.frames["checks"]["zone_id"].nunique() == count
        assert not result.frames["checks"].duplicated(["zone_id", "rule_id"]).any()


def test_no_zone_passes_a_rule_of_the_second_hand_code(region):
    result, _ = checked(region, "2027-01-01", zones="wards_2025")
    low = result.frames["checks"].query("confidence == 'low'")
    assert len(low) > 100
    assert not low["verdict"].eq("pass").any()
    assert low["verdict"].eq("fail").any()


def test_exports_hold_every_row_and_run_again(region, tmp_path):
    result, _ = checked(region, zones="wards_2025")
    count = len(result.frames["checks"])
    rows = list(csv.DictReader(io.StringIO(export_checks(result, region.store, "csv").data.decode("ascii"))))
    assert len(rows) == count
    assert list(rows[0]) == list(COLUMNS)
    features = json.loads(export_checks(result, region.store, "geojson").data)
    assert len(features["features"]) == count
    assert features["run"]["request"]["zones"] == "wards_2025"
    again, frame = replay(features, region)
    assert frame == "checks"
    pd.testing.assert_frame_equal(pd.DataFrame(again.frames[frame]), pd.DataFrame(result.frames[frame]))
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(export_checks(result, region.store, "xlsx").data))
    assert book["Checks"].max_row == count + 1
    with pytest.raises(InputError):
        export_checks(result, region.store, "docx")
    draft = replace(result, broken=(Note("adding made a trip slower"),))
    for kind in ("csv", "xlsx", "geojson"):
        with pytest.raises(ExportError, match="slower"):
            export_checks(draft, region.store, kind)
