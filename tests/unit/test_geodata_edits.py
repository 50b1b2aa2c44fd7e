"""Edits lie over the zones with author and date, the last one can be undone, and the zones themselves never change."""

import json
from concurrent.futures import ThreadPoolExecutor

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from geodata.crs import PLANNING_CRS, planning_to_lonlat
from geodata.edits import (
    add_zone,
    edit_attributes,
    edits_of,
    last_edit,
    outline_of,
    overlapped,
    replace_outline,
    undo_edit,
)  # fmt: skip
from geodata.export import export_frame
from geodata.region import StoreRegion
from geodata.store import EDITS, open_store
from layers.words import ZONE_KINDS
from zoning.edits import KINDS, ZoneEdit, checked_outline, checked_rings, checked_shape, edited_zones, rings_of
from zoning.errors import ConflictError, InputError
from zoning.places import travel_points

WHO, DAY = "Nguyễn Thị Lan", "2026-11-22T01:00:00+00:00"
SQUARE = shapely.box(600_000, 1_224_000, 601_000, 1_224_500)  # 50 ha in the middle of the region
NEW = {"name_vi": "Khu công nghiệp Thử Nghiệm", "kind": "industrial_park", "status": "planned", "developer": "Becamex"}


def zone(store, zone_id):
    frame = store.layer("zones")
    return frame[frame["id"] == zone_id].iloc[0]


def degrees(*corners):
    lon, lat = planning_to_lonlat(*np.array(corners, dtype=float).T)
    return list(zip(lon.tolist(), lat.tolist(), strict=True))


def test_attributes_are_edited_and_the_rest_stays(store):
    before = store.raw_layer("zones")
    mark, shown = store.fingerprint("zones"), zone(store, "vsip-1")
    made = edit_attributes(store, "vsip-1", {"name_vi": "  VSIP  Một ", "status": "planned", "area_ha": 501.5,
                                             "kind": shown["kind"]}, author=WHO, date=DAY)  # fmt: skip
    after = zone(store, "vsip-1")
    assert after[["name_vi", "status", "area_ha", "area_basis"]].tolist() == ["VSIP Một", "planned", 501.5, "edited"]
    assert after["sources"] == f"{shown['sources']} | {WHO}, 2026-11-22 (edited in this application)"
    # the drawing is what it was, and so is what it is worth
    assert after["geometry"].equals(shown["geometry"])
    same = ["geometry_quality", "name_en", "developer", "notes", "unit_post2025", "kind", "place"]
    assert after[same].tolist() == shown[same].tolist()
    others = store.layer("zones")["id"].ne("vsip-1")
    assert_geodataframe_equal(store.layer("zones")[others], before[others])
    assert_geodataframe_equal(store.raw_layer("zones"), before)
    assert store.fingerprint("zones") != mark
    kept = edits_of(store, "vsip-1").iloc[0]
    assert kept[["id", "what", "author", "date"]].tolist() == [made, "attributes", WHO, DAY]
    assert set(json.loads(kept["content"])) == {"name_vi", "status", "area_ha"}  # the kind had not changed


def test_an_outline_is_replaced_with_its_area(store):
    replace_outline(store, "an-tay", SQUARE, author=WHO, date=DAY)
    after = zone(store, "an-tay")
    assert after["geometry_quality"] == "edited"
    assert after["area_drawn_ha"] == pytest.approx(50.0)
    assert after["area_ha"] == 335.24  # as published
    assert after["geometry"].equals(SQUARE)
    assert store.raw_layer("zones").set_index("id").loc["an-tay", "geometry"].geom_type == "Point"


def test_a_new_zone_is_everywhere(store):
    made = add_zone(store, NEW, SQUARE, author=WHO, date=DAY)
    assert made == "khu-cong-nghiep-thu-nghiem"
    assert add_zone(store, NEW, SQUARE, author=WHO) == f"{made}-2"
    frame = store.layer("zones")
    assert len(frame) == len(store.raw_layer("zones")) + 2
    assert store.layers().set_index("name").loc["zones", "count"] == len(frame)
    row = zone(store, made)
    wards = store.layer("wards_2025").set_index("name_vi").geometry
    assert wards[row["unit_post2025"]].covers(SQUARE.representative_point())
    assert row[["developer", "geometry_quality", "area_basis"]].tolist() == ["Becamex", "edited", "unknown"]
    assert np.isnan(row["area_ha"])
    region = StoreRegion(store)
    assert travel_points(region.layer("zones").loc[frame["id"].eq(made)]).notna().all()
    assert region.fingerprint("zones") == store.fingerprint("zones")


