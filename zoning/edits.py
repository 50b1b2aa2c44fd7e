"""Hold edits of zones as data, check them, and lay them over the zones: what lies below never changes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from zoning.errors import InputError
from zoning.names import fold
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

Outline: TypeAlias = "shapely.Polygon | shapely.MultiPolygon"
What = Literal["attributes", "outline", "new"]
WHATS: tuple[What, ...] = ("attributes", "outline", "new")
KINDS = (
    "industrial_park", "science_technology_park", "urban_area", "new_town", "complex", "city", "town",
    "university_campus", "health_campus", "leisure", "innovation_region",
)  # fmt: skip
STATUSES = ("operating", "under_construction", "planned", "removed", "unknown")
TEXTS: Mapping[str, int] = {
    "name_vi": 200, "name_en": 200, "unit_post2025": 200, "established_decision": 300, "developer": 300, "notes": 2000,
}  # fmt: skip
"""Texts that may be edited, and the most letters of each."""
ATTRIBUTES = ("name_vi", "name_en", "kind", "status", "area_ha", *(one for one in TEXTS if not one.startswith("name")))
QUALITY = "edited"
"""How an outline that was drawn here is called in `geometry_quality`."""
LEAST_HA, MOST_HA = 0.01, 1_000_000.0
"""A zone is larger than a house's plot, and smaller than the study area."""
MOST_CORNERS = 2000
_LONGEST_AUTHOR, _LONGEST_ID = 80, 60
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class ZoneEdit:
    """One edit: of a zone's attributes, of its outline, or a new zone with both.

    `outline` is in metres, in the CRS of the zones that it is laid over, in one part or several, with or without
    holes; `date` is ISO 8601 in UTC.
    """

    zone_id: str
    what: What
    author: str
    date: str
    attributes: Mapping[str, object] = field(default_factory=dict)
    outline: Outline | None = None

    @property
    def source(self) -> str:
        """Who says so: what the zone's list of sources gets."""
        return f"{self.author}, {self.date[:10]} (edited in this application)"


def checked_author(name: str) -> str:
    """Return a name as it is kept; InputError if there is none."""
    clean = " ".join("".join(letter if letter.isprintable() else " " for letter in name).replace("|", "/").split())
    if not clean:
        raise InputError(N_("Say who you are: the name is kept with what you change."))
    return clean[:_LONGEST_AUTHOR]


def checked_attributes(values: Mapping[str, object]) -> dict[str, object]:
    """Return attributes as they are kept: texts trimmed, an unknown area None.

    Raises
    ------
    InputError
        An attribute cannot be edited, the Vietnamese name is empty, a kind or status is unknown, a text too long, or
        the area is not a positive number of hectares.
    """
    kept: dict[str, object] = {}
    for name, value in values.items():
        if name not in ATTRIBUTES:
            raise InputError(N_("“{name}” of a zone cannot be edited."), name=name[:60])
        kept[name] = _area(value) if name == "area_ha" else " ".join(str("" if value is None else value).split())
    for name, most in TEXTS.items():
        if len(str(kept.get(name, ""))) > most:
            raise InputError(N_("The text of “{name}” is longer than {most} letters."), name=name, most=most)
    if kept.get("name_vi") == "":
        raise InputError(N_("A zone needs a Vietnamese name."))
    for name, known in (("kind", KINDS), ("status", STATUSES)):
        if name in kept and kept[name] not in known:
            raise InputError(
                N_("“{value}” is no {name} of a zone; known are: {known}."),
                value=str(kept[name])[:60], name=name, known=", ".join(known),
            )  # fmt: skip
    return kept


