"""Keep which reliefs of the planning code planners allow a zone, each setting with author and date; the last counts."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pandas as pd

from geodata.author import now
from zoning.edits import checked_author
from zoning.errors import ConflictError, InputError
from zoning.standards.relief import SETTINGS, checked_flags, settings_of
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geodata.store import Store

COLUMNS = ("id", "layer", "zone_id", "flags", "author", "date")
TITLES = {
    "title_en": "Reliefs of the planning code, set by planners",
    "title_vi": "Mức giảm theo quy chuẩn, do cán bộ quy hoạch đặt",
    "source": "entered by planners; each setting names its author and date",
    "licence": "own data",
    "attribution": "",
    "date": "",
    "method": "chosen on the Code checks page; the last setting of a zone counts",
}


def relief_of(store: Store, layer: str, zone_id: str) -> tuple[str, ...]:
    """Return the flags that planners have last set for a zone; empty where they have set none."""
    return settings_of(_table(store), layer).get(zone_id, ())


def relief_history(store: Store, layer: str, zone_id: str) -> pd.DataFrame:
    """Return all settings of a zone, newest first: flags, author, date."""
    table = _table(store)
    mine = table[table["layer"].eq(layer) & table["zone_id"].eq(zone_id)]
    return mine.iloc[::-1][["flags", "author", "date"]].reset_index(drop=True)


def keep_relief(
    store: Store, layer: str, zone_id: str, flags: Sequence[str], *, author: str,
    seen: Sequence[str] | None = None, date: str | None = None,
) -> str:  # fmt: skip
    """Keep the flags of a zone; return the setting's id.

    Parameters
    ----------
    layer, zone_id
        A zone as checks know it: by the name of its layer and its id there.
    flags
        Keys of `zoning.standards.relief.FLAGS`; none takes back what was set.
    author
        Who sets them.
    seen
        The flags as they were read; if there are others by now, nothing is written. None saves in any case.
    date
        ISO 8601, UTC; None for now.

    Raises
    ------
    InputError
        No such flag or zone, no author, or nothing changed.
    ConflictError
        Somebody else has set the zone's flags since.
    StoreError
        The store cannot be written; it is as it was before.
    """
    kept, who, made = checked_flags(" ".join(flags)), checked_author(author), f"relief-{uuid4().hex[:12]}"
    frame = store.layer(layer)
    if "id" not in frame or zone_id not in set(frame["id"].astype(str)):
        raise InputError(N_("There is no zone {id}."), id=zone_id[:60])

    def change(before: pd.DataFrame | None) -> pd.DataFrame:
        table = _typed(before)
        present = settings_of(table, layer).get(zone_id, ())
        if seen is not None and tuple(seen) != present:
            raise ConflictError(
                N_("Somebody else has set the reliefs of this zone since you opened it. What is shown now is the "
                   "newest: look at it, then set them again.")
            )  # fmt: skip
        if kept == present:
            raise InputError(N_("Nothing has changed, so there is nothing to keep."))
        row = dict(zip(COLUMNS, (made, layer, zone_id, " ".join(kept), who, date or now()), strict=True))
        return pd.DataFrame([*table.to_dict("records"), row], columns=list(COLUMNS))

    store.change_layer(SETTINGS, change, TITLES)
    return made


def _table(store: Store) -> pd.DataFrame:
    return _typed(pd.DataFrame(store.layer(SETTINGS)) if SETTINGS in store.names() else None)


def _typed(table: pd.DataFrame | None) -> pd.DataFrame:
    if table is None:
        return pd.DataFrame(columns=list(COLUMNS), dtype=str)
    return table.reindex(columns=list(COLUMNS)).fillna("").astype(str)
