"""Read the smart-city programme as published, and keep the list of its actions that planners write themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from geodata.sheets import read_rows
from geodata.source_tables import read_source
from zoning.errors import BadFileError, InputError
from zoning.names import fold
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geodata.store import Store

ACTIONS = "programme_actions"
CATEGORIES: Mapping[str, str] = {
    "people": N_("People (programme)"),
    "technology": N_("Technology"),
    "business": N_("Business"),
    "basics": N_("Underlying elements"),
}
ACTION_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "category": ("category", "nhóm", "nhom", "lĩnh vực"),
    "programme": ("programme", "program", "chương trình"),
    "name_vi": ("name_vi", "tên", "tên hành động", "hành động"),
    "name_en": ("name_en", "name", "action", "tên tiếng anh"),
    "status": ("status", "tình trạng", "trạng thái"),
    "source": ("source", "nguồn"),
}
"""Columns of the list of actions, and the headers that a planner's own table may give them."""
KNOWN_ACTIONS, KNOWN_PROGRAMMES = 46, 14
"""So many there are, by the published scheme; their names were not found."""
LONGEST = 300
_MOST = 500


def programme() -> pd.DataFrame:
    """Return what is published: milestones, categories, themes, clusters, labs, memberships, indicators.

    One row each: id, kind, category, names, date, status, figure, place, layer and feature_id of the place on the map
    (empty where it is not known), confidence, notes, sources.
    """
    return read_source("programme")


def actions(store: Store) -> pd.DataFrame:
    """Return the actions that planners have written down, none at first: nothing is guessed."""
    if ACTIONS not in store.names():
        return pd.DataFrame(columns=list(ACTION_COLUMNS), dtype=str)
    return pd.DataFrame(store.layer(ACTIONS))[list(ACTION_COLUMNS)].fillna("").astype(str)


def checked_actions(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a list of actions that can be kept: texts trimmed, empty rows dropped.

    Raises
    ------
    InputError
        A row has no name, no source or an unknown category, two have one name, or there are too many or too long ones.
    """
    rows = pd.DataFrame({name: _texts(frame, name) for name in ACTION_COLUMNS})
    rows = rows[(rows != "").any(axis=1)].reset_index(drop=True)
    if len(rows) > _MOST:
        raise InputError(N_("At most {most} actions can be kept."), most=_MOST)
    for at, row in rows.iterrows():
        number = int(str(at)) + 1
        if not row["name_vi"] and not row["name_en"]:
            raise InputError(N_("Action {row} has no name."), row=number)
        if not row["source"]:
            raise InputError(N_("Action {row} has no source: say where its name comes from."), row=number)
        if row["category"] and row["category"] not in CATEGORIES:
            raise InputError(
                N_("Action {row}: “{category}” is none of the four categories ({known})."),
                row=number,
                category=row["category"][:40],
                known=", ".join(CATEGORIES),
            )
        if max(len(text) for text in row) > LONGEST:
            raise InputError(N_("Action {row} is longer than {most} letters."), row=number, most=LONGEST)
    names = rows["name_vi"].where(rows["name_vi"].ne(""), rows["name_en"]).map(fold)
    if names.duplicated().any():
        twice = rows.loc[names.duplicated(), "name_vi"].tolist()
        raise InputError(N_("An action is listed twice: {names}."), names=", ".join(twice)[:200])
    return rows


def read_actions(data: bytes) -> pd.DataFrame:
    """Return the actions of a planner's table, CSV or XLSX, with headers in English or Vietnamese.

    Raises
    ------
    BadFileError
        It is no table, or has no column of names.
    """
    rows = read_rows(data) or [[]]
    heads = {fold(head): at for at, head in enumerate(rows[0])}
    columns = {
        name: next((heads[fold(word)] for word in words if fold(word) in heads), None)
        for name, words in ACTION_COLUMNS.items()
    }
    if columns["name_vi"] is None and columns["name_en"] is None:
        raise BadFileError(N_("The table has no column of names; call it name_vi, Tên or name_en."))
    return pd.DataFrame(
        {name: [_cell(row, at) for row in rows[1:]] for name, at in columns.items()}, columns=list(ACTION_COLUMNS)
    )


def save_actions(store: Store, frame: pd.DataFrame, *, author: str, date: str, expect: str | None = None) -> str:
    """Keep a list of actions in the store with its author and date; return its fingerprint.

    Raises
    ------
    InputError
        As `checked_actions`, or there is no author.
    ConflictError
        Somebody else has saved the list since it was read.
    """
    if not author.strip():
        raise InputError(N_("Say who you are: the name is kept with what you change."))
    rows = checked_actions(frame)
    rows.insert(0, "id", [f"action-{at + 1:02}" for at in range(len(rows))])
    info = {
        "title_en": "Actions of the smart-city programme, written by planners",
        "title_vi": "Các hành động của chương trình thành phố thông minh, do cán bộ quy hoạch nhập",
        "source": f"entered by {author.strip()[:80]}",
        "licence": "own data",
        "attribution": "",
        "date": date,
        "method": "typed or imported on the Programme page; each row names its own source",
    }
    return store.write_layer(ACTIONS, rows, info, expect)


def _texts(frame: pd.DataFrame, name: str) -> pd.Series:
    cells = frame[name].tolist() if name in frame else [""] * len(frame)
    return pd.Series(
        ["" if pd.isna(cell) else " ".join(str(cell).split()) for cell in cells], index=frame.index, dtype=str
    )


def _cell(row: Sequence[str], at: int | None) -> str:
    return row[at] if at is not None and at < len(row) else ""