def checked_outline(corners: Sequence[tuple[float, float]]) -> shapely.Polygon:
    """Return the polygon of corners in metres (east, north), its ring counter-clockwise.

    A corner that repeats the one before it, or the first one at the end, counts once.

    Raises
    ------
    InputError
        Fewer than three corners, more than `MOST_CORNERS`, one that is no number, an outline that crosses itself or
        is not larger than `LEAST_HA`. Nothing is repaired: what was meant is not known.
    """
    if len(corners) > MOST_CORNERS:
        raise InputError(N_("An outline has at most {most} corners, this one has {count}."), most=MOST_CORNERS,
                         count=len(corners))  # fmt: skip
    xy = np.asarray(corners, dtype=float).reshape(-1, 2)
    if not np.isfinite(xy).all():
        raise InputError(N_("A corner of the outline is not a number."))
    if len(xy):
        xy = xy[(xy != np.roll(xy, 1, axis=0)).any(axis=1)]
    if len(xy) < 3:
        raise InputError(N_("An outline needs three corners at least; so far there are {count}."), count=len(xy))
    shape = shapely.orient_polygons(shapely.Polygon(xy))
    if not shape.is_valid:
        found = re.search(r"\[(\S+) (\S+)\]", shapely.is_valid_reason(shape))
        east, north = (float(found[1]), float(found[2])) if found else (float(xy[0, 0]), float(xy[0, 1]))
        raise InputError(
            N_("The outline crosses or touches itself near VN-2000 X {north:.1f}, Y {east:.1f}: give its corners in "
               "their order round the zone."),
            north=north, east=east,
        )  # fmt: skip
    if shape.area <= LEAST_HA * 1e4:
        raise InputError(N_("The outline holds {area:.0f} m²; a zone must be larger than {least:.0f} m²."),
                         area=shape.area, least=LEAST_HA * 1e4)  # fmt: skip
    return shape


def checked_rings(rings: Sequence[Sequence[tuple[float, float]]]) -> Outline:
    """Return the outline of rings in metres: a ring inside another is a hole in it, one inside a hole is ground again.

    One ring gives a Polygon, rings beside each other a MultiPolygon; outer rings run counter-clockwise, holes not.

    Raises
    ------
    InputError
        As `checked_outline`, saying which ring; or two rings cross, or share an edge.
    """
    given = [ring for ring in rings if len(ring)]
    if len(given) < 2:
        return checked_outline(given[0] if given else [])
    if sum(map(len, given)) > MOST_CORNERS:
        raise InputError(N_("An outline has at most {most} corners, this one has {count}."), most=MOST_CORNERS,
                         count=sum(map(len, given)))  # fmt: skip
    shapes: list[shapely.Polygon] = []
    for number, ring in enumerate(given, start=1):
        try:
            shapes.append(checked_outline(ring))
        except InputError as fault:
            raise InputError(N_("Ring {number}: {reason}"), number=number, reason=fault) from fault
    shapes.sort(key=lambda one: -one.area)
    holders = [[other for other in range(at) if shapes[other].contains(shapes[at])] for at in range(len(shapes))]
    parts: dict[int, list[shapely.LinearRing]] = {at: [] for at in range(len(shapes)) if len(holders[at]) % 2 == 0}
    for at, inside in enumerate(holders):
        if len(inside) % 2:  # the smallest ring that holds a hole is the last of those that do
            parts[inside[-1]].append(shapes[at].exterior)
    made = [shapely.Polygon(shapes[at].exterior, holes) for at, holes in parts.items()]
    outline = made[0] if len(made) == 1 else shapely.MultiPolygon(made)
    if not outline.is_valid:
        raise InputError(N_("Rings of an outline lie in each other or apart: they may not cross or share an edge."))
    if outline.area <= LEAST_HA * 1e4:
        raise InputError(N_("The outline holds {area:.0f} m²; a zone must be larger than {least:.0f} m²."),
                         area=outline.area, least=LEAST_HA * 1e4)  # fmt: skip
    return shapely.orient_polygons(outline)


def rings_of(outline: Outline) -> list[list[tuple[float, float]]]:
    """Return the rings of an outline, not closed: each outer ring and then its holes."""
    rings = [ring for part in shapely.get_parts(outline) for ring in (part.exterior, *part.interiors)]
    return [[(float(x), float(y)) for x, y, *_ in list(ring.coords)[:-1]] for ring in rings]


def checked_shape(outline: shapely.Geometry) -> Outline:
    """Return an outline that comes as a shape, such as from a file, checked as one made of corners."""
    if not isinstance(outline, shapely.Polygon | shapely.MultiPolygon) or outline.is_empty:
        raise InputError(N_("An outline must be an area; points and lines are none."))
    return checked_rings(rings_of(outline))


