"""Write a zone's sheet as one HTML file to print: map, facts, checks by both codes, sources; nothing from outside."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import numpy as np
import shapely

from layers.verdicts import COLOURS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    from shapely.geometry.base import BaseGeometry

WIDTH, HEIGHT = 720, 420
_STYLE = """
@page{size:A4;margin:14mm}
body{font:13px/1.45 system-ui,"Segoe UI",Roboto,sans-serif;color:#1d2b36;max-width:190mm;margin:0 auto;padding:12px}
h1{font-size:22px;margin:0 0 2px}h2{font-size:15px;margin:18px 0 6px;border-bottom:1px solid #b9c2ca;padding-bottom:3px}
.sub{color:#5d6b78;margin:0 0 12px}table{border-collapse:collapse;width:100%;font-size:12px}
th,td{border-bottom:1px solid #dde2e6;padding:3px 6px;text-align:left;vertical-align:top}
th{background:#f1f4f6}td.n{text-align:right;white-space:nowrap}tr{break-inside:avoid}
svg{width:100%;height:auto;border:1px solid #b9c2ca;background:#f7f6f1}
.v{font-weight:600;white-space:nowrap}ul{margin:4px 0;padding-left:18px}li{overflow-wrap:anywhere}
"""


@dataclass(frozen=True)
class Section:
    """A table of a sheet: title, heads and rows of texts; a cell (text, verdict) takes the verdict's colour."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str | tuple[str, str]]]


def sheet(
    title: str,
    subtitle: str,
    drawing: str,
    sections: Sequence[Section],
    notes: Mapping[str, Sequence[str]],
    *,
    lang: str = "en",
) -> str:
    """Return the sheet as HTML; every text is escaped.

    Parameters
    ----------
    drawing
        A map from `outline_map`, or nothing.
    notes
        Lists of sentences by their heading, such as sources.
    """
    parts = [f"<h1>{escape(title)}</h1><p class=sub>{escape(subtitle)}</p>", drawing]
    for section in sections:
        if not section.rows:
            continue
        heads = "".join(f"<th>{escape(head)}</th>" for head in section.heads)
        rows = "".join("<tr>" + "".join(_cell(cell) for cell in row) + "</tr>" for row in section.rows)
        parts.append(
            f"<h2>{escape(section.title)}</h2><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
        )
    for head, lines in notes.items():
        if lines:
            items = "".join(f"<li>{escape(line)}</li>" for line in lines)
            parts.append(f"<h2>{escape(head)}</h2><ul>{items}</ul>")
    return (
        f'<!doctype html><html lang="{escape(lang)}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body>{''.join(parts)}</body></html>"
    )


def _cell(cell: str | tuple[str, str]) -> str:
    if isinstance(cell, tuple):
        text, verdict = cell
        colour = "#8a5a00" if verdict == "unsure" else COLOURS.get(verdict, "#1d2b36")  # amber is too pale for text
        return f'<td class=v style="color:{colour}">{escape(text)}</td>'
    return f"<td>{escape(cell)}</td>"


def outline_map(
    zone: BaseGeometry | None,
    around: gpd.GeoSeries,
    roads: gpd.GeoSeries,
    *,
    verdict: str = "no_data",
    scale_words: str = "{km} km",
) -> str:
    """Return a small map as SVG: the zone in the colour of its verdict, units around it, corridors, a scale; north up.

    Parameters
    ----------
    zone
        Outline or point in metres; None returns nothing.
    around, roads
        Outlines of units and lines of roads in the same CRS.
    """
    if zone is None or zone.is_empty:
        return ""
    west, south, east, north = zone.bounds
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    half = max((east - west) * 0.75, (north - south) * 0.75 * WIDTH / HEIGHT, 1_500.0)
    window = shapely.box(
        middle_x - half, middle_y - half * HEIGHT / WIDTH, middle_x + half, middle_y + half * HEIGHT / WIDTH
    )
    scale = WIDTH / (2 * half)

    def path(shape: BaseGeometry, style: str) -> str:
        cut = shapely.intersection(shapely.simplify(shape, 1.0 / scale), window)
        rings: list[str] = []
        for part in shapely.get_parts(cut):
            lines = [part.exterior, *part.interiors] if part.geom_type == "Polygon" else [part]
            for line in lines:
                if line.geom_type not in ("LineString", "LinearRing"):
                    continue
                xy = np.asarray(line.coords)
                x, y = (xy[:, 0] - window.bounds[0]) * scale, (window.bounds[3] - xy[:, 1]) * scale
                rings.append("M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in zip(x, y, strict=True)))
        return f'<path d="{"".join(rings)}" {style}/>' if rings else ""

    colour = COLOURS.get(verdict, COLOURS["no_data"])
    parts = [path(one, 'fill="#fff" stroke="#9aa5ae" stroke-width="1"') for one in around[around.intersects(window)]]
    parts += [path(one, 'fill="none" stroke="#b8860b" stroke-width="2"') for one in roads[roads.intersects(window)]]
    if zone.geom_type == "Point":
        parts.append(
            f'<circle cx="{WIDTH / 2}" cy="{HEIGHT / 2}" r="7" fill="{colour}" stroke="#fff" stroke-width="2"/>'
        )
    else:
        parts.append(
            path(zone, f'fill="{colour}" fill-opacity="0.3" fill-rule="evenodd" stroke="{colour}" stroke-width="2.5"')
        )
    length_m = 10.0 ** np.floor(np.log10(half))
    words = escape(scale_words.format(km=f"{length_m / 1000:g}"))
    end = 16 + length_m * scale
    bar = f'<path d="M16 {HEIGHT - 16}H{end:.1f}" stroke="#1d2b36" stroke-width="3"/>'
    label = f'<text x="16" y="{HEIGHT - 22}" font-size="12" fill="#1d2b36">{words}</text>'
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img">{"".join(parts)}{bar}{label}</svg>'
