"""Rows A9-A19 of the catalogue: odd layers come in mended and told, or are refused in a sentence."""

import json
from importlib.metadata import version

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geodata.crs import STUDY_ENVELOPE, to_planning
from geodata.export import export_layer
from geodata.importing.clean import MOST_CHANGE_PCT, clean_shapes
from geodata.importing.systems import CANDIDATES, placed, propose
from geodata.importing.upload import keep, read_upload
from geodata.scenarios import from_link, read_text
from geodata.store import open_store
from tests.data import hostile, layers
from tests.faults.test_hostile_files import refused
from zoning.errors import InputError, ZoningError

pytestmark = pytest.mark.usefixtures("readers")
POINT = {"type": "Point", "coordinates": [106.6, 11]}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return open_store(tmp_path_factory.mktemp("odd") / "s.gpkg")


def read(content, **options):
    return read_upload(content, name_hint="lop", **options)


def test_a9_an_incomplete_shapefile_says_what_is_missing():
    assert ".shx, .dbf" in refused(layers.shapefile(layers.planned(), without=(".shx", ".dbf"))).text()


def test_a9_a_shapefile_without_prj_asks_for_its_system(store):
    upload = read(layers.shapefile(layers.planned(), without=(".prj",)))
    assert upload.proposal.code == "EPSG:9210"
    assert not upload.proposal.sure
    with pytest.raises(InputError, match="does not say for sure"):
        keep(upload, store, "lop")
    assert read(layers.shapefile(layers.planned(), without=(".prj",)), crs="EPSG:9210").proposal.sure


@pytest.mark.parametrize(("encoding", "letters"), [("cp1258", "cp1258"), ("tcvn3", "tcvn3")])
def test_a9_letters_without_cpg_are_found_out_and_can_be_chosen(encoding, letters):
    from tests.unit.test_geodata_importing import tcvn3

    name = layers.NAMES[0]
    raw = tcvn3(name) if letters == "tcvn3" else name.replace("ệ", "ê\u0323").encode("cp1258")
    content = layers.shapefile(layers.planned(), without=(".cpg",), texts={name.encode(): raw})
    for upload in (read(content), read(content, encoding=encoding)):
        assert upload.report.encoding == encoding
        assert upload.frame["name_vi"].iloc[0] == name


def test_a9_of_several_layers_each_can_be_chosen():
    two = {}
    for name, frame in (("a", layers.planned().head(1)), ("b", layers.planned())):
        two |= {f"{name}.{part}": data for part, data in layers.parts(frame).items()}
    content = layers.zipped(two)
    assert read(content).report.layers == ("a", "b")
    assert [len(read(content, layer=name).frame) for name in ("a", "b")] == [1, 3]
    refused_layer = pytest.raises(ZoningError, match="has no layer")
    with refused_layer:
        read(content, layer="../c")


_TRUE = layers.areas()


@pytest.mark.parametrize("code", CANDIDATES)
@pytest.mark.parametrize("swapped", [False, True])
def test_a10_without_a_system_none_is_taken_for_sure(code, swapped):
    shapes = _TRUE.to_crs(code).geometry.to_numpy()
    if swapped:
        shapes = shapely.transform(shapes, lambda xy: xy[:, ::-1])
    proposal = propose(shapes, None, None)
    assert not proposal.sure
    right = [one for one in (proposal.code, *proposal.others) if one]
    apart = [shapely.distance(shapely.centroid(to_planning(placed(shapes, one)).iloc[0]),
                              shapely.centroid(layers.planned().geometry.iloc[0])) for one in right]  # fmt: skip
    assert min(apart) < 300  # the true one, or one that differs by the datum only, is among what is offered


@pytest.mark.parametrize(("is_in", "says"), [("EPSG:9210", "EPSG:4326"), ("EPSG:4326", "EPSG:9210"),
                                             ("EPSG:9210", "EPSG:32648"), ("EPSG:3405", "EPSG:9218")])  # fmt: skip
def test_a10_a_wrong_system_is_noticed_and_another_proposed(is_in, says):
    from pyproj import CRS

    shapes = _TRUE.to_crs(is_in).geometry.to_numpy()
    proposal = propose(shapes, CRS(says).to_wkt(), None)
    assert not proposal.sure
    assert proposal.code == is_in
    with pytest.raises(InputError, match="study area"):
        propose(shapes, None, says)


@pytest.mark.parametrize("text", ["EPSG:0", "EPSG:9210; DROP", "+proj=geocent", "EPSG:5773", "http://a", "x" * 50_000])
def test_a10_what_is_no_system_is_named(text):
    with pytest.raises(InputError):
        propose(_TRUE.geometry.to_numpy(), None, text)


_ANY = st.floats(width=64, allow_nan=True, allow_infinity=True)


