"""Read hostile files in forks of a process that has the libraries loaded: 0.2 s instead of 1.2 s for each."""

from __future__ import annotations

import pytest

from geodata.importing import apart
from tests.faults.reading import Readers


@pytest.fixture(scope="session")
def fork_server():
    readers = Readers()
    yield readers
    readers.close()


@pytest.fixture
def readers(fork_server, monkeypatch):
    """Let uploads be read by forks; what each took is in `.costs`."""
    fork_server.costs.clear()
    fork_server.cpu_s = None
    monkeypatch.setattr(apart, "_run", fork_server)
    return fork_server
