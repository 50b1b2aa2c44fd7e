"""Keep the table of layers inside the store: provenance, origin and fingerprint of each."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import pandas as pd

from geodata.embedded import layer_infos
from geodata.gpkg import damaged, fingerprint, last_changes, read_layer, write_layer

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from pathlib import Path

INFO_TABLE, STATE_TABLE, HISTORY_TABLE = "layer_info", "store_info", "store_history"
OWN_TABLES = (INFO_TABLE, STATE_TABLE, HISTORY_TABLE, "layer_styles")
"""Tables that are no layers."""
INFO_COLUMNS = ("title_en", "title_vi", "source", "licence", "attribution", "date", "method")
"""Provenance of a layer: what `write_layer` takes and `layers` shows."""


def put_layers(
    temp: Path, layers: Mapping[str, pd.DataFrame], infos: Mapping[str, Mapping[str, str]], origin: str | None = None
) -> dict[str, str]:
    """Write layers and their rows of the table of layers into `temp`; return their fingerprints.

    `infos` also says the origin of each where `origin` does not say that of all.
    """
    rows: dict[Hashable, dict[Hashable, str]] = read_infos(temp).to_dict("index") if temp.exists() else {}
    marks = {name: fingerprint(write_layer(temp, name, frame)) for name, frame in layers.items()}
    changes = last_changes(temp)
    for name, mark in marks.items():
        rows[name] = {key: str(infos.get(name, {}).get(key, "")) for key in INFO_COLUMNS}
        kind = origin or str(infos.get(name, {}).get("origin", "user"))
        rows[name] |= {"origin": kind, "fingerprint": mark, "changed": changes[name]}
    table = in_order(pd.DataFrame.from_dict(rows, orient="index")).rename_axis("name").reset_index()
    write_layer(temp, INFO_TABLE, table)
    return marks


def read_infos(path: Path) -> pd.DataFrame:
    """Return the table of layers by name; what was changed or added by another program is taken in as it is."""
    changes = last_changes(path)
    if INFO_TABLE not in changes:
        raise damaged(path, f"no table {INFO_TABLE}")
    infos = read_layer(path, INFO_TABLE).set_index("name").fillna("")
    rows: dict[Hashable, dict[str, str]] = {}
    for name in changes:
        if name in OWN_TABLES:
            continue
        known = name in infos.index
        row = dict.fromkeys(INFO_COLUMNS, "") | (dict(infos.loc[name]) if known else {"origin": "user"})
        if not known or row["changed"] != changes[name]:  # edited in QGIS, say: only the content tells
            row |= {"origin": "user", "fingerprint": fingerprint(read_layer(path, name)), "changed": changes[name]}
        rows[name] = row
    return in_order(pd.DataFrame.from_dict(rows, orient="index"))


def in_order(infos: pd.DataFrame) -> pd.DataFrame:
    """Return the table of layers by name, the embedded ones first."""
    order = _order()
    return infos.loc[sorted(infos.index, key=lambda name: (order.get(name, len(order)), name))]


@functools.cache
def _order() -> dict[str, int]:
    """Return the place of each embedded layer: they stay as they are, and each save asks for them three times."""
    return {name: place for place, name in enumerate(layer_infos())}
