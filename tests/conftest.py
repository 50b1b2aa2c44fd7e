"""Guard every test: no network but loopback, no look at the user's own store."""

from __future__ import annotations

import ipaddress
import itertools
import os
import shutil
import socket
from pathlib import Path

import pytest
from filelock import FileLock

from tests import postgres as postgres_server
from tests.commands import Commands

SHARED = Path(__file__).resolve().parents[2] / "shared"

_connect = socket.socket.connect


def _guarded_connect(self, address):
    if self.family in (socket.AF_INET, socket.AF_INET6):
        host = address[0]
        try:
            loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
        except ValueError:
            loopback = False
        if not loopback:
            raise AssertionError(f"a test tried to reach {host}")
    return _connect(self, address)


@pytest.fixture(autouse=True)
def _offline(monkeypatch):
    """Refuse every connection that would leave this machine."""
    monkeypatch.setattr(socket.socket, "connect", _guarded_connect)


@pytest.fixture(scope="session", autouse=True)
def _own_store(tmp_path_factory):
    """Keep the user's own store out of the tests: a fresh file for each session of pytest."""
    before = os.environ.get("INNOVATION_REGION_STORE")
    os.environ["INNOVATION_REGION_STORE"] = str(tmp_path_factory.mktemp("store") / "region.gpkg")
    yield
    if before is None:
        del os.environ["INNOVATION_REGION_STORE"]
    else:
        os.environ["INNOVATION_REGION_STORE"] = before


@pytest.fixture(scope="session")
def commands():
    """Return what runs `python -m MODULE` in a fork of a process that has the libraries loaded."""
    lines = Commands()
    yield lines
    lines.close()


@pytest.fixture(scope="session")
def shared():
    """Return the folder of outside data, or skip: a fresh clone elsewhere does not have it."""
    if not SHARED.is_dir():
        pytest.skip("outside data folder ../shared is not here")
    return SHARED


@pytest.fixture(scope="session")
def postgres():
    """Return a running server with PostGIS, or skip where it is not installed; CI has it."""
    if reason := postgres_server.missing():
        assert os.environ.get("CI") != "true", reason
        pytest.skip(reason)
    with postgres_server.server() as server:
        yield server


_databases = itertools.count(1)  # pytest may end a fixture of many parameters and begin it again on the same server


@pytest.fixture(scope="session", params=["file", "postgis"])
def new_place(request, tmp_path_factory):
    """Return what makes the place of a new built store, of either kind, at each call."""
    from geodata.store import open_store

    if request.param == "file":
        first = tmp_path_factory.mktemp("first") / "region.gpkg"
        open_store(first)

        def new():
            return shutil.copyfile(first, tmp_path_factory.mktemp("own") / "region.gpkg")
    else:
        server = request.getfixturevalue("postgres")
        first = server.copy("empty", f"first{next(_databases)}")
        open_store(server.address(first))

        def new():
            return server.address(server.copy(first, f"own{next(_databases)}"))

    new.kind = request.param
    return new


@pytest.fixture
def own_store(new_place):
    """Return a store of one's own, in a file and in a database in turn."""
    from geodata.store import open_store

    return open_store(new_place())


@pytest.fixture(scope="session")
def of_the_run(tmp_path_factory):
    """Return the folder that all processes of a run share, for what is made once for all of them."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture(scope="session")
def built(of_the_run):
    """Return the file of a new store, to be copied."""
    from geodata.store import open_store

    return open_store(of_the_run / "built" / "region.gpkg").path


@pytest.fixture(scope="session")
def compiled(built):
    """Return the same file with its strategic network compiled beside it."""
    from geodata.region import StoreRegion
    from geodata.store import open_store

    with FileLock(built.with_suffix(".lock")):
        StoreRegion(open_store(built)).network("walk")
    return built


@pytest.fixture(scope="session")
def region(compiled):
    """Return the embedded region, which nobody changes."""
    from geodata.region import StoreRegion
    from geodata.store import open_store

    return StoreRegion(open_store(compiled))


@pytest.fixture(scope="session")
def new_store(built, tmp_path_factory):
    """Return what makes a store of one's own, in a file that may be named, with the networks compiled up to then."""
    from geodata.store import open_store

    def new(path=None):
        path = path or tmp_path_factory.mktemp("own") / "region.gpkg"
        store = open_store(shutil.copyfile(built, path))
        networks = open_store(built).networks_dir
        if networks.exists():
            shutil.copytree(networks, store.networks_dir)
        return store

    return new


@pytest.fixture
def store(new_store):
    """Return a store of one's own in a file."""
    return new_store()
