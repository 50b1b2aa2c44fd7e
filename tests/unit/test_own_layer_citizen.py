"""A layer that is taken in once can be used like any other: map, search, origins, destinations, checks, scenarios."""

import io
import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
import streamlit as st
from streamlit.testing.v1 import AppTest

from geodata.crs import planning_to_lonlat
from geodata.dxf import read_features
from geodata.export import export_layer
from geodata.importing.fields import FieldMap
from geodata.importing.guess import propose_fields, propose_role
from geodata.importing.roles import role
from geodata.importing.take import Wish, take_in
from geodata.importing.upload import read_upload
from geodata.region import StoreRegion
from tests.data import layers
from zoning.jobs import access, catchment, check
from zoning.scenarios.model import AddFacility, Scenario
from zoning.scenarios.region import ScenarioRegion

APP = Path(__file__).resolve().parents[2] / "app.py"
LAYER, TITLE = "cong_trinh_moi", "Công trình mới"
NAMES = ["Trường MN Hoa Mai", "Trường MN Bình Minh", "Bệnh viện Lai Uyên"]


@pytest.fixture(scope="module")
def store(compiled, new_store):
    """A store with one layer of a planner: two kindergartens and a hospital as areas, one of them in two parts."""
    store = new_store()
    zones = store.layer("zones").set_index("id").geometry
    centres = [zones[one].representative_point() for one in ("thu-dau-mot-city", "bd-new-city", "bau-bang-town")]
    shapes = [shapely.box(one.x - 60, one.y - 60, one.x + 60, one.y + 60) for one in centres]
    shapes[1] = shapely.MultiPolygon([shapes[1], shapely.transform(shapes[1], lambda xy: xy + 200)])
    frame = gpd.GeoDataFrame({"Ten": NAMES, "Loai": ["MN", "mầm non", "BV"], "QuyMo": ["250 chỗ", "300", "1.200"],
                              "ChuDauTu": ["A", "B", "C"]}, geometry=shapes, crs=9210)  # fmt: skip
    upload = read_upload(layers.shapefile(frame), name_hint="cong_trinh.zip")
    assert propose_role(upload.frame) == "facilities"
    mapping = FieldMap(propose_fields(upload.frame, role("facilities")))
    kept = take_in(upload, store, LAYER, Wish("facilities", mapping, TITLE, "2026-11-22"))
    assert (kept.layer, kept.count) == (LAYER, 3)
    return store


@pytest.fixture(scope="module")
def region(store):
    return StoreRegion(store)


@pytest.fixture
def app(store, monkeypatch):
    monkeypatch.setenv("INNOVATION_REGION_STORE", str(store.path))
    st.cache_resource.clear()
    st.cache_data.clear()
    yield AppTest.from_file(str(APP), default_timeout=180)
    st.cache_resource.clear()
    st.cache_data.clear()


def shown(app, page, **address):
    app.run()
    app.switch_page(f"pages/{page}.py")
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def test_it_is_as_it_was_drawn_and_keeps_its_columns(store):
    frame = store.layer(LAYER)
    assert frame.geom_type.tolist() == ["Polygon", "MultiPolygon", "Polygon"]
    assert frame["kind"].tolist() == ["kindergarten", "kindergarten", "hospital"]
    assert frame["capacity"].tolist() == [250, 300, 1200]
    assert frame["ChuDauTu"].tolist() == ["A", "B", "C"]


@pytest.mark.parametrize("kind", ["geojson", "gpkg", "csv", "kml", "dxf"])
def test_it_is_taken_home_in_every_format(store, kind, tmp_path):
    export = export_layer(store, LAYER, kind)
    assert export.count == 3
    if kind == "geojson":
        assert [one["properties"]["capacity"] for one in json.loads(export.data)["features"]] == [250, 300, 1200]
    elif kind == "gpkg":
        (tmp_path / "a.gpkg").write_bytes(export.data)
        assert len(pyogrio.read_dataframe(tmp_path / "a.gpkg", layer=LAYER)) == 3
    elif kind == "csv":
        assert pd.read_csv(io.BytesIO(export.data))["name_vi"].tolist() == NAMES
    elif kind == "kml":
        assert export.data.decode().count("<Placemark") == 3
    else:
        assert {about["capacity"] for *_, about in read_features(export.data.decode())} == {"250", "300", "1200"}


