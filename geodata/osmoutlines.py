"""Give zones and facilities their real outlines: match OpenStreetMap areas to them by name, kind and place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.osmapart import read_areas_apart
from geodata.store import MATCHES, OUTLINED, OUTLINES
from geodata.streets import ATTRIBUTION
from geodata.watch import Watch
from zoning.names import expand, fold
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from geodata.store import Store


_MATCHING = N_("Matching outlines to zones and facilities")


class BuiltOutlines(NamedTuple):
    """Outlines and their matches ready to be saved, and where they are from; by names of layers."""

    layers: dict[str, gpd.GeoDataFrame | pd.DataFrame]
    infos: dict[str, dict[str, str]]


Status = Literal["matched", "absent", "far", "other_kind", "other_size", "several", "outside"]
STATUSES: dict[Status, str] = {
    "matched": N_("outline found by name and place"),
    "absent": N_("no outline of this name in the extract"),
    "far": N_("the outline of this name lies too far away"),
    "other_kind": N_("what bears this name is of another kind"),
    "other_size": N_("the outline of this name has quite another area than published"),
    "several": N_("several outlines bear this name"),
    "outside": N_("outside the extract"),
}

_UNIVERSITY, _HEALTH = frozenset({"university", "college"}), frozenset({"hospital", "clinic"})
_KINDS: dict[str, frozenset[str]] = {
    "industrial_park": frozenset({"industrial"}), "science_technology_park": frozenset({"industrial", "university"}),
    "complex": frozenset({"industrial", "residential"}), "new_town": frozenset({"residential"}),
    "urban_area": frozenset({"residential"}), "housing": frozenset({"residential"}),
    "university": _UNIVERSITY, "university_campus": _UNIVERSITY, "college": _UNIVERSITY | {"school"},
    "hospital": _HEALTH, "clinic": _HEALTH, "health_campus": _HEALTH,
    "leisure": frozenset({"leisure", "park", "sport"}),
    "park": frozenset({"park"}), "sport": frozenset({"sport"}), "bus_station": frozenset({"bus_station"}),
    "market": frozenset({"market"}), "administration": frozenset({"administration"}),
}  # fmt: skip
"""Kinds of outline that a kind of zone or facility may have; others have none."""

_SIZES = (0.6, 1.6)
"""Area of an outline over the published one: outside of this the name means something larger or a part."""

_LIMIT_M = {"approximate": 6_000.0}
_NEAR_M = 1_500.0
"""How far from its own place the outline of a zone or facility may lie; an approximate place is a commune's centre."""

# what a thing is, in Vietnamese, folded and written out: two names of one thing often differ in these. ĐH before a name
# is đại học, though on road signs it is đường huyện
_GENERIC = re.compile(
    r"\b(khu cong nghiep|khu do thi|khu dan cu|kdc|khu|benh vien|da khoa|truong|dai hoc|duong huyen|cao dang|cong vien|"
    r"cho|ben xe|buyt|san van dong|svd|uy ban nhan dan|thanh pho|thi xa|phuong|tinh)\b"
)
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4"}


