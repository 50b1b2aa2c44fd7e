"""Answer which zones meet the planning code: one row a zone and rule, with clause, figure, verdict and source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from zoning.errors import InputError, UnknownLayerError
from zoning.pace import checkpoint
from zoning.result import Note, Result, run_record
from zoning.standards import relief
from zoning.standards.evidence import Evidence
from zoning.standards.faults import held_back, with_faults
from zoning.standards.ground import zones_of
from zoning.standards.holdings import HOLDINGS, LAND, holdings_of, land_of
from zoning.standards.profiles import rules_for
from zoning.standards.rules import bounds, checked_day, code_as_of, codes, regulations
from zoning.standards.verdicts import VERDICTS, judge
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from zoning.region import Region
    from zoning.standards.ground import Zone
    from zoning.standards.rules import Rule
    from zoning.standards.verdicts import Finding, Ruling

COLUMNS = (
    *("zone_id", "rule_id", "code", "clause", "metric", "required", "found", "unit", "verdict", "confidence"),
    "source",
)
NETWORKS = ("strategic", "streets")
LAYERS_USED = ("stops", "facilities", "logistics", "corridors", "population", "wards_2025")
LOT_COLUMNS = ("zone_id", "lot_id", "rule_id", "kind", "area_m2", "height_m", "found", "limit", "unit", "verdict")
_BETTER = {"fail": 0, "unsure": 1, "pass": 2}
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
    reliefs
        (zone id, flags of `zoning.standards.relief.FLAGS`), in place of what planners have set for the zone.
    """

    as_of: str = ""
    code: str = ""
    zones: str = "zones"
    ids: tuple[str, ...] = ()
    urban_class: str = "special"
    network: str | None = None
    reliefs: tuple[tuple[str, str], ...] = ()


