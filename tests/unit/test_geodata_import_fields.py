"""What a planner's columns are is proposed, confirmed, and becomes what analyses read; else it is refused."""

import re
import subprocess
import sys

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geodata.importing.cells import amount
from geodata.importing.fields import FieldMap, map_fields
from geodata.importing.guess import propose_fields, propose_role, propose_values
from geodata.importing.roles import BASICS, ROLES, SHAPES, role
from geodata.importing.take import Wish, take_in
from geodata.importing.upload import read_upload
from geodata.importing.words import FACILITIES, UTILITIES, ZONES, land_use_words, meaning
from geodata.people import with_own_people
from geodata.region import StoreRegion
from geodata.store import open_store
from pages.ui.text import translator
from tests.data import layers
from zoning.edits import KINDS
from zoning.errors import InputError
from zoning.land_use import balance, category, code_column
from zoning.reach.bans import COLUMNS as BAN_COLUMNS
from zoning.standards.inputs import COLUMNS as CHECKED
from zoning.standards.rules import rules
from zoning.standards.services import OWN_LAYERS

pytestmark = pytest.mark.usefixtures("readers")


def upload(columns, shapes=None, name="lop.zip"):
    areas = layers.planned()
    shapes = areas.geometry if shapes is None else shapes
    return read_upload(
        layers.shapefile(gpd.GeoDataFrame(columns, geometry=list(shapes), crs=areas.crs)), name_hint=name
    )


def points():
    return layers.planned().centroid


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return open_store(tmp_path_factory.mktemp("roles") / "r.gpkg")


# words


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Mầm non", "kindergarten"), ("truong mam non", "kindergarten"), ("Trường MN Hoa Mai", "kindergarten"),
        ("TIỂU HỌC", "primary_school"), ("Trường THCS Phú Lợi", "lower_secondary_school"),
        ("THPT", "upper_secondary_school"), ("BV đa khoa", "hospital"), ("hospital", "hospital"),
        ("Trạm y tế", "health_station"), ("Chợ", "market"), ("nhà văn hóa", "culture_house"), ("lạ", ""), ("", ""),
    ],
)  # fmt: skip
def test_kinds_of_facilities_are_understood(text, kind):
    assert meaning(text, FACILITIES) == kind


def test_every_official_code_and_vietnamese_name_means_a_code():
    words = land_use_words()
    for code, names in words.items():
        assert meaning(code, words) == meaning(code.lower(), words) == code
        assert category(code).code == code
        for name in names:
            found = meaning(name, words)
            # one name may stand for a code in two systems
            assert found == code or name in words[found], (code, name, found)
    assert meaning("Dat o do thi", words) == "ODT"
    assert meaning("ODT - đất ở", words) == "ODT"


def test_words_lead_to_kinds_that_analyses_know():
    assert set(ZONES) == set(KINDS)
    asked = {one.finding.partition(":")[2] for one in rules() if one.finding.startswith("utility_distance")}
    assert asked <= set(UTILITIES)
    assert {*OWN_LAYERS} <= {*FACILITIES}


def test_roles_serve_the_layers_that_checks_read():
    for layer, columns in CHECKED.items():
        fields = {one.name for one in role(layer).fields}
        assert set(columns) <= fields, layer
    for names in OWN_LAYERS.values():
        assert set(names) <= set(ROLES)
    assert {one.name for one in role("bans").fields} >= set(BAN_COLUMNS) - {"id", "kind"}
    for one in ROLES.values():
        names = [each.name for each in one.fields]
        assert len(set(names)) == len(names)
        assert one.shape in SHAPES


# proposals