def checked_id(zone_id: str, taken: Collection[str]) -> str:
    """Return the id of a new zone; InputError unless it is small letters, digits and hyphens, and not `taken`."""
    if not _SLUG.fullmatch(zone_id) or len(zone_id) > _LONGEST_ID:
        raise InputError(
            N_("{id} cannot be the id of a zone: use small letters, digits and hyphens, at most {most}."),
            id=zone_id[:_LONGEST_ID], most=_LONGEST_ID,
        )  # fmt: skip
    if zone_id in taken:
        raise InputError(N_("There is a zone {id} already, or there was one: choose another id."), id=zone_id)
    return zone_id


def proposed_id(name: str, taken: Collection[str]) -> str:
    """Return an id made of a zone's name that nobody has yet."""
    slug = re.sub(r"[^a-z0-9]+", "-", fold(name)).strip("-")[: _LONGEST_ID - 5].strip("-") or "zone"
    numbered = (f"{slug}-{number}" for number in range(2, len(taken) + 3))
    return slug if slug not in taken else next(one for one in numbered if one not in taken)


def edited_zones(zones: gpd.GeoDataFrame, edits: Sequence[ZoneEdit]) -> gpd.GeoDataFrame:
    """Return the zones with edits laid over them in their order; the frame that was given stays as it is.

    An outline brings its area (`area_drawn_ha`) and `geometry_quality` edited; a change of attributes leaves the
    quality of the drawing as it was. Each edit adds its author and day to `sources`. Edits of zones that are not there
    are left out.

    Parameters
    ----------
    zones
        id, names, kind, status, area_ha, area_basis, area_drawn_ha, geometry_quality, sources, geometry in metres.
    edits
        Those in force, oldest first.
    """
    rows: dict[str, dict[str, object]] = {str(row["id"]): row for row in zones.to_dict("records")}
    changed: dict[str, None] = {}
    for edit in edits:
        if (edit.zone_id in rows) == (edit.what == "new"):
            continue
        base = _empty(zones, edit.zone_id) if edit.what == "new" else rows[edit.zone_id]
        rows[edit.zone_id] = base | _laid(base, edit, set(zones.columns))
        changed[edit.zone_id] = None
    if not changed:
        return zones.copy()
    made = gpd.GeoDataFrame(pd.DataFrame([rows[one] for one in rows], columns=zones.columns), crs=zones.crs)
    kinds = {name: kind for name, kind in zones.dtypes.items() if name != zones.geometry.name}
    return made.astype(kinds)


def _laid(row: Mapping[str, object], edit: ZoneEdit, columns: set[str]) -> dict[str, object]:
    """Return what an edit makes of a row, in the columns that there are."""
    found: dict[str, object] = {
        name: np.nan if value is None and name == "area_ha" else value for name, value in edit.attributes.items()
    }
    if "area_ha" in found:
        found["area_basis"] = "unknown" if edit.attributes["area_ha"] is None else QUALITY
    if edit.outline is not None:
        found |= {
            "geometry": edit.outline, "area_drawn_ha": edit.outline.area / 1e4, "geometry_quality": QUALITY,
            "place": "outline", "outline_of": "", "coord_method": "corners clicked on the map or typed",
        }  # fmt: skip
    before = row.get("sources")
    found["sources"] = f"{before} | {edit.source}" if isinstance(before, str) and before else edit.source
    return {name: value for name, value in found.items() if name in columns}


def _empty(zones: gpd.GeoDataFrame, zone_id: str) -> dict[str, object]:
    row: dict[str, object] = {
        name: np.nan if pd.api.types.is_numeric_dtype(kind) else None if name == zones.geometry.name else ""
        for name, kind in zones.dtypes.items()
    }
    return row | {name: value for name, value in (("id", zone_id), ("area_basis", "unknown")) if name in row}


def _area(value: object) -> float | None:
    if value is None or value == "" or (isinstance(value, float) and np.isnan(value)):
        return None
    try:
        area_ha = float(str(value))
    except ValueError:
        area_ha = np.nan
    if not LEAST_HA < area_ha <= MOST_HA:  # NaN too
        raise InputError(N_("The area must be a number of hectares above {least}, or empty where it is not known."),
                         least=LEAST_HA)  # fmt: skip
    return area_ha
