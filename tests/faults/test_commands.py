"""Wrong files on the command line: one line on standard error, exit 2. Row D8: files of streets."""

import gzip
import os
import resource
import subprocess
import sys

import pytest

import geodata.__main__ as data_line
import zoning.__main__ as zoning_line
from tests.data import hostile, layers
from tests.faults.reading import ROOT
from tests.unit.test_geodata_osmfile import BOMB, OUTSIDE
from zoning.cli import run

POINT = {"type": "Point", "coordinates": [106.6, 11]}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    from geodata.store import open_store

    return str(open_store(tmp_path_factory.mktemp("commands") / "s.gpkg").path)


def refused(capsys, module, *arguments):
    """Run a command in this process, and return its one line."""
    assert run(lambda: module.main([str(one) for one in arguments]), module.t) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.strip().splitlines()) == 1
    assert "Traceback" not in said.err
    return said.err


FILES = {
    "a folder": None,
    "empty": lambda: b"",
    "text": lambda: b"lop khong co toa do",
    "vrt": lambda: b"<OGRVRTDataSource/>",
    "bomb": lambda: layers.zipped({"a.geojson": bytes(50_000_000)}),
    "view": layers.view_bomb,
    "dwg": lambda: b"AC1032" + bytes(100),
    "picture": lambda: b"\x89PNG\r\n\x1a\n" + bytes(100),
    "brackets": lambda: b'{"type":"FeatureCollection","features":' + b"[" * 200_000,
    "workbook": lambda: hostile.workbook([["a", "b"], [1, 2]]),
    "elsewhere": lambda: layers.geojson({"type": "Point", "coordinates": [2.35, 48.85]}),
}


@pytest.mark.parametrize("name", FILES)
def test_import_of_a_wrong_file_is_one_line(name, tmp_path, store, capsys, readers):
    file = tmp_path / "lop.gpkg"
    if FILES[name] is None:
        file.mkdir()
    else:
        file.write_bytes(FILES[name]())
    refused(capsys, data_line, "import", file, "--as", "lop", "--store", store)


@pytest.mark.parametrize("name", ["zones", "a b", "../x", "streets", "", "x" * 200, "=1"])
def test_import_under_a_wrong_name_is_one_line(name, tmp_path, store, capsys, readers):
    (tmp_path / "a.geojson").write_bytes(layers.geojson(POINT))
    refused(capsys, data_line, "import", tmp_path / "a.geojson", "--as", name, "--store", store)


def test_import_of_what_is_not_there_is_one_line(tmp_path, store, capsys):
    for file in (
        tmp_path / "no.gpkg",
        "http://127.0.0.1:9/a.gpkg",
        "/vsicurl/http://127.0.0.1:9/a",
        "\x00",
        "/dev/zero",
    ):
        refused(capsys, data_line, "import", file, "--as", "lop", "--store", store)


@pytest.mark.parametrize("name", ["empty", "text", "vrt", "brackets", "dwg", "workbook", "elsewhere"])
def test_scenarios_and_records_of_a_wrong_kind_are_one_line(name, tmp_path, store, capsys):
    for ending in ("json", "gpkg", "geojson"):
        file = tmp_path / f"a.{ending}"
        file.write_bytes(FILES[name]())
        refused(capsys, zoning_line, "scenario", file, "--store", store)
        refused(capsys, zoning_line, "replay", file, "--store", store, "--out", tmp_path / "o.geojson")
    assert not (tmp_path / "o.geojson").exists()


@pytest.mark.parametrize("what", [b"", b"lop", b"SQLite format 3\x00" + bytes(3000), b"PK\x03\x04" + bytes(90)])
def test_a_store_of_a_wrong_kind_is_one_line_and_stays(what, tmp_path, capsys):
    file = tmp_path / "s.gpkg"
    file.write_bytes(what)
    if not what:
        return  # an empty file is where a store may be built
    for module, verb in ((data_line, ["layers"]), (zoning_line, ["check", "--out", tmp_path / "o.csv"])):
        refused(capsys, module, *verb, "--store", file)
    assert file.read_bytes() == what


def _bound():
    resource.setrlimit(resource.RLIMIT_AS, (2_000_000_000, 2_000_000_000))
    resource.setrlimit(resource.RLIMIT_CPU, (30, 30))


ROOT_OF_OSM = "<osm version='0.6'><node id='1' lat='11' lon='106.6'/><way id='1'><nd ref='1'/></way></osm>"
STREETS = {
    "entities that grow": f"<?xml version='1.0'?>{BOMB}{ROOT_OF_OSM}".encode,
    "entities of other files": f"<?xml version='1.0'?>{OUTSIDE}{ROOT_OF_OSM}".encode,
    "a bomb": lambda: gzip.compress(b"<osm version='0.6'>" + b" " * 400_000_000, 9),
    "a layer": lambda: layers.geojson(POINT),
}


@pytest.mark.parametrize("name", STREETS)
def test_d8_streets_of_a_hostile_file_are_one_line_within_limits(name, tmp_path, store):
    file = tmp_path / "a.osm"
    file.write_bytes(STREETS[name]())
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"}
    done = subprocess.run(
        [sys.executable, "-m", "geodata", "streets", str(file), "--store", store],
        cwd=ROOT, check=False, env=environment, capture_output=True, text=True, preexec_fn=_bound,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.strip().splitlines()) == 1
    assert "hostname" not in done.stderr
