"""Know the official categories of land use, and weigh how the land of an area is divided among them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from zoning.errors import InputError
from zoning.names import fold
from zoning.standards.rules import table
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

USES: Mapping[str, str] = {
    "housing": N_("Housing"),
    "mixed": N_("Mixed use"),
    "school": N_("Education"),
    "health": N_("Health"),
    "culture": N_("Culture and community"),
    "sport": N_("Sport"),
    "service": N_("Trade and services"),
    "office": N_("Offices of agencies"),
    "green": N_("Public green"),
    "green_limited": N_("Green of limited access"),
    "roads": N_("Roads and transport"),
    "parking": N_("Parking"),
    "infrastructure": N_("Technical infrastructure"),
    "cemetery": N_("Cemetery"),
    "industry": N_("Industry"),
    "mining": N_("Mining and building materials"),
    "training": N_("Training and research"),
    "defence": N_("Defence and security"),
    "heritage": N_("Heritage and religion"),
    "farm": N_("Farm land"),
    "forest": N_("Forest"),
    "water": N_("Water"),
    "unused": N_("Unused land"),
    "other": N_("Other land"),
}
"""Our own short list, to which every official category belongs: what land balances are drawn up in."""
CIVIL = (
    *("housing", "mixed", "school", "health", "culture", "sport", "service", "office"),
    *("green", "roads", "parking", "infrastructure"),
)
"""Uses that serve the daily life of a town (đất dân dụng)."""
CODE_COLUMNS = ("code", "land_use", "ma_dat", "maDat", "loai_dat", "kyHieu")
"""Columns that planners' files keep the official code in."""
SLIVER_M2 = 1.0


@dataclass(frozen=True)
class Category:
    """An official category: its code and names, our short use, and its colour on official maps (empty if unknown).

    `system` is inventory_2018, inventory_2024, zoning_plan_2025 or general_plan_2025.
    """

    system: str
    code: str
    parent: str
    use: str
    name_vi: str
    name_en: str
    colour: str
    colour_from: str
    valid: str
    basis: str
    source: str


@cache
def categories() -> tuple[Category, ...]:
    """Return every official category; a code that lives on in a newer system is listed in both."""
    return tuple(Category(**row) for row in table("land_use"))


def category(code: str) -> Category:
    """Return the category of an official code, the newest meaning first; InputError if nobody uses that code."""
    found = _by_code().get(code.strip().upper())
    if found is None:
        raise InputError(N_("“{code}” is no official code of land use."), code=code[:40])
    return found


def colour(code: str) -> str:
    """Return the official colour of a code from any system that states one, empty where none does."""
    return next((one.colour for one in categories() if one.code.upper() == code.strip().upper() and one.colour), "")


@dataclass(frozen=True)
class Balance:
    """How an area is divided, in ha.

    Attributes
    ----------
    area_ha
        The whole area.
    uses_ha
        Use -> its area, each piece of ground counted once.
    uncovered_ha
        Ground without any land use.
    overlap_ha
        Ground that two polygons claim: it goes to the first of them.
    unknown
        Codes that are no official ones, with their area.
    largest_green_m2
        Area of the largest single public green.
    """

    area_ha: float
    uses_ha: Mapping[str, float]
    uncovered_ha: float
    overlap_ha: float
    unknown: Mapping[str, float]
    largest_green_m2: float
    repaired: int = 0
    codes_ha: Mapping[str, float] = field(default_factory=dict)

    def share_pct(self, *uses: str) -> float:
        """Return the share of the whole area that some uses have, in %."""
        return 100.0 * sum(self.uses_ha.get(use, 0.0) for use in uses) / self.area_ha if self.area_ha > 0 else 0.0

    @property
    def doubt(self) -> str:
        """Why the balance does not settle a question: gaps, overlaps or unknown codes of more than 1 %; repairs."""
        limit = 0.01 * self.area_ha
        tests = {
            "land_use_gaps": self.uncovered_ha,
            "land_use_overlaps": self.overlap_ha,
            "unknown_codes": sum(self.unknown.values()),
        }
        found = next((name for name, amount in tests.items() if amount > limit), "")
        return found or ("land_use_repaired" if self.repaired else "")


def code_column(frame: gpd.GeoDataFrame) -> str:
    """Return the column of official codes; InputError where the layer has none."""
    folded = {fold(str(name)).replace(" ", "_"): str(name) for name in frame.columns}
    for name in CODE_COLUMNS:
        if fold(name).replace(" ", "_") in folded:
            return folded[fold(name).replace(" ", "_")]
    raise InputError(N_("The layer of land use has no column of codes; name it “code”, such as ODT or DGT."))


