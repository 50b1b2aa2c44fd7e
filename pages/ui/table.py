"""Show a frame as the table twin of a map: readable, sortable, with the same selection."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from layers.labels import FIELDS, field_label, value_label
from pages.ui.language import n, t
from pages.ui.selection import Chosen, choose, chosen
from pages.ui.text import MISSING
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

MOST_ROWS = 5_000
"""So many rows are sent to the browser; exports have all."""
_ROW_PX = 35


def readable(frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return the columns with their coded values in words and numbers rounded as their field says."""
    shown = pd.DataFrame(index=frame.index)
    for column in columns:
        values = frame[column]
        field = FIELDS.get(column)
        if field and field.digits is not None:
            shown[column] = pd.to_numeric(values, errors="coerce").round(field.digits)
        else:
            shown[column] = [None if pd.isna(v) else value_label(column, v, t) for v in values]
    return shown


def column_config(columns: Sequence[str]) -> dict[str, object]:
    """Return Streamlit's settings of the columns: their labels, numbers as the reader's browser writes them."""
    config: dict[str, object] = {}
    for column in columns:
        field = FIELDS.get(column)
        label = field_label(column, t)
        number = field is not None and field.digits is not None
        config[column] = st.column_config.NumberColumn(label, format="localized") if number else label
    return config


def plain_table(frame: pd.DataFrame, columns: Sequence[str], *, rows: int = 12) -> None:
    """Show a table to read, without selection."""
    st.dataframe(
        readable(frame, columns),
        column_config=column_config(columns),
        hide_index=True,
        height=_height(frame, rows),
        placeholder=MISSING,
    )


def twin(layer: str, frame: gpd.GeoDataFrame, columns: Sequence[str], *, rows: int = 10) -> None:
    """Show a layer as a table whose chosen row is the chosen feature, whoever chose it.

    A choice made in the table leaves the widget as it is (its scroll and sort stay); one made elsewhere, on the map or
    by search, or other rows, make it anew with the chosen row marked.
    """
    now, total = chosen(), len(frame)
    mine = now.id if now is not None and now.layer == layer and bool(frame["id"].eq(now.id).any()) else None
    if total > MOST_ROWS:  # the chosen one first where it would not be among them
        first = frame.iloc[:MOST_ROWS]
        away = mine is not None and not first["id"].eq(mine).any()
        frame = pd.concat([frame[frame["id"].eq(mine)], first]) if away else first
    frame = frame.reset_index(drop=True)
    ids = hash(tuple(frame["id"]))
    state = st.session_state.setdefault(f"_twin_{layer}", {"version": 0, "seen": mine, "anchor": mine, "ids": ids})
    if mine != state["seen"] or ids != state["ids"]:
        state.update(version=state["version"] + 1, seen=mine, anchor=mine, ids=ids)
    event = st.dataframe(
        readable(frame, columns),
        column_config=column_config(columns),
        hide_index=True,
        height=_height(frame, rows),
        placeholder=MISSING,
        on_select="rerun",
        selection_mode="single-row",
        selection_default={"selection": {"rows": frame.index[frame["id"] == state["anchor"]].tolist()}},
        key=f"twin-{layer}-{state['version']}",
    )
    if total > MOST_ROWS:
        words = N_("The table shows {rows} of {total} rows; search, analyses and exports have all.")
        st.caption(t(words).format(rows=n(MOST_ROWS), total=n(total)))
    picked = frame["id"].iloc[event.selection.rows[0]] if event.selection.rows else None
    if picked != state["seen"]:
        state["seen"] = picked
        choose(None if picked is None else Chosen(layer, picked))
        st.rerun()


def _height(frame: pd.DataFrame, rows: int) -> int:
    return _ROW_PX * (min(len(frame), rows) + 1) + 3
