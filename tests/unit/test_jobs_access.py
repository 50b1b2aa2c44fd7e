"""Who reaches what: sums by hand on a toy street, the embedded region, bad input, and the command line."""

import json
import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from geodata.journal import JournalHandler
from pages.ui.text import translator
from tests.data.street_graphs import CRS
from tests.data.toy_region import ToyRegion, at, box, frame
from zoning import supply as supplies
from zoning.__main__ import main
from zoning.cli import run as run_command
from zoning.errors import InputError, UnknownLayerError
from zoning.jobs.access import AccessRequest, run
from zoning.reach.menu import EQUITY, MEASURES
from zoning.replay import replay


def toy(region=None, **fields):
    return run(AccessRequest(**({"to": "facilities:hospital"} | fields)), region or ToyRegion())


def values(result):
    return dict(zip(result.frames["units"]["id"], result.frames["units"]["value"], strict=True))


def test_nearest_by_hand():
    # nodes are a minute apart, hospitals at 0 and 3: minutes 0 1 1 0 1 2
    assert values(toy()) == {"a": 0.5, "b": 0.5, "c": 1.5}


def test_two_step_catchment_by_hand():
    # within one minute of 0: nodes 0, 1 with 300 people, 90 beds; of 3: nodes 2, 3, 4 with 600 (4 unknown), 60 beds
    found = toy(measure="2sfca", minutes=1, capacity="beds")
    assert values(found) == pytest.approx({"a": 300.0, "b": 100.0, "c": 50.0})  # per 1,000; c: node 4 has 100, 5 none
    units = found.frames["units"].set_index("id")
    assert units["people"].isna().tolist() == [False, False, True]
    assert units["weighted_by"].tolist() == ["people", "people", "points"]


@pytest.mark.parametrize("measure", ["2sfca", "e2sfca", "3sfca"])
def test_people_times_supply_a_person_is_the_supply_within_reach(measure):
    found = toy(measure=measure, minutes=2, capacity="beds").frames["points"]
    assert (found["value"] * found["people"].fillna(0)).sum() / 1000 == pytest.approx(150.0)


def test_spatial_availability_keeps_totals():
    assert sum(values(toy(measure="spatial_availability", minutes=2, capacity="beds")).values()) == pytest.approx(150.0)


def test_doubling_supply_doubles_what_each_has():
    one, two = ToyRegion(), ToyRegion()
    two.layers["facilities"] = two.layers["facilities"].assign(beds=lambda f: 2 * f["beds"])
    ask = {"measure": "2sfca", "minutes": 2, "capacity": "beds"}
    for unit, value in values(toy(one, **ask)).items():
        assert values(toy(two, **ask))[unit] == pytest.approx(2 * value)


def test_what_was_left_out_is_counted_and_said():
    found = toy()
    assert found.figures["places_left_out"] == {"not_open": 1, "no_place": 1, "off_network": 1}
    said = " ".join(note.text() for note in found.notes)
    assert "1 of 5 places left out: not in operation." in said
    assert "1 of 5 places left out: too far from a street" in said
    assert "population of 1 of 3 wards is not known" in said
    facilities = found.frames["facilities"].set_index("id")
    assert facilities["used"].tolist() == [True, True, False, False, False]
    assert toy(planned=True).figures["places_used"] == 3


def test_capacities_that_are_missing_or_negative_are_dropped_and_counted():
    region = ToyRegion()
    region.layers["facilities"] = region.layers["facilities"].assign(beds=[90.0, np.nan, -5.0, 1.0, 1.0])
    found = toy(region, measure="2sfca", capacity="beds")
    assert found.figures["places_left_out"] == {"not_open": 1, "no_place": 1, "no_capacity": 1, "bad_capacity": 1}
    assert found.figures["capacity_used"] == 90


def test_a_column_in_words_has_its_number_beside_it():
    region = ToyRegion()
    words = {"beds": ["90 beds, more later", "", "", "", ""], "beds_value": [90.0, 30.0, None, None, None]}
    region.layers["facilities"] = region.layers["facilities"].assign(**words)
    assert toy(region, measure="cumulative", capacity="beds").figures["capacity_used"] == 120


