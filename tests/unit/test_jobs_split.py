"""The catchment job, split by nearest: nobody counted twice, older records still answered, the command line."""

import json

import numpy as np
import pytest

from geodata.export import export_result
from geodata.records import read_record
from geodata.store import open_store
from zoning.__main__ import main
from zoning.difference import difference
from zoning.errors import InputError
from zoning.jobs import catchment
from zoning.jobs.catchment import MOST_SPLIT, CatchmentRequest
from zoning.laws import FASTER, SAME, of_results
from zoning.replay import replay

NEW_CITY = (106.681894, 11.056607)  # zones.csv, bd-new-city
BUS_STATION = (106.66886, 10.966375)  # facilities.csv, bus-bd
BAU_BANG = (106.6215, 11.2508)
PLACES = (NEW_CITY, BUS_STATION, BAU_BANG)


@pytest.fixture(scope="module", params=[False, True], ids=["outbound", "inbound"])
def answers(region, request):
    asked = CatchmentRequest(at=PLACES, minutes=(10, 20, 30), arrive=request.param)
    split = CatchmentRequest(at=PLACES, minutes=(10, 20, 30), arrive=request.param, split=True)
    return catchment.run(asked, region), catchment.run(split, region)


def test_people_and_streets_of_the_origins_add_up(answers):
    merged, split = (answer.frames["rings"] for answer in answers)
    assert "origin" not in merged
    assert split["origin"].tolist() == [1, 1, 1, 2, 2, 2, 3, 3, 3]
    sums = split.groupby("minutes")[["people", "reachable_km"]].sum()
    assert sums["people"].tolist() == merged["people"].tolist()
    assert sums["reachable_km"].tolist() == pytest.approx(merged["reachable_km"].tolist(), rel=1e-6)
    assert split.groupby("origin")["people"].apply(lambda one: one.is_monotonic_increasing).all()
    assert (split["people"] > 0).all()
    assert answers[0].frames["curve"].equals(answers[1].frames["curve"])


def test_every_place_belongs_to_the_origin_that_is_nearest_alone(answers, region):
    merged, split = (answer.frames["places"].set_index("id") for answer in answers)
    arrive = answers[1].run["request"]["arrive"]
    np.testing.assert_allclose(split["minutes"], merged.loc[split.index, "minutes"], atol=1e-9)
    alone = np.column_stack(
        [
            catchment.run(CatchmentRequest(at=(place,), minutes=(30,), arrive=arrive), region)
            .frames["places"].set_index("id").loc[split.index, "minutes"].fillna(np.inf)
            for place in PLACES
        ]
    )  # fmt: skip
    reached = np.isfinite(alone.min(axis=1))
    assert split["origin"].notna().tolist() == reached.tolist()
    assert split.loc[reached, "origin"].tolist() == (1 + alone.argmin(axis=1)[reached]).tolist()
    assert set(split.loc[reached, "origin"]) == {1, 2, 3}


def test_the_run_record_holds_it_and_replays_to_the_same_bytes(answers, region, tmp_path):
    store = open_store()
    first = export_result(answers[1], "rings", store)
    first.write(tmp_path / "rings.geojson")
    record = read_record(tmp_path / "rings.geojson")
    assert record["run"]["request"]["split"] is True
    again, frame = replay(record, region)
    assert export_result(again, frame, store).data == first.data


def test_a_record_from_before_is_merged(answers, region):
    record = json.loads(json.dumps(answers[0].run))
    del record["request"]["split"]
    again, _ = replay(record, region)
    assert again.frames["rings"].equals(answers[0].frames["rings"])
    assert again.run["id"] == answers[0].run["id"]


def test_an_origin_that_is_first_nowhere_is_named(region):
    asked = CatchmentRequest(at=(NEW_CITY, BUS_STATION, NEW_CITY), minutes=(10,), split=True)
    result = catchment.run(asked, region)
    assert result.frames["rings"]["origin"].tolist() == [1, 2]
    assert any("origin 3" in note.text() for note in result.notes)
    assert result.frames["origins"]["origin"].tolist() == [1, 2, 3]


def test_more_than_can_be_told_apart_are_refused_but_merged(region):
    many = tuple((106.6 + number / 500, 11.05) for number in range(MOST_SPLIT + 1))
    with pytest.raises(InputError, match="30"):
        catchment.run(CatchmentRequest(at=many, minutes=(5,), split=True), region)
    assert len(catchment.run(CatchmentRequest(at=many, minutes=(5,)), region).frames["rings"]) == 1


def test_before_and_after_a_scenario_belong_together_by_origin_and_limit(answers):
    split = answers[1]
    table = difference(split.frames["rings"], split.frames["rings"])
    assert len(table) == 9
    assert (table["people_change"] == 0).all()
    for way in (SAME, FASTER):
        assert of_results(split, split, way) == ()


def test_the_command_line_splits(tmp_path, capsys):
    out = tmp_path / "split.geojson"
    places = [text for lon, lat in PLACES[:2] for text in ("--at", f"{lon},{lat}")]
    assert main(["catchment", *places, "--minutes", "5,10", "--split", "--out", str(out)]) == 0
    features = json.loads(out.read_text(encoding="utf-8"))["features"]
    assert [(one["properties"]["origin"], one["properties"]["minutes"]) for one in features] == [
        (1, 5), (1, 10), (2, 5), (2, 10),
    ]  # fmt: skip
    assert "nearest origin" in capsys.readouterr().out
