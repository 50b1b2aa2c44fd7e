"""The map that st_folium receives: the same each time, small, and asking no other host."""

import json
import re

import folium
import geopandas as gpd
import pytest
from shapely.geometry import LineString, box
from streamlit_folium import _get_feature_group_string, _get_map_string, generate_js_hash

from layers import assets, groups
from layers.basemap import base_map
from layers.catalogue import CATALOGUE, draw, source_of
from layers.scene import Focus, Scene
from layers.tips import Reader
from zoning.errors import StoreError

CRS = "EPSG:9210"
E, N = 680_000.0, 1_222_000.0


@pytest.fixture
def wards():
    rows = [
        {"id": f"w{i}", "name_vi": f"Phường {i}", "name_en": f"Ward {i}", "population": 1000 * i,
         "geometry_quality": "official_generalised", "geometry": box(E + 3000 * i, N, E + 3000 * i + 3000, N + 3000)}
        for i in range(4)
    ]  # fmt: skip
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=CRS)


@pytest.fixture
def corridors():
    line = LineString([(E, N), (E + 12_000, N + 3_000)])
    rows = [
        {"id": "river-saigon", "name_vi": "Sông Sài Gòn", "name_en": "Saigon River", "mode": "waterway"},
        {"id": "nr13", "name_vi": "Quốc lộ 13", "name_en": "National road 13", "mode": "road"},
        {"id": "later", "name_vi": "Vành đai 4", "name_en": "Ring road 4", "mode": "road", "status": "planned"},
    ]
    rows = [{"status": "operating", "geometry_quality": "osm", "geometry": line} | row for row in rows]
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=CRS)


def script(base):
    made = base.map()
    made.get_root().render()
    return _get_map_string(made)


def test_the_base_map_is_the_same_text_on_every_build(wards, corridors):
    first, second = base_map(wards, corridors), base_map(wards, corridors)
    assert first == second
    assert first.fingerprint == second.fingerprint
    assert script(first) == script(second) == script(first)


def test_another_language_or_other_data_make_another_base_map(wards, corridors):
    prints = {
        base_map(wards, corridors).fingerprint,
        base_map(wards, corridors, Reader(lambda words: words, "vi")).fingerprint,
        base_map(wards.iloc[1:], corridors).fingerprint,
        base_map(wards, corridors, online_tiles=True).fingerprint,
    }
    assert len(prints) == 4


def test_the_base_map_holds_ground_wards_rivers_and_open_roads(wards, corridors):
    drawings = {one["name"]: one for one in json.loads(base_map(wards, corridors).payload)["drawings"]}
    assert len(drawings["wards_2025"]["features"]["features"]) == 4
    assert len(drawings["province"]["features"]["features"]) == 1
    assert [f["properties"]["ids"] for f in drawings["rivers"]["features"]["features"]] == [["river-saigon"]]
    assert [f["properties"]["ids"] for f in drawings["roads"]["features"]["features"]] == [["nr13"]]
    assert [name for name, one in drawings.items() if one["interactive"]] == ["wards_2025"]


def test_no_link_leaves_the_server(wards, corridors):
    made = base_map(wards, corridors).map()
    links = [link for _, link in (*made.default_js, *made.default_css)]
    assert links
    assert all(link.startswith("../layers.assets.") for link in links)
    assert not re.search(r"https?:|//[a-z]", script(base_map(wards, corridors)))


def test_online_tiles_are_an_option_with_their_credit(wards, corridors):
    text = script(base_map(wards, corridors, online_tiles=True))
    assert "https://tile.openstreetmap.org/" in text
    assert "OpenStreetMap contributors" in text


def test_other_folium_maps_find_no_outside_host_either():
    assert all("//" not in link for _, link in (*folium.Map.default_js, *folium.Map.default_css))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(StoreError, match=r"leaflet\.js is missing"):
        assets.check(assets.FOLDERS | {"leaflet": tmp_path})


def test_assets_change_their_address_with_their_contents():
    addresses = [assets.url(asset) for asset in (*assets.SCRIPTS, *assets.STYLES)]
    assert len(set(addresses)) == len(addresses)
    assert all(re.search(r"\?v=[0-9a-f]{10}$", address) for address in addresses)


def test_the_scene_reaches_st_folium_whole_and_alike(wards, corridors):
    drawing = groups.corridors(corridors)

    def sent():
        made = base_map(wards, corridors).map()
        made.get_root().render()
        _get_map_string(made)
        return _get_feature_group_string(Scene([drawing], focus=Focus((106.5, 10.9, 106.8, 11.2), "a")), made)

    text = sent()
    assert text == sent()
    assert drawing.payload in text
    assert "RegionMap.scene(map_div, {" in text
    assert text.index("window.feature_group = [];") < text.index("window.feature_group.push(")


def test_changing_the_scene_does_not_change_the_map_frame(wards, corridors):
    # st_folium names the frame by a hash of the map's script; another name is another frame, and a lost view
    def frame_name(scene):
        made = base_map(wards, corridors).map()
        made.get_root().render()
        text = _get_map_string(made)
        _get_feature_group_string(scene, made)
        return generate_js_hash(text, "key")

    assert frame_name(Scene([])) == frame_name(Scene([groups.corridors(corridors)]))


def test_the_whole_region_is_far_below_the_payload_budget(store):
    provenance = store.layers()
    reader = Reader(lambda words: words, "vi")
    drawings = [draw(i.name, store.layer(i.name), reader, source_of(i.name, provenance)) for i in CATALOGUE]
    base = base_map(store.layer("wards_2025"), store.layer("corridors"), reader)
    size = sum(len(drawing.payload.encode()) for drawing in drawings) + len(base.payload.encode())
    assert size < 1_000_000  # bytes; the budget is 2 MB
    assert {d.name: d.count for d in drawings if d.name.endswith("2025")} == {
        "districts_until_2025": 9, "communes_until_2025": 91, "wards_2025": 36,
    }  # fmt: skip
    west, south, east, north = base.bounds
    assert (106.2, 10.8) < (west, south) < (east, north) < (107.1, 11.6)


def test_a_point_is_not_stretched_into_a_view():
    focus = Focus((106.7, 11.0, 106.7, 11.0), "here").payload()
    assert focus["bounds"] == [[11.0, 106.7], [11.0, 106.7]]
    assert focus["maxZoom"] == 15