def test_old_communes_and_cells_keep_everyone():
    for fields in ({"by": "communes"}, {"by": "grid", "cell_m": 150}, {"by": "grid", "cell_m": 150, "shape": "square"}):
        units = toy(**fields).frames["units"]
        assert math.fsum(units["people_known"]) == 900.0
        assert units["id"].is_unique
    communes = toy(by="communes").frames["units"].set_index("id")
    assert communes.loc["west", "people"] == 600.0
    assert communes.loc["east", ["people", "people_known"]].tolist()[1] == 300.0
    assert pd.isna(communes.loc["east", "people"])  # two of its three points are of unknown people


def test_a_gap_between_outlines_loses_nobody():
    region = ToyRegion()
    region.layers["communes_until_2025"] = region.layers["communes_until_2025"].set_geometry(
        gpd.GeoSeries([box(0, 1), box(3, 5)], crs=CRS)
    )
    found = toy(region, by="communes")
    assert math.fsum(found.frames["units"]["people_known"]) == 900.0
    assert "1 points lie in a gap" in " ".join(note.text() for note in found.notes)


def test_nobody_reaching_anything_is_null_or_nothing_and_said():
    region = ToyRegion()
    region.graph.add_edge(6, 7, length=100.0, travel_time=60.0)
    for node in (6, 7):
        region.graph.add_node(node, x=at(node + 100).x, y=at(0).y)
    region.layers["facilities"] = frame([{"id": "x", "name_vi": "X", "kind": "hospital"}], [at(106)])
    found = toy(region)
    assert found.frames["units"]["value"].isna().all()
    assert "No place is reached from anywhere within 120" in " ".join(note.text() for note in found.notes)
    assert toy(region, measure="cumulative").frames["units"]["value"].tolist() == [0, 0, 0]


def test_equity_figures_have_names_and_lines():
    found = toy(measure="cumulative", minutes=1, line=1.5).figures["equity"]
    # 600 of the 900 people reach one hospital, none reaches two: everyone has less than 1.5
    assert set(EQUITY) <= set(found)
    assert found["fgt0"] == 1.0
    assert found["gini"] == 0.0
    assert found["theil"] == pytest.approx(found["theil_between"] + found["theil_within"])
    beyond = toy(line=0.5).figures["equity"]
    assert beyond["beyond_people"] == 450.0  # nodes 1 and 2 are a minute away
    assert toy().figures["equity"]["line"] is None


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"measure": "best"}, "no measure “best”"),
        ({"mode": "rocket"}, "no mode “rocket”"),
        ({"by": "streets"}, "not by “streets”"),
        ({"by": "grid", "shape": "triangle"}, "triangle"),
        ({"by": "grid", "cell_m": 1}, "20 to 50000"),
        ({"minutes": 0}, "within a day"),
        ({"minutes": math.nan}, "within a day"),
        ({"k": 0}, "from 1 to 100"),
        ({"line": -1}, "above 0"),
        ({"network": "air"}, "no network “air”"),
        ({"to": "facilities:school"}, "nothing of the kind “school”. Its kinds: hospital"),
        ({"capacity": "nurses"}, "no column “nurses” of capacities. Its columns of numbers: beds"),
        ({"measure": "gravity", "decay": "fast"}, "not a decay"),
        ({"measure": "e2sfca", "decay": "linear:5"}, "weighs by steps"),
    ],
)
def test_what_cannot_be_asked_is_a_sentence(fields, said):
    with pytest.raises(InputError) as fault:
        toy(**fields)
    assert said in str(fault.value)


def test_layers_that_hold_no_place_are_refused():
    region = ToyRegion(
        table=pd.DataFrame({"id": ["1"]}),
        empty=frame({"id": []}, []),
        nowhere=frame([{"id": "1"}, {"id": "2"}], [None] * 2),
    )
    with pytest.raises(UnknownLayerError, match="no layer schools"):
        toy(region, to="schools")
    with pytest.raises(InputError, match="no layer of places"):
        toy(region, to="table")
    with pytest.raises(InputError, match="is empty"):
        toy(region, to="empty")
    with pytest.raises(InputError, match="None of the 2 places of nowhere can be used: .* 2 without a place"):
        toy(region, to="nowhere")