def test_exports_carry_author_and_day(store):
    made = add_zone(store, NEW, SQUARE, author=WHO, date=DAY)
    frame = store.layer("zones")
    export = export_frame(frame[frame["id"].eq(made)], {"name": "zones", "title_en": "Zones"}, "geojson")
    (feature,) = json.loads(export.data)["features"]
    assert feature["properties"]["geometry_quality"] == "edited"
    assert feature["properties"]["sources"].startswith(f"{WHO}, 2026-11-22")


def test_undo_goes_back_edit_by_edit_and_deletes_nothing(store):
    before = store.layer("zones")
    first = replace_outline(store, "an-tay", SQUARE, author=WHO)
    second = edit_attributes(store, "an-tay", {"developer": "Protrade"}, author=WHO)
    with pytest.raises(ConflictError):
        undo_edit(store, first, author="Minh")  # not the last one
    undo_edit(store, second, author="Minh", date=DAY)
    assert zone(store, "an-tay")["developer"] == ""
    assert zone(store, "an-tay")["geometry_quality"] == "edited"
    with pytest.raises(ConflictError):
        undo_edit(store, second, author="Minh")  # undone already
    undo_edit(store, first, author="Minh")
    assert_geodataframe_equal(store.layer("zones"), before)
    table = edits_of(store, "an-tay")
    assert table["id"].tolist() == [first, second]
    assert table[["undone_by", "undone_date"]].iloc[1].tolist() == ["Minh", DAY]
    assert last_edit(table, "an-tay") == ""


def test_the_id_of_an_undone_zone_is_not_given_again(store):
    made = add_zone(store, NEW, SQUARE, author=WHO)
    undo_edit(store, last_edit(edits_of(store), made), author=WHO)
    assert made not in set(store.layer("zones")["id"])
    assert add_zone(store, NEW, SQUARE, author=WHO) == f"{made}-2"
    with pytest.raises(InputError, match="already"):
        add_zone(store, NEW, SQUARE, author=WHO, zone_id=made)


def test_who_edits_what_another_has_edited_is_told(store):
    seen = last_edit(edits_of(store), "vsip-1")
    mine = edit_attributes(store, "vsip-1", {"notes": "Lan's"}, author="Lan", seen=seen)
    with pytest.raises(ConflictError):
        edit_attributes(store, "vsip-1", {"notes": "Minh's"}, author="Minh", seen=seen)
    edit_attributes(store, "vsip-2", {"notes": "Minh's"}, author="Minh", seen="")  # another zone is no conflict
    assert zone(store, "vsip-1")["notes"] == "Lan's"
    edit_attributes(store, "vsip-1", {"notes": "Minh's"}, author="Minh", seen=mine)
    assert zone(store, "vsip-1")["notes"] == "Minh's"


def test_two_writers_never_lose_each_others_edits(store):
    with ThreadPoolExecutor(4) as pool:
        ids = list(pool.map(lambda at: add_zone(store, NEW, SQUARE, author=f"writer {at}"), range(4)))
    assert len(set(ids)) == 4
    assert set(ids) <= set(open_store(store.path).layer("zones")["id"])


def test_equal_edits_have_equal_fingerprints_and_any_edit_another(tmp_path):
    store = open_store(tmp_path / "a.gpkg")
    marks = [store.fingerprint("zones")]
    for notes in ("one", "two"):
        edit_attributes(store, "vsip-1", {"notes": notes}, author=WHO, date=DAY)
        marks.append(store.fingerprint("zones"))
    undo_edit(store, last_edit(edits_of(store), "vsip-1"), author=WHO)
    marks.append(store.fingerprint("zones"))
    assert len(set(marks)) == 4
    assert open_store(store.path).fingerprint("zones") == marks[-1]
    assert store.fingerprint("facilities") == open_store(tmp_path / "b.gpkg").fingerprint("facilities")


def test_edits_lie_over_outlines_from_openstreetmap(store):
    row = {"id": ["way/1"], "kind": ["industrial"], "name_vi": ["VSIP 1"], "of_layer": ["zones"], "of_id": ["vsip-1"]}
    store.write_layer("outlines", gpd.GeoDataFrame(row, geometry=[SQUARE.buffer(50)], crs=PLANNING_CRS))
    store.write_layer("outline_matches", store.layer("zones")[["id"]].iloc[:1].assign(
        id="vsip-1", layer="zones", status="matched", osm_id="way/1"))  # fmt: skip
    assert zone(store, "vsip-1")["geometry_quality"] == "osm"
    replace_outline(store, "vsip-1", SQUARE, author=WHO)
    assert zone(store, "vsip-1")["geometry"].equals(SQUARE)
    undo_edit(store, last_edit(edits_of(store), "vsip-1"), author=WHO)
    assert zone(store, "vsip-1")["geometry_quality"] == "osm"


