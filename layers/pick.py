"""Find which feature lies under a click: the nearest point, else the nearest line, else the smallest area.

The browser says which feature it drew under the mouse; this says what lies there in the data, for clicks on the ground,
for layers that are switched off, and for tests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from geodata.crs import lonlat_to_planning
from layers.drawing import drawable
from layers.naming import metres_per_px

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

TOLERANCE_PX = 12.0
_POINTS, _LINES, _AREAS = (0, 4), (1, 2, 5), (3, 6)


class Picked(NamedTuple):
    """What was found: the layer and the id of the feature."""

    layer: str
    id: str


def pick(
    frames: Mapping[str, gpd.GeoDataFrame],
    lon: float,
    lat: float,
    zoom: float,
    *,
    tolerance_px: float = TOLERANCE_PX,
) -> Picked | None:
    """Return the feature under a click, None where there is none.

    Parameters
    ----------
    frames
        Layers by name, in the planning CRS (metres), each with a column `id`; where two match alike, the later wins.
    lon, lat
        Where the click was, in degrees (WGS 84).
    zoom
        Zoom of the map: a point or line within `tolerance_px` screen pixels counts as clicked.
    tolerance_px
        How far (screen pixels) a click may miss.
    """
    east, north = lonlat_to_planning(np.array([lon]), np.array([lat]))
    at = shapely.Point(float(east[0]), float(north[0]))
    reach_m = tolerance_px * metres_per_px(zoom)
    best: dict[str, tuple[float, Picked]] = {}
    for layer, frame in frames.items():
        rows = drawable(frame)
        if not rows:
            continue
        shapes = np.asarray(frame.geometry.array)[rows]
        ids = frame["id"].to_numpy()[rows]
        kinds = shapely.get_type_id(shapes)
        away = shapely.distance(shapes, at)
        for form, types, far, score in (
            ("point", _POINTS, reach_m, away),
            ("line", _LINES, reach_m, away),
            ("area", _AREAS, 0.0, shapely.area(shapes)),
        ):
            fits = np.flatnonzero(np.isin(kinds, types) & (away <= far))
            if len(fits):
                first = fits[np.argmin(score[fits])]
                found = (float(score[first]), Picked(layer, str(ids[first])))
                if form not in best or found[0] <= best[form][0]:
                    best[form] = found
    for form in ("point", "line", "area"):
        if form in best:
            return best[form][1]
    return None
