"""Map data are read by another process: the same comes back, and whatever ends that process harms nothing here."""

import json
import subprocess
import sys
from dataclasses import asdict

import numpy as np
import pytest
from geopandas.testing import assert_geodataframe_equal

from geodata import osmapart, overpass
from geodata.extract import load_extract
from geodata.osmapart import read_answer_apart, read_areas_apart, read_streets_apart
from geodata.osmareas import read_areas
from geodata.osmcheck import Limits
from geodata.osmfile import read_streets
from geodata.overpass_answer import streets_of_answer
from geodata.overpass_http import OverpassError
from geodata.watch import Watch
from tests.data.osm_town import town_json, write_town
from tests.unit.test_geodata_osmoutlines import WAYS as OUTLINES
from zoning.errors import BadFileError
from zoning.pace import DeadlineError, Pace, StoppedError, paced


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    return write_town(tmp_path_factory.mktemp("apart") / "Thủ Dầu Một.osm.pbf")


def plain(streets):
    given = asdict(streets)
    return {key: value.tolist() if isinstance(value, np.ndarray) else value for key, value in given.items()}


def test_streets_and_outlines_come_back_as_they_were_read(town, tmp_path):
    steps = []
    assert plain(read_streets_apart(town, watch=Watch(lambda step, share: steps.append(share)))) == plain(
        read_streets(town)
    )
    assert steps == sorted(steps)
    mapped = write_town(tmp_path / "areas.osm", ways=OUTLINES)
    assert_geodataframe_equal(read_areas_apart(mapped), read_areas(mapped))


def test_answers_of_a_service_come_back_as_they_were_read():
    body = town_json().encode()
    assert plain(read_answer_apart(body, "127.0.0.1")) == plain(streets_of_answer(body, "127.0.0.1"))
    with pytest.raises(OverpassError, match="gave up before its answer was complete: out of memory"):
        read_answer_apart(json.dumps({"remark": "out of memory"}).encode(), "127.0.0.1")


def test_only_long_answers_are_worth_a_process(monkeypatch):
    asked = []
    monkeypatch.setattr(overpass, "read_answer_apart", lambda body, host, watch: asked.append((len(body), host)))
    overpass._read(b" " * overpass.LONG_BYTES, "a", Watch())
    with pytest.raises(OverpassError, match="empty"):
        overpass._read(b" " * (overpass.LONG_BYTES - 1), "b", Watch())
    assert asked == [(overpass.LONG_BYTES, "a")]


def test_refusals_are_those_of_the_reader(town):
    with pytest.raises(BadFileError, match=r"Thủ Dầu Một\.osm\.pbf holds more than 3 streets"):
        read_streets_apart(town, limits=Limits(ways=3))


class Started:
    """Stand in for `subprocess.Popen`: other code in the same process, and a look at each process afterwards."""

    def __init__(self, code):
        self.code, self.all, self.options = code, [], {}

    def __call__(self, command, **options):
        code = ["-c", self.code, *command[3:]] if self.code else command[1:]
        self.options = options
        self.all.append(_popen([sys.executable, *code], **options))
        return self.all[-1]


_popen = subprocess.Popen
FULL = """
import sys
from pathlib import Path
from geodata import osmreader
assert osmreader.MEMORY_BYTES <= 1_500_000_000 and osmreader.CPU_S <= 300
osmreader.bound(osmreader.MEMORY_BYTES, osmreader.CPU_S)
osmreader.answer = lambda *_: bytearray(osmreader.MEMORY_BYTES)
osmreader.main(Path(sys.argv[1]))
"""
SPINS = "import resource\nfrom geodata.importing.apart import bound\nbound(10**9, 1)\nwhile True: pass"
FOR_EVER = "import time\ntime.sleep(600)"
NONSENSE = "import sys, pathlib\nprint('[1]')\npathlib.Path(sys.argv[1], 'said.json').write_text('[]')"


@pytest.fixture
def started(monkeypatch, request):
    spy = Started(getattr(request, "param", ""))
    monkeypatch.setattr(osmapart.subprocess, "Popen", spy)
    return spy


@pytest.mark.skipif(sys.platform == "win32", reason="limits of processes are those of Unix")
@pytest.mark.parametrize("started", [FULL, SPINS, NONSENSE], indirect=True, ids=["memory", "time", "nonsense"])
def test_a_reader_that_takes_too_much_is_a_sentence_and_the_store_as_it_was(started, town, store):
    before = store.path.read_bytes()
    with pytest.raises(BadFileError, match=r"Thủ Dầu Một\.osm\.pbf took more memory or time than it may"):
        load_extract(store, town)
    assert store.path.read_bytes() == before
    assert [process.poll() is not None for process in started.all] == [True]
    assert started.options["env"]["http_proxy"] == "http://127.0.0.1:9"
    assert not {name for name in started.options["env"] if "STORE" in name or "PASSWORD" in name}


@pytest.mark.parametrize("started", [FOR_EVER], indirect=True)
def test_a_reader_is_ended_by_stop_and_by_both_deadlines(started, town, store, monkeypatch):
    looks = iter(range(99))
    with pytest.raises(StoppedError):  # the planner
        load_extract(store, town, watch=Watch(cancelled=lambda: next(looks) > 3))
    with paced(Pace(0.3)), pytest.raises(DeadlineError):  # the server's deadline
        load_extract(store, town)
    monkeypatch.setattr(osmapart, "DEADLINE_S", 0.2)
    with pytest.raises(BadFileError, match="more memory or time"):
        load_extract(store, town)
    assert [process.returncode for process in started.all] == [-9] * 3
    assert "streets" not in store.names()


def test_an_extract_comes_whole_in_one_save(town, store, monkeypatch):
    compiled = []
    monkeypatch.setattr("geodata.extract.compile_streets", lambda *given: compiled.append(given[0]))
    report, matches = load_extract(store, town)
    assert compiled == [store]
    history = store.history()
    new = history[history["layer"].isin(["streets", "outlines", "outline_matches"])]
    assert len(new) == 3
    assert new["date"].nunique() == 1
    assert report.kept_ways > 10
    assert len(matches) > 50
