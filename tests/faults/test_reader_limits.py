"""Files that cost more than a layer may are refused within 5 s of processor time and 500 MB, by the reader itself."""

import contextlib
import io
import random
import tempfile
import time
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geodata.importing import apart
from geodata.importing.sniff import sniff
from geodata.importing.upload import read_upload
from geodata.sheets import read_rows
from tests.data import hostile, layers
from zoning.errors import BadFileError, ZoningError

MOST_CPU_S, MOST_MB = 5.0, 400.0  # of 500, 100 are the libraries' own (tests.faults.reading)
FAR = 5_000_000


@pytest.fixture(scope="module")
def ring():
    """One line of five million vertices round the region, of numbers that hardly pack."""
    chance = np.random.default_rng(15)
    angles = np.linspace(0, 2 * np.pi, FAR)
    return (
        np.column_stack([106.6 + 0.1 * np.cos(angles), 11 + 0.1 * np.sin(angles)]).round(6)
        + chance.integers(0, 9, (FAR, 2)).round(1) * 1e-7
    )


def _frame(ring):
    return gpd.GeoDataFrame(geometry=[shapely.polygons(ring)], crs=4326)


def _lightly(path):
    """Return the files beside `path` in a zip that is packed fast."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for one in sorted(path.parent.iterdir()):
            archive.write(one, one.name)
    return out.getvalue()


def _by_gdal(name):
    def make(ring):
        with tempfile.TemporaryDirectory() as folder:
            _frame(ring).to_file(Path(folder) / name)
            return _lightly(Path(folder) / name)

    return make


def _geojson(ring):
    text = b",".join([b"[106.6,11],[106.7,11],[106.7,11.1]"] * (FAR // 3))
    start = b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":{"type":"Polygon",'
    return start + b'"coordinates":[[' + text[:40_000_000].rpartition(b",[")[0] + b"]]}}]}"


_COSTLY = {
    "a view of 20 million rows": lambda _: layers.view_bomb(),
    "a VRT": lambda _: b"<OGRVRTDataSource><OGRVRTLayer name='a'/></OGRVRTDataSource>",
    "a WFS": lambda _: b"<?xml version='1.0'?><OGRWFSDataSource><URL>http://127.0.0.1:9/wfs</URL></OGRWFSDataSource>",
    "a zip bomb": lambda _: layers.zipped({"a.geojson": bytes(300_000_000)}),
    "a bomb of little ratio": lambda _: layers.zipped({"a.kml": random.Random(7).randbytes(30_000_000).hex().encode()}),
    "200,000 brackets": lambda _: b'{"type":"FeatureCollection","features":' + b"[" * 200_000,
    "5 million vertices, Shapefile": _by_gdal("a.shp"),
    "5 million vertices, GeoPackage": _by_gdal("a.gpkg"),
    "a feature of 40 MB, GeoJSON": _geojson,
    "the last cell of a sheet": lambda _: hostile.sparse_workbook(),
    "blocks in blocks, DXF": lambda _: hostile.drawing_bomb(12),
    "a block in ten thousand columns, DXF": lambda _: hostile.drawing_bomb(0).replace(
        b"\n10\n0\n20\n0\n0\nENDSEC\n0\nEOF", b"\n70\n10000\n71\n30000\n10\n0\n20\n0\n0\nENDSEC\n0\nEOF"
    ),
    "700,000 columns, GeoJSON": lambda _: hostile.many_columns(700_000),
    "700,000 columns, KML": lambda _: hostile.many_fields(700_000),
    "700,000 columns, MapInfo": lambda _: layers.zipped(
        {"a.mif": b"Version 300\nColumns 700000\n" + b"  a Integer\n" * 700_000 + b"Data\n\n", "a.mid": b"1"}
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", _COSTLY)
def test_a15_what_costs_too_much_is_refused_cheaply(name, ring, readers):
    content = _COSTLY[name](ring)
    assert len(content) < 50_000_001
    with pytest.raises(ZoningError) as fault:
        read_upload(content, name_hint="x")
    cost = readers.costs[-1]
    print(f"{name}: {len(content) / 1e6:.1f} MB, {cost.cpu_s:.2f} s, {cost.peak_mb:.0f} MB: {fault.value.text()}")
    assert cost.status == 0  # it ended by itself
    assert cost.cpu_s < MOST_CPU_S
    assert cost.peak_mb < MOST_MB


def test_a5_what_never_ends_is_ended_by_the_system(readers):
    # one second for an outline of two thousand vertices that cross each other a million times: it would take minutes
    readers.cpu_s = 1
    ring = np.random.default_rng(5).random((2000, 2)) * 0.1 + [106.6, 11]
    with pytest.raises(BadFileError, match="memory or time"):
        read_upload(layers.geojson(layers.polygon(*ring.tolist())), name_hint="x")
    cost = readers.costs[-1]
    assert cost.status != 0
    assert 0.5 < cost.cpu_s < MOST_CPU_S


def test_the_limits_hold_in_the_process_that_is_really_started(monkeypatch):
    seen = {}
    run = apart.subprocess.run

    def spy(command, **options):
        seen.update(options, command=command)
        return run([*command[:1], "-c", _SHOW], **options)

    monkeypatch.setattr(apart.subprocess, "run", spy)
    with pytest.raises(BadFileError, match="memory or time"):  # nothing was read
        read_upload(layers.DXF, name_hint="x")
    assert seen["command"][1:3] == ["-m", "geodata.importing.reader"]
    assert seen["timeout"] == apart.DEADLINE_S
    assert not {name for name in seen["env"] if "STORE" in name or "PASSWORD" in name or "USER_HEADER" in name}
    assert seen["env"]["http_proxy"] == "http://127.0.0.1:9"


_SHOW = """
import resource
from geodata.importing import reader
reader.limit()
assert resource.getrlimit(resource.RLIMIT_AS)[0] == reader.MEMORY_BYTES < 1_500_000_000
assert resource.getrlimit(resource.RLIMIT_CPU)[0] == reader.CPU_S <= 30
assert resource.getrlimit(resource.RLIMIT_CORE)[0] == 0
reader.allow(3)  # for looking: less than for all of it, and never more
assert resource.getrlimit(resource.RLIMIT_CPU) <= (3 + 15, reader.CPU_S)
reader.allow(1e6)
assert resource.getrlimit(resource.RLIMIT_CPU) == (reader.CPU_S, reader.CPU_S)
try:
    bytearray(reader.MEMORY_BYTES)
