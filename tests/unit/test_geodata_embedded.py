"""Hold the embedded region: expected figures are typed here with the page they stand on, not read from the tables."""

from __future__ import annotations

import subprocess
import sys
from importlib import resources
from itertools import pairwise

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely

from geodata.crs import PLANNING_CRS, STUDY_ENVELOPE, lonlat_to_planning, to_web
from geodata.embedded import build_layers, embedded_fingerprint, layer_infos
from geodata.source_tables import read_source, sources_fingerprint
from geodata.zones_geometry import footprint

QUALITIES = {
    "surveyed", "osm", "official_generalised", "gazetteer", "approximate", "schematic", "edited", "none",
}  # fmt: skip


@pytest.fixture(scope="module")
def layers():
    return build_layers()


@pytest.fixture(scope="module")
def zones(layers):
    return layers["zones"].set_index("id")


@pytest.fixture(scope="module")
def corridors(layers):
    return layers["corridors"].set_index("id")


def test_all_of_the_region_is_there(layers):
    # 9 districts and 91 communes until 30 June 2025, 36 units after (Resolution 1685/NQ-UBTVQH15)
    assert {name: len(frame) for name, frame in layers.items()} == {
        "zones": 69,
        "wards_2025": 36,
        "communes_until_2025": 91,
        "districts_until_2025": 9,
        "corridors": 68,
        "logistics": 39,
        "facilities": 54,
        "stops": 296,
        "population": 36,
        "indicators": 76,
    }


def test_every_feature_says_what_it_is_and_where_that_is_from(layers):
    for name, frame in layers.items():
        assert frame["id"].is_unique, name
        assert frame["sources"].str.len().gt(3).all(), name
        if name != "indicators":
            assert isinstance(frame, gpd.GeoDataFrame)
            assert frame.crs == PLANNING_CRS
            assert {"name_vi", "name_en", "geometry_quality"} <= set(frame.columns), name
            assert frame["name_vi"].str.strip().ne("").all(), name
            assert frame["name_en"].str.strip().ne("").all(), name
            assert set(frame["geometry_quality"]) <= QUALITIES, name
            drawn = frame.geometry.notna()
            assert (frame["geometry_quality"].eq("none") == ~drawn).all(), name


def test_every_source_table_has_a_source_on_every_row():
    folder = resources.files("geodata") / "sources"
    names = sorted(entry.name[:-4] for entry in folder.iterdir() if entry.name.endswith(".csv"))
    assert len(names) == 16
    for name in names:
        table = read_source(name)
        column = "source" if name == "layers" else "sources"
        assert table[column].str.len().gt(3).all(), name
        assert (folder / f"{name}.csv").read_bytes().count(b"\r") == 0
        assert len((folder / f"{name}.csv").read_bytes()) < 200_000


def test_geometry_is_sound(layers):
    west, south, east, north = STUDY_ENVELOPE
    for name, frame in layers.items():
        if not isinstance(frame, gpd.GeoDataFrame):
            continue
        drawn = frame.geometry.dropna()
        assert drawn.is_valid.all(), name
        assert not drawn.is_empty.any(), name
        bounds = to_web(drawn).total_bounds
        assert (bounds[:2] >= (west, south)).all(), name
        assert (bounds[2:] <= (east, north)).all(), name


@pytest.mark.parametrize(
    ("name", "drawn_km2"),
    [
        ("wards_2025", 2697.5),  # polygons of the official map: 2,697.46 km2 (network_check, section 3)
        ("communes_until_2025", 2693.4),  # outlines of the 91 communes (the same)
        ("districts_until_2025", 2693.4),
    ],
)
def test_units_cover_the_province_without_overlap_or_hole(layers, name, drawn_km2):
    shapes = layers[name].geometry.to_numpy()
    assert shapely.coverage_is_valid(shapes)
    assert shapely.area(shapes).sum() / 1e6 == pytest.approx(drawn_km2, abs=0.1)
    whole = shapely.union_all(shapes)
    assert whole.geom_type == "Polygon"
    assert len(whole.interiors) == 0
    assert whole.area == pytest.approx(shapely.area(shapes).sum(), rel=1e-9)


