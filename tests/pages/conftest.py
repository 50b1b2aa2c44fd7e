"""Give the pages a store that is built, with its network, before the first of them runs."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session", autouse=True)
def _travelled(compiled, new_store):
    path = Path(os.environ["INNOVATION_REGION_STORE"])
    if not path.exists():
        new_store(path)