def match_outlines(features: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> pd.DataFrame:
    """Say for each feature which outline is its own, or why none is.

    Names are compared folded, short forms written out, words that only say what a thing is left out, Roman numbers as
    figures; "Sóng Thần" is "Sóng Thần 1" where nothing else is. The kinds must agree, and the outline must lie near
    the feature's own place; where that is unknown, the name must be the only one and of two words at least. An
    outline of quite another area than published is named, but not taken.

    Parameters
    ----------
    features
        id, name_vi, kind, geometry_quality, area_ha, geometry (planning CRS, None where unknown).
    areas
        Outlines of `geodata.osmareas.read_areas`.

    Returns
    -------
    One row a feature that may have an outline: id, name_vi, status (a key of `STATUSES`), osm_id, osm_name, distance_m
    and area_ha of the outline (empty and NaN where there is none).
    """
    names: dict[str, list[int]] = {}
    for row, name in enumerate(areas["name"]):
        for key in _keys(name) if name else ():
            names.setdefault(key, []).append(row)
    hull = shapely.convex_hull(shapely.union_all(shapely.envelope(areas.geometry.to_numpy())))
    rows = [
        _matched(feature, sorted({row for key in keys for row in names.get(key, ())}), areas, hull)
        for keys, feature in ((_keys(f.name_vi), f) for f in features.itertuples() if f.kind in _KINDS)
    ]
    columns = ["id", "name_vi", "status", "osm_id", "osm_name", "distance_m", "area_ha"]
    return pd.DataFrame(rows, columns=columns).astype({"distance_m": float, "area_ha": float})


def with_outlines(features: gpd.GeoDataFrame, matches: pd.DataFrame, areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the features with the matched outlines as their geometry, `geometry_quality` osm; others as they are."""
    found = matches[matches["status"] == "matched"].set_index("id")["osm_id"]
    shape = areas.drop_duplicates("osm_id").set_index("osm_id").geometry
    changed = features["id"].isin(found.index).to_numpy()
    outlines = shape.loc[features["id"][changed].map(found)].to_numpy()
    made = features.copy()
    geometry = features.geometry.to_numpy().copy()
    geometry[changed] = outlines
    made = made.set_geometry(gpd.GeoSeries(geometry, index=features.index, crs=features.crs))
    made.loc[changed, "geometry_quality"] = "osm"
    if "area_drawn_ha" in made:
        made.loc[changed, "area_drawn_ha"] = shapely.area(outlines) / 10_000
    return made


def load_outlines(store: Store, file: Path, *, watch: Watch | None = None) -> pd.DataFrame:
    """Put the outlines of an OpenStreetMap file into the store, and say which of them belong to zones and facilities.

    The layer `outlines` has them all (id, kind, name_vi, of_layer, of_id); the table `outline_matches`, also returned,
    has a row for each zone and facility that may have one. Zones and facilities are kept as they are; `Store.layer`
    shows them with their outlines.

    Raises
    ------
    BadFileError, StoreError, StoppedError
        As for `geodata.streets.load_streets`; the store is as it was.
    """
    watch = watch or Watch()
    built = build_outlines(store, file, watch=watch)
    watch.check()
    store.write_layers(built.layers, built.infos)
    return built.layers[MATCHES]


def build_outlines(store: Store, file: Path, *, watch: Watch | None = None) -> BuiltOutlines:
    """Return what `load_outlines` saves; parameters and errors as there."""
    watch = watch or Watch()
    areas = read_areas_apart(file, watch=watch.part(0.0, 0.8))
    parts = [match_outlines(store.raw_layer(layer), areas).assign(layer=layer) for layer in OUTLINED]
    matches = pd.concat(parts, ignore_index=True)
    matched = matches[matches["status"] == "matched"].drop_duplicates("osm_id").set_index("osm_id")
    layer_of, feature_of = matched["layer"].to_dict(), matched["id"].to_dict()
    layer = gpd.GeoDataFrame(
        {
            "id": areas["osm_id"],
            "kind": areas["kind"],
            "name_vi": areas["name"],
            "name_en": "",
            "of_layer": [layer_of.get(osm_id, "") for osm_id in areas["osm_id"]],
            "of_id": [feature_of.get(osm_id, "") for osm_id in areas["osm_id"]],
            "area_drawn_ha": areas.area / 10_000,
            "geometry_quality": "osm",
            "sources": "openstreetmap.org",
        },
        geometry=areas.geometry,
    )
    info = {"source": f"OpenStreetMap: {file.name}", "licence": "ODbL 1.0", "attribution": ATTRIBUTION}
    titles = {"title_en": "Outlines (OpenStreetMap)", "title_vi": "Ranh giới thực (OpenStreetMap)"}
    tables = {"title_en": "Outlines matched to places", "title_vi": "Ghép ranh giới với địa điểm"}
    watch.at(_MATCHING, 1.0)
    return BuiltOutlines(
        {OUTLINES: layer, MATCHES: matches}, {OUTLINES: {**info, **titles}, MATCHES: {**info, **tables}}
    )


def _keys(name: str) -> set[str]:
    """Return the forms under which a name is compared: whole, without its brackets, and what stands in them."""
    forms = {name, re.sub(r"\(.*?\)", " ", name), *re.findall(r"\((.*?)\)", name)}
    return {core for form in forms if (core := _core(form))}


def _core(name: str) -> str:
    words = [_ROMAN.get(word, word) for word in _GENERIC.sub(" ", expand(fold(name))).split()]
    return " ".join(words[:-1] if len(words) > 1 and words[-1] == "1" else words)


def _matched(
    feature: object, rows: Sequence[int], areas: gpd.GeoDataFrame, hull: shapely.Geometry
) -> tuple[object, ...]:
    """Return the row of the table for a feature, of whose name the outlines `rows` are."""
    head = (getattr(feature, "id", ""), getattr(feature, "name_vi", ""))
    place = getattr(feature, "geometry", None)
    known = place is not None and not place.is_empty
    if known and not shapely.intersects(hull, place):
        return (*head, "outside", "", "", np.nan, np.nan)
    centre = shapely.centroid(place) if known else None
    away = {row: float(areas.geometry.iloc[row].distance(centre)) if known else np.nan for row in rows}
    status, row = _chosen(feature, away, areas)
    if row is None:
        return (*head, status, "", "", np.nan, np.nan)
    area = areas.iloc[row]
    area_ha = area.geometry.area / 10_000
    published_ha = pd.to_numeric(pd.Series([getattr(feature, "area_ha", np.nan)]), errors="coerce").iloc[0]
    if not np.isnan(published_ha) and not _SIZES[0] <= area_ha / published_ha <= _SIZES[1]:
        status = "other_size"
    return (*head, status, area["osm_id"], area["name"], away[row], area_ha)


def _chosen(feature: object, away: dict[int, float], areas: gpd.GeoDataFrame) -> tuple[Status, int | None]:
    """Return the outline of a feature among those of its name, with their distances from it, or why there is none."""
    name = str(getattr(feature, "name_vi", ""))
    placed = not any(np.isnan(distance) for distance in away.values())
    if not away or (not placed and len(_core(name).split()) < 2):
        return "absent", None
    suited = [row for row in away if areas["kind"].iloc[row] in _KINDS[str(getattr(feature, "kind", ""))]]
    if not suited:
        return "other_kind", None
    limit_m = _LIMIT_M.get(str(getattr(feature, "geometry_quality", "")), _NEAR_M)
    near = sorted((row for row in suited if not away[row] > limit_m), key=lambda row: (away[row], row))
    if not near:
        return "far", None
    chosen = [row for row in near if fold(areas["name"].iloc[row]) == fold(name)] or near
    # of several with one name the one that holds the place, or nothing: a guess would be a plausible shape
    if len(chosen) > 1 and not (placed and away[chosen[0]] == 0 < away[chosen[1]]):
        return "several", None
    return "matched", chosen[0]
