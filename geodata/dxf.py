"""Write features as a DXF drawing in VN-2000 for CAD offices, and check the text by reading it again."""

from __future__ import annotations

import io
import json
import re
import threading
import unicodedata
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geodata.crs import PLANNING_CRS, to_planning
from geodata.rounding import checked
from geodata.values import one_cell, plain_value, printable_text, with_ids
from zoning.errors import ExportError
from zoning.pace import checkpoint
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import geopandas as gpd
    from ezdxf.document import Drawing
    from ezdxf.entities import DXFGraphic
    from ezdxf.layouts import Modelspace
    from numpy.typing import NDArray

    from geodata.styles import ExportStyle
    from geodata.values import Plain

VERSION = "R2010"
"""AutoCAD 2010 and everything since; texts are UTF-8, whatever code page the header names, from R2007 on."""
APPLICATION = "INNOVATION_REGION"
"""Under this name each entity carries the attributes of its feature (XDATA), and the drawing its run record."""
DECIMALS = 3
"""Decimals of a metre."""
LABEL_M = 40.0
"""Height of names in metres: 8 mm at 1:5,000."""
_METRES, _METRIC = 6, 1
_LONGEST_STRING = 240
"""Bytes of one string: 255 are the most."""
_MOST_XDATA = 15_000
"""Bytes of XDATA on one entity; 16 kB are the most."""
_FORBIDDEN = re.compile(r'[<>/\\":;?*|=,`\x00-\x1f]')
_WRITING = threading.Lock()


def dxf_bytes(
    frame: gpd.GeoDataFrame,
    ids: Sequence[str],
    *,
    provenance: Mapping[str, Plain],
    style: ExportStyle,
    run: Mapping[str, Any] | None = None,
) -> bytes:
    """Return features as a DXF (R2010, metres), checked by reading it again; equal input gives equal bytes.

    Parameters
    ----------
    frame
        Features in any coordinate system that says its name; drawn in EPSG:9210, x east and y north. Areas are closed
        polylines, a hole one of its own; lines are polylines, points are points. Features of unknown place are left
        out: a drawing cannot hold them.
    ids
        One id a feature.
    provenance, run
        Kept in the drawing's custom properties and, the run record, as JSON in the record `INNOVATION_REGION`.
    style
        A layer of the drawing and its colour for each class; names are texts on a layer beside it that ends in _TEN.

    Raises
    ------
    ExportError
        Nothing has a place, coordinates are not finite, an outline is invalid, or the text does not hold every feature.
    """
    shapes = checked(to_planning(frame).geometry.to_numpy(), ids)
    placed = ~shapely.is_missing(shapes)
    if not placed.any():
        raise ExportError(
            N_("None of the features has a known place: a drawing cannot hold them. Take CSV or GeoJSON.")
        )
    columns = with_ids(frame, ids)
    with _WRITING:  # the switch for fixed metadata is one for the process
        text, written = _written(shapes, placed, columns, provenance, style, run)
    _verify(text, written, [str(ids[at]) for at in np.flatnonzero(placed).tolist()])
    return text.encode("utf-8")


def _written(
    shapes: NDArray[np.object_],
    placed: NDArray[np.bool_],
    columns: Mapping[str, Sequence[Plain]],
    provenance: Mapping[str, Plain],
    style: ExportStyle,
    run: Mapping[str, Any] | None,
) -> tuple[str, list[NDArray[np.float64]]]:
    """Return the drawing as text, and the coordinates of each polyline and point in it."""
    import ezdxf  # only who draws waits for it

    ezdxf.options.write_fixed_meta_data_for_testing = True  # no clock and no random id: equal input, equal bytes
    document = ezdxf.new(VERSION, units=_METRES)
    document.header["$MEASUREMENT"] = _METRIC
    document.appids.add(APPLICATION)
    document.styles.add("TEN", font="arial.ttf")
    for name, value in {**provenance, "crs": f"{PLANNING_CRS.name} (EPSG:9210), x = E, y = N, m"}.items():
        if value not in (None, ""):
            document.header.custom_vars.append(name, printable_text(one_cell(value))[:_LONGEST_STRING])
    if run is not None:
        record = document.rootdict.add_xrecord(APPLICATION)
        record.reset([(1, part) for part in _pieces(json.dumps(plain_value(run), ensure_ascii=True, sort_keys=True))])
    space = document.modelspace()
    made: dict[int | None, str] = {}
    written: list[NDArray[np.float64]] = []
    for at in np.flatnonzero(placed).tolist():
        checkpoint()
        values = {name: cells[at] for name, cells in columns.items()}
        look = style.class_of(values)
        if look not in made:
            made[look] = _layer(document, provenance, style, look)
        data = _xdata(values)
        for part in shapely.get_parts(shapes[at]):
            for xy, closed in _curves(part):
                written.append(xy)
                _entity(space, xy, closed, made[look]).set_xdata(APPLICATION, data)
        _label(space, shapes[at], values, made[look])
    stream = io.StringIO(newline="\n")
    document.write(stream)
    return stream.getvalue(), written