def test_drawn_wards_are_near_their_published_areas(layers):
    wards = layers["wards_2025"]
    assert wards["area_km2"].sum() == pytest.approx(2694.57, abs=0.02)  # as printed with the official map
    # generalised to 200 m; printed and official polygon differ by up to 4.4 % themselves
    assert (wards["area_drawn_ha"] / 100 / wards["area_polygon_km2"] - 1).abs().max() < 0.02
    assert (wards["area_drawn_ha"] / 100 / wards["area_km2"] - 1).abs().max() < 0.06


def test_units_know_their_time(layers):
    wards, communes, districts = (layers[f"{n}"] for n in ("wards_2025", "communes_until_2025", "districts_until_2025"))
    assert set(wards["valid_from"]) == {"2025-07-01"}
    assert set(wards["valid_to"]) == {""}
    for old in (communes, districts):
        assert set(old["valid_to"]) == {"2025-06-30"}
    assert set(wards["decree"]) == {"Resolution 1685/NQ-UBTVQH15"}
    assert wards["level"].value_counts().to_dict() == {"ward_2025": 24, "commune_2025": 12}
    assert communes["level"].value_counts().to_dict() == {
        "ward_pre2025": 47,
        "commune_pre2025": 39,
        "township_pre2025": 5,
    }
    assert set(communes["parent_id"]) == set(districts["id"])
    # every old unit went into units that exist
    assert {new for text in communes["merged_into"] for new in text.split("; ")} == set(wards["name_vi"])


def test_people_of_the_wards(layers):
    people = layers["population"].set_index("unit")["people"]
    assert people.sum() == 2_626_670  # sum of the 34 printed figures, p041
    assert people.notna().sum() == 34
    assert people[["n-25840", "n-25882"]].isna().all()  # Long Nguyên, Phước Hòa: no usable figure
    assert people["n-25975"] == 162_930  # An Phú, from the press


def test_thu_dau_mot_is_the_union_of_its_wards(layers, zones):
    city = zones.loc["thu-dau-mot-city"]
    assert city["area_ha"] == 11_891  # 118.91 km2 published
    assert city["area_drawn_ha"] / 100 == pytest.approx(111.0, abs=0.1)  # outline of its 14 communes
    assert city["geometry_quality"] == "official_generalised"
    communes = layers["communes_until_2025"]
    own = communes[communes["parent"] == "Thành phố Thủ Dầu Một"]
    assert len(own) == 14
    assert city["geometry"].geom_type == "Polygon"
    assert len(city["geometry"].interiors) == 0
    assert city["geometry"].symmetric_difference(own.union_all()).area < 1


def test_bau_bang_town_is_its_outline(zones):
    town = zones.loc["bau-bang-town"]
    assert town["geometry_quality"] == "official_generalised"
    assert town["area_ha"] == 8_836
    assert town["area_drawn_ha"] == pytest.approx(8_836, rel=0.05)


def test_footprints_have_the_right_area_and_centre(zones):
    schematic = zones[zones["geometry_quality"] == "schematic"]
    assert set(schematic.index) == {
        "vsip-1", "my-phuoc-1", "song-than-1", "song-than-2", "dong-an-1", "viet-huong-1", "tan-dong-hiep-a",
        "binh-duong-ip", "binh-an-textile",
    }  # fmt: skip
    assert np.allclose(schematic["area_drawn_ha"], schematic["area_ha"], rtol=1e-9)
    assert zones.loc["vsip-1", ["area_ha", "area_osm_ha", "area_basis"]].tolist() == [500, 483.4, "published"]
    assert zones.loc["dong-an-1", ["area_ha", "area_basis"]].tolist() == [148.6, "osm"]  # no published area
    east, north = lonlat_to_planning(106.725138, 10.932301)  # centroid of OSM way 291267149
    assert zones.geometry["vsip-1"].centroid.distance(shapely.Point(float(east), float(north))) < 1e-6


def test_a_footprint_is_exact():
    shape = footprint(shapely.Point(600_000, 1_220_000), 123.4)
    assert shape.area == pytest.approx(1_234_000, rel=1e-12)
    assert shape.is_valid
    assert shape.exterior.is_ccw


