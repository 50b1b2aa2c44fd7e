"""List what can be reached: kinds of the embedded layers, and the layers that a planner has taken in."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import streamlit as st

from geodata.importing.upload import OWN_LAYERS
from layers.labels import value_label
from pages.ui.data import SEARCH_LAYERS, layer, layer_table, store
from pages.ui.language import language, t
from zoning.parkjobs import PARK_JOBS
from zoning.text import N_

OFFERED = (
    (
        "facilities",
        ("hospital", "clinic", "university", "college", "park", "market", "culture", "sport", "bus_station"),
    ),
    ("zones", ("industrial_park",)),
)
"""What the embedded region offers to reach; a planner's own layers come after it."""
SCHOOL_KINDS = {
    "primary": N_("primary schools (pupils)"),
    "lower_secondary": N_("lower secondary schools (pupils)"),
    "upper_secondary": N_("upper secondary schools (pupils)"),
}


def destinations() -> dict[str, str]:
    """Return what can be reached, `layer:kind` or `layer` -> its title."""
    found: dict[str, str] = {}
    for name, kinds in OFFERED:
        frame = layer(name)
        placed = set(frame.loc[frame.geometry.notna(), "kind"])
        found |= {f"{name}:{kind}": _sentence(value_label("kind", kind, t)) for kind in kinds if kind in placed}
    found[PARK_JOBS] = t(N_("Jobs in industrial and technology parks"))
    for name, title in own_layers().items():
        found[name] = title
        kinds = layer(name).get("kind", pd.Series(dtype=object)).dropna().unique() if name == "schools" else ()
        found |= {f"{name}:{kind}": t(SCHOOL_KINDS[kind]) for kind in SCHOOL_KINDS if kind in kinds}
    return found


def own_layers() -> dict[str, str]:
    """Return the layers of places that a planner has taken in, by name, with their titles."""
    return _own_layers("|".join(f"{name}{store().fingerprint(name)}" for name in store().names()), language())


@st.cache_data(show_spinner=False, max_entries=8)
def _own_layers(data: str, lang: str) -> dict[str, str]:  # noqa: ARG001 - the cache's key
    rows = layer_table()
    rows = rows[(rows["origin"] == "user") & ~rows["name"].isin([*SEARCH_LAYERS, *OWN_LAYERS])]
    titles = dict(zip(rows["name"], rows[f"title_{lang}"], strict=True))
    places = {name for name in titles if isinstance(layer(name), gpd.GeoDataFrame) and "Line" not in _types(name)}
    return {name: title or name for name, title in titles.items() if name in places}


def _types(name: str) -> str:
    return " ".join(str(one) for one in layer(name).geom_type.dropna().unique())


def capacity_columns(to: str) -> list[str]:
    """Return the columns of numbers of a layer that can say how much a place offers."""
    if to.partition(":")[0] == PARK_JOBS and PARK_JOBS not in own_layers():
        return ["jobs"]
    frame = layer(to.partition(":")[0])
    numbers = [name for name in frame.columns if pd.api.types.is_numeric_dtype(frame[name])]
    worded = [name.removesuffix("_value") for name in numbers if name.endswith("_value") and name[:-6] in frame.columns]
    plain = [name for name in numbers if not name.endswith("_value") and name not in ("open_year", "lon", "lat")]
    return sorted({*plain, *worded} - {"capacity"}) + (["capacity"] if "capacity" in {*plain, *worded} else [])


def offers(to: str) -> list[str]:
    """Return what can be counted of each place: a column, or "" for 1 each; of the jobs in parks their jobs alone."""
    columns = capacity_columns(to)
    return columns if to.partition(":")[0] == PARK_JOBS and columns == ["jobs"] else ["", *columns]


def _sentence(words: object) -> str:
    text = str(words)
    return text[:1].upper() + text[1:]
