"""The health report tells what is wrong and raises nothing; scripts read it as JSON and by its exit status."""

import json
import logging
import os
import sqlite3
import subprocess
import sys

import pytest

from geodata import health as module
from geodata.health import health, memory, versions
from geodata.journal import FILE, JournalHandler
from geodata.store import open_store
from pages.ui.text import catalogue, translator
from zoning.errors import StoreError


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    path = tmp_path_factory.mktemp("health") / "region.gpkg"
    open_store(path)
    return path


@pytest.fixture
def found(place, monkeypatch):
    monkeypatch.setenv("INNOVATION_REGION_STORE", str(place))

    def looked(**more):
        return health(lambda: open_store(place), **more)

    return looked


def check(report, name):
    return next(one for one in report.checks if name in one.name)


def command(*arguments, **environment):
    return subprocess.run([sys.executable, "-m", "geodata", "health", *arguments], capture_output=True, text=True,
                          env=os.environ | environment, check=False)  # fmt: skip


def test_a_sound_installation_passes_every_check(found, place):
    report = found()
    assert [one.name for one in report.checks if not one.ok] == []
    assert report.healthy
    assert report.store["kind"] == "GeoPackage"
    assert report.store["layers"] == len(open_store(place).names())
    assert report.store["bytes"] == place.stat().st_size
    assert report.disk["free_bytes"] > 0
    assert report.server is None


def test_nothing_of_the_store_is_changed_by_looking(found, place):
    before = place.read_bytes()
    found()
    assert place.read_bytes() == before
    assert not [file for file in place.parent.iterdir() if file.name.startswith(".health")]


def test_the_report_is_json_in_both_languages(found):
    report = found()
    english, vietnamese = (json.loads(json.dumps(report.content(translator(one)))) for one in ("en", "vi"))
    assert english["healthy"] is True
    assert {one["name"] for one in english["checks"]} <= set(catalogue("vi"))
    assert [one["ok"] for one in english["checks"]] == [one["ok"] for one in vietnamese["checks"]]
    assert all(a["name"] != b["name"] for a, b in zip(english["checks"], vietnamese["checks"], strict=True))


def test_a_page_that_was_overwritten_on_the_disk_is_found(place, tmp_path):
    damaged = tmp_path / "region.gpkg"
    content = bytearray(place.read_bytes())
    page = int.from_bytes(content[16:18], "big")
    with sqlite3.connect(place) as connection:
        (root,) = connection.execute("select rootpage from sqlite_master where name = 'corridors'").fetchone()
    content[(root - 1) * page : root * page] = b"\xa5" * page
    damaged.write_bytes(content)
    from geodata.store import Store

    store = Store(damaged)
    assert module._whole(store).ok is False


def test_a_store_that_cannot_be_opened_is_told_and_the_rest_is_still_there():
    def broken():
        raise StoreError("The store {path} is damaged.", path="region.gpkg")

    report = health(broken)
    assert not report.healthy
    assert check(report, "can be opened").said.text() == "The store region.gpkg is damaged."
    assert check(report, "EPSG:6960").ok
    assert report.versions["GDAL"]


def test_an_operation_of_proj_that_is_off_is_found(found, monkeypatch):
    # what PROJ's own choice gives south of the seam: 0.8 m to the west
    monkeypatch.setattr(module, "REGRESSION", (module.REGRESSION[0], (106.6519, 10.9804, 598370.386, 1214436.347)))
    report = found()
    assert not check(report, "EPSG:6960").ok
    assert "79" in check(report, "EPSG:6960").said.text()


def test_a_full_disk_and_a_folder_that_cannot_be_written_are_found(found, monkeypatch, place):
    assert not module._room(100_000_000, 1_000).ok
    assert not module._room(2_000_000_000, 1_000_000_000).ok
    assert module._room(2_000_000_000, 1_000).ok

    def refuse(**_):
        raise PermissionError(13, "no")

    monkeypatch.setattr(module.tempfile, "NamedTemporaryFile", refuse)
    assert not module._writable(place.parent).ok


def test_further_checks_are_asked_and_their_faults_told(found):
    def missing():
        raise StoreError("The file {file} is missing.", file="leaflet.js")

    report = found(more={"Map": missing, "Other": lambda: None}, server={"sessions": 3})
    assert check(report, "Map").said.text() == "The file leaflet.js is missing."
    assert check(report, "Other").ok
    assert report.content()["server"] == {"sessions": 3}


def test_the_last_faults_are_listed_by_their_numbers(found, place):
    handler = JournalHandler(place.parent / FILE)
    record = logging.LogRecord("x", logging.ERROR, "", 0, "fault", None, (KeyError, KeyError("Lan"), None))
    record.event, record.fault = "fault", "12ab34cd"
    handler.handle(record)
    (fault,) = found().faults
    assert (fault.fault, fault.kind) == ("12ab34cd", "KeyError")
    assert "Lan" not in fault.message


def test_versions_are_those_that_run(monkeypatch, tmp_path):
    assert versions()["numpy"] == __import__("numpy").__version__
    (tmp_path / "requirements.txt").write_text("numpy==0.1  # old\nno-such-package==1  # none\n")
    monkeypatch.setattr(module, "_ROOT", tmp_path)
    assert versions()["numpy"].endswith("(0.1)")
    assert versions()["no-such-package"] == "– (1)"


def test_memory_is_that_of_this_process():
    psutil = pytest.importorskip("psutil")
    assert memory()["bytes"] == pytest.approx(psutil.Process().memory_info().rss, rel=0.2)
    assert memory()["most_bytes"] >= memory()["bytes"]


def test_the_command_line_ends_with_0_or_1_and_speaks_json(place):
    good = command("--json", "--store", str(place), INNOVATION_REGION_STORE=str(place))
    assert good.returncode == 0, good.stderr
    assert json.loads(good.stdout)["healthy"] is True
    bad = command(INNOVATION_REGION_STORE="/proc/none/region.gpkg", INNOVATION_REGION_LANG="en")
    assert bad.returncode == 1
    assert "FAILED: The store can be opened" in bad.stdout
    assert "Traceback" not in bad.stderr
