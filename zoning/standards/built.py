"""Check what is built: how densely an area is, homes within a park's safety distance, and its green belt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from zoning.standards.inputs import BUILDINGS, LAND_USE, texts
from zoning.standards.keepaway import hazard_row
from zoning.standards.lots import kind_of
from zoning.standards.verdicts import Finding

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from zoning.standards.evidence import Evidence
    from zoning.standards.ground import Zone
    from zoning.standards.rules import Rule

HOMES = ("house", "home", "residential", "apartment", "apartments", "detached", "nha o")
BELT_SLACK_PCT = 1.0
"""A belt is drawn by hand: this much of the strip may lack."""


def built_m2(evidence: Evidence, zone: Zone) -> tuple[float, bool] | None:
    """Return the ground that buildings of a zone cover, m2, and whether all of them are known; None where none is."""
    if zone.shape is None:
        return None
    buildings = evidence.layer(BUILDINGS)
    if buildings is not None:
        shapes = buildings.geometry.to_numpy()
        shapes = shapely.make_valid(shapes[shapely.intersects(shapes, zone.shape)])
        if len(shapes):
            return float(shapely.area(shapely.intersection(shapely.union_all(shapes), zone.shape))), True
    if evidence.lots is None:
        return None
    rows = evidence.lots_inside(zone)
    ground = evidence.lots.area_m2[rows] * evidence.lots.density_pct[rows] / 100.0
    known = np.isfinite(ground)
    return (float(ground[known].sum()), bool(known.all())) if known.any() else None


def floor_m2(evidence: Evidence, zone: Zone) -> tuple[float, bool] | None:
    """Return the floor area of a zone's lots, m2, and whether it is known of all of them; None where of none."""
    if evidence.lots is None or zone.shape is None:
        return None
    rows = evidence.lots_inside(zone)
    floors = evidence.lots.area_m2[rows] * evidence.lots.far[rows]
    known = np.isfinite(floors)
    return (float(floors[known].sum()), bool(known.all())) if known.any() else None


def find_gross_density(evidence: Evidence, zone: Zone, rule: Rule, kind: str) -> tuple[Rule, Finding]:
    """Return the share of the zone that buildings cover, %."""
    found = built_m2(evidence, zone)
    if found is None or zone.shape is None:
        return rule, Finding(None, BUILDINGS if zone.shape is not None else "outline")
    covered, whole = found
    share = 100.0 * covered / zone.shape.area
    # which of the norms of leisure land applies, of a resort or of a park, the kind of a zone does not tell
    doubt = "other_limit" if kind == "leisure" and 5.0 < share <= 25.0 else ""
    return rule, Finding(share, bound="exact" if whole else "at_least", doubt=doubt)


def find_homes_near(evidence: Evidence, zone: Zone, rule: Rule, _: str) -> tuple[Rule, Finding]:
    """Return how many homes and public buildings stand within the safety distance of a park's hazard class."""
    row = hazard_row(zone)
    if row is None or row.low is None:
        return rule, Finding(None, "hazard_class")
    if zone.shape is None:
        return rule, Finding(None, "outline")
    shapes = _guarded(evidence)
    if shapes is None:
        return rule, Finding(None, BUILDINGS)
    near = shapely.dwithin(shapes, zone.shape, np.nextafter(row.low, 0.0))
    return rule, Finding(float(np.count_nonzero(near)))


def find_green_belt(evidence: Evidence, zone: Zone, rule: Rule, _: str) -> tuple[Rule, Finding]:
    """Return how much of the strip along the park's edge, as wide as the rule asks, is green, %; gates are left out.

    The strip inside the outline or the one outside it, whichever is greener: plans draw the belt on either side.
    """
    if zone.shape is None:
        return rule, Finding(None, "outline")
    if evidence.balance(zone) is None:
        return rule, Finding(None, LAND_USE)
    width_m = rule.low or 0.0
    strips = [zone.shape.difference(zone.shape.buffer(-width_m)), zone.shape.buffer(width_m).difference(zone.shape)]
    shares = []
    for strip in strips:
        ground = strip.difference(_whole(evidence.land_in(strip, "roads")))
        green = evidence.land_in(strip, "green", "green_limited", "forest", "water")
        covered = ground.intersection(_whole(green)).area
        shares.append(100.0 * covered / ground.area if ground.area > 0 else 0.0)
    share = max(shares)
    share = 100.0 if share >= 100.0 - BELT_SLACK_PCT else share
    doubt = "" if share >= 100.0 or _mapped_outside(evidence, strips[1]) else "belt_outside"
    return rule, Finding(share, doubt=doubt, required=("at_least", 100.0, None), unit="% of the edge")


def _whole(shapes: NDArray[np.object_]) -> BaseGeometry:
    found: BaseGeometry = shapely.union_all(shapes) if len(shapes) else shapely.Polygon()
    return found


def _mapped_outside(evidence: Evidence, strip: BaseGeometry) -> bool:
    covered = _whole(evidence.land_in(strip)).intersection(strip).area
    return bool(covered > 0.9 * strip.area)


def _guarded(evidence: Evidence) -> NDArray[np.object_] | None:
    """Return homes and public buildings: of the layer of buildings, else housing and public land of the land use."""
    buildings = evidence.layer(BUILDINGS)
    if buildings is not None:
        kept = [_is_guarded(text) for text in texts(buildings, BUILDINGS, "use")]
        return np.asarray(buildings.geometry.to_numpy()[np.array(kept, dtype=bool)], dtype=object)
    return evidence.land_of("housing", "mixed", "school", "health", "culture")


def _is_guarded(text: str) -> bool:
    return text.lower() in HOMES or kind_of(text) in ("detached", "apartment", "public", "mixed")
