"""The ending of --out says what is written: the formats of exports, and a clear refusal before anything is computed."""

import shutil

import ezdxf
import geopandas as gpd
import pytest

from geodata.checks_export import CHECK_FORMATS
from geodata.export import FORMATS
from zoning.__main__ import main
from zoning.commands.check import FORMATS as CHECKS
from zoning.commands.outs import ENDINGS
from zoning.errors import InputError

AT = ["catchment", "--at", "106.6819,11.0566", "--minutes", "5,10", "--mode", "car"]
CHECK = ["check", "--code", "qcvn-01-2026", "--where-id", "vsip-1"]


def test_endings_are_those_of_the_exports():
    assert set(ENDINGS.values()) == set(FORMATS)
    assert set(CHECKS.values()) == set(CHECK_FORMATS)


def layer_names(path):
    drawing = ezdxf.readfile(path)
    return {entity.dxf.layer for entity in drawing.modelspace()}


@pytest.fixture(scope="module")
def place(built, tmp_path_factory):
    """The network is compiled once, beside this store."""
    return str(shutil.copy(built, tmp_path_factory.mktemp("outs") / "region.gpkg"))


def test_a_catchment_is_written_as_its_ending_says(place, tmp_path, monkeypatch):
    monkeypatch.setenv("INNOVATION_REGION_STORE", place)
    assert main([*AT, "--out", str(tmp_path / "a.dxf")]) == 0
    assert layer_names(tmp_path / "a.dxf")
    assert main([*AT, "--out", str(tmp_path / "A.GPKG")]) == 0
    assert sorted(gpd.read_file(tmp_path / "A.GPKG", layer="rings")["minutes"]) == [5, 10]
    # and a record inside an export is run again into another format; without an ending it is GeoJSON
    assert main([*AT, "--out", str(tmp_path / "plain")]) == 0
    assert (tmp_path / "plain").read_bytes().startswith(b'{\n"type": "FeatureCollection"')
    assert main(["replay", str(tmp_path / "plain"), "--out", str(tmp_path / "b.dxf")]) == 0
    assert layer_names(tmp_path / "b.dxf") == layer_names(tmp_path / "a.dxf")


def test_checks_are_drawn_where_their_ending_says_so(place, tmp_path):
    assert main([*CHECK, "--store", place, "--out", str(tmp_path / "a.gpkg")]) == 0
    written = gpd.read_file(tmp_path / "a.gpkg", layer="checks")
    assert len(written) > 2
    assert written.geometry.notna().all()


@pytest.mark.parametrize("asked", [AT, CHECK, ["replay", "none.json"]], ids=lambda asked: asked[0])
def test_another_ending_is_refused_before_anything_is_computed(tmp_path, asked):
    out = tmp_path / "plan.dwg"
    with pytest.raises(InputError, match=r"plan\.dwg: the ending says what to write, and must be one of \..*\.dxf"):
        main([*asked, "--store", str(tmp_path / "none" / "s.gpkg"), "--out", str(out)])
    assert list(tmp_path.iterdir()) == []
