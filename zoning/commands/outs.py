"""Say by the ending of a file what is written to it, before anything is computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoning.errors import InputError
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ENDINGS = {
    ".geojson": "geojson",
    ".json": "geojson",
    ".gpkg": "gpkg",
    ".csv": "csv",
    ".kml": "kml",
    ".dxf": "dxf",
}
"""Ending of a file -> format of `geodata.export`."""
OUT_HELP = N_("file to write: .geojson, .gpkg, .csv, .kml or .dxf")


def format_of(out: Path, endings: Mapping[str, str] = ENDINGS) -> str:
    """Return the format that a file's ending says; GeoJSON where it has none.

    Raises
    ------
    InputError
        No such format, or not of this result.
    """
    ending = out.suffix.lower()
    if not ending and "geojson" in endings.values():
        return "geojson"
    if ending not in endings:
        raise InputError(
            N_("{file}: the ending says what to write, and must be one of {endings}."),
            file=out.name,
            endings=", ".join(endings),
        )
    return endings[ending]
