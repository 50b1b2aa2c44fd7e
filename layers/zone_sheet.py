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

WIDTH, HEIGHT = 620, 440
_STYLE = """
@page{size:A4;margin:14mm 13mm 16mm;@bottom-right{content:counter(page) " / " counter(pages);font:9px sans-serif}}
*{box-sizing:border-box;-webkit-print-color-adjust:exact;print-color-adjust:exact}
body{font:12.5px/1.45 "Be Vietnam Pro",system-ui,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif;color:#1d2b36;
max-width:190mm;margin:0 auto;padding:12px}
h1{font-size:22px;line-height:1.25;margin:0 0 2px}
h2{font-size:14.5px;margin:16px 0 5px;border-bottom:1px solid #b9c2ca;padding-bottom:3px;break-after:avoid}
.sub{color:#5d6b78;margin:0 0 4px;overflow-wrap:anywhere}.sum{margin:0 0 10px;padding:0;list-style:none;font-weight:600}
.top{display:grid;grid-template-columns:minmax(0,57fr) minmax(0,43fr);gap:12px;align-items:start}
.top>*:only-child{grid-column:1/-1}.top h2{margin-top:0}
table{border-collapse:collapse;width:100%;font-size:11.5px}table.f{table-layout:fixed}
th,td{border-bottom:1px solid #dde2e6;padding:3px 5px;text-align:left;vertical-align:top;overflow-wrap:break-word}
th{background:#f1f4f6}tr{break-inside:avoid}thead{display:table-header-group}
figure{margin:0}svg{width:100%;height:auto;border:1px solid #b9c2ca;background:#f7f6f1;display:block}
figcaption{font-size:10.5px;color:#44525e;margin-top:3px}figcaption i{display:inline-block;width:14px;height:9px;
margin:0 4px 0 8px;border:1px solid #7c8791;vertical-align:baseline}
.m{columns:2;column-gap:22px}
.v{font-weight:600}.s{display:inline-block;width:13px;height:11px;border:1px solid #7c8791;margin-right:5px;
vertical-align:-1px}ul{margin:4px 0;padding-left:18px;font-size:11.5px}li{overflow-wrap:anywhere}
@media(max-width:640px){.top{grid-template-columns:minmax(0,1fr)}.w{overflow-x:auto}.w table.f{min-width:680px}}
@media print{body{padding:0;max-width:none;font-size:11px}table,ul{font-size:9.5px}h1{font-size:19px}
h2{font-size:12.5px}.top{break-inside:avoid}}
"""


@dataclass(frozen=True)
class Section:
    """A table of a sheet: title, heads and rows of texts; beside the map where `beside`.

    A cell (text, verdict) takes the verdict's colour, a cell (text, #rrggbb) a small field of that colour. `widths` are
    the columns' shares in %; none lets the text decide.
    """

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str | tuple[str, str]]]
    beside: bool = False
    widths: Sequence[int] = ()


@dataclass(frozen=True)
class MapWords:
    """The words of the sheet's map: of its scale with a place for {km}, and of what is drawn."""

    scale: str = "{km} km"
    north: str = "N"
    zone: str = "the zone"
    around: str = "wards around"
    roads: str = "roads"


ENGLISH = MapWords()


def sheet(
    title: str,
    subtitle: str,
    drawing: str,
    sections: Sequence[Section],
    notes: Mapping[str, Sequence[str]],
    *,
    lang: str = "en",
    summary: Sequence[str] = (),
) -> str:
    """Return the sheet as HTML; every text is escaped.

    Parameters
    ----------
    drawing
        A map from `outline_map`, or nothing.
    notes
        Lists of sentences by their heading, such as sources.
    summary
        Lines under the title, such as how many rules fail.
    """
    lines = "".join(f"<li>{escape(line)}</li>" for line in summary)
    parts = [f"<h1>{escape(title)}</h1><p class=sub>{escape(subtitle)}</p>", f"<ul class=sum>{lines}</ul>"]
    beside = [_section(section) for section in sections if section.beside and section.rows]
    parts.append(f'<div class="top">{drawing}{"".join(f"<div>{one}</div>" for one in beside)}</div>')
    parts += [_section(section) for section in sections if section.rows and not section.beside]
    for head, said in notes.items():
        if said:
            items = "".join(f"<li>{escape(line)}</li>" for line in said)
            short = " class=m" if len(said) > 6 and max(map(len, said)) < 90 else ""
            parts.append(f"<h2>{escape(head)}</h2><ul{short}>{items}</ul>")
    return (
        f'<!doctype html><html lang="{escape(lang)}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body>{''.join(parts)}</body></html>"
    )