def test_headers_are_known_with_and_without_diacritics_and_cut_to_ten_letters():
    data = {"Loại": ["Bệnh viện"] * 3, "SO GIUONG": [1, 2, 3], "tinhTrang": ["quy hoạch"] * 3, "la": [1, 2, 3]}
    frame = gpd.GeoDataFrame(pd.DataFrame({"id": list("abc"), "name_vi": list("ABC"), "name_en": list("ABC")} | data),
                             geometry=points(), crs=layers.planned().crs)  # fmt: skip
    found = propose_fields(frame, role("facilities"))
    assert found == {"name_vi": "name_vi", "kind": "Loại", "capacity": "SO GIUONG", "status": "tinhTrang"}
    cut = upload({"matDoXayDungToiDa"[:10]: [60, 70, 80], "tangCaoXay": [5, 6, 7], "heSoSuDung": ["3,0", "2", "1"]})
    assert propose_fields(cut.frame, role("lots")) == {
        "name_vi": "name_vi", "density_pct": "matDoXayDu", "storeys": "tangCaoXay", "far": "heSoSuDung",
    }  # fmt: skip


def test_a_column_of_areas_is_proposed_in_its_own_unit():
    m2 = layers.planned().area
    for role_name, field in (("zones", "area_ha"), ("lots", "area_m2")):
        in_m2 = propose_fields(upload({"DienTich": m2.to_numpy()}).frame, role(role_name))
        in_ha = propose_fields(upload({"DienTich": (m2 / 1e4).to_numpy()}).frame, role(role_name))
        assert (in_ha if field == "area_ha" else in_m2).get(field) == "DienTich"
        assert field not in (in_m2 if field == "area_ha" else in_ha)


def test_values_tell_where_headers_do_not():
    frame = upload({"abc": ["ODT", "DGT", "SKK"], "x": ["a", "b", "c"]}).frame
    assert propose_fields(frame, role("land_use"))["code"] == "abc"
    assert propose_role(frame) == "land_use"
    assert propose_values(frame, "abc", role("land_use").field("code")) == {"ODT": "ODT", "DGT": "DGT", "SKK": "SKK"}
    assert propose_role(upload({"x": ["a", "b", "c"]}).frame) == "own"
    assert propose_role(upload({"Loai": ["KCN", "KDC", "Khu đô thị"]}).frame) == "zones"
    assert propose_role(upload({"Loai": ["MN", "TH", "THCS"]}, points()).frame) != "own"