def run(request: CheckRequest, region: Region) -> Result:
    """Return the checks of the request's zones.

    Returns
    -------
    Result
        `frames["checks"]`: `COLUMNS` and the zone's geometry; `found` is a figure, or "missing: " and the name of the
        layer that lacks; verdict pass, fail, unsure or no_data. `frames["zones"]`: the zones with counts by verdict and
        the faults of their data. `frames["reasons"]`: zone_id, rule_id, doubt, missing, and the rule that relieved it.
        `frames["services"]`: people (or points of ground) inside and outside each radius, by straight line and by
        network. `frames["lots"]`: one row a lot and rule. `frames["land"]`: the land of each zone by official code.
        `frames["holdings"]`: what each zone holds and needs (`zoning.standards.holdings`).

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
    table = _settings(region)
    flags = _flags(request, zones, table)
    chosen: dict[tuple[str, ...], list[Rule]] = {}
    rows, reasons = [], []
    zones = [with_faults(zone, evidence) for zone in zones]
    for zone in zones:
        if zone.profiles not in chosen:
            chosen[zone.profiles] = rules_for(zone.profiles, code, request.urban_class)
        counted, _ = relief.allowed(flags[zone.id], zone.area_ha)
        for asked in (*chosen[zone.profiles], *relief.extra_rules(counted, code)):
            checkpoint()
            answer = _answer(evidence, zone, asked, counted, day)
            if answer is None:
                continue
            rule, finding, ruling, by = answer
            rows.append(_row(zone, rule, finding, ruling, by))
            reasons.append((zone.id, rule.id, ruling.doubt, ruling.missing, by))
    checks = pd.DataFrame(rows, columns=COLUMNS)
    shapes = dict(zip((zone.id for zone in zones), frame.geometry, strict=True))
    placed = gpd.GeoDataFrame(checks, geometry=gpd.GeoSeries([shapes[one] for one in checks["zone_id"]], crs=frame.crs))
    settings = () if table is None else (relief.SETTINGS,)
    used = tuple(dict.fromkeys((request.zones, *LAYERS_USED, *evidence.used, *settings, name)))
    return Result(
        frames={
            "checks": placed,
            "zones": _summary(zones, frame, checks, flags),
            "reasons": pd.DataFrame(reasons, columns=["zone_id", "rule_id", "doubt", "missing", "relief"]),
            "services": pd.DataFrame(evidence.reaches.table),
            "lots": pd.DataFrame(evidence.lot_rows, columns=list(LOT_COLUMNS)),
            "land": pd.DataFrame([row for zone in zones for row in land_of(zone, evidence)], columns=list(LAND)),
            "holdings": pd.DataFrame(
                [holdings_of(zone, evidence, request.urban_class) for zone in zones], columns=list(HOLDINGS)
            ),
        },
        figures={
            "code": code,
            "as_of": day,
            "network": name,
            "zones": len(zones),
            "rules": int(checks["rule_id"].nunique()),
            **{verdict: int(checks["verdict"].eq(verdict).sum()) for verdict in VERDICTS},
        },
        notes=(*_notes(code, name, zones), *_relief_notes(code, zones, flags, reasons)),
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


def _settings(region: Region) -> pd.DataFrame | None:
    """Return what planners have set for zones; None where nobody has set anything."""
    try:
        return pd.DataFrame(region.layer(relief.SETTINGS))
    except UnknownLayerError:
        return None


def _flags(request: CheckRequest, zones: Iterable[Zone], table: pd.DataFrame | None) -> dict[str, tuple[str, ...]]:
    """Return the relief flags of every zone: those of the request, else the planners' own, else the layer's."""
    given = relief.settings_of(table, request.zones)
    asked = {zone_id: relief.checked_flags(flags) for zone_id, flags in request.reliefs}
    found = {zone.id: relief.flags_of(zone, given | asked) for zone in zones}
    if lost := [one for one in asked if one not in found]:
        raise InputError(
            N_("There is no zone {ids} in the layer {layer}."), ids=", ".join(lost)[:200], layer=request.zones
        )
    return found


def _answer(
    evidence: Evidence, zone: Zone, asked: Rule, flags: tuple[str, ...], day: str
) -> tuple[Rule, Finding, Ruling, str] | None:
    """Return what a zone is asked, what was found, the ruling, and the rule that relieved it; None: not concerned.

    A relief counts only where the rule is not met without it, and what it asks is then what is shown.
    """
    rule, finding = evidence.find(zone, asked)
    if finding is None:
        return None
    best = rule, finding, held_back(judge(rule, finding, day), zone), ""
    if not flags or best[2].verdict not in ("fail", "unsure"):
        return best
    for one in relief.reliefs(asked, flags):
        eased, found = evidence.find(zone, one.rule)
        if found is None:
            continue
        ruling = held_back(judge(eased, found, day), zone)
        if one.doubt and ruling.verdict == "pass":
            ruling = type(ruling)("unsure", one.doubt)
        before = best[2].verdict
        if _BETTER.get(ruling.verdict, -1) > _BETTER[before] or (ruling.verdict == before == "fail"):
            best = eased, found, ruling, one.by
    return best


def _row(zone: Zone, rule: Rule, finding: Finding, ruling: Ruling, by: str) -> tuple[object, ...]:
    required, unit = rule.required, rule.unit
    verdict, clause = ruling.verdict, rule.clause
    if by:
        clause = f"{clause}; {relief.relief_clause(by)}"
    if finding.required is not None:
        required, unit = bounds(*finding.required), finding.unit
        if unit == "%" and rule.high is not None:
            required = f"100 % <= {rule.high:g} {rule.unit}"
    found = f"{MISSING}{ruling.missing}" if verdict == "no_data" else round(float(finding.value or 0.0), 3)
    metric = f"{rule.subject}: {rule.measure}"
    name = regulations()[rule.regulation].name
    return zone.id, rule.id, name, clause, metric, required, found, unit, verdict, rule.confidence, rule.source


def _summary(
    zones: Iterable[Zone], frame: gpd.GeoDataFrame, checks: pd.DataFrame, flags: dict[str, tuple[str, ...]]
) -> gpd.GeoDataFrame:
    counts = pd.crosstab(checks["zone_id"], checks["verdict"])
    rows = []
    for zone in zones:
        row = {
            key: zone.facts.get(key) for key in ("name_vi", "name_en", "kind", "level", "status", "geometry_quality")
        }
        row |= {"area_ha": zone.area_ha, "people": zone.people, "faults": " ".join(zone.faults)}
        row |= {"relief": " ".join(flags[zone.id])}
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


def _relief_notes(
    code: str, zones: Iterable[Zone], flags: dict[str, tuple[str, ...]], reasons: Sequence[tuple[str, ...]]
) -> Iterable[Note]:
    used = sorted({row[-1] for row in reasons if row[-1]})
    if used:
        yield Note(
            N_("Of all verdicts {count} follow a relief that planners have set for their zone: {clauses}."),
            {"count": sum(bool(row[-1]) for row in reasons), "clauses": ", ".join(map(relief.relief_clause, used))},
        )
    refused = [zone.id for zone in zones if relief.allowed(flags[zone.id], zone.area_ha)[1]]
    if refused:
        yield Note(
            N_("No relief for {zones}: redevelopment from 3 ha on and land along new roads follow the rules in full "
               "(2.7.2)."),
            {"zones": ", ".join(refused)[:200]},
        )  # fmt: skip
    if code == "qcvn-01-2026" and any("existing" in one for one in flags.values()):
        yield Note(N_("What QCVN 01:2026/BXD allows existing areas that are short of land is not known here: none."))