def _section(section: Section) -> str:
    heads = "".join(f"<th>{escape(head)}</th>" for head in section.heads)
    rows = "".join("<tr>" + "".join(_cell(cell) for cell in row) + "</tr>" for row in section.rows)
    columns = "".join(f'<col style="width:{share}%">' for share in section.widths)
    kind = " class=f" if columns else ""
    return (
        f"<h2>{escape(section.title)}</h2><div class=w><table{kind}>{columns}<thead><tr>{heads}</tr></thead>"
        f"<tbody>{rows}</tbody></table></div>"
    )


def _cell(cell: str | tuple[str, str]) -> str:
    if not isinstance(cell, tuple):
        return f"<td>{escape(cell)}</td>"
    text, look = cell
    if look.startswith("#"):
        return f'<td><span class=s style="background:{escape(look)}"></span>{escape(text)}</td>'
    colour = "#8a5a00" if look == "unsure" else COLOURS.get(look, "#1d2b36")  # amber is too pale for text
    return f'<td class=v style="color:{colour}">{escape(text)}</td>'


def outline_map(
    zone: BaseGeometry | None,
    around: gpd.GeoSeries,
    roads: gpd.GeoSeries,
    *,
    verdict: str = "no_data",
    land: Sequence[tuple[BaseGeometry, str]] = (),
    words: MapWords = ENGLISH,
) -> str:
    """Return a small map as SVG: the zone in the colour of its verdict, units around it, corridors, a scale; north up.

    Parameters
    ----------
    zone
        Outline or point in metres; None returns nothing.
    around, roads
        Outlines of units and lines of roads in the same CRS.
    land
        Outlines of land use with their colours, drawn inside the zone.
    """
    if zone is None or zone.is_empty:
        return ""
    west, south, east, north = zone.bounds
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    half = max((east - west) * 0.62, (north - south) * 0.62 * WIDTH / HEIGHT, 1_200.0)
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
    areal = zone.geom_type in ("Polygon", "MultiPolygon")
    clean = shapely.make_valid(zone) if areal else zone
    for shape, hue in land if areal else ():
        piece = shapely.intersection(shapely.make_valid(shape), clean)
        parts.append(path(piece, f'fill="{escape(hue)}" fill-rule="evenodd" stroke="#fff" stroke-width="0.4"'))
    parts += [path(one, 'fill="none" stroke="#b8860b" stroke-width="2"') for one in roads[roads.intersects(window)]]
    if zone.geom_type == "Point":
        parts.append(
            f'<circle cx="{WIDTH / 2}" cy="{HEIGHT / 2}" r="7" fill="{colour}" stroke="#fff" stroke-width="2"/>'
        )
    else:
        opacity = 0.0 if land else 0.3
        look = f'fill="{colour}" fill-opacity="{opacity}" fill-rule="evenodd" stroke="{colour}" stroke-width="2.5"'
        parts.append(path(clean, look))
    road = "background:#b8860b;height:3px;border:0;vertical-align:3px"
    keys = ((f"background:{colour}", words.zone), ("background:#fff", words.around), (road, words.roads))
    caption = "".join(f'<i style="{look}"></i>{escape(text)}' for look, text in keys)
    drawn = "".join(parts) + _scale(half, scale, words)
    return (
        f'<figure><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img">{drawn}</svg>'
        f"<figcaption>{caption}</figcaption></figure>"
    )


def _scale(half: float, scale: float, words: MapWords) -> str:
    """Return a bar of a round length and an arrow to the north."""
    decade = 10.0 ** np.floor(np.log10(half))
    length_m = next(one * decade for one in (5, 2, 1) if one * decade <= half * 0.6 or one == 1)
    end = 16 + length_m * scale
    x, ink = WIDTH - 24, "#1d2b36"
    return (
        f'<path d="M16 {HEIGHT - 16}H{end:.1f}" stroke="{ink}" stroke-width="3"/>'
        f'<text x="16" y="{HEIGHT - 22}" font-size="12" fill="{ink}">'
        f"{escape(words.scale.format(km=f'{length_m / 1000:g}'))}</text>"
        f'<path d="M{x} 14l6 20l-6 -5l-6 5z" fill="{ink}"/>'
        f'<text x="{x}" y="48" font-size="12" text-anchor="middle" fill="{ink}">{escape(words.north[:1])}</text>'
    )
