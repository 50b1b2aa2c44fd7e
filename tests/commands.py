"""Run command lines fast, each still in a process of its own: one that has the libraries loaded forks for each.

`python -m tests.commands` is that process: it gets a question a line, and answers with the exit status of the fork,
which has done all that `python -m MODULE` does after its interpreter has started.
"""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # a fork has no other threads than its own


class Commands:
    """Stand in for `subprocess.run([sys.executable, "-m", module, …], capture_output=True, text=True)`."""

    def __init__(self) -> None:
        self._server: subprocess.Popen[str] | None = None
        if hasattr(os, "fork"):
            self._server = subprocess.Popen(
                [sys.executable, "-m", "tests.commands"],
                cwd=ROOT, env=os.environ | _ONE_THREAD, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip

    def __call__(self, module: str, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a module with `arguments`; `environment` is set beside the one of this process."""
        argv = [str(one) for one in arguments]
        environ = os.environ | environment
        if self._server is None:
            command = [sys.executable, "-m", module, *argv]
            return subprocess.run(
                command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False, encoding="utf-8"
            )
        with tempfile.TemporaryDirectory() as folder:
            ask = {"module": module, "argv": argv, "environment": dict(environ), "folder": folder}
            self._server.stdin.write(json.dumps(ask) + "\n")
            self._server.stdin.flush()
            status = int(self._server.stdout.readline())
            out, err = ((Path(folder) / name).read_text("utf-8") for name in ("out", "err"))
        return subprocess.CompletedProcess([module, *argv], status, out, err)

    def close(self) -> None:
        """End the process that forks."""
        if self._server is not None:
            self._server.stdin.close()
            self._server.stdout.close()
            self._server.wait(timeout=60)


def _serve() -> None:
    import geodata.backup
    import geodata.export
    import geodata.health
    import geodata.region
    import geodata.upkeep  # noqa: F401 - what the verbs import
    import zoning.cli  # noqa: F401

    for line in sys.stdin:
        ask = json.loads(line)
        child = os.fork()
        if child == 0:
            _run(ask["module"], ask["argv"], ask["environment"], Path(ask["folder"]))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _run(module: str, argv: list[str], environment: Mapping[str, str], folder: Path) -> None:
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for name, place in (("out", 1), ("err", 2)):
        os.dup2(os.open(folder / name, os.O_WRONLY | os.O_CREAT), place)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv[1:] = argv
    status: object = 0
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        status = end.code
    except BaseException:  # noqa: BLE001 - as the interpreter does
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status if isinstance(status, int) else int(status is not None))


if __name__ == "__main__":
    _serve()
