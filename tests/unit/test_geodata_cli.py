"""The command line of the data: its doors as designed, in both languages, every fault one line and exit 2."""

import json
import os
import subprocess
import sys

import pyogrio
import pytest

from geodata.__main__ import FORMATS, LISTED, main, parser
from geodata.dxf import read_features
from geodata.export import FORMATS as EXPORT_FORMATS
from geodata.journal import JournalHandler
from pages.ui.text import translator
from tests.data import osm_town
from zoning.cli import run

COUNTS = {  # counted in the facts: 69 zones, 36 units since July 2025, 91 communes and 9 districts before, 68 corridors
    "zones": 69, "wards_2025": 36, "communes_until_2025": 91, "districts_until_2025": 9, "corridors": 68,
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("cli")


@pytest.fixture(scope="module")
def call(folder, commands):
    def environment(lang):
        return {
            "INNOVATION_REGION_STORE": str(folder / "region.gpkg"),
            "INNOVATION_REGION_LOG": str(folder / "log"),
            "INNOVATION_REGION_LANG": lang,
        }

    def call(*arguments, lang="en"):
        return commands("geodata", *arguments, **environment(lang))

    # the first is a process as planners start it; all others are forks of one that has the libraries loaded
    command = [sys.executable, "-m", "geodata", "build"]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | environment("en"), check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return call


def test_build_says_what_it_made(call, folder):
    done = call("build")
    assert done.returncode == 0
    assert done.stderr == ""
    assert str(folder / "region.gpkg") in done.stdout
    for name, count in COUNTS.items():
        assert f"  {name}: {count}\n" in done.stdout


def test_build_makes_the_store_that_is_named(call, folder):
    other = folder / "sub" / "other.gpkg"
    assert call("build", "--store", other).returncode == 0
    assert other.is_file()


def test_layers_are_listed_as_json(call):
    rows = json.loads(call("layers", "--json").stdout)
    assert {row["name"]: row["count"] for row in rows if row["name"] in COUNTS} == COUNTS
    for row in rows:
        assert tuple(row) == LISTED == ("name", "count", "geometry", "crs", "source", "licence", "date")
        assert row["source"]
        assert row["crs"] == ("" if row["name"] == "indicators" else "EPSG:9210")


def test_layers_are_listed_as_an_aligned_table(call):
    lines = call("layers", lang="vi").stdout.splitlines()
    assert lines[0].split()[:2] == ["tên", "số"]
    column = lines[0].index("hệ tọa độ")
    placed = [line for line in lines[1:] if not line.startswith("indicators")]
    assert all(line[column:].startswith("EPSG:9210") for line in placed)


@pytest.mark.parametrize("kind", FORMATS)
def test_layers_are_exported_in_each_format(call, folder, kind, capsys):
    out = folder / f"corridors.{kind}"
    assert main(["export", "corridors", "--out", str(out), "--store", str(folder / "region.gpkg")]) == 0
    if kind == "dxf":  # two corridors have no line: a drawing cannot hold them
        assert "66" in capsys.readouterr().out
        assert len({about["id"] for *_, about in read_features(out.read_text("utf-8"))}) == 66
        return
    assert "68" in capsys.readouterr().out
    if kind == "csv":
        assert out.read_bytes().count(b"\r\n") == 69
    else:
        layer = {"layer": "corridors"} if kind == "gpkg" else {}
        assert len(pyogrio.read_dataframe(out, **layer)) == 68


def test_chosen_zones_are_exported(call, folder):
    out = folder / "two"
    line = (
        f"export zones --out {out} --store {folder / 'region.gpkg'} --where-id bd-new-city --where-id thu-dau-mot-city"
    )
    assert main(line.split()) == 0
    collection = json.loads(out.read_text("utf-8"))
    assert {feature["id"] for feature in collection["features"]} == {"bd-new-city", "thu-dau-mot-city"}
    assert collection["provenance"]["licence"]
    assert "crs" not in collection


def test_two_exports_are_equal_byte_by_byte(call, folder):
    files = [folder / "first.geojson", folder / "second.geojson"]
    for file in files:
        call("export", "zones", "--out", file)
    assert files[0].read_bytes() == files[1].read_bytes()


WRONG = {
    "no verb": ("", "Missing: VERB"),
    "unknown verb": ("fly", "VERB: 'fly' is not known. There are: build, layers"),
    "no file": ("export zones", "Missing: --out"),
    "unknown layer": ("export nolayer --out {folder}/x.csv", "There is no layer nolayer"),
    "unknown id": ("export zones --out {folder}/x.csv --where-id nope", "No feature of “zones” has the id nope"),
    "no folder": ("export zones --out {folder}/none/x.csv", "The folder {folder}/none does not exist"),
    "ending": ("export zones --out {folder}/x.shp", "The ending .shp"),
    "format": ("export zones --out {folder}/x --format dwg", "--format: 'dwg' is not known. There are: geojson, gpkg,"),
    "table as map": ("export indicators --out {folder}/x.kml", "“indicators” is a table"),
    "damaged store": ("layers --store {folder}/damaged.gpkg", "The store {folder}/damaged.gpkg is damaged"),
    "unwritable store": ("build --store {folder}/damaged.gpkg/x.gpkg", "The folder {folder}/damaged.gpkg cannot"),
    "no source of streets": ("streets", "Name either"),
    "missing streets": ("streets {folder}/none.osm", "There is no file"),
    "box": ("streets --bbox 1,2,3 x.osm", "--bbox: “1,2,3” is not a box"),
    "url": ("streets --url http://127.0.0.1:9/ x.osm", "--url names an Overpass"),
    "no service": ("streets --overpass --url http://127.0.0.1:9/ --bbox 106.6,10.9,106.7,11.0", "The Overpass service"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_fault_is_one_clear_line_in_the_readers_language(call, folder, name, capsys, monkeypatch):
    (folder / "damaged.gpkg").write_bytes(b"SQLite format 3\x00 and then nothing")
    monkeypatch.setenv("INNOVATION_REGION_STORE", str(folder / "region.gpkg"))
    arguments, start = (text.format(folder=folder) for text in WRONG[name])
    vietnamese = translator("vi")
    english_line = ""
    for translate in (str, vietnamese):
        assert run(lambda: main(arguments.split()), translate, JournalHandler(folder / "log")) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.count("\n") == 1
        assert err != english_line
        english_line = english_line or err
    assert english_line.startswith(start)
    assert not list(folder.glob("x*"))


@pytest.mark.parametrize(("lang", "start"), [("en", "There is no layer"), ("vi", "Không có lớp nolayer")])
def test_a_fault_ends_the_program_with_2(call, folder, lang, start):
    done = call("export", "nolayer", "--out", folder / "x.csv", lang=lang)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith(start)
    assert done.stderr.count("\n") == 1


def test_streets_of_a_file_come_into_the_store(call, folder, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("geodata.extract.compile_streets", lambda *_: None)  # tried in test_geodata_streets
    osm_file = osm_town.write_town(tmp_path / "town.osm.gz")
    store = folder / "streets.gpkg"
    assert main(["streets", str(osm_file), "--store", str(store)]) == 0
    said = capsys.readouterr().out
    assert "ways were kept" in said
    assert "zones and facilities found their outline" in said
    assert main(["layers", "--json", "--store", str(store)]) == 0
    assert "streets" in {row["name"] for row in json.loads(capsys.readouterr().out)}
    out = folder / "streets.geojson"
    assert main(["export", "streets", "--out", str(out), "--store", str(store)]) == 0
    assert "OpenStreetMap" in json.loads(out.read_text("utf-8"))["provenance"]["attribution"]


def test_help_is_translated_and_names_every_verb(call):
    text = call("--help", lang="vi").stdout
    assert text.startswith("cách dùng: python -m geodata")
    for verb in ("build", "layers", "export", "streets"):
        assert verb in text


def test_the_formats_are_those_of_the_export():
    assert tuple(EXPORT_FORMATS) == FORMATS


def test_the_parser_knows_the_doors_of_the_design():
    known = parser()
    for line in (
        "build --store S",
        "layers --store S --json",
        "export zones --out F --format gpkg --where-id A --where-id B --store S",
        "streets FILE.osm.pbf --bbox 1,2,3,4 --store S",
        "streets --overpass --bbox 1,2,3,4 --url URL --store S",
    ):
        assert known.parse_args(line.split()).store == "S"
    assert known.parse_args(["export", "zones", "--out", "F", "--where-id", "A", "--where-id", "B"]).where_id == [
        "A",
        "B",
    ]


def test_the_command_line_starts_without_the_heavy_libraries():
    code = "import sys, geodata.__main__ as m; m.parser(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"geopandas", "pandas", "shapely", "streamlit", "osmnx", "folium", "networkx", "scipy"}
    assert not heavy & set(done.stdout.split())
