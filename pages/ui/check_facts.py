"""Gather what is known of one zone for the page and for its sheet: facts, measures, checks, who is near to services."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from geodata.crs import planning_to_lonlat
from layers.labels import value_label
from pages.ui.data import layer
from pages.ui.language import n, t
from zoning.shapes import metrics
from zoning.standards.words import kind_text
from zoning.text import N_

if TYPE_CHECKING:
    import geopandas as gpd

    from zoning.result import Result


def zone_row(result: Result, zone: str) -> gpd.GeoSeries:
    """Return the row of a zone: names, area, people, counts by verdict, faults, reliefs, outline."""
    frame = result.frames["zones"]
    return frame[frame["id"].eq(zone)].iloc[0]


def checks_of(result: Result, zone: str) -> pd.DataFrame:
    """Return the checks of a zone."""
    checks = result.frames["checks"]
    return pd.DataFrame(checks[checks["zone_id"].eq(zone)].drop(columns="geometry"))


def facts(row: gpd.GeoSeries) -> list[tuple[str, str]]:
    """Return what is known and measured of a zone, as label and value."""
    facts = [
        (t(N_("Kind")), str(value_label("kind", row["kind"], t))) if isinstance(row["kind"], str) else None,
        (t(N_("Status")), str(value_label("status", row["status"], t))) if isinstance(row["status"], str) else None,
        (t(N_("Area")), f"{n(row['area_ha'], 1)} ha"),
        (t(N_("Residents")), n(row["people"])),
        (
            t(N_("Quality of the drawing")),
            str(value_label("geometry_quality", row["geometry_quality"], t)),
        ),
    ]
    facts += _measured(row)
    shape = row["geometry"]
    if shape is not None and not shape.is_empty:
        lon, lat = planning_to_lonlat(shape.centroid.x, shape.centroid.y)
        facts.append((t(N_("VN-2000 (X north, Y east)")), f"{shape.centroid.y:.1f}, {shape.centroid.x:.1f}"))
        facts.append((t(N_("Longitude, latitude")), f"{float(lon):.6f}, {float(lat):.6f}"))
    return [fact for fact in facts if fact is not None]


def _measured(row: gpd.GeoSeries) -> list[tuple[str, str]]:
    shape = row["geometry"]
    if shape is None or not shape.geom_type.endswith("Polygon"):
        return []
    one = metrics(_frame(row)).iloc[0]
    facts = [
        (t(N_("Area of the outline, VN-2000")), f"{n(one['area_measured_ha'], 2)} ha"),
        (t(N_("Perimeter")), f"{n(one['perimeter_km'], 2)} km"),
        (t(N_("Compactness (1 = circle)")), n(one["compactness"], 2)),
    ]
    if not one["valid"]:
        facts.append((t(N_("Repaired")), f"{one['reason']}: {n(one['repair_ha'], 2)} ha"))
    return facts


def _frame(row: gpd.GeoSeries) -> gpd.GeoDataFrame:
    import geopandas

    return geopandas.GeoDataFrame({"id": [row["id"]]}, geometry=[row["geometry"]], crs=layer("wards_2025").crs)


def services_table(result: Result, zone: str, rule_id: str = "") -> pd.DataFrame:
    """Return who is inside and outside the radius of each service, by straight line and along the network."""
    table = result.frames["services"]
    if not len(table):
        return pd.DataFrame()
    part = table[table["zone_id"].eq(zone)]
    part = (part[part["rule_id"].eq(rule_id)] if rule_id else part).drop_duplicates(["service", "radius_m"])
    counted = {
        "people": N_("people"),
        "ground": N_("points of ground, 200 m apart"),
        "point": N_("the zone's one known point"),
    }
    return pd.DataFrame(
        {
            t(N_("Service")): [kind_text(one, t) for one in part["service"]],
            t(N_("Radius (m)")): [n(one) for one in part["radius_m"]],
            t(N_("Counted")): [t(counted[one]) for one in part["counted"]],
            t(N_("All")): [n(one) for one in part["total"]],
            t(N_("Inside, straight line")): [n(one) for one in part["inside_straight"]],
            t(N_("Inside, along the network")): [n(one) for one in part["inside_network"]],
            t(N_("Outside, along the network")): [n(one) for one in part["outside_network"]],
        }
    )
