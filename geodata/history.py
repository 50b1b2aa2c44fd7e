"""Know what was saved of each layer, by whom and when: the table of versions, and how many of them are kept."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pandas as pd

from geodata.embedded import embedded_fingerprint
from geodata.layer_table import INFO_COLUMNS
from zoning.errors import InputError
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geodata.backend import Change

COLUMNS = ("layer", "version", "date", "author", "action", "rows_before", "rows_after", "fingerprint", "provenance")
ACTIONS = {
    "saved": N_("saved"),
    "restored": N_("restored"),
    "embedded": N_("as it came with the application"),
    "found": N_("as another program left it"),
}
"""What a row of the table tells of; the last two were not saved through the application."""
LIMIT_VARIABLE = "INNOVATION_REGION_VERSIONS"
_LIMIT = 20
_MOST = 1000
_ROWS = 500
"""Rows of a layer that stay in the table when their content is long gone: who saved and when."""
_NUMBERS = ("version", "rows_before", "rows_after")


def version_limit() -> int:
    """Return how many former states of a layer are kept: the environment's number, else 20."""
    text = os.environ.get(LIMIT_VARIABLE, "").strip()
    if not text:
        return _LIMIT
    if not text.isdecimal() or not 1 <= int(text) <= _MOST:
        raise InputError(
            N_("{variable} must be a whole number from 1 to {most}; it is “{text}”."),
            variable=LIMIT_VARIABLE, most=_MOST, text=text[:20],
        )  # fmt: skip
    return int(text)


def no_history() -> pd.DataFrame:
    """Return a table of versions without rows."""
    return typed(pd.DataFrame(columns=list(COLUMNS)))


def typed(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table of versions with texts and whole numbers as such, wherever it was read from."""
    none = pd.Series([None] * len(table), dtype=object)
    cells = {column: table[column].reset_index(drop=True) if column in table else none for column in COLUMNS}
    return pd.DataFrame(
        {
            column: values.astype("Int64") if column in _NUMBERS else values.astype(object).fillna("").astype("str")
            for column, values in cells.items()
        }
    )


def appended(table: pd.DataFrame, changes: Sequence[Change], marks: Mapping[str, str]) -> pd.DataFrame:
    """Return the table of versions with a row for each change that a person made, and for what was there before it.

    Parameters
    ----------
    table
        The versions so far, oldest first.
    changes
        What is saved; embedded layers are no versions.
    marks
        The new fingerprints by layer.
    """
    rows: list[dict[str, Any]] = []
    for change in changes:
        if change.origin != "user" and change.action == "saved":
            continue
        mine = table[table["layer"].eq(change.name)]
        last = 0 if mine.empty else int(mine["version"].iloc[-1])
        before = change.rows_before
        found = change.found.get("fingerprint", "")
        if before is not None and (mine.empty or mine["fingerprint"].iloc[-1] != found):
            last += 1
            action = "embedded" if change.found.get("origin") == "embedded" else "found"
            rows.append(
                {
                    "layer": change.name, "version": last, "date": "", "author": "", "action": action,
                    "rows_before": None, "rows_after": before, "fingerprint": found,
                    "provenance": _provenance(change.found, change.found.get("origin", "user")),
                }
            )  # fmt: skip
        rows.append(
            {
                "layer": change.name, "version": last + 1, "date": change.date, "author": change.author,
                "action": change.action, "rows_before": before, "rows_after": len(change.frame),
                "fingerprint": marks[change.name], "provenance": _provenance(change.info, change.origin),
            }
        )  # fmt: skip
    if not rows:
        return table
    whole = pd.concat([table, typed(pd.DataFrame(rows, columns=list(COLUMNS)))], ignore_index=True)
    age = whole.groupby("layer").cumcount(ascending=False)
    return typed(whole[age < _ROWS])


def worth_keeping(table: pd.DataFrame, limit: int) -> set[tuple[str, str]]:
    """Return layer and fingerprint of the states that stay: those of the last `limit` versions before the one now."""
    age = table.groupby("layer").cumcount(ascending=False)
    recent = table[age <= limit]
    return set(zip(recent["layer"], recent["fingerprint"], strict=True))


def provenance_of(text: str) -> tuple[dict[str, str], str]:
    """Return the provenance and the origin that a layer had in a version, from the cell of the table.

    A state that came with the application counts as such only in the very version of it: another one's would be
    replaced by the next update.
    """
    known: dict[str, str] = json.loads(text or "{}")
    origin, stamp = known.pop("origin", "user"), known.pop("embedded", "")
    return known, origin if origin == "embedded" and stamp == embedded_fingerprint() else "user"


def _provenance(info: Mapping[str, str], origin: str) -> str:
    known = {key: str(info.get(key, "")) for key in INFO_COLUMNS} | {"origin": origin}
    if origin == "embedded":
        known["embedded"] = embedded_fingerprint()
    return json.dumps(known, ensure_ascii=False, sort_keys=True)
