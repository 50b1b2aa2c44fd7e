"""Draw what analyses find and what the reader points at: rings, routes, shaded areas, the selection, a position."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from layers import styles
from layers.drawing import SIMPLIFY_M, Drawing, drawable, features_of
from layers.legend import LegendEntry
from layers.naming import Name, labels
from layers.tips import ENGLISH, Reader, name_of
from layers.words import figure
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def rings(frame: gpd.GeoDataFrame, reader: Reader = ENGLISH, *, title: str = "") -> Drawing:
    """Draw catchment rings, the smallest darkest and on top, each with its minutes written on its northern edge.

    Parameters
    ----------
    frame
        One row a ring, in metres: minutes and, if known, area_ha, people. With an `origin` (1, 2, …) the rings of
        each have their own hue.
    """
    if "origin" in frame:
        return _rings_by_origin(frame, reader, title)
    order = sorted(drawable(frame), key=lambda at: -float(frame["minutes"].iloc[at]))
    part = frame.iloc[order]
    part = part.set_geometry(_bands(part.geometry))
    rows = part.to_dict("records")
    looks = [styles.ring(len(rows) - 1 - at) for at in range(len(rows))]
    words = [
        reader.translate(N_("{minutes} minutes")).format(minutes=_short_number(row["minutes"], reader)) for row in rows
    ]
    names = [
        Name(_north(shape), text, "ring", 8.0, 1.0 + at)
        for at, (shape, text) in enumerate(zip(part.geometry, words, strict=True))
    ]
    tips = [[text, *_ring_facts(row, reader)] for text, row in zip(words, rows, strict=True)]
    entries = [LegendEntry(text, look, "area") for text, look in zip(words, looks, strict=True)]
    return Drawing(
        name="rings",
        title=title or reader.translate(N_("Reached within")),
        features=features_of(
            part,
            layer="rings",
            style_of=range(len(rows)),
            tips=tips,
            ids=[[_short_number(row["minutes"], reader)] for row in rows],
            simplify_m=0,
        ),
        styles=tuple(looks),
        pane="areas",
        labels=labels(names, frame.crs),
        legend=tuple(reversed(entries)),
        count=len(rows),
    )


def _rings_by_origin(frame: gpd.GeoDataFrame, reader: Reader, title: str) -> Drawing:
    """Draw each origin's rings in its hue, larger ones of all origins under smaller ones of any."""
    t = reader.translate
    part = frame.iloc[drawable(frame)].sort_values(["minutes", "origin"], ascending=[False, True])
    part = part.set_geometry(part.groupby("origin", group_keys=False).geometry.apply(_bands).reindex(part.index))
    limits = sorted(set(part["minutes"]))
    rows = part.to_dict("records")
    looks = [styles.origin_ring(row["origin"], limits.index(row["minutes"])) for row in rows]
    words = [t(N_("{minutes} minutes")).format(minutes=_short_number(row["minutes"], reader)) for row in rows]
    tips = [
        [f"{t(N_('Origin {number}')).format(number=row['origin'])} · {text}", *_ring_facts(row, reader)]
        for row, text in zip(rows, words, strict=True)
    ]
    names = [
        Name(_north(shape), text, "ring", 8.0, 1.0 + at)
        for at, (shape, text) in enumerate(zip(part.geometry, words, strict=True))
    ]
    entries = [
        LegendEntry(t(N_("Origin {number}")).format(number=number), styles.origin_ring(number, 0), "area")
        for number in sorted(set(part["origin"]))
    ]
    entries += [
        LegendEntry(
            t(N_("{minutes} minutes")).format(minutes=_short_number(limit, reader)),
            replace(styles.origin_ring(1, rank), color=styles.INK, fill=styles.INK),
            "area",
        )
        for rank, limit in enumerate(limits)
    ]
    return Drawing(
        name="rings",
        title=title or t(N_("Nearest origin")),
        features=features_of(
            part,
            layer="rings",
            style_of=range(len(rows)),
            tips=tips,
            ids=[[str(row["origin"]), _short_number(row["minutes"], reader)] for row in rows],
            simplify_m=0,
        ),
        styles=tuple(looks),
        pane="areas",
        labels=labels(names, frame.crs),
        legend=tuple(entries),
        count=len(rows),
    )


def route(frame: gpd.GeoDataFrame, reader: Reader = ENGLISH, *, title: str = "") -> Drawing:
    """Draw a way along the network: its edges in order, as one line."""
    words = title or reader.translate(N_("Way"))
    parts = [shape for at in drawable(frame) for shape in shapely.get_parts(frame.geometry.iloc[at])]
    line = shapely.line_merge(shapely.MultiLineString(parts)) if parts else None
    one = gpd.GeoDataFrame({"id": ["route"]}, geometry=gpd.GeoSeries([line], crs=frame.crs), crs=frame.crs)
    return Drawing(
        name="route",
        title=words,
        features=features_of(one, layer="route", style_of=[0], tips=[[]]),
        styles=(styles.ROUTE,),
        pane="lines",
        legend=(LegendEntry(words, styles.ROUTE, "line"),),
        interactive=False,
        switch=False,
        count=1 if parts else 0,
    )


