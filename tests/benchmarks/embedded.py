"""Measure the embedded region: sources to store, strategic network, a catchment on it."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.figures import Figure, median_seconds


def measure() -> Iterator[Figure]:
    """Yield the figures of the embedded region."""
    with tempfile.TemporaryDirectory() as folder:
        times = []
        for number in range(3):
            start = time.perf_counter()
            command = [sys.executable, "-m", "geodata", "build", "--store", str(Path(folder) / f"{number}.gpkg")]
            subprocess.run(command, check=True, capture_output=True)
            times.append(time.perf_counter() - start)
        yield Figure("embedded region to store, whole process", sorted(times)[1], "s", at_most=3)

        from geodata.region import StoreRegion
        from geodata.store import open_store
        from zoning.jobs import catchment

        store = open_store(Path(folder) / "0.gpkg")
        start = time.perf_counter()
        region = StoreRegion(store)
        region.network("motorbike", name="strategic")
        yield Figure("strategic network: built and compiled for the first time", time.perf_counter() - start, "s")
        start = time.perf_counter()
        StoreRegion(store).network("motorbike", name="strategic")
        yield Figure("strategic network: loaded", time.perf_counter() - start, "s", at_most=0.5)
        request = catchment.CatchmentRequest(at=((106.6819, 11.0566),), minutes=(10.0, 20.0, 30.0))
        yield Figure(
            "catchment job 10/20/30 min, motorbike, strategic, with people and places",
            median_seconds(lambda: catchment.run(request, region)),
            "s",
        )
        from zoning.jobs import check

        yield Figure(
            "code check: every zone against every rule",
            median_seconds(lambda: check.run(check.CheckRequest(as_of="2026-12-31"), region), runs=3),
            "s",
            at_most=2,
        )
