"""Jobs answer from the embedded region: catchments, ways, gates, and runs run again."""

import json

import numpy as np
import pytest

from geodata.export import export_result
from geodata.records import read_record
from geodata.store import open_store
from zoning.errors import BadFileError, InputError, OffNetworkError
from zoning.jobs import catchment, gates, route
from zoning.jobs.catchment import CatchmentRequest
from zoning.replay import differences, replay

NEW_CITY = (106.681894, 11.056607)  # zones.csv, bd-new-city: stop behind the administrative centre
BUS_STATION = (106.66886, 10.966375)  # facilities.csv, bus-bd
CAT_LAI = (106.79346, 10.76382)  # logistics.csv, port-cat-lai


@pytest.fixture(scope="module")
def result(region):
    return catchment.run(CatchmentRequest(at=(NEW_CITY,), minutes=(10.0, 30.0, 20.0)), region)


def test_rings_come_smallest_first_and_nest(result):
    rings = result.frames["rings"]
    assert rings["minutes"].tolist() == [10, 20, 30]
    assert rings["area_ha"].is_monotonic_increasing
    assert rings["people"].is_monotonic_increasing
    for small, large in zip(rings.geometry[:-1], rings.geometry[1:], strict=True):
        assert small.difference(large).area <= 1e-6
    assert (rings[["missed_pct", "false_pct"]] <= 1).all(axis=None)
    assert set(rings["mode"]) == {"motorbike"}
    assert set(rings["direction"]) == {"outbound"}
    assert set(rings["network"]) == {"strategic"}


def test_people_are_never_more_than_the_wards_have(result, region):
    total = 2_626_670  # population_jobs.csv p041: 34 of 36 units
    assert 0 < result.frames["rings"]["people"].iloc[-1] < total
    everybody = (
        catchment.run(CatchmentRequest(at=(NEW_CITY,), minutes=(240,)), region).frames["rings"]["people"].iloc[0]
    )
    assert everybody == pytest.approx(total, rel=0.02)
    assert everybody <= total


def test_the_curve_ends_at_the_rings(result):
    curve, rings = result.frames["curve"].set_index("minutes"), result.frames["rings"].set_index("minutes")
    assert curve["people"].is_monotonic_increasing
    for minutes in (10, 20, 30):
        assert curve.loc[minutes, "people"] == rings.loc[minutes, "people"]
        assert curve.loc[minutes, "reachable_km"] == pytest.approx(rings.loc[minutes, "reachable_km"], rel=1e-6)


def test_places_known_only_roughly_are_listed_without_minutes(result):
    places = result.frames["places"].set_index("id")
    assert np.isnan(places.loc["bau-bang-stip", "minutes"])
    assert places.loc["bau-bang-stip", "position"] == "approximate"
    assert places.loc["vsip-3", "position"] == "unknown"
    assert places.loc["eiu", "minutes"] < 10  # 1.5 km away
    assert places["minutes"].max() <= 30


def test_the_run_record_is_the_question_and_its_data(result, region):
    again = catchment.run(CatchmentRequest(at=(NEW_CITY,), minutes=(10, 30, 20)), region)
    other = catchment.run(CatchmentRequest(at=(NEW_CITY,), minutes=(10, 30, 20), mode="car"), region)
    assert result.run == again.run
    assert result.run["id"] != other.run["id"]
    assert {"strategic", "population", "zones"} <= set(result.run["data"])
    json.dumps(result.run)


def test_replay_gives_the_same_bytes(result, region, tmp_path):
    store = open_store()
    first = export_result(result, "rings", store)
    first.write(tmp_path / "rings.geojson")
    record = read_record(tmp_path / "rings.geojson")
    again, frame = replay(record, region)
    assert export_result(again, frame, store).data == first.data
    assert differences(record, again) == []


@pytest.mark.parametrize("record", [{}, {"run": 1}, {"job": "nothing", "request": {}}, {"type": "FeatureCollection"}])
def test_a_file_without_a_run_record_is_refused(record, region):
    with pytest.raises(InputError, match="no run record"):
        replay(record, region)