A, B, C, D = (600_000, 1_224_000), (601_000, 1_224_000), (601_000, 1_224_500), (600_000, 1_224_500)


@pytest.mark.parametrize(
    ("corners", "words"),
    [
        ((), "three corners"),
        ((A, B), "three corners"),
        ((A, B, B, A), "three corners"),
        ((A, B, D, C), "crosses"),
        ((A, B, C, A, D), "touches"),
        ((A, B, (600_500, 1_224_000)), "crosses"),
        ((A, (600_010, 1_224_000), (600_010, 1_224_010)), "larger than 100 m²"),
        ((A, B, (float("nan"), 1.0)), "not a number"),
        ([A] * 3000, "at most"),
    ],
)
def test_a_bad_outline_is_a_sentence(corners, words):
    with pytest.raises(InputError, match=words):
        checked_outline(corners)


def test_an_outline_is_the_same_whichever_way_round_and_closed_or_not():
    shape = checked_outline((A, B, C, D))
    assert shape.area == pytest.approx(500_000)
    for corners in ((A, B, C, D, A), (D, C, B, A), (A, B, B, C, D)):
        again = checked_outline(corners)
        assert again.equals(shape)
        assert again.exterior.is_ccw
    assert outline_of(degrees(A, B, C, D)).area == pytest.approx(500_000, rel=1e-6)


def test_corners_outside_the_study_area_are_refused_and_nothing_is_kept(store):
    hanoi = [(105.80, 21.00), (105.90, 21.00), (105.90, 21.10)]
    with pytest.raises(InputError, match="outside the study area"):
        outline_of(hanoi)
    with pytest.raises(InputError, match="outside the study area"):
        replace_outline(store, "vsip-1", shapely.box(600_000, 1_324_000, 601_000, 1_325_000), author=WHO)
    assert EDITS not in store.names()


@pytest.mark.parametrize(
    "values",
    [{}, {"name_vi": " "}, {"kind": "castle"}, {"status": ""}, {"area_ha": -3}, {"area_ha": "many"}, {"area_ha": 1e12},
     {"area_ha": float("inf")}, {"notes": "x" * 2001}, {"id": "other"}, {"geometry": None}],
)  # fmt: skip
def test_bad_attributes_are_refused_and_nothing_is_kept(store, values):
    with pytest.raises(InputError):
        edit_attributes(store, "vsip-1", values, author=WHO)
    assert EDITS not in store.names()


def test_no_author_no_zone_no_slug_no_edit(store):
    for call in (
        lambda: edit_attributes(store, "vsip-1", {"notes": "x"}, author=" \n"),
        lambda: edit_attributes(store, "atlantis", {"notes": "x"}, author=WHO),
        lambda: add_zone(store, NEW, SQUARE, author=WHO, zone_id="Khu Mới!"),
        lambda: add_zone(store, NEW, SQUARE, author=WHO, zone_id="vsip-1"),
        lambda: add_zone(store, {"name_vi": "No kind"}, SQUARE, author=WHO),
        lambda: undo_edit(store, "edit-none", author=WHO),
    ):
        with pytest.raises(InputError):
            call()
    assert EDITS not in store.names()


def test_edits_of_zones_that_are_not_there_are_left_out(store):
    zones = store.raw_layer("zones")
    edits = [
        ZoneEdit("gone", "outline", WHO, DAY, outline=SQUARE),
        ZoneEdit("vsip-1", "new", WHO, DAY, {"name_vi": "twice"}, SQUARE),
    ]
    assert_geodataframe_equal(edited_zones(zones, edits), zones)
    slim = zones[["id", "name_vi", "geometry"]]  # a planner's own layer of zones may have few columns
    found = edited_zones(slim, [ZoneEdit("vsip-1", "attributes", WHO, DAY, {"name_vi": "V", "kind": "town"})])
    assert list(found.columns) == list(slim.columns)
    assert found.set_index("id").loc["vsip-1", "name_vi"] == "V"


def test_every_kind_that_can_be_chosen_has_a_word():
    assert set(KINDS) == set(ZONE_KINDS)


def test_edits_spoilt_by_another_program_are_left_out(store):
    edit_attributes(store, "vsip-1", {"notes": "kept"}, author=WHO)
    table = store.layer(EDITS)
    spoilt = ("{", "[1]", "null", '{"kind": "castle"}', "")
    rows = gpd.GeoDataFrame(pd.concat([table, *[table.assign(content=text) for text in spoilt]], ignore_index=True))
    store.write_layer(EDITS, rows)
    assert zone(store, "vsip-1")["notes"] == "kept"
    store.write_layer(EDITS, pd.DataFrame({"id": ["a"], "other": [1]}))  # a table of somebody else's
    assert_geodataframe_equal(store.layer("zones"), store.raw_layer("zones"))


