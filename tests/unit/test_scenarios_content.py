"""A scenario file says what it means, is read back as it was written, and what is wrong in it is refused by name."""

import json
from pathlib import Path

import jsonschema
import pytest

from geodata.corridor_scenarios import corridor_scenarios
from geodata.export import export_frame
from geodata.scenarios import read_scenario, ready_made, scenario_layer
from zoning.errors import BadFileError, InputError
from zoning.scenarios.content import content_of, hash_of, read, text_of
from zoning.scenarios.model import AddRoad, AddZone, Close, Scenario, together
from zoning.scenarios.schema import schema

ROOT = Path(__file__).resolve().parents[2]
LINE = [[106.65, 11.0], [106.66, 11.01]]
ONE_OF_EACH = [
    {"kind": "road", "id": "a", "line": LINE, "road_class": "secondary", "lanes": 4, "modes": ["car"], "one_way": True},
    {"kind": "close", "id": "b", "road": "nr13"},
    {"kind": "speed", "id": "c", "line": LINE, "speed_kmh": 60},
    {"kind": "lanes", "id": "d", "road": "nr13", "lanes": 6},
    {"kind": "modes", "id": "e", "road": "nr13", "closed": ["truck"]},
    {"kind": "interchange", "id": "f", "at": LINE[0]},
    {"kind": "stop", "id": "g", "at": LINE[0], "name_vi": "Trạm mới"},
    {"kind": "line", "id": "h", "stops": LINE, "headway_min": 10},
    {"kind": "facility", "id": "i", "at": LINE[0], "facility_kind": "hospital", "capacity": 90},
    {"kind": "zone", "id": "j", "area": [*LINE, [106.66, 11.0]], "people": 1000, "zone_kind": "new_town"},
]


def file_of(*modifications, **header):
    head = {"format": "innovation-region-scenario", "version": 1, "id": "test"}
    return head | header | {"modifications": list(modifications)}


def test_what_is_written_is_read_back():
    scenario = read(file_of(*ONE_OF_EACH, title_vi="Thử", open_year=2030)).whole()
    again = read(json.loads(text_of(scenario))).whole()
    assert again == scenario
    assert hash_of(again) == hash_of(scenario) != hash_of(Scenario(id="test"))
    assert content_of(scenario)["modifications"][0]["line"] == LINE
    assert len(scenario.modifications) == len({type(one) for one in scenario.modifications}) == 10


def test_the_schema_in_the_repository_is_that_of_the_code():
    assert json.loads((ROOT / "docs/scenario.schema.json").read_text("utf-8")) == json.loads(json.dumps(schema()))
    jsonschema.Draft202012Validator.check_schema(schema())


def test_the_schema_takes_what_the_reader_takes():
    check = jsonschema.Draft202012Validator(schema())
    check.validate(file_of(*ONE_OF_EACH))
    check.validate(content_of(read(file_of(*ONE_OF_EACH)).whole()))
    for one in ready_made().values():
        check.validate(content_of(one))


BAD = [
    ({"kind": "tunnel"}, "there is no kind “tunnel”"),
    ({"kind": "close"}, "id is missing"),
    ({"kind": "close", "id": " "}, "id is empty"),
    ({"kind": "close", "id": "x"}, "names no road and draws no line"),
    ({"kind": "close", "id": "x", "road": "nr13", "colour": "red"}, "unknown field colour"),
    ({"kind": "close", "id": "x", "road": "nr13", "modes": ["boat"]}, "modes: unknown boat"),
    ({"kind": "road", "id": "x", "line": [LINE[0], LINE[0]]}, "2 different points or more, and has 1"),
    ({"kind": "road", "id": "x", "line": [*LINE, LINE[0]]}, "loop"),
    ({"kind": "road", "id": "x", "line": [[106.6, "11"], LINE[0]]}, "no [longitude, latitude]"),
    ({"kind": "road", "id": "x", "line": [[float("nan"), 11], LINE[0]]}, "no [longitude, latitude]"),
    ({"kind": "road", "id": "x", "line": LINE, "road_class": "river"}, "road_class must be one of"),
    ({"kind": "road", "id": "x", "line": LINE, "speed_kmh": 0}, "speed_kmh must lie between 0 and 200"),
    ({"kind": "road", "id": "x", "line": LINE, "lanes": True}, "lanes must be a number"),
    ({"kind": "line", "id": "x", "stops": LINE, "headway_min": 0}, "headway_min must lie between"),
    ({"kind": "line", "id": "x", "stops": LINE, "first_hour": 20, "last_hour": 6}, "ends before it begins"),
    ({"kind": "lanes", "id": "x", "road": "nr13"}, "neither lanes nor direction"),
    ({"kind": "lanes", "id": "x", "road": "nr13", "one_way": True}, "one-way needs a line"),
    ({"kind": "modes", "id": "x", "road": "nr13"}, "opens to no mode"),
    ({"kind": "facility", "id": "x"}, "neither a place"),
    ({"kind": "zone", "id": "x", "area": LINE}, "3 different points or more"),
    ("nr13", "no JSON object"),
]