def selected(*frames: gpd.GeoDataFrame) -> Drawing:
    """Mark chosen features, of one or several layers, with a bright outline that lets clicks through."""
    shapes = [frame.geometry.iloc[at] for frame in frames for at in drawable(frame)]
    crs = frames[0].crs if frames else None
    drawn = gpd.GeoDataFrame({"id": [""] * len(shapes)}, geometry=gpd.GeoSeries(shapes, crs=crs), crs=crs)
    return Drawing(
        name="selected",
        title="",
        features=features_of(drawn, layer="selected", style_of=[0] * len(shapes), tips=[[]] * len(shapes)),
        styles=(styles.SELECTED,),
        pane="marked",
        interactive=False,
        switch=False,
        count=len(shapes),
    )


def positions(
    points: gpd.GeoSeries, reader: Reader = ENGLISH, *, title: str = "", apart: bool | None = None
) -> Drawing:
    """Mark positions, such as the origins of a catchment, with pins.

    Parameters
    ----------
    points
        Where they are.
    apart
        Number the pins where there are several: True in the hues of `rings` by origin, False all alike.
    """
    words = title or reader.translate(N_("Chosen position"))
    looks = [styles.POSITION]
    if apart is not None and len(points) > 1:
        looks = [styles.numbered_pin(at + 1, apart=apart) for at in range(len(points))]
    frame = gpd.GeoDataFrame({"id": [str(at) for at in range(len(points))]}, geometry=points.to_numpy(), crs=points.crs)
    return Drawing(
        name="positions",
        title="",
        features=features_of(
            frame, layer="positions", style_of=[at % len(looks) for at in range(len(frame))], tips=[[]] * len(frame)
        ),
        styles=tuple(looks),
        pane="marked",
        legend=(LegendEntry(words, styles.POSITION, "point"),),
        interactive=False,
        switch=False,
        count=len(drawable(frame)),
    )


def shaded(
    frame: gpd.GeoDataFrame,
    column: str,
    reader: Reader = ENGLISH,
    *,
    title: str,
    bounds: Sequence[float] | None = None,
    unit: str = "",
    digits: int = 0,
) -> Drawing:
    """Shade areas by a figure in at most five classes; areas without a figure are grey and dashed.

    Parameters
    ----------
    frame
        Areas in metres: id, names and the column of figures.
    column
        Column of figures; NaN or null is "no data".
    bounds
        Upper bounds of all classes but the last, ascending; by default fifths of the areas.
    unit
        Unit of the figures, written after them.
    digits
        Digits after the point in the legend and tooltips.
    """
    rows = frame.to_dict("records")
    values = frame[column].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    edges = _edges(values, bounds)
    classes = np.where(np.isnan(values), -1, np.searchsorted(edges, values, side="left"))
    looks = [styles.shade(round(at * 4 / max(len(edges), 1))) for at in range(len(edges) + 1)] + [styles.NO_DATA]
    none = reader.translate(N_("no data"))
    suffix = f" {unit}" if unit else ""
    said = [f"{figure(value, reader.lang, digits)}{suffix}" if np.isfinite(value) else none for value in values]
    tips = [[name_of(row, reader), f"{title}: {text}"] for row, text in zip(rows, said, strict=True)]
    steps = [figure(edge, reader.lang, digits) for edge in edges]
    words = [f"≤ {step}{suffix}" for step in steps] + [f"> {steps[-1]}{suffix}" if steps else title]
    entries = [LegendEntry(text, look, "area") for text, look in zip(words, looks, strict=False)]
    if (classes < 0).any():
        entries.append(LegendEntry(none, styles.NO_DATA, "area"))
    return Drawing(
        name="shaded",
        title=title,
        features=features_of(
            frame, layer="shaded", style_of=[int(at) % len(looks) for at in classes], tips=tips, coverage=True
        ),
        styles=tuple(looks),
        pane="shades",
        legend=tuple(entries),
        count=len(drawable(frame)),
    )


def _edges(values: np.ndarray, bounds: Sequence[float] | None) -> np.ndarray:
    known = values[np.isfinite(values)]
    if bounds is not None:
        return np.asarray(sorted(bounds), dtype=float)
    if not len(known):
        return np.empty(0)
    edges: np.ndarray = np.unique(np.quantile(known, [0.2, 0.4, 0.6, 0.8]))
    return np.asarray(edges[edges < known.max()])


def _bands(nested: gpd.GeoSeries) -> gpd.GeoSeries:
    """Cut each ring's inner neighbour out of it, largest first: colours that lay on each other would mix."""
    simple = [shapely.simplify(shape, SIMPLIFY_M) for shape in nested]
    bands = [shape.difference(inner) for shape, inner in zip(simple, [*simple[1:], shapely.Polygon()], strict=True)]
    return gpd.GeoSeries(bands, index=nested.index, crs=nested.crs)


def _north(shape: Any) -> Any:  # noqa: ANN401 - shapely geometry
    xy = shapely.get_coordinates(shape)
    return shapely.Point(xy[np.argmax(xy[:, 1])])


def _short_number(value: float, reader: Reader) -> str:
    return figure(value, reader.lang, 0 if float(value).is_integer() else 1)


def _ring_facts(row: Mapping[str, Any], reader: Reader) -> list[str]:
    t = reader.translate
    area, people = figure(row.get("area_ha"), reader.lang), figure(row.get("people"), reader.lang)
    return [
        t(N_("Area: {area} ha")).format(area=area) if area else "",
        t(N_("{people} people")).format(people=people) if people else "",
    ]
