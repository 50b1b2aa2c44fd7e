"""Every job answers to a scenario, records it, runs it again, and is held against the laws of travel."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from geodata.export import export_result
from geodata.records import read_record
from geodata.scenarios import ready_made
from geodata.store import open_store
from zoning import laws
from zoning.difference import compare, difference, gains
from zoning.errors import ExportError, InputError
from zoning.replay import JOBS, replay
from zoning.scenarios.content import content_of, text_of
from zoning.scenarios.model import (
    AddFacility,
    AddLine,
    AddRoad,
    AddStop,
    AddZone,
    Close,
    Scenario,
    SetSpeed,
)
from zoning.scenarios.region import ScenarioRegion, check

NEW_CITY = (106.681894, 11.056607)
PARK = (106.62, 11.14)
HOMES = (106.63, 11.13)
EMPTY = Scenario("empty", title_en="Nothing yet")
FASTER = Scenario("faster", modifications=(SetSpeed("mptv", road="mptv-south", speed_kmh=80.0),))
SLOWER = Scenario("slower", modifications=(Close("mptv", road="mptv-south"),))
WHOLE = Scenario(
    "whole",
    modifications=(
        Close("nr13", road="nr13"),
        SetSpeed("dt741", road="dt741", speed_kmh=20.0),
        AddZone("town", area=((106.60, 11.14), (106.66, 11.14), (106.66, 11.2), (106.60, 11.2)), people=50_000.0),
        AddFacility("homes", at=HOMES, facility_kind="housing", capacity=500.0),
        AddFacility("hospital", at=HOMES, facility_kind="hospital", capacity=90.0),
        AddLine("bus", stops=(NEW_CITY, PARK, HOMES), mode="bus", headway_min=10.0),
        AddStop("stop", at=HOMES, name_vi="Trạm mới"),
    ),
)
ASKED = {
    "catchment": {"at": (NEW_CITY,), "minutes": (10.0, 30.0)},
    "route": {"origin": NEW_CITY, "to": PARK},
    "gates": {"at": (NEW_CITY,)},
    "access": {"to": "facilities:hospital"},
    "workers": {
        "park": "bd-new-city",
        "at": NEW_CITY,
        "housing": "facilities:hospital",
        "housing_field": "capacity_value",
    },
    "check": {"as_of": "2026-12-31"},
    "stations": {"operating": True},
    "along": {"years": (2026, 2027)},
}
"""A question for every job that the scenario above must answer otherwise."""


@pytest.fixture(scope="module")
def whole(region):
    return ScenarioRegion(region, WHOLE)


def same(one, other):
    return sorted(one.frames) == sorted(other.frames) and all(
        pd.DataFrame(one.frames[name]).astype(str).equals(pd.DataFrame(other.frames[name]).astype(str))
        for name in one.frames
    )


def test_no_job_is_unknown_here():
    folder = Path(__file__).resolve().parents[2] / "zoning" / "jobs"
    jobs = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert jobs == set(JOBS), "a job that cannot be replayed"
    assert jobs == set(ASKED), "a new job: ask it something here that the scenario must change"


@pytest.mark.parametrize("job", sorted(ASKED))
def test_every_job_answers_to_the_scenario_and_records_it(job, region, whole):
    module, request, _ = JOBS[job]
    asked = request(**ASKED[job])
    base, found = module.run(asked, region), module.run(asked, whole)
    assert "scenario" not in base.run
    assert found.run["scenario"] == content_of(WHOLE)
    assert found.run["id"] != base.run["id"]
    assert not same(base, found), f"{job} ignores the scenario"
    again, _ = replay(json.loads(json.dumps(found.run)), region)
    assert again.run["id"] == found.run["id"]
    assert same(again, found)
    assert same(module.run(asked, region), base), "the region behind the scenario has changed"


def test_an_empty_scenario_is_identical_to_the_byte(region):
    module, request, frame = JOBS["catchment"]
    asked = request(**ASKED["catchment"])
    store = open_store()
    one, other = (
        export_result(module.run(asked, of), frame, store).data for of in (region, ScenarioRegion(region, EMPTY))
    )
    assert one == other
    paper = ScenarioRegion(region, EMPTY)
    assert paper.network("car", name="strategic") is region.network("car", name="strategic")
    assert paper.demand("strategic").equals(region.demand("strategic"))


def test_an_export_with_a_scenario_can_be_run_again(region, whole, tmp_path):
    module, request, frame = JOBS["catchment"]
    result = module.run(request(**ASKED["catchment"]), whole)
    export = export_result(result, frame, open_store())
    export.write(tmp_path / "rings.geojson")
    again, frame = replay(read_record(tmp_path / "rings.geojson"), region)
    assert export_result(again, frame, open_store()).data == export.data


def test_layers_and_people_change_on_paper_only(region, whole):
    facilities = whole.layer("facilities").set_index("id")
    assert facilities.loc["scenario:hospital", "capacity_value"] == 90.0
    assert len(facilities) == len(region.layer("facilities")) + 2
    assert whole.layer("zones")["id"].tolist()[-1] == "scenario:town"
    assert whole.layer("corridors").crs == region.layer("corridors").crs
    assert len(whole.layer("stops")) == len(region.layer("stops")) + 4
    for name in ("facilities", "zones", "corridors", "stops"):
        one, other = region.layer(name), whole.layer(name)
        assert list(one.columns) == list(other.columns)
        assert one.dtypes.equals(other.dtypes)
        assert whole.fingerprint(name) != region.fingerprint(name)
    assert whole.fingerprint("logistics") == region.fingerprint("logistics")
    people = [of.demand("strategic")["people"].sum() for of in (region, whole)]
    assert people[1] - people[0] == pytest.approx(50_000)


def test_a_facility_can_move_grow_and_go(region):
    known = region.layer("facilities")["id"].iloc[0]
    for change, said in (
        (AddFacility("x", replaces=known, gone=True), lambda f: known not in set(f["id"])),
        (AddFacility("x", replaces=known, capacity=7.0), lambda f: 7.0 in set(f["capacity_value"])),
        (AddFacility("x", replaces=known, at=HOMES), lambda f: f["geometry_quality"].iloc[0] == "edited"),
    ):
        made = ScenarioRegion(region, Scenario("s", modifications=(change,))).layer("facilities")
        assert said(made)
    for wrong in (AddFacility("x", replaces="nobody", gone=True),
                  AddFacility("x", at=HOMES, capacity=1.0, capacity_field="notes")):  # fmt: skip
        with pytest.raises(InputError, match="“x” is refused"):
            ScenarioRegion(region, Scenario("s", modifications=(wrong,))).layer("facilities")


def test_what_lies_outside_the_study_area_or_in_the_sea_is_refused_and_the_rest_stays(region):
    paris = AddRoad("paris", line=((2.3, 48.8), (2.4, 48.9)))
    sea = AddRoad("sea", line=((107.3, 10.3), (107.35, 10.31)))
    zone = AddZone("bow", area=((106.6, 11.0), (106.7, 11.1), (106.7, 11.0), (106.6, 11.1)))
    scenario = Scenario("s", modifications=(paris, sea, zone, *FASTER.modifications))
    assert [str(fault)[:7] for fault in check(scenario, region)] == ["“paris”", "“sea” i", "“bow” i"]
    with pytest.raises(InputError):
        ScenarioRegion(region, scenario).network("car", name="strategic")
    rest = ScenarioRegion(region, scenario, strict=False).network("car", name="strategic")
    alone = ScenarioRegion(region, FASTER).network("car", name="strategic")
    np.testing.assert_array_equal(rest.costs.edge_seconds, alone.costs.edge_seconds)


def test_every_ready_made_scenario_can_be_used(region):
    for scenario in ready_made().values():
        assert check(scenario, region) == ()
        assert ScenarioRegion(region, scenario).plan("strategic").new.unused == ()


def test_ring_road_4_serves_the_trucks_of_my_phuoc_and_no_motorbike(region):
    ring = ScenarioRegion(region, ready_made()["ring-road-4"])
    ends = region.points([(106.58, 11.085), (106.77, 11.10)])
    times = {
        mode: [of.network(mode, name="strategic").minutes_matrix(ends[:1], ends[1:], np.inf)[0, 0]
               for of in (region, ring)] for mode in ("truck", "motorbike")
    }  # fmt: skip
    assert times["truck"][1] < times["truck"][0] - 2
    assert times["motorbike"][1] == times["motorbike"][0]


def test_a_comparison_says_who_gains_and_keeps_the_laws(region):
    module, request, _ = JOBS["catchment"]
    asked = request(**ASKED["catchment"])
    for scenario, way in ((FASTER, laws.FASTER), (SLOWER, laws.SLOWER), (EMPTY, laws.SAME)):
        found = compare(module, asked, region, ScenarioRegion(region, scenario))
        assert (found.way, found.broken) == (way, ())
        gain, lose = found.wards["gain"].sum(), found.wards["lose"].sum()
        assert (gain > 1000, lose > 1000) == (way == laws.FASTER, way == laws.SLOWER)
        rings = found.tables["rings"]
        assert rings["minutes"].tolist() == [10.0, 30.0]
        change = rings["people_after"] - rings["people_before"]
        assert change.tolist() == rings["people_change"].tolist()
        assert (np.sign(rings["reachable_km_change"]) * {"faster": 1, "slower": -1, "same": 0}[way] >= 0).all()
        # sums of the wards are those of the rings: the same people, counted twice
        assert found.wards["people_after"].sum() == pytest.approx(rings["people_after"].iloc[-1], abs=20)
    two = compare(module, asked, ScenarioRegion(region, FASTER), ScenarioRegion(region, SLOWER))
    assert two.way == laws.MIXED
    assert two.wards["lose"].sum() > 1000


def test_a_result_that_breaks_a_law_cannot_be_exported_as_final(region):
    module, request, frame = JOBS["catchment"]
    result = module.run(request(**ASKED["catchment"]), region)
    broken = laws.reach(result.frames["rings"].assign(reachable_km=lambda f: f["reachable_km"] + 1),
                        result.frames["rings"], laws.FASTER)  # fmt: skip
    assert len(broken) == 1
    with pytest.raises(ExportError, match="stays a draft"):
        export_result(replace(result, broken=broken), frame, open_store())


def test_each_law_can_be_broken():
    old, new = np.array([1.0, 5.0, np.inf]), np.array([1.0, 6.0, np.inf])
    assert laws.trips(old, new, laws.SLOWER) == laws.trips(old, new, laws.MIXED) == ()
    assert "1 trips take longer" in laws.trips(old, new, laws.FASTER)[0].text()
    assert laws.trips(new, old, laws.SLOWER)
    assert laws.trips(old, new, laws.SAME)
    assert laws.trips(old, np.array([1.0, 5.0, 9.0]), laws.SLOWER)
    assert laws.trips(np.array([1.0, np.nan]), np.array([1.0, np.nan]), laws.SAME) == ()
    rings = pd.DataFrame(
        {"minutes": [5.0, 10.0], "reachable_km": [2.0, 4.0], "people": [10, 20], "area_ha": [1.0, 2.0]}
    )
    assert laws.nesting(rings) == ()
    assert laws.nesting(rings[::-1])
    assert laws.reach(rings, rings.assign(people=[10, 18]), laws.FASTER)
    assert laws.reach(rings, rings.assign(area_ha=[1.0, 1.5]), laws.FASTER)
    assert laws.reach(rings, rings.assign(people=[10, 25]), laws.SLOWER)
    assert laws.reach(rings, rings.assign(people=[10, 25]), laws.FASTER) == ()


def test_differences_keep_rows_of_either_side_and_refuse_doubtful_keys():
    one = pd.DataFrame({"id": ["a", "b"], "name_vi": ["A", "B"], "value": [1.0, 2.0]})
    other = pd.DataFrame({"id": ["b", "c"], "name_vi": ["B", "C"], "value": [5.0, 7.0]})
    table = difference(one, other).set_index("id")
    assert table.loc["b", "value_change"] == 3.0
    assert np.isnan(table.loc["a", "value_after"])
    assert table["name_vi"].to_dict() == {"a": "A", "b": "B", "c": "C"}
    assert difference(one, pd.concat([other, other])) is None
    gain, lose = gains(np.array([5.0, np.inf, 5.0, np.inf, 5.2]), np.array([4.0, 9.0, np.inf, np.inf, 5.0]))
    assert gain.tolist() == [True, True, False, False, False]
    assert lose.tolist() == [False, False, True, False, False]


def test_every_verb_of_the_command_line_takes_a_scenario():
    from zoning.__main__ import parser

    verbs = next(action.choices for action in parser()._actions if isinstance(action.choices, dict))
    assert len(verbs) >= 5
    for name, verb in verbs.items():
        options = {option for action in verb._actions for option in action.option_strings}
        assert name == "scenario" or "--scenario" in options, name


def test_a_record_is_run_again_with_another_scenario(tmp_path, capsys):
    from zoning.__main__ import main

    file, out, again = (tmp_path / name for name in ("s.json", "rings.geojson", "again.geojson"))
    file.write_text(text_of(FASTER), encoding="utf-8")
    assert main(["catchment", "--at", "106.6819,11.0566", "--minutes", "15", "--mode", "car", "--out", str(out)]) == 0
    assert main(["replay", str(out), "--scenario", str(file), "--out", str(again)]) == 0
    before, after = (json.loads(one.read_text("utf-8")) for one in (out, again))
    assert "scenario" not in before["run"]
    assert after["run"]["scenario"] == content_of(FASTER)
    assert after["features"][0]["properties"]["reachable_km"] > before["features"][0]["properties"]["reachable_km"]
    said = capsys.readouterr().out
    assert f"written to {again}" in said
    assert "have changed" not in said  # the data are what they were: the scenario is laid over them


def test_the_command_line_takes_scenarios(tmp_path, capsys):
    from zoning.__main__ import main

    file, out = tmp_path / "s.json", tmp_path / "rings.geojson"
    file.write_text(text_of(FASTER), encoding="utf-8")
    assert main(["scenario", str(file)]) == 0
    assert "mptv [speed]" in capsys.readouterr().out
    asked = ["catchment", "--at", "106.6819,11.0566", "--minutes", "15", "--out", str(out)]
    assert main([*asked, "--scenario", str(file)]) == 0
    run = json.loads(out.read_text("utf-8"))["run"]
    assert run["scenario"] == content_of(FASTER)
    file.write_text(text_of(replace(FASTER, modifications=(Close("x", road="nowhere"),))), encoding="utf-8")
    for command in (["scenario", str(file)], [*asked, "--scenario", str(file)]):
        with pytest.raises(InputError, match="“x” is refused: the network has no road"):
            main(command)