def of_use(land: gpd.GeoDataFrame, *uses: str) -> gpd.GeoDataFrame:
    """Return the polygons of some uses; unknown codes are of none."""
    known = _by_code()
    codes = land[code_column(land)].fillna("").astype(str).str.strip().str.upper()
    return land[[code in known and known[code].use in uses for code in codes]]


@dataclass(frozen=True)
class Ground:
    """A layer of land use made ready: outlines that are valid, their codes and uses (empty where unknown), a tree."""

    shapes: NDArray[np.object_]
    codes: NDArray[np.object_]
    uses: NDArray[np.object_]
    repaired: NDArray[np.bool_]
    tree: shapely.STRtree

    @classmethod
    def of(cls, land: gpd.GeoDataFrame) -> Ground:
        """Return a layer made ready; InputError where it has no column of codes."""
        codes = land[code_column(land)].fillna("").astype(str).str.strip().to_numpy(dtype=object)
        known = _by_code()
        uses = [known[code.upper()].use if code.upper() in known else "" for code in codes]
        shapes = land.geometry.to_numpy().copy()
        bad = ~shapely.is_valid(shapes)
        shapes[bad] = shapely.make_valid(shapes[bad])
        return cls(shapes, codes, np.array(uses, dtype=object), bad, shapely.STRtree(shapes))


def balance(area: BaseGeometry, land: gpd.GeoDataFrame | Ground) -> Balance:
    """Return how the land of an area is divided.

    Parameters
    ----------
    area
        Polygon in the CRS of `land`, metres.
    land
        Polygons with an official code (`CODE_COLUMNS`), or a layer made ready. Invalid ones are repaired and counted;
        where two overlap the first counts.

    Raises
    ------
    InputError
        There is no column of codes.
    """
    ground = land if isinstance(land, Ground) else Ground.of(land)
    near = np.sort(ground.tree.query(area, predicate="intersects"))
    pieces = shapely.intersection(ground.shapes[near], area)
    large = shapely.area(pieces) >= SLIVER_M2
    near, pieces = near[large], pieces[large]
    own = _each_once(pieces)
    own_m2 = shapely.area(own)
    uses: dict[str, float] = {}
    codes: dict[str, float] = {}
    unknown: dict[str, float] = {}
    for at, area_m2 in zip(near, own_m2, strict=True):
        use, code = ground.uses[at], ground.codes[at]
        if not use:
            unknown[code] = unknown.get(code, 0.0) + area_m2 / 1e4
            continue
        uses[use] = uses.get(use, 0.0) + area_m2 / 1e4
        codes[code.upper()] = codes.get(code.upper(), 0.0) + area_m2 / 1e4
    covered_m2, claimed_m2 = float(own_m2.sum()), float(shapely.area(pieces).sum())
    return Balance(
        area.area / 1e4,
        uses,
        max(area.area - covered_m2, 0.0) / 1e4,
        max(claimed_m2 - covered_m2, 0.0) / 1e4,
        unknown,
        float(own_m2[ground.uses[near] == "green"].max(initial=0.0)),
        int(ground.repaired[near].sum()),
        codes,
    )


def _each_once(pieces: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return pieces of ground without what an earlier one has already claimed."""
    own = pieces.copy()
    later, earlier = shapely.STRtree(pieces).query(pieces, predicate="intersects")
    later, earlier = later[earlier < later], earlier[earlier < later]
    # most neighbours only share an edge
    common = shapely.area(shapely.intersection(pieces[later], pieces[earlier])) > 0
    for at in np.unique(later[common]):
        own[at] = shapely.difference(pieces[at], shapely.union_all(pieces[earlier[common & (later == at)]]))
    return own


def balance_table(found: Balance) -> pd.DataFrame:
    """Return a balance as rows: use, area_ha, share_pct, largest first; ground without land use last."""
    rows = [(use, area, found.share_pct(use)) for use, area in found.uses_ha.items()]
    rows.sort(key=lambda row: (-row[1], row[0]))
    rest = found.uncovered_ha + sum(found.unknown.values())
    if rest > 0:
        rows.append(("", rest, 100.0 * rest / found.area_ha))
    return pd.DataFrame(rows, columns=["use", "area_ha", "share_pct"])


@cache
def _by_code() -> Mapping[str, Category]:
    found: dict[str, Category] = {}
    for one in categories():  # systems are listed oldest first
        found[one.code.upper()] = one
    return found
