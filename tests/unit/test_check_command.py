"""`python -m zoning check` says what is wrong with each zone, follows reliefs, and checks what a scenario adds."""

import csv
import json

import geopandas as gpd
import pytest
import shapely

from geodata.crs import PLANNING_CRS, planning_to_lonlat
from zoning.__main__ import main
from zoning.errors import InputError
from zoning.jobs.check import CheckRequest, run
from zoning.scenarios.content import text_of
from zoning.scenarios.model import AddFacility, AddZone, Scenario
from zoning.scenarios.region import ScenarioRegion

pytestmark = pytest.mark.usefixtures("compiled")
X0, Y0 = 600_000, 1_224_000
INFO = dict.fromkeys(("title_en", "title_vi", "source", "licence", "attribution", "date", "method"), "test")


def box(x0, y0, x1, y1):
    return shapely.box(X0 + x0, Y0 + y0, X0 + x1, Y0 + y1)


def drawn(store):
    """Keep a layer of zones, each bad in its own way, with land use under some of them."""
    bowtie = shapely.Polygon([(X0, Y0), (X0 + 900, Y0 + 900), (X0 + 900, Y0), (X0, Y0 + 900)])
    parks = [box(0, 2000, 1000, 3000), bowtie, box(2000, 0, 3000, 1000), box(2500, 0, 3500, 1000),
             box(5000, 0, 6000, 1000), box(0, 5000, 1000, 6000), box(0, 7000, 1000, 8000)]  # fmt: skip
    frame = gpd.GeoDataFrame(
        {
            "id": ["good", "crossed", "over-1", "over-2", "minus", "bare", "empty"],
            "kind": ["industrial_park"] * 6 + ["urban_area"],
            "area_ha": [100.0, None, None, None, -3.0, None, None],
            "population": [None] * 6 + [0.0],
        },
        geometry=parks,
        crs=PLANNING_CRS,
    )
    land = gpd.GeoDataFrame({"code": ["DGT", "XX"]}, geometry=[box(-900, -900, 9000, 4900), box(0, 6900, 900, 7900)],
                            crs=PLANNING_CRS)  # fmt: skip
    store.write_layer("drawn", frame, INFO)
    store.write_layer("land_use", land, INFO)


def rows(path):
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def test_bad_zones_are_named_with_their_fault_and_never_pass(store, tmp_path, capsys):
    drawn(store)
    out = tmp_path / "checks.csv"
    ask = ["check", "--as-of", "2026-12-31", "--zones", "drawn", "--store", str(store.path), "--out", str(out)]
    assert main(ask) == 0
    said = capsys.readouterr().out
    for line in (
        "crossed: Its outline crossed itself and was repaired for the check.",
        "over-1: Its outline overlaps that of over-2: the same ground counts twice.",
        "over-2: Its outline overlaps that of over-1: the same ground counts twice.",
        "minus: Its published area is not more than 0: not used.",
        "bare: No land use is known of it: the layer of land use leaves it out.",
        "empty: Its population is 0: nothing is counted per person.",
        "empty: Codes of land use that are no official ones: XX.",
    ):
        assert line in said.splitlines()
    passed = {row["zone_id"] for row in rows(out) if row["verdict"] == "pass"}
    assert passed == {"good"}
    assert {row["zone_id"] for row in rows(out)} == {"good", "crossed", "over-1", "over-2", "minus", "bare", "empty"}


def test_a_relief_is_given_on_the_command_line_and_named_by_the_verdict(store, tmp_path, capsys):
    drawn(store)
    out = tmp_path / "checks.csv"
    ask = ["check", "--as-of", "2026-12-31", "--zones", "drawn", "--where-id", "empty", "--store", str(store.path),
           "--out", str(out)]  # fmt: skip
    frame = store.layer("drawn")
    store.write_layer("drawn", frame.assign(population=[None] * 6 + [3000.0]), INFO)
    main(ask)
    before = {row["rule_id"]: row for row in rows(out)}
    assert before["RU-001"]["verdict"] == "fail"  # 4,000 at least
    main([*ask, "--relief", "empty=mountain,existing"])
    after = {row["rule_id"]: row for row in rows(out)}
    assert after["RU-001"]["verdict"] == "pass"  # 2,800 in the mountains
    assert after["RU-001"]["clause"] == "2.2; 2.2 (RU-002)"
    assert "2.2 (RU-002)" in capsys.readouterr().out
    for wrong in ("empty", "=existing", "empty=castle", "nobody=existing"):
        with pytest.raises(InputError):
            main([*ask, "--relief", wrong])


def test_zones_and_facilities_of_a_scenario_reach_the_checks(store, tmp_path):
    corners = [planning_to_lonlat(x, y) for x, y in list(box(0, 0, 1000, 1000).exterior.coords)[:-1]]
    area = tuple((float(lon), float(lat)) for lon, lat in corners)
    middle = tuple(float(one) for one in planning_to_lonlat(X0 + 500, Y0 + 500))
    scenario = Scenario(
        "new",
        modifications=(
            AddZone("town", area=area, people=9_000.0),
            AddFacility("clinic", at=middle, facility_kind="health_station"),
            AddFacility("school", at=middle, facility_kind="upper_secondary_school"),
        ),
    )
    file, out = tmp_path / "new.json", tmp_path / "checks.csv"
    file.write_text(text_of(scenario), encoding="utf-8")
    ask = ["check", "--as-of", "2026-12-31", "--store", str(store.path), "--out", str(out)]
    main([*ask, "--scenario", str(file)])
    mine = {row["rule_id"]: row for row in rows(out) if row["zone_id"] == "scenario:town"}
    # its people live there beside the share of the ward's people who do
    assert float(mine["RU-001"]["found"]) > 9_000
    assert mine["SV-026"]["found"] == "1"  # the health station
    main(ask)
    assert not [row for row in rows(out) if row["zone_id"] == "scenario:town"]

    from geodata.region import StoreRegion

    region = StoreRegion(store)
    ward = store.layer("wards_2025")
    inside = ward[ward.geometry.contains(shapely.Point(X0 + 500, Y0 + 500))]["id"].iloc[0]
    request = CheckRequest(as_of="2026-12-31", zones="wards_2025", ids=(inside,))
    found = [
        run(request, one).frames["checks"].set_index("rule_id").loc["SV-003", "found"]
        for one in (region, ScenarioRegion(region, scenario))
    ]
    assert found == ["missing: facilities:upper_secondary_school", 1.0]
    assert json.loads(text_of(scenario))["modifications"]
