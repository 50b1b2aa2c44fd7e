"""Print every figure beside its budget and its peers; exit 1 when one is missed by more than 25 %."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import tempfile
from pathlib import Path

GROUPS = ("embedded", "pages", "engine", "access", "scenarios", "load")


def main() -> int:
    """Run the groups asked for, all of them by default."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("groups", nargs="*", choices=[*GROUPS, []], default=[], help="which groups to run")
    chosen = parser.parse_args().groups or GROUPS
    with tempfile.TemporaryDirectory() as folder:
        os.environ["INNOVATION_REGION_STORE"] = str(Path(folder) / "region.gpkg")
        figures = []
        for group in chosen:
            for figure in importlib.import_module(f"tests.benchmarks.{group}").measure():
                figures.append(figure)
                print(figure.row(), flush=True)
    missed = [figure.what for figure in figures if figure.missed]
    print(f"{len(figures)} figures, {len(missed)} missed" + "".join(f"\n  {what}" for what in missed))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