@given(
    st.lists(st.tuples(_ANY, _ANY), min_size=1, max_size=4), st.sampled_from([None, *CANDIDATES, "EPSG:9210+swapped"])
)
def test_a11_coordinates_are_finite_and_of_the_region_or_refused(points, crs):
    shapes = np.asarray([shapely.Point(*one) for one in points], dtype=object)
    try:
        proposal = propose(shapes, None, crs)
    except InputError:
        return
    if proposal.sure:
        xy = shapely.get_coordinates(to_planning(placed(shapes, proposal.code)).to_numpy())
        assert np.isfinite(xy).all()


@pytest.mark.parametrize("xy", [[1e308, 1e308], [1e12, 1], [float("inf"), 1], [float("nan"), 11], [-180, 95]], ids=str)
def test_a11_coordinates_of_no_map_are_not_kept(xy, store):
    content = layers.geojson({"type": "Point", "coordinates": xy})
    try:
        upload = read(content)
    except ZoningError:
        return
    with pytest.raises(ZoningError):
        keep(upload, store, "lop")


def test_a12_mixed_kinds_come_in_apart_and_flat(store):
    square = layers.polygon((106.6, 11), (106.61, 11), (106.61, 11.01))
    line = {"type": "LineString", "coordinates": [[106.6, 11, 5], [106.61, 11, 6]]}
    both = {
        "type": "GeometryCollection",
        "geometries": [square, line, POINT, {"type": "GeometryCollection", "geometries": [POINT]}],
    }
    nothing = {"type": "Polygon", "coordinates": []}
    upload = read(layers.geojson(square, line, both, None, nothing, {"type": "MultiPoint", "coordinates": []}))
    assert upload.report.features_in_file == 6
    assert upload.frame.geometry.geom_type.tolist() == ["Polygon", "LineString", "Polygon", "LineString", "MultiPoint"]
    assert not upload.frame.geometry.has_z.any()
    said = " ".join(upload.report.sentences())
    assert "3 features without geometry" in said
    assert "taken apart into 3" in said
    keep(upload, store, "mixed")
    assert len(store.layer("mixed")) == 5


def test_a12_curves_are_drawn_as_lines_or_refused():
    try:
        upload = read(hostile.curve_geopackage())
    except ZoningError:
        return
    assert upload.frame.geometry.geom_type.tolist() == ["LineString"]
    assert shapely.get_num_coordinates(upload.frame.geometry.iloc[0]) > 3


def test_a13_a_repair_that_changes_an_area_needs_a_yes(store):
    bow = layers.polygon((106.60, 11.00), (106.61, 11.01), (106.61, 11.00), (106.60, 11.01))
    upload = read(layers.geojson(bow), crs=None)
    assert upload.report.grave[0].change_pct > MOST_CHANGE_PCT
    with pytest.raises(InputError, match="Feature|feature"):
        keep(upload, store, "bow")
    keep(upload, store, "bow", confirmed=True)
    assert store.layer("bow").geometry.is_valid.all()


def _spoilt(chance):
    """Return a polygon with a spike, a point twice, or edges that cross."""
    angles = np.sort(chance.uniform(0, 2 * np.pi, 12))
    xy = np.column_stack([np.cos(angles), np.sin(angles)]) * 500 + [598_000, 1_214_000]
    how = chance.integers(3)
    if how == 0:
        xy = np.insert(xy, 5, [xy[4] * 2 - xy[3], xy[4]], axis=0)
    elif how == 1:
        xy = np.repeat(xy, 2, axis=0)
    else:
        xy[[3, 7]] = xy[[7, 3]]
    return shapely.Polygon(xy)


def test_a13_every_repair_is_valid_and_tells_how_much_the_area_changed():
    chance = np.random.default_rng(13)
    shapes = np.asarray([_spoilt(chance) for _ in range(300)], dtype=object)
    before = shapely.area(shapes)
    whole, rows, changes, _ = clean_shapes(shapes)
    assert shapely.is_valid(whole).all()
    assert set(range(300)) - set(rows.tolist()) <= {one.feature - 1 for one in changes if one.change_pct == 100}
    told = {one.feature - 1: one.change_pct for one in changes if "repaired" in one.what.template}
    assert len(told) > 50
    for row, shape in zip(rows.tolist(), whole, strict=True):
        if row in told:
            after = shape.area
            assert told[row] == pytest.approx(100 * abs(after - before[row]) / max(after, before[row]), abs=1e-6)
        else:
            assert shape.equals_exact(shapes[row], 0)


def test_a14_a_layer_round_the_world_is_not_kept(store):
    for ring in ([(-180, -10), (180, -10), (180, 20), (-180, 20)], [(179, 10), (-179, 10), (-179, 11), (179, 11)]):
        upload = read(layers.geojson(layers.polygon(*ring)))
        assert upload.proposal.code == ""
        with pytest.raises(InputError, match="study area"):
            keep(upload, store, "world")
    assert STUDY_ENVELOPE[0] > 100


def test_a15_too_many_columns_and_letters_are_named():
    refused(layers.geojson(POINT, properties={f"c{at}": at for at in range(3000)}), "more than 200 columns")
    refused(layers.geojson(POINT, properties={"c": "x" * 1_000_000}), "column “c”")
    refused(layers.geojson(POINT, properties={"c": "x" * 10_000_000}))
    refused(b"{" + b" " * 50_000_001, "MB")


