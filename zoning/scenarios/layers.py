"""Change layers and people on paper: facilities, zones, stops and lines that a scenario adds, moves or takes away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from zoning.errors import InputError
from zoning.scenarios.content import refused
from zoning.scenarios.model import AddFacility, AddLine, AddRoad, AddStop, AddZone
from zoning.text import N_

if TYPE_CHECKING:
    from zoning.scenarios.content import ScenarioError
    from zoning.scenarios.existing import Place
    from zoning.scenarios.model import Modification, Scenario

PREFIX = "scenario:"
"""Leads the ids of features that a scenario adds, so that they never meet those of the layer."""


def layers_of(change: Modification) -> tuple[str, ...]:
    """Return the layers that a modification changes."""
    if isinstance(change, AddFacility):
        return (change.layer,)
    if isinstance(change, AddZone):
        return ("zones",)
    if isinstance(change, AddStop):
        return ("stops",)
    if isinstance(change, AddLine):
        return ("corridors", "stops")
    return ("corridors",) if isinstance(change, AddRoad) else ()


def changed_layer(
    name: str, layer: gpd.GeoDataFrame, scenario: Scenario, place: Place
) -> tuple[gpd.GeoDataFrame, tuple[ScenarioError, ...]]:
    """Return a layer as a scenario has it, in the same CRS and columns, and what was refused."""
    faults: list[ScenarioError] = []
    rows: list[dict[str, Any]] = []
    for change in scenario.modifications:
        if name not in layers_of(change):
            continue
        try:
            if isinstance(change, AddFacility) and change.replaces:
                layer = _replaced(layer, change, place)
            else:
                rows += _rows(name, layer, change, place)
        except InputError as fault:
            faults.append(refused(change.id, fault))
    if not rows:
        return layer, tuple(faults)
    shapes = gpd.GeoSeries([row.pop("geometry") for row in rows], crs=layer.crs)
    added = pd.DataFrame(rows).reindex(columns=[column for column in layer.columns if column != "geometry"])
    for column in added.columns:
        if added[column].isna().all() and pd.api.types.is_string_dtype(layer[column].dtype):
            added[column] = ""
        added[column] = added[column].astype(layer[column].dtype)
    new = gpd.GeoDataFrame(added, geometry=shapes, crs=layer.crs)[list(layer.columns)]
    return gpd.GeoDataFrame(pd.concat([layer, new], ignore_index=True), crs=layer.crs), tuple(faults)


def added_people(demand: gpd.GeoDataFrame, scenario: Scenario, place: Place) -> gpd.GeoDataFrame:
    """Return points where people live with those of the scenario's zones beside them; sums are kept."""
    parts = [demand]
    points = demand.geometry.to_numpy()
    for change in scenario.modifications:
        if not isinstance(change, AddZone) or not change.people:
            continue
        area = shapely.Polygon(place(change.area))
        at = np.flatnonzero(shapely.intersects(points, area))
        if not at.size:
            at = np.array([int(np.argmin(shapely.distance(points, area.centroid)))])
        parts.append(demand.iloc[at].assign(people=change.people / at.size))
    return parts[0] if len(parts) == 1 else gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=demand.crs)


def _replaced(layer: gpd.GeoDataFrame, change: AddFacility, place: Place) -> gpd.GeoDataFrame:
    rows = layer.index[layer["id"].astype(str) == change.replaces]
    if not len(rows):
        raise InputError(N_("{layer} has no feature {id}"), layer=change.layer, id=change.replaces[:60])
    if change.gone:
        return layer.drop(rows)
    layer = layer.copy()
    if change.capacity is not None:
        layer.loc[rows, _capacity_field(layer, change)] = change.capacity
    if change.at is not None:
        xy = place((change.at,))[0]
        layer.loc[rows, "geometry"] = gpd.GeoSeries([shapely.Point(xy)] * len(rows), index=rows, crs=layer.crs)
        layer.loc[rows, "geometry_quality"] = "edited"
    return layer


def _capacity_field(layer: gpd.GeoDataFrame, change: AddFacility) -> str:
    if change.capacity_field not in layer or not pd.api.types.is_numeric_dtype(layer[change.capacity_field].dtype):
        raise InputError(N_("{layer} has no column of numbers called {column}"), layer=change.layer,
                         column=change.capacity_field[:60])  # fmt: skip
    return change.capacity_field


def _rows(name: str, layer: gpd.GeoDataFrame, change: Any, place: Place) -> list[dict[str, Any]]:  # noqa: ANN401
    row: dict[str, Any] = {
        "id": PREFIX + change.id,
        "name_vi": change.name_vi or change.name_en or change.id,
        "name_en": change.name_en or change.name_vi or change.id,
        "status": "operating",
        "notes": change.note,
        "geometry_quality": getattr(change, "geometry_quality", "edited"),
        "sources": "",
    }
    if isinstance(change, AddFacility):
        row |= {"kind": change.facility_kind, "geometry": shapely.Point(place((change.at,))[0])}  # type: ignore[arg-type]
        if change.capacity is not None:
            row[_capacity_field(layer, change)] = change.capacity
    elif isinstance(change, AddZone):
        shape = shapely.Polygon(place(change.area))
        if not shape.is_valid or shape.area <= 0:
            raise InputError(N_("its outline crosses itself or has no area"))
        drawn_ha = shape.area / 10_000
        row |= {"kind": change.zone_kind, "geometry": shape, "area_drawn_ha": drawn_ha,
                "area_ha": drawn_ha if change.area_ha is None else change.area_ha, "area_basis": "unknown",
                "place": "outline"}  # fmt: skip
    elif isinstance(change, AddStop):
        row["geometry"] = shapely.Point(place((change.at,))[0])  # type: ignore[arg-type]
    elif name == "stops":
        points = shapely.points(place(change.stops))
        return [
            row | {"id": f"{row['id']}:{at}", "name_vi": f"{row['name_vi']} {at}", "name_en": f"{row['name_en']} {at}",
                   "routes": change.id, "geometry": point}
            for at, point in enumerate(np.asarray(points).tolist(), 1)
        ]  # fmt: skip
    else:
        row |= _corridor(change, place)
    return [row]


def _corridor(change: AddRoad | AddLine, place: Place) -> dict[str, Any]:
    road = isinstance(change, AddRoad)
    line = shapely.LineString(place(change.line if isinstance(change, AddRoad) else change.stops))
    mode = ("expressway" if change.road_class == "motorway" else "road") if isinstance(change, AddRoad) else change.mode
    return {
        "mode": mode,
        "geometry": line,
        "length_drawn_km": line.length / 1000,
        "length_published_km": change.length_km,
        "road_class": change.road_class if isinstance(change, AddRoad) else "",
        "free_speed_kmh": change.speed_kmh if road else None,
        "lanes": change.lanes if isinstance(change, AddRoad) else None,
        "drawn": "line",
    }
