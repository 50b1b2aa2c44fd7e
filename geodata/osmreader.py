"""Read OpenStreetMap data in a process of its own, with little memory and time: `python -m geodata.osmreader FOLDER`.

`ask.json` in the folder says what to read; the answer is left beside it: `said.json` (texts, or the reason of a
refusal) and `numbers.npz`. Lines on standard output say how far the reading is. See `geodata.osmapart`.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from geodata.importing.apart import ASK, GIVEN, SAID, bound
from geodata.osmapart import CPU_S, MEMORY_BYTES, NUMBERS, packed, too_heavy
from geodata.osmcheck import Limits
from geodata.osmfile import read_streets
from geodata.watch import Watch
from zoning.errors import ZoningError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TELL_S = 0.1


class _Teller:
    """Say how far the reading is: each step once, and its share a few times a second."""

    def __init__(self) -> None:
        self._step, self._at = "", 0.0

    def __call__(self, step: str, share: float) -> None:
        now = time.monotonic()
        if step != self._step or now - self._at > _TELL_S:
            self._step, self._at = step, now
            print(json.dumps([step, share]), flush=True)  # noqa: T201 - heard by the process that started this one


def main(folder: Path) -> None:
    """Read what `ask.json` says and write the answer beside it."""
    ask = json.loads((folder / ASK).read_text(encoding="utf-8"))
    name = Path(ask["path"]).name
    try:
        said, numbers = answer(folder, ask)
        np.savez(folder / NUMBERS, **numbers)  # type: ignore[arg-type,unused-ignore]
    except ZoningError as error:
        said = _refusal(error)
    except MemoryError:
        said = _refusal(too_heavy(name))
    (folder / SAID).write_text(json.dumps(said), encoding="utf-8")


def _refusal(error: ZoningError) -> dict[str, Any]:
    return {"template": error.template, "values": {key: str(value) for key, value in dict(error.values).items()}}


def answer(folder: Path, ask: dict[str, Any]) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Return what `ask` wants to know, as texts and as numbers; whatever is wrong with the data is raised."""
    path, watch = Path(ask["path"]), Watch(_Teller())
    if ask["task"] == "outlines":
        import shapely

        from geodata.osmareas import read_outlines

        areas = read_outlines(path, limits=Limits(**ask["limits"]), watch=watch)
        wkb = shapely.to_wkb(areas.shapes)
        said = {"osm_ids": areas.osm_ids, "kinds": areas.kinds, "names": areas.names}
        return said, {"wkb": np.frombuffer(b"".join(wkb), np.uint8), "sizes": np.array([len(one) for one in wkb], int)}
    if ask["task"] == "answer":
        from geodata.overpass_answer import streets_of_answer

        return packed(streets_of_answer((folder / GIVEN).read_bytes(), ask["path"]))
    return packed(read_streets(path, limits=Limits(**ask["limits"]), watch=watch))


if __name__ == "__main__":
    bound(MEMORY_BYTES, CPU_S)
    main(Path(sys.argv[1]))
