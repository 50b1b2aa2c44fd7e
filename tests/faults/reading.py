"""Read many files fast, each still in a process of its own: one that has the libraries loaded forks for each.

`python -m tests.faults.reading` is that process: it gets a folder a line, or several with tabs between them that one
fork reads in turn, and answers with the status of the child, the processor time it took and the most memory it held.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from geodata.importing import apart

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Cost:
    """How a reader ended (0 is well), its processor time, and the most memory it held.

    Of the libraries' own pages, about 100 MB stay with the process that forks and are not counted.
    """

    status: int
    cpu_s: float
    peak_mb: float
    log: str


@dataclass
class Readers:
    """Stand in for `geodata.importing.apart._run`; `costs` has what each reading took."""

    costs: list[Cost] = field(default_factory=list)
    cpu_s: int | None = None

    def __post_init__(self) -> None:
        environment = {key: os.environ[key] for key in apart._PASSED_ON if key in os.environ} | apart._SET
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.reading"],
            cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def __call__(self, *folders: Path) -> None:
        if self.cpu_s is not None:
            (folders[0] / "cpu_s").write_text(str(self.cpu_s))
        self._process.stdin.write("\t".join(map(str, folders)) + "\n")
        self._process.stdin.flush()
        self.costs.append(Cost(**json.loads(self._process.stdout.readline())))

    def close(self) -> None:
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(timeout=60)


def _serve() -> None:
    import geopandas as gpd  # loaded before the forks; GDAL is not, since each kind has its own driver
    import pyarrow.parquet  # noqa: F401
    import pyproj
    import shapely

    from geodata.importing import reader

    pyproj.CRS(9210).to_wkt()
    assert gpd
    assert shapely
    for line in sys.stdin:
        folders = [Path(one) for one in line.strip().split("\t")]
        folder = folders[0]
        child = os.fork()
        if child == 0:
            _read(reader, folders)
        _, status, used = os.wait4(child, 0)
        log = (folder / "log").read_text(errors="replace")
        peak = (folder / "peak").read_text() if (folder / "peak").exists() else "0"
        cost = {"status": status, "cpu_s": used.ru_utime + used.ru_stime, "peak_mb": float(peak), "log": log[-20_000:]}
        print(json.dumps(cost), flush=True)


def _read(reader, folders: list[Path]) -> None:
    folder = folders[0]
    os.dup2(os.open(folder / "log", os.O_WRONLY | os.O_CREAT), 2)
    os.dup2(2, 1)
    code = 1
    try:
        if (folder / "cpu_s").exists():
            reader.CPU_S = int((folder / "cpu_s").read_text())
        reader.limit()
        for one in folders:
            reader.main(one)
        high = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
        (folder / "peak").write_text(str(int(high[1]) / 1024))
        code = 0
    finally:
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    _serve()
