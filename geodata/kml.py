"""Write features as KML for Google Earth and phones, and check the bytes by reading them again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import shapely

from geodata.crs import to_web
from geodata.rounding import rounded
from geodata.values import one_cell, plain_value, printable_text, with_ids
from zoning.errors import ExportError
from zoning.pace import checkpoint
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    import numpy as np
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from geodata.styles import ExportClass, ExportStyle
    from geodata.values import Plain

NAMESPACE = "http://www.opengis.net/kml/2.2"


def kml_bytes(
    frame: gpd.GeoDataFrame,
    ids: Sequence[str],
    *,
    provenance: Mapping[str, Plain],
    style: ExportStyle,
    run: Mapping[str, Any] | None = None,
) -> bytes:
    """Return features as KML 2.2 in degrees, checked by reading it again; equal input gives equal bytes.

    Parameters
    ----------
    frame
        Features in any coordinate system that says its name. `name_vi`, else `name_en`, else the id is the name on the
        map; all columns are extended data. A feature of unknown place is a placemark without geometry.
    ids
        One id a feature.
    provenance, run
        Extended data of the document; the run record as JSON.
    style
        Colours by class. KML has no dashes: a schematic outline is thin and unfilled instead.

    Raises
    ------
    ExportError
        Coordinates are not finite, an outline is invalid, or the bytes do not hold every feature.
    """
    geometries = rounded(to_web(frame).geometry.to_numpy(), ids)
    columns = with_ids(frame, ids)
    root = ET.Element("kml", xmlns=NAMESPACE)
    document = ET.SubElement(root, "Document")
    _text(document, "name", one_cell(provenance.get("title_vi") or provenance.get("layer")))
    _text(document, "description", one_cell(provenance.get("attribution")))
    facts = {name: one_cell(value) for name, value in provenance.items()}
    if run is not None:
        facts["run"] = json.dumps(plain_value(run), ensure_ascii=False)
    for number, one in enumerate(style.classes):
        _style(document, f"class{number}", one)
    _data(document, facts)
    for row, geometry in enumerate(geometries):
        checkpoint()
        values = {name: cells[row] for name, cells in columns.items()}
        mark = ET.SubElement(document, "Placemark")
        _text(mark, "name", one_cell(values.get("name_vi") or values.get("name_en") or values["id"]))
        look = style.class_of(values)
        if look is not None:
            _text(mark, "styleUrl", f"#class{look}")
        _data(mark, {name: one_cell(value) for name, value in values.items() if value is not None})
        if geometry is not None:
            _geometry(mark, geometry)
    ET.indent(root, " ")
    # as text, then encoded at once: ElementTree encodes piece by piece, which takes twice as long
    data = f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'.encode()
    _verify(data, geometries)
    return data


def _style(document: ET.Element, name: str, look: ExportClass) -> None:
    style = ET.SubElement(document, "Style", id=name)
    _text(ET.SubElement(style, "IconStyle"), "color", _abgr(look.stroke, "ff"))
    line = ET.SubElement(style, "LineStyle")
    _text(line, "color", _abgr(look.stroke, "ff"))
    _text(line, "width", "1" if look.dash else "2")
    _text(ET.SubElement(style, "PolyStyle"), "color", _abgr(look.fill, "00" if look.dash else "66"))


def _abgr(colour: str, alpha: str) -> str:
    """Return #rrggbb as KML writes colours: alpha, blue, green, red."""
    red, green, blue = colour[1:3], colour[3:5], colour[5:7]
    return f"{alpha}{blue}{green}{red}".lower()


def _data(parent: ET.Element, values: Mapping[str, str]) -> None:
    extended = ET.SubElement(parent, "ExtendedData")
    for name, value in values.items():
        _text(ET.SubElement(extended, "Data", name=printable_text(name)), "value", value)


def _text(parent: ET.Element, tag: str, text: str) -> ET.Element:
    element = ET.SubElement(parent, tag)
    element.text = printable_text(text)
    return element


def _geometry(parent: ET.Element, geometry: BaseGeometry) -> None:
    if hasattr(geometry, "geoms"):
        many = ET.SubElement(parent, "MultiGeometry")
        for part in geometry.geoms:
            _geometry(many, part)
    elif geometry.geom_type == "Polygon":
        polygon = ET.SubElement(parent, "Polygon")
        for ring in shapely.get_rings(geometry):  # the outer one first, as KML wants it, and it turns left
            tag = "outerBoundaryIs" if ring.is_ccw else "innerBoundaryIs"
            _coordinates(ET.SubElement(ET.SubElement(polygon, tag), "LinearRing"), ring)
    else:
        _coordinates(ET.SubElement(parent, geometry.geom_type), geometry)


def _coordinates(parent: ET.Element, geometry: BaseGeometry) -> None:
    _text(parent, "coordinates", " ".join(_pairs(geometry)))


def _pairs(geometries: BaseGeometry | NDArray[np.object_]) -> list[str]:
    return [f"{lon!r},{lat!r}" for lon, lat in shapely.get_coordinates(geometries).tolist()]


def _verify(data: bytes, geometries: NDArray[np.object_]) -> None:
    root = ET.fromstring(data)  # noqa: S314 - our own bytes, made two lines above: no entities in them
    marks = root.findall(f".//{{{NAMESPACE}}}Placemark")
    written = [pair for element in root.iter(f"{{{NAMESPACE}}}coordinates") for pair in (element.text or "").split()]
    if len(marks) != len(geometries) or written != _pairs(geometries):
        raise ExportError(
            N_("The export did not pass its own check ({what}): nothing is offered. Please report it."), what="KML"
        )
