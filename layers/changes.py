"""Draw what a scenario changes: its roads and places, gains and losses in a diverging scale, reach before and after."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from layers.drawing import Drawing, drawable, features_of
from layers.legend import LegendEntry
from layers.styles import PAPER, Style
from layers.tips import ENGLISH, Reader, name_of
from layers.words import figure
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

DIVERGING = ("#0571b0", "#92c5de", "#f7f7f7", "#f4a582", "#ca0020")  # ColorBrewer RdBu, colour-blind safe
NO_DATA = Style(color="#9a9a9a", weight=0.8, dash="2 3", fill="#e9e9e9", fill_opacity=0.5, css="change")
# a line with a fill would be filled from end to end
NEW = Style(color="#7b2d8e", weight=4.5, casing=PAPER, halo=2.0, css="new")
GUESSED = Style(color="#7b2d8e", weight=3.5, dash="3 7", opacity=0.8, css="new")
NEW_PLACE = Style(color="#7b2d8e", weight=2.5, fill="#7b2d8e", fill_opacity=0.2, radius=7, css="new")
AREA_NEAR = Style(color="#0072b2", weight=1.2, fill="#0072b2", fill_opacity=0.35, css="station")
AREA_FAR = Style(color="#0072b2", weight=1.2, dash="4 3", fill="#0072b2", fill_opacity=0.15, css="station")
AFTER = Style(color="#08306b", weight=2.5, css="after")
BEFORE = Style(color="#4a4a4a", weight=2.0, dash="7 5", css="before")
DRAWN = Style(color="#d6006c", weight=3.0, dash="4 4", css="drawn")
DRAWN_POINT = Style(color="#d6006c", weight=1.5, radius=5, fill="#d6006c", fill_opacity=0.9, css="drawn")
COARSE = ("schematic", "approximate")


def diverging(
    frame: gpd.GeoDataFrame,
    column: str,
    reader: Reader = ENGLISH,
    *,
    title: str,
    bounds: Sequence[float],
    unit: str = "",
    digits: int = 1,
    less_is_better: bool = True,
) -> Drawing:
    """Shade areas by a change, blue for better, red for worse, white for hardly any; no figure is grey and dashed.

    Parameters
    ----------
    frame
        Areas or points in metres: id, names and the column of changes.
    column
        Column of changes; NaN or null is "no data".
    bounds
        Four ascending bounds of the five classes.
    unit, digits
        Unit of the figures, and how many digits follow the point.
    less_is_better
        Whether less is better, as of minutes.
    """
    values = frame[column].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    classes = np.where(np.isnan(values), len(DIVERGING), np.searchsorted(np.asarray(bounds), values, side="left"))
    colours = DIVERGING if less_is_better else DIVERGING[::-1]
    looks = [Style(color="#6b6b6b", weight=0.8, fill=colour, fill_opacity=0.72, radius=7, css="change")
             for colour in colours]  # fmt: skip
    none = reader.translate(N_("no data"))
    suffix = f" {unit}" if unit else ""
    steps = [_signed(edge, reader, digits) for edge in bounds]
    words = [f"≤ {steps[0]}{suffix}", *(f"{low} … {high}{suffix}" for low, high in pairwise(steps))]
    words.append(f"> {steps[-1]}{suffix}")
    tips = [
        [name_of(row, reader), f"{title}: {_signed(value, reader, digits) + suffix if np.isfinite(value) else none}"]
        for row, value in zip(frame.to_dict("records"), values, strict=True)
    ]
    entries = [LegendEntry(text, look, "area") for text, look in zip(words, looks, strict=True)]
    if np.isnan(values).any():
        entries.append(LegendEntry(none, NO_DATA, "area"))
    return Drawing(
        name="changes",
        title=title,
        features=features_of(frame, layer="changes", style_of=classes.tolist(), tips=tips, coverage=True),
        styles=(*looks, NO_DATA),
        pane="shades",
        legend=tuple(entries),
        count=len(drawable(frame)),
    )


def steps_for(values: Sequence[float] | NDArray[np.float64]) -> tuple[float, float, float, float]:
    """Return four bounds for changes: large is what a tenth of those that change exceed, rounded to 1, 2 or 5."""
    sizes = np.abs(np.asarray(values, dtype=float))
    sizes = sizes[np.isfinite(sizes) & (sizes > 0)]
    most = float(np.quantile(sizes, 0.9)) if sizes.size else 1.0
    power = 10.0 ** np.floor(np.log10(most))
    large = float(max(step for step in (1.0, 2.0, 5.0) if step <= most / power * (1 + 1e-9)) * power)
    return -large, -large / 10, large / 10, large


def additions(frame: gpd.GeoDataFrame, reader: Reader = ENGLISH, *, title: str = "") -> Drawing:
    """Draw the modifications of a scenario; those whose alignment is only roughly known are dotted and say so.

    Parameters
    ----------
    frame
        In metres: id, name_vi, geometry_quality and the place of each modification, null where it has none.
    """
    words = title or reader.translate(N_("What the scenario changes"))
    rough = reader.translate(N_("alignment known only roughly"))
    coarse = frame["geometry_quality"].isin(COARSE).tolist()
    tips = [
        [str(name or one), rough if guessed else ""]
        for one, name, guessed in zip(frame["id"], frame["name_vi"], coarse, strict=True)
    ]
    lines = frame.geom_type.fillna("").str.contains("Line").tolist()
    looks = [int(guessed) if line else 2 for guessed, line in zip(coarse, lines, strict=True)]
    entries = [LegendEntry(words, NEW, "line")]
    if any(coarse):
        entries.append(LegendEntry(rough, GUESSED, "line"))
    return Drawing(
        name="additions",
        title=words,
        features=features_of(frame, layer="additions", style_of=looks, tips=tips),
        styles=(NEW, GUESSED, NEW_PLACE),
        pane="lines",
        legend=tuple(entries),
        count=len(drawable(frame)),
    )


def edges(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, reader: Reader = ENGLISH) -> Drawing:
    """Draw the outlines of the largest rings before (dashed) and after (solid): what is between them has changed."""
    words = [reader.translate(N_("Reach before")), reader.translate(N_("Reach after"))]
    shapes = [rings.geometry.iloc[int(rings["minutes"].argmax())].boundary for rings in (before, after)]
    frame = gpd.GeoDataFrame({"id": ["before", "after"]}, geometry=shapes, crs=after.crs)
    return Drawing(
        name="reach",
        title=reader.translate(N_("Reach before and after")),
        features=features_of(frame, layer="reach", style_of=[0, 1], tips=[[one] for one in words]),
        styles=(BEFORE, AFTER),
        pane="lines",
        legend=tuple(LegendEntry(text, look, "line") for text, look in zip(words, (BEFORE, AFTER), strict=True)),
        interactive=False,
        count=2,
    )


def surroundings(frame: gpd.GeoDataFrame, reader: Reader = ENGLISH) -> Drawing:
    """Draw the areas round the stations of lines, the widest below.

    Parameters
    ----------
    frame
        In metres: id, names, radius_m, people and geometry, null where a line has no station on the network.
    """
    words = reader.translate(N_("Station areas"))
    part = frame.sort_values("radius_m", ascending=False, kind="stable")
    radii = sorted(set(part["radius_m"]))
    looks = [AREA_NEAR if radius == radii[0] else AREA_FAR for radius in radii]
    told = reader.translate(N_("{radius} m along the streets: {people} people"))
    tips = [
        [name_of(row, reader), told.format(radius=figure(row["radius_m"], reader.lang),
                                           people=figure(row["people"], reader.lang))]
        for row in part.to_dict("records")
    ]  # fmt: skip
    metres = [f"{figure(radius, reader.lang)} m" for radius in radii]
    return Drawing(
        name="stations",
        title=words,
        features=features_of(
            part, layer="stations", style_of=[radii.index(radius) for radius in part["radius_m"]], tips=tips
        ),
        styles=tuple(looks),
        pane="areas",
        legend=tuple(LegendEntry(text, look, "area") for text, look in zip(metres, looks, strict=True)),
        count=len(drawable(part)),
    )


def sketch(points: gpd.GeoSeries, reader: Reader = ENGLISH) -> Drawing:
    """Draw the line that is being drawn by clicks, with its points."""
    words = reader.translate(N_("Line being drawn"))
    shapes = list(points)
    if len(shapes) > 1:
        shapes.append(shapely.LineString(shapes))
    frame = gpd.GeoDataFrame({"id": [str(at) for at in range(len(shapes))]}, geometry=shapes, crs=points.crs)
    looks = [int(at < len(points)) for at in range(len(shapes))]
    return Drawing(
        name="sketch",
        title=words,
        features=features_of(frame, layer="sketch", style_of=looks, tips=[[]] * len(frame)),
        styles=(DRAWN, DRAWN_POINT),
        pane="marked",
        legend=(LegendEntry(words, DRAWN, "line"),),
        interactive=False,
        switch=False,
        count=len(frame),
    )


def _signed(value: float, reader: Reader, digits: int) -> str:
    return ("+" if value > 0 else "") + figure(value, reader.lang, digits)