def test_zones_of_vague_place_measure_nothing(zones):
    vague = zones[zones["place"].isin(["gate", "commune"])]
    assert set(vague["geometry_quality"]) == {"approximate"}
    assert set(vague.geom_type) == {"Point"}
    assert vague["area_drawn_ha"].isna().all()
    # the three parks of Lai Hưng share one commune centre
    same = zones.loc[["bau-bang-stip", "bb-urban-lai-hung", "lai-hung-ip"]].geometry
    assert len(set(same.to_wkb())) == 1
    assert zones.loc["bd-new-city", ["place", "geometry_quality"]].tolist() == ["inside", "surveyed"]
    assert zones.geometry["bd-new-city"].geom_type == "Point"


def test_zones_of_unknown_place_have_no_geometry(zones):
    nowhere = zones[zones["place"] == "none"]
    assert len(nowhere) == 24  # 69 zones, 45 with a point
    assert nowhere.geometry.isna().all()
    assert {"innovation-region", "vsip-3", "tan-binh", "kim-huy"} <= set(nowhere.index)


def test_corridor_lengths(corridors):
    south = corridors.loc["mptv-south"]
    assert south["length_drawn_km"] == pytest.approx(22.5, abs=0.05)
    assert south["length_published_km"] == 25
    # chains as measured in UTM 48N in network_check, 1.1 and 2; the planning CRS differs by less than 0.05 %
    for corridor, chain_km in {"nr13": 75.9, "dt741": 70.4, "nr51": 50.2, "rr3": 25.1, "rail-ns": 26.2}.items():
        assert corridors.loc[corridor, "length_drawn_km"] == pytest.approx(chain_km, abs=0.08)


def test_corridors_say_what_they_are(corridors):
    assert set(corridors["status"]) == {"operating", "under_construction", "planned"}
    assert corridors.loc["nr13", ["status", "status_note", "lanes"]].tolist() == ["operating", "being widened", 6]
    assert corridors.loc["ct-expressway", "geometry_quality"] == "schematic"  # its two ends
    assert corridors.loc["mptv-north", "geometry_quality"] == "schematic"  # commune centres
    assert corridors.loc["kaze-39-70", "geometry"].geom_type == "MultiPoint"  # stops of nine routes
    assert pd.isna(corridors.loc["kaze-39-70", "length_drawn_km"])
    assert corridors.loc[["bd-metro-plan", "river-thi-tinh"]].geometry.isna().all()
    assert str(corridors["open_year"].dtype) == "Int64"
    assert corridors.loc["rr3-nhon-trach", "open_year"] == 2025


def test_operating_roads_are_one_network_by_shared_vertices(corridors):
    roads = corridors[corridors["mode"].isin(["road", "expressway"]) & (corridors["status"] == "operating")]
    assert len(roads) == 49  # network_check, 1.1
    graph = nx.Graph()
    km = 0.0
    for line in roads.geometry:
        chain = [tuple(xy) for xy in shapely.get_coordinates(line)]
        graph.add_edges_from(pairwise(chain))
    for a, b in graph.edges:
        km += np.hypot(a[0] - b[0], a[1] - b[1]) / 1000
    assert nx.number_connected_components(graph) == 1
    # from Bau Bang to Cat Lai and Cai Mep, "identical vertices" of network_check, 1.2
    assert (graph.number_of_nodes(), graph.number_of_edges()) == (474, 523)
    assert km == pytest.approx(825, abs=2)


def test_facilities_have_numbers_where_numbers_were_given(layers):
    beds = layers["facilities"].set_index("id")
    assert beds.loc["hospital-1500", ["capacity_value", "capacity_unit"]].tolist() == [1500, "beds"]
    assert beds.loc["vgu", "area_ha"] == 50.5
    assert beds.geometry.notna().sum() == 45
    assert layers["logistics"].geometry.notna().sum() == 26


