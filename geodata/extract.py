"""Take an OpenStreetMap extract into the store: its streets and its outlines in one save, or nothing of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.osmoutlines import build_outlines
from geodata.store import MATCHES
from geodata.streets import LAYER, SAVING, build_streets, compile_streets
from geodata.watch import Watch

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from geodata.osmreport import Bbox, StreetReport
    from geodata.store import Store


def load_extract(
    store: Store, file: Path, *, bbox: Bbox | None = None, watch: Watch | None = None, author: str | None = None
) -> tuple[StreetReport, pd.DataFrame]:
    """Put the streets and the outlines of an OpenStreetMap file into the store, in one save.

    Parameters
    ----------
    store, file, bbox, watch, author
        As for `geodata.streets.load_streets`.

    Returns
    -------
    What was left out of the streets, and which outline belongs to which zone or facility (see
    `geodata.osmoutlines.load_outlines`).

    Raises
    ------
    BadFileError, InputError, StoreError, StoppedError
        As for `geodata.streets.load_streets`; the store is as it was.
    """
    watch = watch or Watch()
    streets = build_streets(store, file, bbox=bbox, watch=watch.part(0.0, 0.75))
    outlines = build_outlines(store, file, watch=watch.part(0.75, 0.85))
    watch.at(SAVING, 0.85)  # the last moment to stop
    layers, infos = {LAYER: streets.frame, **outlines.layers}, {LAYER: streets.info, **outlines.infos}
    store.write_layers(layers, infos, author=author)
    compile_streets(store, watch)
    return streets.report, outlines.layers[MATCHES]
