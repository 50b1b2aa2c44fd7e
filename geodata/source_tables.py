"""Read the tables of the embedded region: UTF-8 CSV files in `geodata/sources`, typed by column name."""

from __future__ import annotations

import hashlib
from importlib import resources
from io import StringIO

import pandas as pd

WHOLE = ("open_year", "lanes", "population", "population_year", "year", "seq")
DECIMAL = (
    "area_ha", "area_osm_ha", "area_km2", "area_polygon_km2", "capacity_value", "floor_area_m2", "lon", "lat",
    "length_published_km", "design_speed_kmh", "free_speed_kmh", "value", "value_min", "value_max",
)  # fmt: skip


def read_source(name: str) -> pd.DataFrame:
    """Return one table of the embedded region.

    Parameters
    ----------
    name
        File name without `.csv`.

    Returns
    -------
    DataFrame
        Texts as `str` ("" where nothing is known), whole numbers as `Int64` and other numbers as float (null where
        nothing is known).
    """
    text = _file(name).read_text(encoding="utf-8")
    frame = pd.read_csv(StringIO(text), dtype=str, keep_default_na=False)
    for column in frame.columns:
        if column in WHOLE:
            frame[column] = pd.to_numeric(frame[column].replace("", None)).astype("Int64")
        elif column in DECIMAL:
            frame[column] = pd.to_numeric(frame[column].replace("", None)).astype(float)
    return frame


def sources_fingerprint() -> str:
    """Return a hash of all source tables, the same on every system: line ends do not count."""
    digest = hashlib.sha256()
    folder = resources.files("geodata") / "sources"
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.name.endswith(".csv"):
            digest.update(entry.name.encode())
            digest.update(entry.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:16]


def _file(name: str) -> resources.abc.Traversable:
    return resources.files("geodata") / "sources" / f"{name}.csv"
