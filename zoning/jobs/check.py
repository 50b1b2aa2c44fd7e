"""Answer which zones meet the planning code: one row a zone and rule, with clause, figure, verdict and source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from zoning.errors import InputError
from zoning.pace import checkpoint
from zoning.result import Note, Result, run_record
from zoning.standards.evidence import Evidence
from zoning.standards.ground import zones_of
from zoning.standards.profiles import rules_for
from zoning.standards.rules import bounds, checked_day, code_as_of, codes, regulations
from zoning.standards.verdicts import VERDICTS, judge
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zoning.region import Region
    from zoning.standards.ground import Zone
    from zoning.standards.rules import Rule
    from zoning.standards.verdicts import Finding

COLUMNS = (
    *("zone_id", "rule_id", "code", "clause", "metric", "required", "found", "unit", "verdict", "confidence"),
    "source",
)
NETWORKS = ("strategic", "streets")
LAYERS_USED = ("stops", "facilities", "logistics", "corridors", "population", "wards_2025")
MISSING = "missing: "
"""Begins what was found where a layer lacks, followed by its name."""


@dataclass(frozen=True)
class CheckRequest:
    """The question, and its run record.

    Attributes
    ----------
    as_of
        The day (YYYY-MM-DD) whose code applies; empty where `code` names one.
    code
        qcvn-01-2021 or qcvn-01-2026, whatever the day; empty for that of the day.
    zones
        Layer of the zones: zones, wards_2025, or one that a planner drew or brought in.
    ids
        Only these zones; none for all.
    urban_class
        Class of the town that norms are chosen by. Since July 2025 the region is part of a city of special class.
    network
        "strategic" or "streets"; None takes the most detailed one that covers every point of the zones.
    """

    as_of: str = ""
    code: str = ""
    zones: str = "zones"
    ids: tuple[str, ...] = ()
    urban_class: str = "special"
    network: str | None = None


def run(request: CheckRequest, region: Region) -> Result:
    """Return the checks of the request's zones.

    Returns
    -------
    Result
        `frames["checks"]`: `COLUMNS` and the zone's geometry; `found` is a figure, or "missing: " and the name of the
        layer that lacks; verdict pass, fail, unsure or no_data. `frames["zones"]`: the zones with counts by verdict and
        the faults of their data. `frames["reasons"]`: zone_id, rule_id, doubt, missing. `frames["services"]`: people
        (or points of ground) inside and outside each radius, by straight line and by network.

    Raises
    ------
    InputError
        No such code, class, network or zone; no day.
    UnknownLayerError
        No such layer of zones.
    """
    code, day = _code_and_day(request)
    frame = _places(request, region)
    if request.ids:
        known = frame["id"].astype(str) if "id" in frame else pd.Series([], dtype=str)
        if lost := [one for one in request.ids if one not in set(known)]:
            raise InputError(
                N_("There is no zone {ids} in the layer {layer}."), ids=", ".join(lost)[:200], layer=request.zones
            )
        frame = frame[known.isin(request.ids)]
    if not len(frame):
        raise InputError(N_("The layer {layer} has no zones to check."), layer=request.zones)
    name = request.network or _network(frame, region)
    if name not in NETWORKS:
        raise InputError(
            N_("There is no network “{network}”. Networks: {networks}."), network=name, networks=", ".join(NETWORKS)
        )
    demand = region.demand(name)
    zones = zones_of(frame, demand)
    evidence = Evidence(region, zones, region.network("walk", name=name), schematic=name == "strategic")
    evidence.reaches.people_at(demand)
    chosen: dict[tuple[str, ...], list[Rule]] = {}
    rows, reasons = [], []
    for zone in zones:
        if zone.profiles not in chosen:
            chosen[zone.profiles] = rules_for(zone.profiles, code, request.urban_class)
        for asked in chosen[zone.profiles]:
            checkpoint()
            rule, finding = evidence.find(zone, asked)
            if finding is None:
                continue
            ruling = judge(rule, finding, day)
            rows.append(_row(zone, rule, finding, ruling.verdict, ruling.missing))
            reasons.append((zone.id, rule.id, ruling.doubt, ruling.missing))
    checks = pd.DataFrame(rows, columns=COLUMNS)
    shapes = dict(zip((zone.id for zone in zones), frame.geometry, strict=True))
    placed = gpd.GeoDataFrame(checks, geometry=gpd.GeoSeries([shapes[one] for one in checks["zone_id"]], crs=frame.crs))
    used = tuple(dict.fromkeys((request.zones, *LAYERS_USED, *evidence.used, name)))
    return Result(
        frames={
            "checks": placed,
            "zones": _summary(zones, frame, checks),
            "reasons": pd.DataFrame(reasons, columns=["zone_id", "rule_id", "doubt", "missing"]),
            "services": pd.DataFrame(evidence.reaches.table),
        },
        figures={
            "code": code,
            "as_of": day,
            "network": name,
            "zones": len(zones),
            "rules": int(checks["rule_id"].nunique()),
            **{verdict: int(checks["verdict"].eq(verdict).sum()) for verdict in VERDICTS},
        },
        notes=tuple(_notes(code, name, zones)),
        run=run_record("check", request, region, used),
    )


def _code_and_day(request: CheckRequest) -> tuple[str, str]:
    """Return the code and the day that texts beside it must be in force on."""
    if request.as_of:
        checked_day(request.as_of)
    if not request.code:
        if not request.as_of:
            raise InputError(N_("Say the day whose code applies, such as 2026-12-31, or name a code."))
        return code_as_of(request.as_of), request.as_of
    if request.code not in codes():
        raise InputError(
            N_("There is no planning code {code} here. Codes: {codes}."),
            code=request.code[:40],
            codes=", ".join(codes()),
        )
    text = regulations()[request.code]
    # a code that is chosen is judged as on a day when it applies
    day = request.as_of if request.as_of and text.in_force(request.as_of) else text.valid_to or text.valid_from
    return request.code, day


def _places(request: CheckRequest, region: Region) -> gpd.GeoDataFrame:
    """Return the layer of zones; InputError for tables and layers of lines, which are no zones."""
    frame = region.layer(request.zones)
    kinds = set(frame.geom_type.dropna()) if isinstance(frame, gpd.GeoDataFrame) else set()
    if not isinstance(frame, gpd.GeoDataFrame) or any("Line" in kind for kind in kinds):
        raise InputError(
            N_("The layer {layer} holds no zones: zones are areas, or points that stand for areas."),
            layer=request.zones,
        )
    return frame


def _network(frame: gpd.GeoDataFrame, region: Region) -> str:
    placed = frame.geometry[frame.geometry.notna() & ~frame.geometry.is_empty]
    return region.network_for(placed) if len(placed) else "strategic"


def _row(zone: Zone, rule: Rule, finding: Finding, verdict: str, missing: str) -> tuple[object, ...]:
    required, unit = rule.required, rule.unit
    if finding.required is not None:
        required, unit = bounds(*finding.required), finding.unit
        if unit == "%" and rule.high is not None:
            required = f"100 % <= {rule.high:g} {rule.unit}"
    found = f"{MISSING}{missing}" if verdict == "no_data" else round(float(finding.value or 0.0), 3)
    metric = f"{rule.subject}: {rule.measure}"
    name = regulations()[rule.regulation].name
    return zone.id, rule.id, name, rule.clause, metric, required, found, unit, verdict, rule.confidence, rule.source


def _summary(zones: Iterable[Zone], frame: gpd.GeoDataFrame, checks: pd.DataFrame) -> gpd.GeoDataFrame:
    counts = pd.crosstab(checks["zone_id"], checks["verdict"])
    rows = []
    for zone in zones:
        row = {
            key: zone.facts.get(key) for key in ("name_vi", "name_en", "kind", "level", "status", "geometry_quality")
        }
        row |= {"area_ha": zone.area_ha, "people": zone.people, "faults": " ".join(zone.faults)}
        row |= {one: int(counts[one].get(zone.id, 0)) if one in counts else 0 for one in VERDICTS}
        rows.append({"id": zone.id, **row})
    return gpd.GeoDataFrame(rows, geometry=frame.geometry.to_numpy(), crs=frame.crs)


def _notes(code: str, network: str, zones: Iterable[Zone]) -> Iterable[Note]:
    if code == "qcvn-01-2026":
        yield Note(
            N_(
                "Of QCVN 01:2026/BXD only 45 rules are known, second-hand: nothing passes by them plainly, and what "
                "the code asks beyond them is not checked."
            )
        )
    if network == "strategic":
        yield Note(
            N_("Ways to services are measured on the strategic network, a schematic one; load streets for detail.")
        )
    every = list(zones)
    points = sum(zone.shape is None for zone in every)
    if points:
        yield Note(
            N_("{count} of {total} zones have no outline that may be measured: most rules have no data there."),
            {"count": points, "total": len(every)},
        )
    unknown = sum("unknown_kind" in zone.faults for zone in every)
    if unknown:
        yield Note(N_("{count} zones are of no known kind: no rule was chosen for them."), {"count": unknown})