def test_provenance_of_every_layer(layers):
    infos = layer_infos()
    assert list(infos) == list(layers)
    for name, info in infos.items():
        assert all(info[key] for key in ("title_en", "title_vi", "source", "licence", "date", "method")), name
        assert info["title_en"] != info["title_vi"]
    osm = "(c) OpenStreetMap contributors, ODbL 1.0"
    for name in ("zones", "corridors", "logistics", "facilities", "stops"):
        assert osm in infos[name]["attribution"]
    for name in ("zones", "wards_2025", "communes_until_2025", "districts_until_2025", "population"):
        assert "thanglequoc/vietnamese-provinces-database (MIT, (c) 2021 Thang Le Quoc)" in infos[name]["attribution"]
        assert "LucieContamin/censusVN2009 (MIT, (c) 2017 Marc Choisy)" in infos[name]["attribution"]


def test_two_builds_are_equal(layers):
    again = build_layers()
    for name, frame in layers.items():
        assert list(frame.columns) == list(again[name].columns)
        pd.testing.assert_frame_equal(
            pd.DataFrame(frame.drop(columns="geometry", errors="ignore")),
            pd.DataFrame(again[name].drop(columns="geometry", errors="ignore")),
        )
        if "geometry" in frame:
            assert (frame.geometry.to_wkb().fillna(b"") == again[name].geometry.to_wkb().fillna(b"")).all()


def test_another_process_makes_the_same():
    code = "from geodata.embedded import embedded_fingerprint as f; print(f())"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == embedded_fingerprint()
    assert embedded_fingerprint().startswith(sources_fingerprint())


def test_tables_agree_with_the_facts_they_were_transcribed_from(shared):
    facts = pd.read_csv(shared / "facts" / "zones.csv").set_index("id")
    own = read_source("zones").set_index("id")
    assert set(own.index) == set(facts.index)
    for ours, theirs in {"area_ha": "area_ha", "area_osm_ha": "area_ha_osm", "lon": "lon", "lat": "lat"}.items():
        pd.testing.assert_series_equal(own[ours].sort_index(), facts[theirs].sort_index(), check_names=False)
    facts = pd.read_csv(shared / "facts" / "corridors.csv").set_index("id")
    own = read_source("corridors").set_index("id")
    pd.testing.assert_series_equal(
        own["length_published_km"].sort_index(), facts["length_km"].sort_index(), check_names=False
    )
    points = read_source("corridor_waypoints").groupby("corridor_id").size()
    expected = facts["waypoints"].dropna().str.split(";").str.len()
    assert points.to_dict() == expected.to_dict()
    facts = pd.read_csv(shared / "facts" / "transit_stops.csv").set_index("id")
    own = read_source("stops").set_index("id")
    pd.testing.assert_frame_equal(own[["lon", "lat"]].sort_index(), facts[["lon", "lat"]].sort_index())


def test_outlines_agree_with_the_official_polygons(shared, layers):
    reference = gpd.read_file(shared / "facts" / "admin_units_2025.geojson")
    # the reference is in degrees; this test may project it with what the application uses
    from geodata.crs import to_planning

    reference = to_planning(reference)
    whole = reference.union_all()
    drawn = layers["wards_2025"].union_all()
    assert drawn.intersection(whole).area / drawn.union(whole).area > 0.99


def test_only_the_drivers_in_use_are_left():
    code = (
        "import geodata, pyogrio; from geodata.gdal import ALLOWED_DRIVERS;"
        "print(sorted(pyogrio.list_drivers()) == sorted(ALLOWED_DRIVERS), sorted(pyogrio.list_drivers()))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.startswith("True"), out.stdout


SAID = (
    "notes",
    "coord_method",
    "waypoint_quality",
    "status_note",
    "lanes_note",
    "capacity",
    "capacity_unit",
    "topic",
    "metric",
)


def test_what_the_tables_say_in_english_is_there_in_vietnamese():
    from pages.ui.text import catalogue

    vietnamese = catalogue("vi")
    for name in ("zones", "corridors", "logistics", "facilities", "indicators", "wards_2025", "communes_until_2025",
                 "districts_until_2025"):  # fmt: skip
        table = read_source(name)
        said = {text for column in SAID if column in table for text in table[column] if text and text != "m2"}
        assert said - set(vietnamese) - {"bus"} == set(), name