def _layer(document: Drawing, provenance: Mapping[str, Plain], style: ExportStyle, look: int | None) -> str:
    """Add the layer of a class, and the one of its names; return its name."""
    import ezdxf.colors

    head = one_cell(provenance.get("layer")) or "lop"
    one = style.classes[look] if look is not None else None
    value = "-".join(one.matches) if one else ""
    head, value = _plain(head), _plain(value)
    name = _FORBIDDEN.sub("-", printable_text("_".join(part for part in (head, value) if part)))[:60].strip() or "lop"
    if one is not None and one.dash:
        name += "_schematic"
    base, number = name, 1
    while name in document.layers:
        number += 1
        name = f"{base}_{number}"
    stroke = (one.stroke if one else "#6e6e6e").lstrip("#")
    rgb = (int(stroke[:2], 16), int(stroke[2:4], 16), int(stroke[4:], 16))
    for each in (name, f"{name}_TEN"):
        document.layers.add(each, true_color=ezdxf.colors.rgb2int(rgb))
    return name


def _curves(part: shapely.Geometry) -> Iterator[tuple[NDArray[np.float64], bool]]:
    """Yield the coordinates of each curve of a single geometry, to the millimetre, and whether it closes."""
    if isinstance(part, shapely.Polygon):
        for ring in (part.exterior, *part.interiors):
            yield _grid(ring)[:-1], True
    else:
        yield _grid(part), False


def _grid(shape: shapely.Geometry) -> NDArray[np.float64]:
    return np.round(shapely.get_coordinates(shape), DECIMALS) + 0.0  # no -0.0


def _entity(space: Modelspace, xy: NDArray[np.float64], closed: bool, layer: str) -> DXFGraphic:  # noqa: FBT001
    about = {"layer": layer}
    if len(xy) == 1:
        return space.add_point((float(xy[0, 0]), float(xy[0, 1])), dxfattribs=about)
    return space.add_lwpolyline(xy.tolist(), format="xy", close=closed, dxfattribs=about)


def _label(space: Modelspace, shape: shapely.Geometry, values: Mapping[str, Plain], layer: str) -> None:
    """Write a feature's name on it; ids are no names."""
    text = printable_text(one_cell(values.get("name_vi") or values.get("name_en")))[:_LONGEST_STRING]
    if not text:
        return
    at = _grid(shapely.point_on_surface(shape))[0]
    about = {"layer": f"{layer}_TEN", "style": "TEN", "height": LABEL_M}
    space.add_text(text, dxfattribs=about).set_placement((float(at[0]), float(at[1])))


def _xdata(values: Mapping[str, Plain]) -> list[tuple[int, str]]:
    """Return the attributes as strings `name=value`, as many as an entity may carry; ids and names come first."""
    data: list[tuple[int, str]] = []
    size = 0
    for name, value in values.items():
        text = printable_text(one_cell(value)).replace("\r", " ").replace("\n", " ")
        if not text:
            continue
        pieces = _pieces(f"{printable_text(name).lstrip('+')}={text}", _LONGEST_STRING // 4)
        size += sum(len(piece.encode()) + 8 for piece in pieces)
        if size > _MOST_XDATA:
            break
        data += [(1000, f"+{piece}" if at else piece) for at, piece in enumerate(pieces)]
    return data


def _plain(name: str) -> str:
    """Return a name of a layer in ASCII letters: not every program takes other ones in names."""
    letters = unicodedata.normalize("NFD", name.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in letters if letter.isascii())


def _pieces(text: str, size: int = _LONGEST_STRING) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


def read_features(text: str) -> list[tuple[str, NDArray[np.float64], dict[str, str]]]:
    """Return layer, coordinates and attributes of each curve and point of a drawing that `dxf_bytes` made.

    Raises
    ------
    ValueError
        It is no drawing, or its structure has errors.
    """
    import ezdxf

    document = ezdxf.read(io.StringIO(text))
    if (faults := document.audit().errors) or document.units != _METRES:
        raise ValueError(str(faults[:1]))
    found = []
    for entity in document.modelspace():
        if entity.dxftype() == "LWPOLYLINE":
            xy = np.asarray([(x, y) for x, y in entity.get_points("xy")])  # type: ignore[attr-defined]
        elif entity.dxftype() == "POINT":
            xy = np.asarray([(entity.dxf.location.x, entity.dxf.location.y)])
        else:
            continue
        about: dict[str, str] = {}
        last = ""
        for code, piece in entity.get_xdata(APPLICATION):
            if code != 1000:  # the application's name leads
                continue
            if last and piece.startswith("+"):
                about[last] += piece[1:]
            else:
                last, _, value = piece.partition("=")
                about[last] = value
        found.append((entity.dxf.layer, xy, about))
    return found


def _verify(text: str, written: Sequence[NDArray[np.float64]], ids: Sequence[str]) -> None:
    fault = ExportError(
        N_("The export did not pass its own check ({what}): nothing is offered. Please report it."), what="DXF"
    )
    try:
        found = read_features(text)
    except Exception as error:  # whatever a reader stumbles over
        raise fault from error
    same = len(found) == len(written) and all(
        one.shape == other.shape and np.allclose(one, other, rtol=0, atol=10.0**-DECIMALS / 2)
        for (_, one, _), other in zip(found, written, strict=True)
    )
    if not same or [*dict.fromkeys(about.get("id", "") for *_, about in found)] != [printable_text(one) for one in ids]:
        raise fault
