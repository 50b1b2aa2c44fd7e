"""Give the texts of a planner's layer their Vietnamese letters back."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

from geodata.importing.encodings import ENCODINGS, better_reading, detect, redecode
from zoning.result import Note
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Sequence

    Columns = list[dict[str, Any]]


def decoded(columns: Columns, encoding: str | None, *, raw: bool) -> tuple[Columns, str | None, list[Note]]:
    """Return columns with their texts in NFC, the encoding they were in, and what to say of it.

    Parameters
    ----------
    columns
        Each with name, kind and values, as the reader leaves them.
    encoding
        What the planner names; None finds it out.
    raw
        True where texts came one letter a byte, since the file does not say its encoding.
    """
    texts = [column["name"] for column in columns] + [
        value for column in columns if column["kind"] == "text" for value in column["values"] if value
    ]
    if all(text.isascii() for text in texts):
        return columns, encoding, []
    notes = []
    if raw:
        used = encoding or detect(_latin(texts)) or "utf-8"
        columns = _each(columns, used)
        if encoding is None:
            notes.append(Note(N_("Letters are read as {encoding}: look whether the names are right."),
                              {"encoding": ENCODINGS[used]}))  # fmt: skip
        if used != "utf-8" or encoding is not None:
            return columns, used, notes
        encoding = _second(columns)  # GDAL took TCVN3 for Windows 1252
        if encoding is not None:
            notes = [Note(N_("Letters are read as {encoding}: look whether the names are right."),
                          {"encoding": ENCODINGS[encoding]})]  # fmt: skip
            return _each(columns, encoding), encoding, notes
        return columns, used, notes
    if encoding in ("tcvn3", "cp1258"):
        if _second(columns) == encoding or not any(ord(letter) > 0x2FF for text in texts for letter in text):
            return _each(columns, encoding), encoding, []
    elif (found := _second(columns)) is not None:
        notes.append(Note(N_("The names look like {encoding}: choose it as the encoding."),
                          {"encoding": ENCODINGS[found]}))  # fmt: skip
    nfc = [column | {"name": _nfc(column["name"]), "values": [_nfc(value) for value in column["values"]]}
           for column in columns]  # fmt: skip
    return nfc, encoding, notes


def _second(columns: Columns) -> str | None:
    return better_reading([v for column in columns if column["kind"] == "text" for v in column["values"] if v])


def _each(columns: Columns, encoding: str) -> Columns:
    return [
        column
        | {
            "name": redecode(column["name"], encoding),
            "values": [redecode(value, encoding) if isinstance(value, str) else value for value in column["values"]],
        }
        for column in columns
    ]


def _nfc(value: Any) -> Any:  # noqa: ANN401 - a cell
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


def _latin(texts: Sequence[str]) -> list[bytes]:
    return [text.encode("latin-1", "replace") for text in texts]