def test_a_run_record_of_another_version_is_refused(region):
    with pytest.raises(InputError, match="speed_of_light"):
        replay({"job": "catchment", "request": {"at": [NEW_CITY], "speed_of_light": 1}}, region)


@pytest.mark.parametrize("text", ["", "not json", "[1]", "[" * 100_000])
def test_a_record_that_is_not_json_is_refused(tmp_path, text):
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(BadFileError):
        read_record(tmp_path / "run.json")


def test_a_missing_record_is_refused(tmp_path):
    with pytest.raises(BadFileError, match="cannot be read"):
        read_record(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"at": ()}, "Choose a point"),
        ({"mode": "boat"}, "no mode"),
        ({"network": "rails"}, "no network"),
        ({"hour": 25.0}, "hour"),
        ({"minutes": ()}, "at least one"),
        ({"minutes": (0,)}, "limit must be"),
        ({"minutes": (-5,)}, "limit must be"),
        ({"minutes": (float("nan"),)}, "limit must be"),
        ({"minutes": (600,)}, "limit must be"),
        ({"at": ((0.0, 0.0),)}, "outside"),
        ({"at": ((10.98, 106.65),)}, "outside"),
        ({"at": ((float("nan"), 11.0),)}, "position|point|outside"),
    ],
)
def test_what_cannot_be_answered_gets_a_sentence(region, changes, said):
    request = CatchmentRequest(**({"at": (NEW_CITY,)} | changes))
    with pytest.raises(InputError, match=said):
        catchment.run(request, region)


def test_a_point_in_nobodys_reach_is_an_error_not_a_shape(region):
    with pytest.raises(OffNetworkError, match="far"):
        catchment.run(CatchmentRequest(at=((106.25, 11.65),)), region)


def test_streets_that_are_not_loaded_are_an_error(region):
    with pytest.raises(ValueError, match="streets"):
        catchment.run(CatchmentRequest(at=(NEW_CITY,), network="streets"), region)


def test_modes_differ(region):
    reached = {
        mode: catchment.run(CatchmentRequest(at=(NEW_CITY,), minutes=(30,), mode=mode), region).frames["rings"][
            "area_ha"
        ][0]
        for mode in ("walk", "bicycle", "motorbike", "car")
    }
    assert reached["walk"] < reached["bicycle"] < reached["motorbike"] <= reached["car"]


def test_congestion_never_lengthens_the_reach(region, result):
    peak = catchment.run(CatchmentRequest(at=(NEW_CITY,), minutes=(30,), hour=7.5, day="mon"), region)
    assert peak.frames["rings"]["reachable_km"].iloc[0] < result.frames["rings"]["reachable_km"].iloc[-1]


def test_the_way_adds_up(region):
    way = route.run(route.RouteRequest(BUS_STATION, CAT_LAI, mode="car"), region)
    legs = way.frames["legs"]
    # network_check.md 1.3: 36.6 km along the operating corridors
    assert way.figures["length_km"] == pytest.approx(36.6, rel=0.05)
    there = catchment.run(CatchmentRequest(at=(BUS_STATION,), minutes=(90,), mode="car"), region).frames["places"]
    assert way.figures["minutes"] == pytest.approx(there.set_index("id").loc["port-cat-lai", "minutes"], rel=1e-6)
    assert set(legs["speed_source"]) <= {"tag", "law", "class", "fact", "assumption"}


def test_gates_are_timed_or_say_why_not(region):
    frame = gates.run(gates.GatesRequest(at=(NEW_CITY,)), region).frames["gates"].set_index("id")
    assert frame.loc["port-cat-lai", "minutes"] > 40  # 45 km by truck
    assert frame.loc["port-cai-mep", "reason"] == "approximate"
    assert frame.loc["port-cai-mep", "minutes"] > frame.loc["port-cat-lai", "minutes"]
    assert frame.loc["airport-long-thanh", "reason"] == "unknown"
    untimed = frame[frame["minutes"].isna()]
    assert set(untimed["reason"]) <= {"off_network", "unknown"}
    assert "st-sai-gon" in untimed.index  # 3 km from the nearest corridor of the strategic network
