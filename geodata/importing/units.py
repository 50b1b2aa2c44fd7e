"""Place a table without coordinates by the wards and communes that its rows name; nothing is guessed."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geodata.importing.cells import cell_text, compact
from geodata.importing.clean import Change
from zoning.names import expand, fold
from zoning.result import Note
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

    from geodata.store import Store

HEADS = ("unit", "donvi", "donvihanhchinh", "donvihc", "phuong", "xa", "phuongxa", "xaphuong", "phuongxathitran",
         "tenxa", "tenphuong", "tenphuongxa", "tenxaphuong", "tendonvi", "ward", "commune", "maxa", "maphuong",
         "maphuongxa", "madonvi", "gso", "gsocode", "diaban", "xaphuongthitran")  # fmt: skip
"""Headers of a column of units, compared as `cells.compact` does."""
NEW, OLD = "wards_2025", "communes_until_2025"
_KIND = re.compile(r"^(phuong|xa|thi tran)\s+")
_BEHIND = re.compile(r"[,;(\[–-].*")
"""What stands behind a unit's name: its district or town, or that it is the former one."""
_ENOUGH = 0.5
"""So many of the cells of a column name units, where its header does not say that it has units."""


@dataclass(frozen=True)
class Units:
    """The units that a row may name: those since July 2025 and those until then, in the planning CRS."""

    new: gpd.GeoDataFrame
    old: gpd.GeoDataFrame


@dataclass(frozen=True)
class Placed:
    """Where the rows of a table lie.

    Parameters
    ----------
    column
        The column that names the units.
    rows
        Which rows have a unit.
    units
        The unit of each of these: a row of `Units.new` or `Units.old`, with a column `layer`.
    left_out
        The other rows, each with its reason.
    """

    column: str
    rows: tuple[int, ...]
    units: gpd.GeoDataFrame
    left_out: tuple[Change, ...]


def units_of(store: Store) -> Units:
    """Return the units of a store."""
    return Units(store.layer(NEW), store.layer(OLD))


def place_rows(table: pd.DataFrame, units: Units) -> Placed | None:
    """Return where the rows of a table lie by the units that they name; None where no column names units.

    A name may be written without diacritics, with or without its kind (Phường, Xã, Thị trấn, P., TT), with its district
    behind it, or be the code of the General Statistics Office. A name that both lists have is the unit of the list that
    the rest of the table is of; where that is not plain, and where several units have the name, the row is left out and
    told.
    """
    known = {NEW: _forms(units.new), OLD: _forms(units.old)}
    column = _column(table, known)
    if column is None:
        return None
    texts = [cell_text(one) for one in table[column].tolist()]
    found = {layer: [_found(text, forms) for text in texts] for layer, forms in known.items()}
    layer = _list_of(found)
    chosen: list[tuple[int, str, int]] = []
    left_out: list[Change] = []
    for row, text in enumerate(texts):
        here = {name: many[row] for name, many in found.items() if many[row]}
        if layer in here:
            here = {layer: here[layer]}
        if sum(len(one) for one in here.values()) == 1:
            name, (at, *_) = next(iter(here.items()))
            chosen.append((row, name, at))
        else:
            left_out.append(Change(row + 1, text[:60], _reason(text, here, units), 100.0))
    parts = {NEW: units.new, OLD: units.old}
    picked = [parts[name].iloc[[at]].assign(layer=name) for _, name, at in chosen]
    frame = pd.concat(picked, ignore_index=True) if picked else units.new.iloc[:0].assign(layer=NEW)
    return Placed(column, tuple(row for row, *_ in chosen), frame, tuple(left_out))


def _forms(units: gpd.GeoDataFrame) -> dict[str, list[int]]:
    """Return every form of every unit's names, with the units that have it; the whole name beside the bare one."""
    forms: dict[str, set[int]] = defaultdict(set)
    for at, (key, code, vi, en) in enumerate(
        zip(units["id"], units["gso_code"], units["name_vi"], units["name_en"], strict=True)
    ):
        whole = {expand(fold(str(name))) for name in (vi, en) if name}
        bare = {_KIND.sub("", form) for form in whole}
        bare |= {re.sub(r"\s+(ward|commune|town|township)$", "", form) for form in whole}
        for form in {fold(str(key)), str(code).strip(), *whole, *bare}:
            if form:
                forms[form].add(at)
    return {form: sorted(many) for form, many in forms.items()}


def _found(text: str, forms: Mapping[str, Sequence[int]]) -> Sequence[int]:
    """Return the units that a cell may mean: by the whole of it, else by what stands before its district."""
    for part in (text, _BEHIND.sub("", text)):
        plain = fold(part)
        spelt = expand(plain)
        for form in (plain, spelt, plain.lstrip("0")):
            if form and (found := forms.get(form)):
                return found
    return ()


def _column(table: pd.DataFrame, known: Mapping[str, Mapping[str, Sequence[int]]]) -> str | None:
    """Return the column that names units: the one where most cells do; half of them, or a header that says so."""
    best, most = None, 0.0
    for name in table.columns:
        texts = [text for text in (cell_text(one) for one in table[name].tolist()) if text]
        if not texts:
            continue
        hits = sum(any(_found(text, forms) for forms in known.values()) for text in texts) / len(texts)
        said = compact(str(name)) in HEADS
        if (hits >= _ENOUGH or (said and hits > 0)) and hits + said > most:
            best, most = str(name), hits + said
    return best


def _list_of(found: Mapping[str, Sequence[Sequence[int]]]) -> str:
    """Return which list a table is of: the one that alone has some of its names; empty where both do."""
    new, old = (np.asarray([bool(one) for one in found[name]], dtype=bool) for name in (NEW, OLD))
    if (new & ~old).any() and (old & ~new).any():
        return ""
    return OLD if (old & ~new).any() else NEW


def _reason(text: str, here: Mapping[str, Sequence[int]], units: Units) -> Note:
    if not text:
        return Note(N_("names no ward or commune: left out"))
    if not here:
        return Note(N_("no ward or commune is called so: left out"))
    frames = {NEW: units.new, OLD: units.old}
    until = {NEW: "2025-07-01 →", OLD: "→ 2025-06-30"}
    names = [f"{frames[layer]['name_vi'].iloc[at]} ({frames[layer]['parent'].iloc[at]}, {until[layer]})"
             for layer, many in here.items() for at in many]  # fmt: skip
    return Note(N_("may be one of several units ({names}): left out"), {"names": "; ".join(names[:6])})