def test_a15_too_many_features_are_named(readers):
    refused(b"lon,lat\n" + b"106.6,11.0\n" * 25_000, "rows")
    features = b",".join(
        [b'{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[106.6,11]}}'] * 100_001
    )
    refused(
        layers.zipped({"a.geojson": b""}) and b'{"type":"FeatureCollection","features":[' + features + b"]}", "100,000"
    )
    assert readers.costs[-1].peak_mb < 500


def test_a16_brackets_without_end_are_refused(readers):
    refused(b'{"type":"FeatureCollection","features":' + b"[" * 200_000)
    refused(b'{"type":"Polygon","coordinates":' + b"[" * 100_000 + b"]" * 100_000 + b"}")
    refused(b'{"type":"FeatureCollection","features":[],"more":' + b'{"a":' * 100_000)
    assert max(cost.cpu_s for cost in readers.costs) < 5


def test_a16_our_own_parsing_of_json_ends_too():
    import base64
    import zlib

    for text in ("[" * 200_000, '{"a":' * 200_000, "[" * 100_000 + "]" * 100_000):
        with pytest.raises(ZoningError):
            read_text(text, "kịch bản.json")
        with pytest.raises(ZoningError):
            from_link(base64.urlsafe_b64encode(zlib.compress(text.encode())).decode())
    with pytest.raises(ZoningError):
        from_link(base64.urlsafe_b64encode(zlib.compress(bytes(50_000_000))).decode())


NAMES = ("a'b", 'a"b', "a; DROP TABLE zones; --", "a\nb", "\u202eba", "a,b", "=1+1", "${x}", "<b>a</b>", "x" * 10_000)


def test_a17_hostile_names_of_layers_and_columns_come_through_to_the_exports(store):
    properties = {name: at for at, name in enumerate(NAMES)} | {"name": NAMES[2], "id": NAMES[1]}
    upload = read_upload(layers.geojson(POINT, properties=properties), name_hint="<b>../x\n.geojson")
    columns = list(upload.frame.columns)
    assert len(columns) == len(set(columns)) == len(NAMES) + 7  # id, name_vi, name_en, name, quality, sources, geometry
    assert not any(set(column) & set("<>'\"`$={},\n\x00\u202e") for column in columns), columns
    assert max(map(len, columns)) <= 60
    keep(upload, store, "odd_names", title=NAMES[8])
    assert store.layer("odd_names")["name_vi"].tolist() == [NAMES[2]]
    assert len(store.layer("zones")) > 60
    for kind in ("geojson", "gpkg", "csv", "kml"):
        assert export_layer(store, "odd_names", kind).count == 1


@pytest.mark.parametrize("name", [*NAMES[:9], "x" * 200])
def test_a17_a_layer_is_read_by_its_name_whatever_it_is(name):
    content = hostile.named(name)
    upload = read(content)
    assert upload.report.layers == (name,)
    assert len(read(content, layer=name).frame) == 3


@pytest.mark.parametrize("name", [*NAMES, "zones", "streets", "gpkg_contents", "sqlite_master", "", "A"])
def test_a17_what_is_no_name_of_a_layer_is_not_kept_under(name, store):
    upload = read(layers.geojson(POINT))
    with pytest.raises(ZoningError):
        keep(upload, store, name)


def test_a18_ids_that_stand_twice_and_columns_that_differ_in_case(store):
    content = json.loads(layers.geojson(*[POINT] * 4))
    for feature, one in zip(content["features"], ("a", "a", None, "a-2"), strict=True):
        feature["properties"] = {
            "id": one,
            "Ten": 1,
            "TEN": 2,
            "ten": 3,
            "fid": 7,
            "OGC_FID": 8,
            "geom": "x",
            "geometry": 9,
        }
    upload = read(json.dumps(content).encode())
    assert upload.frame["id"].is_unique
    assert upload.frame["id"].tolist()[0] == "a"
    assert upload.frame["id"].tolist()[3] == "a-2"
    assert any("no id of their own" in one for one in upload.report.sentences())
    folded = [column.casefold() for column in upload.frame.columns]
    assert len(folded) == len(set(folded))
    assert not {"fid", "ogc_fid", "geom"} & set(folded)
    keep(upload, store, "twice")
    assert store.layer("twice")[[column for column in upload.frame.columns if column.startswith("T")]].shape[1] >= 2


def test_a19_rare_drivers_are_not_there_and_gdal_is_current():
    import pyogrio

    assert tuple(map(int, version("pyogrio").split(".")[:2])) >= (0, 13)
    assert pyogrio.__gdal_version__ >= (3, 12, 4)
    assert not {"HDF4", "HDF5", "netCDF", "OGR_VRT", "WFS", "GML", "PDF", "HTTP"} & set(pyogrio.list_drivers())