def test_people_reach_its_places_by_kind_and_capacity(region):
    whole = access.run(access.AccessRequest(LAYER, minutes=60.0), region)
    some = access.run(access.AccessRequest(f"{LAYER}:kindergarten", minutes=60.0), region)
    assert some.figures["places_used"] == 2
    assert whole.figures["places_used"] == 3
    both = np.isfinite(some.frames["points"]["value"])
    assert (whole.frames["points"]["value"][both] <= some.frames["points"]["value"][both]).all()
    asked = access.AccessRequest(f"{LAYER}:kindergarten", "2sfca", 30.0, capacity="capacity")
    assert access.run(asked, region).figures["capacity_used"] == 550
    assert LAYER in some.run["data"]


def test_a_catchment_starts_at_its_place(store, region):
    centre = store.layer(LAYER).geometry.iloc[0].centroid
    at = tuple(float(one) for one in planning_to_lonlat(centre.x, centre.y))
    rings = catchment.run(catchment.CatchmentRequest((at,), (10.0,), "motorbike"), region).frames["rings"]
    assert rings["area_ha"].iloc[0] > 0
    assert rings.geometry.iloc[0].buffer(400).intersects(centre)


def test_it_is_checked_against_the_code(store, region):
    frame = store.layer(LAYER)
    areas = frame.assign(kind="industrial_park")[["id", "name_vi", "name_en", "kind", "geometry_quality", "geometry"]]
    store.write_layer("khu_ve", areas, {"title_vi": "Khu vẽ", "title_en": "Drawn"})
    result = check.run(check.CheckRequest("2026-06-01", zones="khu_ve"), region)
    assert set(result.frames["checks"]["zone_id"]) == set(frame["id"])
    assert "khu_ve" in result.run["data"]


def test_a_scenario_adds_to_it(store, region):
    centre = store.layer("zones").set_index("id").geometry["thu-dau-mot-city"].representative_point()
    at = tuple(float(one) for one in planning_to_lonlat(centre.x + 2000, centre.y))
    new = AddFacility(id="mn3", name_vi="MN mới", layer=LAYER, facility_kind="kindergarten", at=at, capacity=400.0,
                      capacity_field="capacity")  # fmt: skip
    asked = access.AccessRequest(f"{LAYER}:kindergarten", "2sfca", 30.0, capacity="capacity")
    after = access.run(asked, ScenarioRegion(region, Scenario(id="s", modifications=(new,))))
    assert after.figures["capacity_used"] == 950
    assert len(store.layer(LAYER)) == 3


@pytest.mark.parametrize("language", ["vi", "en"])
def test_overview_shows_it_in_table_facts_and_search(app, language):
    from pages.ui.data import entries
    from pages.ui.views import own_drawn
    from zoning.names import search

    shown(app, "overview", select=f"{LAYER}/1", lang=language)
    tables = [one for one in app.segmented_control if TITLE in one.options]
    assert tables, "no table of the layer"
    assert NAMES[0] in [one.value for one in app.subheader]  # its facts
    facts = app.table[0].value.to_string()
    assert "ChuDauTu" in facts
    assert "250" in facts
    twins = [one.value.to_string() for one in app.dataframe if NAMES[1] in one.value.to_string()]
    assert twins
    assert ("Trường mầm non" if language == "vi" else "Kindergarten") in twins[0]
    assert search(entries(), "hoa mai", limit=2)[0] == search(entries(), "truong mn hoa mai", limit=1)[0]
    assert own_drawn({LAYER: None}) == [LAYER]


def test_a_clicked_feature_of_it_is_on_the_map(app, monkeypatch):
    from pages.ui import views

    drawn = []
    whole = views.show_map
    monkeypatch.setattr(views, "show_map", lambda key, base, drawings, **more: drawn.extend(drawings) or whole(
        key, base, drawings, **more))  # fmt: skip
    shown(app, "overview")
    mine = [one for one in drawn if one.name == LAYER]
    assert mine, "the layer is not on the map"
    assert mine[0].switch
    assert mine[0].count == 3
    assert "Hoa Mai" in mine[0].payload


@pytest.mark.parametrize("page", ["catchment", "accessibility", "code_checks", "scenarios", "data"])
def test_every_page_lives_with_it(app, page):
    shown(app, page)
    assert not app.error


def test_it_is_offered_where_places_are_chosen(app):
    shown(app, "accessibility", to=f"{LAYER}:kindergarten")
    box = next(one for one in app.selectbox if one.key == "access_to")
    assert TITLE in box.options
    assert not app.error
    from pages.ui.check_form import zone_layers
    from pages.ui.origin import place_layers

    assert LAYER in place_layers()
    assert LAYER in zone_layers()
