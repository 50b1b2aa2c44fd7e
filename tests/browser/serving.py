"""Start the real server on loopback for browser tests and benchmarks."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from urllib.error import URLError

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
START_S = 60


class Server:
    """`streamlit run app.py` as a process of its own, with its own store, until the block ends.

    `script` runs another page script from the same root, `base` serves it below that path as behind a proxy; `settings`
    are options of Streamlit in place of those in config.toml.
    """

    def __init__(
        self,
        store: Path | None = None,
        *,
        script: str = "app.py",
        base: str = "",
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.store = store or Path(self._folder.name) / "region.gpkg"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}" + (f"/{base}" if base else "")
        self.log = Path(self._folder.name) / "server.log"
        command = [sys.executable, "-m", "streamlit", "run", script, "--server.port", str(port),
                   "--server.address", "127.0.0.1", "--server.baseUrlPath", base]  # fmt: skip
        command += [part for name, value in (settings or {}).items() for part in (f"--{name}", value)]
        environment = os.environ | {"INNOVATION_REGION_STORE": str(self.store), "PYTHONPATH": str(ROOT)}
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)

    def __enter__(self) -> Server:
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1) as answer:
                    if answer.read() == b"ok":
                        return self
            except (URLError, OSError):
                time.sleep(0.05)
        raise RuntimeError(f"the server did not start:\n{self.log.read_text()}")

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._folder.cleanup()

    def stop(self) -> None:
        """End the process; its store stays until the block ends."""
        self.process.terminate()
        self.process.wait(timeout=20)
