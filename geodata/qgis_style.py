"""Write an export style as QGIS (QML) and OGC (SLD 1.1) read it, so that a GeoPackage opens styled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal
from xml.etree import ElementTree as ET

from geodata.values import printable_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geodata.styles import ExportClass, ExportStyle

Family = Literal["fill", "line", "marker"]
"""What a layer holds: polygons, lines or points, in the words of QGIS."""
Entry = tuple[Family, int]
"""A kind of geometry and the number of a class."""

_FILL_ALPHA = 90  # of 255: the base map shows through
_WIDTH_MM = "0.5"
_DASH_PIXELS = "6 4"
_SLD = "http://www.opengis.net/sld"
_SE = "http://www.opengis.net/se"
_OGC = "http://www.opengis.net/ogc"


def qml(style: ExportStyle, entries: Sequence[Entry], *, title_column: str | None = None) -> str:
    """Return the style as QGIS's own XML.

    Rules, not categories: they can ask for the status and for the quality of the outline at once. The geometry type of
    the layer is left open, because QGIS refuses a style of another type, and splits a layer of zones and points in two.

    Parameters
    ----------
    style
        Classes and colours; each feature falls into one class at most.
    entries
        The legend: what the layer holds of each class, by the class's number; each pair once.
    title_column
        Column whose text names a feature in lists and tips.
    """
    root = ET.Element("qgis", version="3.22.0", styleCategories="LayerConfiguration|Symbology")
    by_minutes = style.column == "minutes"
    renderer = ET.SubElement(
        root,
        "renderer-v2",
        type="RuleRenderer",
        symbollevels="0",
        forceraster="0",
        enableorderby="1" if by_minutes else "0",
    )
    rules = ET.SubElement(renderer, "rules", key="{root}")
    symbols = ET.SubElement(renderer, "symbols")
    for name, (family, number) in enumerate(entries):
        look = style.classes[number]
        rule = ET.SubElement(rules, "rule", key=f"{{{family}-{number}}}", symbol=str(name))
        rule.set("label", printable_text(look.label))
        condition = _expression(style, number)
        if condition:
            rule.set("filter", condition)
        _symbol(symbols, str(name), family, look)
    if by_minutes:  # large catchments below small ones, whatever the order of the rows
        order = ET.SubElement(renderer, "orderby")
        ET.SubElement(order, "orderByClause", asc="0", nullsFirst="0").text = '"minutes"'
    if title_column is not None:
        ET.SubElement(root, "previewExpression").text = _column(title_column)
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + _written(root)


def sld(style: ExportStyle, entries: Sequence[Entry], *, layer: str) -> str:
    """Return the style as OGC SLD 1.1 for other programs; arguments as in `qml`."""
    root = ET.Element(
        "StyledLayerDescriptor",
        {"version": "1.1.0", "xmlns": _SLD, "xmlns:se": _SE, "xmlns:ogc": _OGC},
    )
    named = ET.SubElement(root, "NamedLayer")
    ET.SubElement(named, "se:Name").text = printable_text(layer)
    user = ET.SubElement(named, "UserStyle")
    ET.SubElement(user, "se:Name").text = printable_text(layer)
    feature_style = ET.SubElement(user, "se:FeatureTypeStyle")
    for family, number in entries:
        rule = ET.SubElement(feature_style, "se:Rule")
        ET.SubElement(rule, "se:Name").text = printable_text(style.classes[number].label)
        _sld_filter(rule, style, number)
        _symbolizer(rule, family, style.classes[number])
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + _written(root)


def _written(root: ET.Element) -> str:
    ET.indent(root, " ")
    return ET.tostring(root, encoding="unicode") + "\n"


def _expression(style: ExportStyle, number: int) -> str:
    """Return the QGIS expression of class `number`; no two classes hold the same feature."""
    look = style.classes[number]
    parts: list[str] = []
    if style.column is not None:
        text = f"to_string({_column(style.column)})"
        if look.matches:
            parts.append(f"{text} IN ({_texts(look.matches)})")
        elif others := _named(style):
            parts.append(f"coalesce({text}, '') NOT IN ({_texts(others)})")
    tests = [(f"coalesce({_column(column)}, '')", _texts(values)) for column, values in style.dash_when]
    if look.dash:
        parts.append("(" + " OR ".join(f"{text} IN ({values})" for text, values in tests) + ")")
    else:
        parts += [f"{text} NOT IN ({values})" for text, values in tests]
    return " AND ".join(parts)


def _named(style: ExportStyle) -> list[str]:
    """Return the values that have a class of their own."""
    return list(dict.fromkeys(value for look in style.classes for value in look.matches))


def _column(name: str) -> str:
    return '"' + printable_text(name).replace('"', '""') + '"'


def _texts(values: Sequence[str]) -> str:
    # QGIS reads a backslash in a text as an escape
    return ", ".join("'" + printable_text(v).replace("\\", "\\\\").replace("'", "''") + "'" for v in values)


def _symbol(parent: ET.Element, name: str, family: Family, look: ExportClass) -> None:
    symbol = ET.SubElement(parent, "symbol", name=name, type=family, alpha="1", clip_to_extent="1", force_rhr="0")
    pen = "dash" if look.dash else "solid"
    options: Mapping[str, str]
    if family == "fill":
        kind = "SimpleFill"
        options = {"color": _rgba(look.fill, 0 if look.dash else _FILL_ALPHA), "style": "solid"}
        options |= {"outline_color": _rgba(look.stroke, 255), "outline_style": pen, "joinstyle": "round"}
        options |= {"outline_width": _WIDTH_MM, "outline_width_unit": "MM"}
    elif family == "line":
        kind = "SimpleLine"
        options = {"line_color": _rgba(look.stroke, 255), "line_style": pen, "line_width": "0.8"}
        options |= {"line_width_unit": "MM", "capstyle": "round", "joinstyle": "round"}
    else:
        kind = "SimpleMarker"
        options = {"name": "circle", "size": "2.6", "size_unit": "MM", "color": _rgba(look.fill, 255)}
        options |= {"outline_color": "255,255,255,255", "outline_style": "solid", "outline_width": "0.3"}
    layer = ET.SubElement(symbol, "layer", {"class": kind, "enabled": "1", "locked": "0", "pass": "0"})
    holder = ET.SubElement(layer, "Option", type="Map")
    for key, value in options.items():
        ET.SubElement(holder, "Option", name=key, type="QString", value=value)
    for key, value in options.items():  # QGIS before 3.20 reads these
        ET.SubElement(layer, "prop", k=key, v=value)


def _rgba(colour: str, alpha: int) -> str:
    return f"{int(colour[1:3], 16)},{int(colour[3:5], 16)},{int(colour[5:7], 16)},{alpha}"


def _sld_filter(rule: ET.Element, style: ExportStyle, number: int) -> None:
    """Add the filter of a class, as `_expression` says it."""
    look = style.classes[number]
    conditions: list[ET.Element] = []
    if style.column is not None and look.matches:
        conditions.append(_any_of(((style.column, look.matches),)))
    elif style.column is not None and (others := _named(style)):
        conditions.append(_not(_any_of(((style.column, others),))))
    if style.dash_when:
        dashed = _any_of(style.dash_when)
        conditions.append(dashed if look.dash else _not(dashed))
    if conditions:
        holder = ET.SubElement(rule, "ogc:Filter")
        target = ET.SubElement(holder, "ogc:And") if len(conditions) > 1 else holder
        target.extend(conditions)


def _not(condition: ET.Element) -> ET.Element:
    inverse = ET.Element("ogc:Not")
    inverse.append(condition)
    return inverse


def _any_of(tests: Sequence[tuple[str, Sequence[str]]]) -> ET.Element:
    """Return a condition that holds where any of the columns has one of its values."""
    equal: list[ET.Element] = []
    for column, values in tests:
        for value in values:
            one = ET.Element("ogc:PropertyIsEqualTo")
            ET.SubElement(one, "ogc:PropertyName").text = printable_text(column)
            ET.SubElement(one, "ogc:Literal").text = printable_text(value)
            equal.append(one)
    if len(equal) == 1:
        return equal[0]
    either = ET.Element("ogc:Or")
    either.extend(equal)
    return either


def _symbolizer(rule: ET.Element, family: Family, look: ExportClass) -> None:
    if family == "marker":
        graphic = ET.SubElement(ET.SubElement(rule, "se:PointSymbolizer"), "se:Graphic")
        mark = ET.SubElement(graphic, "se:Mark")
        ET.SubElement(mark, "se:WellKnownName").text = "circle"
        _parameter(ET.SubElement(mark, "se:Fill"), "fill", look.fill)
        ET.SubElement(graphic, "se:Size").text = "9"
        return
    symbolizer = ET.SubElement(rule, "se:PolygonSymbolizer" if family == "fill" else "se:LineSymbolizer")
    if family == "fill" and not look.dash:
        fill = ET.SubElement(symbolizer, "se:Fill")
        _parameter(fill, "fill", look.fill)
        _parameter(fill, "fill-opacity", f"{_FILL_ALPHA / 255:.2f}")
    stroke = ET.SubElement(symbolizer, "se:Stroke")
    _parameter(stroke, "stroke", look.stroke)
    _parameter(stroke, "stroke-width", "1.5" if family == "fill" else "2.5")
    if look.dash:
        _parameter(stroke, "stroke-dasharray", _DASH_PIXELS)


def _parameter(parent: ET.Element, name: str, value: str) -> None:
    ET.SubElement(parent, "se:SvgParameter", name=name).text = value
