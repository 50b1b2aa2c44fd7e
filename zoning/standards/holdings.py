"""Work out what each zone holds and needs: density, floors, people, jobs, water, power and waste, also a hectare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zoning.capacity import industrial_needs, jobs, people_range, residential_needs
from zoning.land_use import category, colour
from zoning.standards.built import built_m2, floor_m2

if TYPE_CHECKING:
    from zoning.standards.evidence import Evidence
    from zoning.standards.ground import Zone

HOLDINGS = (
    *("zone_id", "area_ha", "people", "people_ha", "people_low", "people_high", "jobs", "jobs_ha"),
    *("density_pct", "gfa_m2", "far", "built_whole"),
    *("water_m3_day", "power_kw", "waste_t_day", "water_m3_day_ha", "power_kw_ha", "waste_t_day_ha", "rules"),
)
"""Figures of a zone: people_low and people_high are how many a residential unit of its area may have (Table 2.2); jobs
those of planned parks of the region; density_pct, gfa_m2 and far are gross, of its buildings and lots, at least that
where built_whole is no; needs are those of the code, and `rules` says by which."""
LAND = ("zone_id", "code", "use", "name_vi", "name_en", "colour", "area_ha", "share_pct")
"""Land of a zone by official code; code and use are empty for ground without land use, use for codes nobody knows."""


def holdings_of(zone: Zone, evidence: Evidence, urban_class: str) -> dict[str, Any]:
    """Return what a zone holds and needs; what is not known is left out.

    A park needs what its area does, any other zone what its residents do.
    """
    row: dict[str, Any] = {"zone_id": zone.id, "area_ha": zone.area_ha, "people": zone.people, "rules": ""}
    area_ha = zone.area_ha
    industrial = zone.kind in ("industrial_park", "science_technology_park")
    if area_ha is None:
        needs = () if zone.people is None or industrial else residential_needs(zone.people, urban_class)
    else:
        if zone.people is not None:
            row["people_ha"] = zone.people / area_ha
        if industrial:
            row |= {"jobs": jobs(area_ha), "jobs_ha": jobs(area_ha) / area_ha}
        if "urban" in zone.profiles:
            row["people_low"], row["people_high"] = people_range(area_ha, urban_class)
        needs = () if industrial or zone.people is None else residential_needs(zone.people, urban_class)
        needs = industrial_needs(area_ha) if industrial else needs
    row |= _built(zone, evidence)
    columns = {"water": "water_m3_day", "power": "power_kw", "waste": "waste_t_day"}
    for need in needs:
        row[columns[need.what]] = need.amount
        if area_ha is not None:
            row[f"{columns[need.what]}_ha"] = need.amount / area_ha
    row["rules"] = " ".join(rule_id for need in needs for rule_id in need.rules)
    return row


def _built(zone: Zone, evidence: Evidence) -> dict[str, Any]:
    covered, floors = built_m2(evidence, zone), floor_m2(evidence, zone)
    row: dict[str, Any] = {}
    if zone.shape is None:
        return row
    if covered is not None:
        row |= {"density_pct": 100.0 * covered[0] / zone.shape.area, "built_whole": covered[1]}
    if floors is not None:
        row |= {"gfa_m2": floors[0], "far": floors[0] / zone.shape.area}
        row["built_whole"] = bool(row.get("built_whole", True)) and floors[1]
    return row


def land_of(zone: Zone, evidence: Evidence) -> list[dict[str, Any]]:
    """Return the land of a zone, a row an official code, largest first; empty where no land use is known of it."""
    land = evidence.balance(zone)
    if land is None:
        return []
    rows: list[dict[str, Any]] = []
    for code, area_ha in land.codes_ha.items():
        known = category(code)
        names = {"use": known.use, "name_vi": known.name_vi, "name_en": known.name_en, "colour": colour(code)}
        rows.append({"zone_id": zone.id, "code": code, **names, "area_ha": area_ha})
    blank = {"use": "", "name_vi": "", "name_en": "", "colour": ""}
    rows += [{"zone_id": zone.id, "code": code, **blank, "area_ha": area} for code, area in land.unknown.items()]
    rows.sort(key=lambda row: (-row["area_ha"], row["code"]))
    if land.uncovered_ha > 1e-4 * land.area_ha:
        rows.append({"zone_id": zone.id, "code": "", **blank, "area_ha": land.uncovered_ha})
    return [{**row, "share_pct": 100.0 * row["area_ha"] / land.area_ha} for row in rows]