def test_too_many_places_are_a_sentence_with_counts(monkeypatch):
    monkeypatch.setattr(supplies, "MOST_PLACES", 3)
    with pytest.raises(InputError, match="has 5 places; at most 3"):
        toy()


def test_thousands_of_places_work():
    rng = np.random.default_rng(4)
    many = [at(x) for x in rng.uniform(0, 5, 20_000)]
    region = ToyRegion(shops=frame({"id": np.arange(20_000).astype(str)}, many))
    found = toy(region, to="shops", measure="2sfca", minutes=9)
    points = found.frames["points"]
    assert (points["value"] * points["people"].fillna(0)).sum() / 1000 == pytest.approx(20_000)


def test_a_planners_own_layer_needs_no_names_or_quality():
    region = ToyRegion(mine=frame([{"places": 40}], [box(3, 3)]))
    assert toy(region, to="mine", capacity="places", measure="cumulative").figures["capacity_used"] == 40


def test_the_same_question_has_the_same_run_and_a_record_is_it_again():
    one, two = toy(minutes=10), toy(minutes=10.0)
    assert one.run["id"] == two.run["id"] != toy(minutes=11).run["id"]
    again, name = replay(json.loads(json.dumps(one.run)), ToyRegion())
    assert name == "units"
    assert again.run == one.run


@pytest.mark.parametrize("measure", MEASURES)
def test_the_embedded_region_answers(region, measure):
    found = run(AccessRequest("facilities:university", measure, minutes=30, capacity="capacity"), region)
    units = found.frames["units"]
    assert len(units) == 36
    assert units["people"].notna().sum() == 34  # 34 of 36 wards have a published population
    assert found.figures["people"] == pytest.approx(2_626_670)  # sum of the printed values, population_jobs p041
    # EIU 24,000, TDMU 30,000, VGU 12,000; the others publish none or stand only roughly
    assert found.figures["capacity_used"] == 66_000
    if measure in {"2sfca", "e2sfca", "3sfca", "spatial_availability"}:
        points = found.frames["points"]
        assert (points["value"] * points["people"]).sum() / 1000 == pytest.approx(66_000)


def test_a_ward_with_a_hospital_is_nearer_to_one_than_the_far_north(region):
    found = values(run(AccessRequest("facilities:hospital"), region))
    assert found["n-25747"] < 10  # Thu Dau Mot
    assert found["n-25777"] > 40  # Dau Tieng


def test_the_command_line_writes_what_was_asked(tmp_path, capsys):
    out = tmp_path / "units.geojson"
    assert (
        main(["access", "--to", "facilities:hospital", "--measure", "nearest", "--mode", "walk", "--out", str(out)])
        == 0
    )
    assert "36 units on the strategic network" in capsys.readouterr().out
    written = json.loads(out.read_text("utf-8"))
    assert len(written["features"]) == 36
    assert written["run"]["request"]["mode"] == "walk"
    table = tmp_path / "cells.csv"
    arguments = [
        "access",
        "--to",
        "facilities:university",
        "--measure",
        "2sfca",
        "--capacity",
        "capacity",
        "--minutes",
        "20",
    ]
    assert main([*arguments, "--by", "grid", "--cell", "3000", "--out", str(table)]) == 0
    assert pd.read_csv(table, encoding="utf-8-sig")["people_known"].sum() == pytest.approx(2_626_670)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--minutes", "soon"], "--minutes: “soon” is not a number."),
        (["--k", "1.5"], "--k: “1.5” is not a whole number."),
        (["--measure", "best"], "There is no measure “best”"),
        (["--to", "schools"], "There is no layer schools"),
        (["--out", "units.pdf"], "units.pdf: the ending says what to write"),
    ],
)
def test_command_line_faults_are_one_line(more, said, tmp_path, capsys):
    arguments = [
        "access",
        "--to",
        "facilities:hospital",
        "--measure",
        "nearest",
        "--out",
        str(tmp_path / "u.csv"),
        *more,
    ]
    assert run_command(lambda: main(arguments), log=JournalHandler(tmp_path / "log")) == 2
    shown = capsys.readouterr()
    assert shown.err.startswith(said)
    assert shown.err.count("\n") == 1
    assert run_command(lambda: main(arguments), translator("vi"), JournalHandler(tmp_path / "log")) == 2
    assert capsys.readouterr().err != shown.err