except MemoryError:
    pass
else:
    raise SystemExit(3)
"""


def test_a_reader_that_hangs_is_a_sentence(monkeypatch):
    monkeypatch.setattr(apart, "DEADLINE_S", 0.01)
    with pytest.raises(BadFileError, match="memory or time"):
        read_upload(layers.DXF, name_hint="x")


def test_a_reader_that_says_too_much_or_nonsense_is_a_sentence(monkeypatch):
    for said in (b"", b"{", b"x" * 2000):
        monkeypatch.setattr(apart, "_run", lambda folder, said=said: (folder / "said.json").write_bytes(said))
        monkeypatch.setattr(apart, "MOST_SAID_BYTES", 1000)
        with pytest.raises(BadFileError, match="memory or time"):
            read_upload(layers.DXF, name_hint="x")


KINDS = {
    "GeoPackage": lambda: layers.written(layers.areas(), "a.gpkg"),
    "GeoJSON": lambda: layers.written(layers.areas(), "a.geojson"),
    "Shapefile": lambda: layers.shapefile(layers.planned()),
    "KML": lambda: layers.written(layers.areas(), "a.kml", driver="KML"),
    "GeoParquet": lambda: layers.parquet(layers.planned()),
    "DXF": lambda: layers.DXF,
    "MapInfo MIF": lambda: layers.mapinfo("mif"),
    "CSV / XLSX": lambda: hostile.workbook([["lon", "lat"], [106.6, 11.0]]),
    "CSV": lambda: b"lon,lat\n106.6,11.0\n",
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_read_in_a_process_of_its_own(kind, readers, monkeypatch):
    def never(*args, **kwargs):
        raise AssertionError("read in the process of the server")

    for module in ("pyogrio.read_dataframe", "pyogrio.list_layers", "geopandas.read_parquet", "openpyxl.load_workbook",
                   "zipfile.ZipFile", "geodata.importing.points.read_points"):  # fmt: skip
        content = KINDS[kind]() if module == "pyogrio.read_dataframe" else content  # noqa: F821 - made once, before
        monkeypatch.setattr(module, never)
    assert len(read_upload(content, name_hint="x").frame) >= 1
    assert readers.costs[-1].status == 0


def test_a_filled_workbook_is_unpacked_in_a_process_of_its_own(readers, monkeypatch):
    content = hostile.workbook([["Tên", "Số"], ["Trường Định Hòa", 250]])
    monkeypatch.setattr("openpyxl.load_workbook", None)
    assert read_rows(content) == [["Tên", "Số"], ["Trường Định Hòa", "250"]]
    with pytest.raises(ZoningError):
        read_rows(hostile.sparse_workbook())
    assert readers.costs[-1].cpu_s < MOST_CPU_S


def test_telling_what_a_file_is_takes_time_by_its_length():
    # a regular expression that told drawings took twice as long for each comment line of these
    hard = (b"999" + b"\n" * 8) * 300 + b"x"
    start = time.process_time()
    for text in (
        hard,
        b"<" * 4_000_000,
        b'"crs":{' * 500_000,
        b"version 1" + b" " * 4_000_000,
        b"{" + b'"crs"' * 800_000,
    ):
        with contextlib.suppress(BadFileError):
            sniff(text)
    assert time.process_time() - start < 5


def test_a_timetable_is_tried_in_a_process_of_its_own(readers, tmp_path, monkeypatch):
    from geodata import feeds
    from geodata.store import open_store
    from tests.unit.test_gtfs import feed_zip

    monkeypatch.setattr(feeds, "_SMALL", 0)
    store = open_store(tmp_path / "s.gpkg")
    feeds.add_feed(store, feed_zip(), "bus")
    assert readers.costs[-1].status == 0
    readers.cpu_s = 0  # no time at all: the reader is ended, and the server has not begun
    monkeypatch.setattr(feeds, "read_feed", None)
    with pytest.raises(BadFileError, match="memory or time"):
        feeds.add_feed(store, feed_zip(), "bus")