def ring(x0, y0, x1, y1):
    return list(shapely.box(600_000 + x0, 1_224_000 + y0, 600_000 + x1, 1_224_000 + y1).exterior.coords)[:-1]


def test_rings_make_parts_holes_and_ground_in_holes():
    outer, hole, island, beside = ring(0, 0, 1000, 1000), ring(100, 100, 900, 900), ring(300, 300, 500, 500), ring(
        2000, 0, 2100, 1000
    )  # fmt: skip
    whole = checked_rings([beside, island, hole, outer])  # in any order
    assert whole.geom_type == "MultiPolygon"
    assert whole.area == pytest.approx(1e6 - 64e4 + 4e4 + 1e5)
    assert len(rings_of(whole)) == 4
    assert sorted(len(part.interiors) for part in whole.geoms) == [0, 0, 1]
    assert checked_shape(whole).equals(whole)
    assert checked_rings(rings_of(whole)).equals(whole)
    assert all(part.exterior.is_ccw and not any(one.is_ccw for one in part.interiors) for part in whole.geoms)
    assert checked_rings([outer, hole]).geom_type == "Polygon"
    assert checked_rings([outer]).equals(checked_outline(outer))
    assert shapely.area(checked_rings([outer, ring(100, 100, 200, 200), ring(300, 300, 400, 400)])) == 98e4


@pytest.mark.parametrize(
    ("rings", "words"),
    [
        ([ring(0, 0, 1000, 1000), ring(500, 500, 1500, 1500)], "cross"),
        ([ring(0, 0, 1000, 1000), ring(1000, 0, 2000, 1000)], "share an edge"),
        ([ring(0, 0, 1000, 1000), ring(0, 0, 1000, 1000)], "share an edge"),
        ([ring(0, 0, 1000, 1000), ring(100, 100, 200, 200)[:2]], "Ring 2"),
        ([[], []], "three corners"),
        (
            [ring(0, 0, 1000, 1000), [(600_000.0 + at / 10, 1_225_500.0 + at % 7) for at in range(2_000)]],
            "at most 2000",
        ),
    ],
)
def test_rings_that_cannot_be_an_outline_are_a_sentence(rings, words):
    with pytest.raises(InputError, match=words):
        checked_rings(rings)
    with pytest.raises(InputError, match="area"):
        checked_shape(shapely.Point(0, 0))


def test_an_outline_with_a_hole_and_parts_is_kept_measured_and_exported(store):
    outer, hole, beside = (degrees(*one) for one in (ring(0, 0, 1000, 1000), ring(100, 100, 900, 900),
                                                     ring(2000, 0, 2100, 1000)))  # fmt: skip
    shape = outline_of(outer, hole, beside)
    replace_outline(store, "vsip-1", shape, author=WHO, date=DAY)
    row = zone(store, "vsip-1")
    assert row["geometry"].geom_type == "MultiPolygon"
    assert row["area_drawn_ha"] == pytest.approx(36 + 10, abs=1e-6)
    assert row["geometry_quality"] == "edited"
    with pytest.raises(InputError, match="Nothing has changed"):
        replace_outline(store, "vsip-1", shape, author=WHO)
    export = export_frame(store.layer("zones").query("id == 'vsip-1'"), {"name": "zones"}, "geojson")
    feature = json.loads(export.data)["features"][0]
    assert feature["geometry"]["type"] == "MultiPolygon"
    assert [len(part) for part in feature["geometry"]["coordinates"]] in ([2, 1], [1, 2])
    undo_edit(store, last_edit(edits_of(store), "vsip-1"), author=WHO)
    assert zone(store, "vsip-1")["geometry"].geom_type == "Polygon"


def test_overlaps_of_an_outline_are_known_before_it_is_kept(store):
    add_zone(store, NEW | {"name_vi": "Đông"}, shapely.box(600_000, 1_224_000, 600_600, 1_225_000), author=WHO)
    add_zone(store, NEW | {"name_vi": "Tây"}, shapely.box(600_800, 1_224_000, 601_400, 1_224_500), author=WHO)
    new = shapely.box(600_500, 1_224_000, 601_000, 1_225_000)  # 50 ha: 10 of them and 10 of them
    table = overlapped(store.layer("zones"), new).set_index("id")
    assert table.loc[["dong", "tay"], "area_ha"].tolist() == pytest.approx([10, 10])
    assert table.loc["dong", "share_pct"] == pytest.approx(20)
    assert "dong" not in overlapped(store.layer("zones"), new, "dong")["id"].tolist()
