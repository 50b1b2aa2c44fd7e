"""Say what is wrong with the land use and the lots of a zone, and when that leaves no plain pass."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from zoning.standards.ground import said
from zoning.standards.verdicts import Ruling
from zoning.standards.words import GRAVE, NO_PEOPLE

if TYPE_CHECKING:
    from zoning.standards.evidence import Evidence
    from zoning.standards.ground import Zone

_MOST_CODES = 6


def with_faults(zone: Zone, evidence: Evidence) -> Zone:
    """Return a zone that also knows what is wrong with its land use and lots."""
    return replace(zone, faults=(*zone.faults, *_of_land(zone, evidence), *_of_lots(zone, evidence)))


def grave(zone: Zone) -> bool:
    """Say whether a zone's data are so faulty that it passes no rule plainly."""
    keys = {fault.partition(":")[0] for fault in zone.faults}
    lived_in = not {"industrial", "campus", "leisure"} & set(zone.profiles)
    return bool(keys & set(GRAVE)) or (lived_in and bool(keys & set(NO_PEOPLE)))


def held_back(ruling: Ruling, zone: Zone) -> Ruling:
    """Return a ruling, a pass made unsure where the zone's data are faulty."""
    return Ruling("unsure", "bad_zone") if ruling.verdict == "pass" and grave(zone) else ruling


def _of_land(zone: Zone, evidence: Evidence) -> list[str]:
    if not evidence.has_land_use or zone.shape is None:
        return []
    land = evidence.balance(zone)
    if land is None:
        return ["no_land_use"]
    found = []
    for key, amount in (("land_use_gaps", land.uncovered_ha), ("land_use_overlaps", land.overlap_ha)):
        if amount > 0.01 * land.area_ha:
            found.append(f"{key}:{100 * amount / land.area_ha:.0f}_%")
    if land.repaired:
        found.append(f"land_use_repaired:{land.repaired}")
    if land.unknown:
        codes = sorted(land.unknown)
        rest = [f"+{len(codes) - _MOST_CODES}"] if len(codes) > _MOST_CODES else []
        found.append("unknown_codes:" + said(", ".join([*(code[:20] or "–" for code in codes[:_MOST_CODES]), *rest])))
    return found


def _of_lots(zone: Zone, evidence: Evidence) -> list[str]:
    lots = evidence.lots
    if lots is None or zone.shape is None:
        return []
    bad = int(np.count_nonzero(lots.bad[evidence.lots_inside(zone)]))
    return [f"bad_lots:{bad}"] if bad else []