@pytest.mark.parametrize(("bad", "said"), BAD)
def test_a_bad_modification_is_refused_by_name_and_the_rest_stays(bad, said):
    reading = read(file_of(ONE_OF_EACH[1], bad, ONE_OF_EACH[6]))
    assert [one.id for one in reading.scenario.modifications] == ["b", "g"]
    (fault,) = reading.faults
    assert said in str(fault)
    assert str(fault).startswith("“x” is refused" if isinstance(bad, dict) and bad.get("id") == "x" else "“2” is")
    with pytest.raises(InputError):
        reading.whole()
    if isinstance(bad, dict) and said not in ("loop", "neither a place"):
        vietnamese = fault.text(lambda text: f"<{text}>")
        assert vietnamese.count("<") == 2, "the reason is translated as well"


def test_an_id_counts_once():
    reading = read(file_of(ONE_OF_EACH[1], ONE_OF_EACH[1]))
    assert len(reading.scenario.modifications) == len(reading.faults) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ([], "no scenario"),
        ({"type": "FeatureCollection"}, "no scenario"),
        (file_of() | {"version": 2}, "version 2"),
        (file_of() | {"modifications": {}}, "a list"),
        (file_of(network="rails"), "network must be one of"),
        (file_of(open_year=2030.5), "open_year must be a number"),
        (file_of(colour="red"), "unknown field colour"),
    ],
)
def test_what_is_no_scenario_is_refused_whole(content, said):
    with pytest.raises(InputError, match=said):
        read(content)


def test_files_are_read_or_refused(tmp_path):
    scenario = read(file_of(*ONE_OF_EACH)).whole()
    path = tmp_path / "s.json"
    path.write_text(text_of(scenario), encoding="utf-8")
    assert read_scenario(path).whole() == scenario
    for name, data in (("none.json", None), ("text.json", b"nonsense"), ("deep.json", b"[" * 99_999),
                       ("bytes.json", b"\xff\xfe\x00"), ("no.gpkg", b"no database")):  # fmt: skip
        if data is not None:
            (tmp_path / name).write_bytes(data)
        with pytest.raises(BadFileError):
            read_scenario(tmp_path / name)


def test_a_geopackage_layer_holds_all_of_it_and_lines_moved_in_it_count(tmp_path):
    scenario = read(file_of(*ONE_OF_EACH, title_vi="Thử", author="Lan")).whole()
    frame = scenario_layer(scenario)
    assert frame.crs.to_epsg() == 4326
    path = tmp_path / "s.gpkg"
    path.write_bytes(export_frame(frame, {"name": "scenario"}, "gpkg").data)
    assert read_scenario(path).whole() == scenario
    moved = frame.copy()
    moved.loc[0, "geometry"] = moved.geometry.iloc[0].segmentize(0.005)
    path.write_bytes(export_frame(moved, {"name": "scenario"}, "gpkg").data)
    assert len(read_scenario(path).whole().modifications[0].line) > 2


def test_the_ready_made_files_are_what_the_corridors_make():
    assert ready_made() == {one.id: one for one in corridor_scenarios()}
    for one in corridor_scenarios():
        text = (ROOT / f"geodata/sources/scenarios/{one.id}.json").read_text("utf-8")
        assert text == text_of(one)


def test_an_alignment_known_only_by_its_ends_says_so():
    known = ready_made()
    expressway = known["chon-thanh-expressway"]
    assert (expressway.open_year, expressway.status, expressway.geometry_quality) == (
        2028, "under_construction", "schematic")  # fmt: skip
    assert "hai đầu" in expressway.notes_vi
    (road,) = expressway.modifications
    assert (len(road.line), road.length_km, len(road.interchanges)) == (2, 69.0, 2)
    assert known["metro-1"].open_year == 2031
    assert known["brt"].open_year is None
    assert {one.geometry_quality for one in known["ring-road-4"].modifications} == {"schematic"}


def test_several_scenarios_make_one():
    one = Scenario(id="a", title_en="A", modifications=(Close(id="x", road="nr13"),))
    other = Scenario(id="b", title_en="B", modifications=(AddRoad(id="x", line=((1.0, 2.0), (3.0, 4.0))), AddZone("z")))
    both = together((one, other))
    assert [change.id for change in both.modifications] == ["a.x", "b.x", "b.z"]
    assert both.title_en == "A + B"
    assert together((one,)) is one