@pytest.mark.parametrize(
    ("text", "number"),
    [("1.200", 1200), ("1 200", 1200), ("1,200", 1200), ("2,5", 2.5), ("2.5", 2.5), ("110kV", 110), ("2,5 tấn", 2.5),
     ("1.234,5", 1234.5), ("1,234,567", 1234567), ("0,125", 0.125)],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(text, number):
    assert amount(text, ("kv", "tấn", "t")) == number


def test_a_point_before_three_digits_is_read_by_what_the_number_is():
    assert amount("12.345") == amount("12,345") == 12345
    assert amount("12.345 ha", ("ha",), decimal=True) == 12.345
    assert role("zones").field("area_ha").decimal
    assert not role("population").field("people").decimal
    table = b"name,people,ha,lon,lat\nA,12.345,1.5,106.65,10.98\n"
    frame = read_upload(table, name_hint="a.csv").frame
    assert frame["people"].tolist() == ["12.345"]  # twelve thousand, or twelve: nobody has said yet
    assert frame["ha"].tolist() == [1.5]


@pytest.mark.parametrize("text", ["", "-5", "12a", "1.2.3", "một", "1e5", "NaN", "inf"])
def test_what_is_no_number_is_none(text):
    assert np.isnan(amount(text))


# mapping


def test_facilities_keep_what_is_not_mapped():
    given = upload({"Ten": list("ABC"), "Loai": ["BV", "Chợ", "lạ"], "Quy mô": ["1.200 giường", "5", ""],
                    "kind": ["x", "y", "z"]}, points())  # fmt: skip
    done = map_fields(
        given.frame, role("facilities"), FieldMap({"name_vi": "Ten", "kind": "Loai", "capacity": "Quy mô"})
    )
    frame = done.frame
    assert frame["kind"].tolist() == ["hospital", "market", "lạ"]
    assert frame["capacity"].fillna(-1).tolist() == [1200, 5, -1]
    assert frame["Loai"].tolist() == ["BV", "Chợ", "lạ"]
    assert frame["kind_2"].tolist() == ["x", "y", "z"]
    assert set(BASICS) <= set(frame.columns)
    assert any("lạ" in note.text() for note in done.notes)
    assert np.array_equal(frame.geometry.to_wkb(), given.frame.geometry.to_wkb())


def test_values_that_are_no_numbers_are_refused_with_their_rows():
    given = upload({"Loai": ["BV"] * 3, "Giuong": ["5", "nhiều", "-3"]}, points())
    with pytest.raises(InputError) as caught:
        map_fields(given.frame, role("facilities"), FieldMap({"kind": "Loai", "capacity": "Giuong"}), rows=[2, 3, 4])
    fault = caught.value
    assert "3 “nhiều”, 4 “-3”" in fault.text()
    assert "dòng 3 “nhiều”" in fault.text(translator("vi"))


@pytest.mark.parametrize(
    ("role_name", "mapping", "message"),
    [
        ("facilities", FieldMap({"kind": "Loại hình"}), "no column “Loại hình”"),
        ("facilities", FieldMap({"kapacity": "x"}), "no field “kapacity”"),
        ("facilities", FieldMap({}), "--map kind=COLUMN"),
        ("schools", FieldMap({"kind": "x"}), "“a”, “b”, “c” mean is not known"),
        ("schools", FieldMap({"kind": "x"}, meanings={"kind": {"a": "nursery"}}), "“nursery” is no value of kind"),
        ("land_use", FieldMap({"code": "x"}), "needs areas: 3 of 3"),
        ("power_lines", FieldMap({"voltage_kv": "x"}), "needs lines"),
    ],
)
def test_what_cannot_be_is_refused_in_both_languages(role_name, mapping, message):
    given = upload({"x": ["a", "b", "c"]}, points())
    with pytest.raises(InputError, match=re.escape(message)) as caught:
        map_fields(given.frame, role(role_name), mapping)
    vietnamese = caught.value.text(translator("vi"))
    assert vietnamese != caught.value.text()
    assert "{" not in vietnamese


def test_unknown_roles_are_refused():
    with pytest.raises(InputError, match="There is no role “x”"):
        role("x")


def test_one_value_for_all_and_what_a_value_means():
    given = upload({"x": ["a", "b", "b"]}, points())
    said = FieldMap({"kind": "x"}, {"status": "quy hoạch"}, {"kind": {"a": "primary", "b": "upper_secondary"}})
    frame = map_fields(given.frame, role("schools"), said).frame
    assert frame["kind"].tolist() == ["primary", "upper_secondary", "upper_secondary"]
    assert set(frame["status"]) == {"planned"}


def test_features_of_another_geometry_are_left_out_and_named():
    shapes = [*layers.planned().geometry[:2], points().iloc[2]]
    frame = gpd.GeoDataFrame({"id": list("abc"), "name_vi": list("abc"), "name_en": list("abc"), "code": ["ODT"] * 3,
                              "geometry_quality": "edited", "sources": "x"},
                             geometry=shapes, crs=layers.planned().crs)  # fmt: skip
    done = map_fields(frame, role("land_use"), FieldMap({"code": "code"}))
    assert len(done.frame) == 2
    assert done.rows == (1, 2)
    assert "feature 3" in done.notes[0].text()


# what becomes of it


def test_land_use_is_what_checks_weigh(store):
    given = upload({"LoaiDat": ["Đất ở tại đô thị", "Đất giao thông", "??"]})
    kept = take_in(given, store, "land_use", Wish("land_use", FieldMap(propose_fields(given.frame, role("land_use")))))
    assert kept.layer == "land_use"
    land = store.layer("land_use")
    assert code_column(land) == "code"
    assert land["code"].tolist() == ["ODT", "DGT", "??"]
    whole = balance(land.union_all(), land)
    assert whole.uses_ha == pytest.approx({"housing": land.area.iloc[0] / 1e4, "roads": land.area.iloc[1] / 1e4})
    assert set(whole.unknown) == {"??"}


def test_zones_appear_among_the_zones_and_are_undone_alone(store):
    from geodata.edits import edits_of, undo_edit

    before = len(store.layer("zones"))
    hole = layers.planned().geometry.iloc[0]
    ring = hole.difference(hole.centroid.buffer(100))
    two = shapely.MultiPolygon([layers.planned().geometry.iloc[1], layers.planned().geometry.iloc[2]])
    given = upload({"Ten": ["Khu A", "Khu B"], "Loai": ["KDC", "KCN"], "Tang": [3, 4]}, [ring, two])
    mapping = FieldMap(propose_fields(given.frame, role("zones")))
    kept = take_in(given, store, "zones", Wish("zones", mapping, author="Nguyễn An"))
    assert (kept.layer, kept.count) == ("zones", 2)
    zones = store.layer("zones").iloc[before:]
    assert zones["name_vi"].tolist() == ["Khu A", "Khu B"]
    assert zones["kind"].tolist() == ["urban_area", "industrial_park"]
    assert set(zones["geometry_quality"]) == {"edited"}
    assert zones["notes"].str.contains("Tang: 3").tolist() == [True, False]
    assert zones["sources"].str.contains("Nguyễn An").all()
    assert zones.area.tolist() == pytest.approx([ring.area, two.area], rel=1e-6)  # hole and parts are kept
    with pytest.raises(InputError, match="among the zones already"):
        take_in(given, store, "zones", Wish("zones", mapping, author="Nguyễn An"))
    undo_edit(store, edits_of(store, "khu-a")["id"].iloc[-1], author="B")
    assert "khu-a" not in set(store.layer("zones")["id"])
    assert "khu-b" in set(store.layer("zones")["id"])
    with pytest.raises(InputError, match="who you are"):
        take_in(given, store, "zones", Wish("zones", mapping))


def test_zones_that_cannot_be_are_left_out_each_with_its_reason(store):
    tiny = points().buffer(1.0).iloc[0]
    given = upload({"Ten": ["Nhỏ", "Khu lớn C"], "Loai": ["KDC", "KDC"]}, [tiny, layers.planned().geometry.iloc[0]])
    mapping = FieldMap(propose_fields(given.frame, role("zones")))
    kept = take_in(given, store, "zones", Wish("zones", mapping, author="An"))
    assert kept.count == 1
    said = [note.text(translator("vi")) for note in kept.notes]
    assert any(re.match("Đối tượng 1 bị bỏ qua: Ranh", line) for line in said), said


def test_bans_close_roads(store):
    lines = [shapely.LineString([(x, 1214000), (x + 500, 1214500)]) for x in (598000, 599000, 600000)]
    columns = {"Ten": ["Đường A", "Đường B", "Đường C"], "CamTren": ["2,5 tấn", "5", ""], "Ngay": ["T2 đến T7"] * 3,
               "Gio": ["6h-9h;16h30-20h"[:3] + "9"] * 3, "QuyetDinh": ["QĐ 1"] * 3, "Nguon": ["Sở XD"] * 3}  # fmt: skip
    given = upload(columns, lines)
    mapping = FieldMap(propose_fields(given.frame, role("bans")))
    assert set(mapping.columns) >= {"name", "weight_over_t", "days", "hours", "decree", "source"}
    assert take_in(given, store, "bans", Wish("bans", mapping)).count == 3
    bans = store.layer("bans")
    assert bans["days"].tolist() == ["mon-sat"] * 3
    assert bans["weight_over_t"].fillna(-1).tolist() == [2.5, 5.0, -1]
    assert take_in(given, store, "bans", Wish("bans", mapping)).count == 0  # not a second time
    assert len(store.layer("bans")) == 3
    bad = upload(columns | {"Ngay": ["thứ 9"] * 3}, lines)
    with pytest.raises(InputError, match="Row 1 is no truck ban"):
        take_in(bad, store, "bans", Wish("bans", FieldMap(propose_fields(bad.frame, role("bans")))))


def test_people_count_instead_of_the_published_ones(tmp_path):
    store = open_store(tmp_path / "p.gpkg")
    region = StoreRegion(store)
    before, mark = region.demand("strategic"), region.fingerprint("population")
    wards = store.layer("wards_2025")
    ward = wards[wards["population"].notna()].iloc[3]
    inside = ward.geometry.representative_point()
    table = f"Phường,Dân số,lon,lat\n{ward['name_vi']},12.345,106.65,10.98\n"
    named = read_upload(table.encode(), name_hint="a.csv")
    mapping = FieldMap(propose_fields(named.frame, role("population")))
    assert set(mapping.columns) >= {"people", "unit"}
    kept = take_in(named, store, "", Wish("population", mapping))
    assert "12,345 people in 1 of 36 wards" in kept.notes[-1].text()
    after = region.demand("strategic")
    assert region.fingerprint("population") != mark
    mine = after["unit_id"].eq(ward["id"])
    assert after.loc[mine, "people"].sum() == pytest.approx(12345)
    pd.testing.assert_frame_equal(after[~mine].drop(columns="geometry"), before[~mine].drop(columns="geometry"))
    lost = read_upload(table.replace(ward["name_vi"], "Phường Không Có").encode(), name_hint="a.csv")
    with pytest.raises(InputError, match="2 “Phường Không Có”"):
        take_in(lost, store, "", Wish("population", mapping))
    own = gpd.GeoDataFrame({"people": [100.0, 50.0]}, geometry=[inside, inside.buffer(900)], crs=wards.crs)
    placed = with_own_people(before, own, wards)
    assert placed.loc[placed["unit_id"].eq(ward["id"]), "people"].sum() == pytest.approx(150)
    others = ~placed["unit_id"].eq(ward["id"])
    assert np.array_equal(placed.loc[others, "people"], before.loc[others, "people"], equal_nan=True)


def test_a_layer_called_people_without_figures_changes_nothing():
    demand = gpd.GeoDataFrame({"unit_id": ["a"], "people": [1.0]}, geometry=[shapely.Point(0, 0)], crs=9210)
    assert with_own_people(demand, demand.drop(columns="people"), demand) is demand


def test_green_spaces_without_figures_have_the_area_of_their_outline(store):
    given = upload({"Ten": list("ABC")})
    take_in(given, store, "green_spaces", Wish("green_spaces", FieldMap({"name_vi": "Ten"})))
    green = store.layer("green_spaces")
    assert green["capacity"].tolist() == pytest.approx(green.area.tolist(), rel=1e-3)


# the command line


def test_the_command_line_maps_and_refuses(tmp_path):
    file = tmp_path / "bv.zip"
    frame = gpd.GeoDataFrame({"Ten": list("ABC"), "Loai": ["MN", "MN", "lạ"], "SoCho": ["10", "20", "x"]},
                             geometry=list(points()), crs=layers.planned().crs)  # fmt: skip
    file.write_bytes(layers.shapefile(frame))

    def run(*words):
        command = [sys.executable, "-m", "geodata", "import", str(file), "--store", str(tmp_path / "r.gpkg"), *words]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    bad = run("--as", "mn", "--role", "facilities", "--map", "kind=Loai", "--map", "capacity=SoCho")
    assert bad.returncode == 2
    assert "row 3 “x”" in bad.stderr
    assert bad.stderr.count("\n") == 1
    assert "write --as zones" in run("--as", "khu", "--role", "zones").stderr
    good = run("--as", "mn", "--role", "facilities", "--map", "capacity=", "--value", "lạ=kindergarten")
    assert good.returncode == 0, good.stderr
    assert "kind = Loai" in good.stdout
    kept = open_store(tmp_path / "r.gpkg").layer("mn")
    assert kept["kind"].tolist() == ["kindergarten"] * 3
    assert kept["SoCho"].tolist() == ["10", "20", "x"]
