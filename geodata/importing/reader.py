"""Read one planner's file in a process of its own, with little memory and time: `python -m geodata.importing.reader`.

It gets a folder with the file under our own name and `ask.json`, and leaves there `said.json` (columns as plain values,
or the reason of a refusal) and `shapes.wkb` with `ends.npy`. Whatever the file does happens here: even what kind it is
is looked at here, and GDAL gets the one driver of that kind.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geodata.gdal import ONLY_VARIABLE, harden
from geodata.importing import geopackage
from geodata.importing.apart import ASK, GIVEN, MOST_OBJECT_MB, SAID, too_heavy
from geodata.importing.archive import MOST_UNPACKED, unpack
from geodata.importing.drawing import objects_drawn
from geodata.importing.members import COUNTED, too_many_columns
from geodata.importing.sniff import KINDS, sniff
from zoning.errors import BadFileError, ZoningError
from zoning.result import Note
from zoning.text import N_

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy as np
    import pandas as pd

MEMORY_BYTES, CPU_S = 1_200_000_000, 30
"""Of memory, 0.45 GB are what the libraries map before anything is read."""
LOOK_CPU_S, CPU_S_PER_MB = 4.0, 0.5
"""Processor time for a library to read a file, whatever it is, and for each megabyte: a small file that wants more was
made to want it. `CPU_S` bounds all of it."""
CPU_S_PER_OBJECT, CPU_S_PER_FEATURE, CPU_S_PER_CELL, CPU_S_PER_VERTEX = 4e-5, 1e-4, 1e-5, 2e-5
"""What is added for what is known to be in the file: the objects of a drawing, then what was read."""
MOST_DRAWN = 500_000
"""Objects of a drawing with its blocks wherever they stand."""
MOST_FEATURES, MOST_VERTICES, MOST_COLUMNS, LONGEST_TEXT = 100_000, 2_000_000, 200, 10_000
_AUTOCAD = re.compile(rb"\$ACADVER\s+1\s+AC10(2[1-9]|[3-9]\d)")
_ESCAPE = re.compile(r"\\U\+([0-9A-Fa-f]{4})")
_HEAD = 20_000
_TAKEN = "geometry"
"""How the places are called in a frame: a column of attributes of that name would stand in their way."""
RAW_TEXT = ("shapefile", "tab", "mif", "dgn")
"""Kinds whose text is handed over one letter a byte, since the file does not say its encoding reliably."""


def limit() -> None:
    """Bound this process; where the system cannot (Windows), the deadline of whoever started it remains."""
    with contextlib.suppress(ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (MEMORY_BYTES, MEMORY_BYTES))


def allow(seconds: float) -> None:
    """End this process when it has used so much more processor time, or `CPU_S` in all."""
    with contextlib.suppress(ImportError):
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        soon = math.ceil(used.ru_utime + used.ru_stime + seconds)
        most = resource.getrlimit(resource.RLIMIT_CPU)[1]
        resource.setrlimit(resource.RLIMIT_CPU, (soon if most == resource.RLIM_INFINITY else min(soon, most), most))


def main(folder: Path) -> None:
    """Read what `ask.json` says and write the answer beside it."""
    ask = json.loads((folder / ASK).read_text(encoding="utf-8"))
    try:
        said = answer(folder, ask)
    except ZoningError as error:
        said = _refusal(error)
    except MemoryError:
        said = _refusal(too_heavy())
    except Exception as error:  # noqa: BLE001 - a hostile file fails in any way: one sentence for a planner, this for the log
        print(f"{type(error).__name__}: {error}"[:500], file=sys.stderr)  # noqa: T201
        said = _refusal(_reason(error, _title(folder)))
    (folder / SAID).write_text(json.dumps(said), encoding="utf-8")


def _refusal(error: ZoningError) -> dict[str, Any]:
    return {"template": error.template, "values": {key: str(value) for key, value in dict(error.values).items()}}


def answer(folder: Path, ask: dict[str, Any]) -> dict[str, Any]:
    """Return what `ask` wants to know of the file in `folder`; whatever is wrong with the file is raised."""
    content = (folder / GIVEN).read_bytes()
    if ask["task"] == "rows":
        from geodata.sheets import read_rows

        return {"rows": read_rows(content, here=True)}
    if ask["task"] == "feed":
        from geodata.gtfs import read_feed

        return {"trips": len(read_feed(content).trips)}
    allow(_looking(len(content)))
    kind, inside = _kind_of(content, folder)
    head = content[:_HEAD]
    del content
    os.environ[ONLY_VARIABLE] = KINDS[kind].driver
    if kind == "dxf" and _AUTOCAD.search(head):  # UTF-8 from R2007 on, whatever code page the header names
        os.environ["DXF_ENCODING"] = "UTF-8"
    harden()
    path = folder / KINDS[kind].filename
    if not path.exists():
        (folder / GIVEN).rename(path)
    return {"kind": kind} | _layer(folder, kind, path, inside, ask)


def _kind_of(content: bytes, folder: Path) -> tuple[str, list[str]]:
    """Return the kind of a file and the names of the layers in it that are files of their own; unpack an archive."""
    kind = sniff(content)
    if kind != "zip":
        return kind, []
    kind, stems = unpack(content, folder)
    return kind, stems if kind in ("shapefile", "tab", "mif") else []


def _layer(folder: Path, kind: str, path: Path, inside: list[str], ask: dict[str, Any]) -> dict[str, Any]:
    import numpy as np

    if kind == "table":
        from geodata.importing.points import read_points

        allow(CPU_S)  # it is read here, by our own bounds
        frame, facts = read_points(path.read_bytes(), ask["encoding"])
        names, at = [""], 0
    else:
        _check_before(kind, path)
        names = inside or _layer_names(kind, path)
        at = _chosen(names, ask["layer"])
        if inside and at:
            path = path.with_name(f"layer{at}{path.suffix}")
        frame = _read(kind, path, names[at])
        if kind == "dxf":
            frame = _unescaped(frame)
        facts = {}
    shapes = frame.geometry.to_numpy()
    vertices = _check_size(frame, shapes)
    allow(LOOK_CPU_S + CPU_S_PER_CELL * frame.size + CPU_S_PER_FEATURE * len(frame) + CPU_S_PER_VERTEX * vertices)
    from geodata.importing.clean import Change, clean_shapes

    changes: list[Change] = []
    notes: list[Note] = []
    total = len(shapes)
    if "placeless" in facts:  # a table that names units: they are not known here
        rows = np.arange(total)
    else:
        shapes, rows, changes, notes = clean_shapes(shapes)
    if column := frame.attrs.get("left_out"):
        notes.append(
            Note(N_("The column “{column}” was left out: its name is that of the places."), {"column": column})
        )
    if not len(shapes):
        raise BadFileError(N_("The layer holds no feature with a place."))
    columns = _columns(frame.iloc[rows])
    _write_shapes(folder, shapes)
    return {
        "layers": names,
        "layer": names[at],
        "columns": columns,
        "crs": frame.crs.to_wkt() if frame.crs is not None else None,
        "facts": facts,
        "total": total,
        "rows": rows.tolist(),
        "changes": [(one.feature, one.what.template, dict(one.what.values), one.change_pct) for one in changes],
        "notes": [(note.template, dict(note.values)) for note in notes],
    }


def _looking(size: int, objects: float = 0) -> float:
    return LOOK_CPU_S + CPU_S_PER_MB * size / 1e6 + CPU_S_PER_OBJECT * objects


def _check_before(kind: str, path: Path) -> None:
    """Refuse what grows in GDAL's hands, counted in the text; allow the time that the rest may take."""
    size, objects = sum(one.stat().st_size for one in path.parent.glob(f"{path.stem}.*")), 0.0
    if kind in COUNTED and too_many_columns(kind, path.read_bytes(), MOST_COLUMNS):
        raise BadFileError(
            N_("The layer has more than {most} columns. Leave out those that are not needed."), most=MOST_COLUMNS
        )
    if kind == "dxf" and (objects := objects_drawn(path.read_bytes(), MOST_DRAWN)) > MOST_DRAWN:
        raise BadFileError(
            N_("With its blocks wherever they are inserted the drawing has {count} objects; {most} are the most: save "
               "the layers that you need as a drawing of their own."),
            count=f"{objects:,.0f}" if objects < 1e12 else "> 1,000,000,000,000", most=f"{MOST_DRAWN:,}",
        )  # fmt: skip
    allow(_looking(size, objects))


def _layer_names(kind: str, path: Path) -> list[str]:
    """Return the layers of a file."""
    if kind == "gpkg":
        return geopackage.layer_names(path)
    if kind == "parquet":
        return [""]
    import pyogrio

    return [str(name) for name in pyogrio.list_layers(path)[:, 0]]


def _chosen(names: list[str], layer: str | None) -> int:
    if layer is None:
        return 0
    if layer in names:
        return names.index(layer)
    listed = ", ".join(name[:40] for name in names[:10])
    raise BadFileError(N_("The file has no layer “{layer}”. It has: {names}"), layer=layer[:60], names=listed)


def _read(kind: str, path: Path, layer: str) -> gpd.GeoDataFrame:
    import geopandas as gpd

    if kind == "parquet":
        return _parquet(path)
    import pyogrio

    options: dict[str, Any] = {"encoding": "ISO-8859-1"} if kind in RAW_TEXT else {}
    named = {} if kind in ("shapefile", "tab", "mif") else {"layer": layer}  # their one layer has our file's name
    info = pyogrio.read_info(path, **named, **options)
    _check_columns(len(info["fields"]))
    if _TAKEN in info["fields"]:
        options["columns"] = [name for name in info["fields"] if name != _TAKEN]
    frame = pyogrio.read_dataframe(path, max_features=MOST_FEATURES + 1, on_invalid="ignore", **named, **options)
    if not isinstance(frame, gpd.GeoDataFrame):
        raise BadFileError(N_("The layer has no geometry: give a table as CSV or XLSX with coordinates."))
    for column, dtype in zip(info["fields"], info["dtypes"], strict=True):
        if (
            str(dtype).startswith(("int", "uint")) and column in frame and column != _TAKEN
        ):  # with an empty cell they arrive as floats
            frame[column] = frame[column].astype("Int64")
    if _TAKEN in info["fields"]:
        frame.attrs["left_out"] = _TAKEN
    return frame


def _unescaped(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    r"""Return a drawing's texts with the letters that it writes as \U+1EA7."""
    texts = {}
    for name in frame.columns:
        cells = frame[name].tolist() if name != frame.geometry.name else []
        if any(isinstance(one, str) and "\\U+" in one for one in cells):
            texts[name] = [
                _ESCAPE.sub(lambda code: chr(int(code[1], 16)), one) if isinstance(one, str) else one for one in cells
            ]
    return frame.assign(**texts)


def _parquet(path: Path) -> gpd.GeoDataFrame:
    import geopandas as gpd
    import pyarrow.parquet as pq  # type: ignore[import-untyped,unused-ignore]

    head = pq.ParquetFile(path)
    if b"geo" not in (head.schema_arrow.metadata or {}):
        raise BadFileError(N_("This Parquet file has no geometry (GeoParquet): save the layer as GeoPackage."))
    _check_columns(len(head.schema_arrow))
    if head.metadata.num_rows > MOST_FEATURES:
        raise _too_many()
    groups = (head.metadata.row_group(at) for at in range(head.metadata.num_row_groups))
    if (size := sum(group.total_byte_size for group in groups)) > MOST_UNPACKED:
        raise too_heavy()
    allow(_looking(size))
    return gpd.read_parquet(path)


def _check_columns(count: int) -> None:
    if count > MOST_COLUMNS:
        raise BadFileError(
            N_("The layer has {count} columns; {most} are the most. Leave out those that are not needed."),
            count=count,
            most=MOST_COLUMNS,
        )


def _check_size(frame: gpd.GeoDataFrame, shapes: np.ndarray) -> int:
    """Return how many vertices a layer has; BadFileError where anything in it is more than is taken in."""
    import numpy as np
    import shapely

    _check_columns(len(frame.columns))
    if len(frame) > MOST_FEATURES:
        raise _too_many()
    if not np.isfinite(shapely.get_coordinates(shapes)).all():
        raise BadFileError(N_("Some coordinates of the layer are infinite, no numbers, or larger than any map."))
    vertices = int(shapely.get_num_coordinates(shapes).sum())
    if vertices > MOST_VERTICES:
        raise BadFileError(
            N_("The layer has {count} vertices; {most} are the most. Simplify it or cut it to the study area."),
            count=f"{vertices:,}", most=f"{MOST_VERTICES:,}",
        )  # fmt: skip
    return vertices


def _too_many() -> BadFileError:
    return BadFileError(
        N_("The layer has more than {most} features: cut it to the study area."), most=f"{MOST_FEATURES:,}"
    )


def _columns(frame: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Return name, kind and plain values of each column but the geometry."""
    from geodata.values import plain_value

    columns = []
    for place, label in enumerate(frame.columns):
        if label == frame.geometry.name:
            continue
        values = frame.iloc[:, place]
        if values.dtype.name == "geometry":  # a second geometry of GeoParquet
            continue
        plain = [plain_value(value) for value in values.tolist()]
        kind = _kind(values)
        if kind == "text":
            plain = [None if one is None else one if isinstance(one, str) else json.dumps(one, ensure_ascii=False)
                     for one in plain]  # fmt: skip
            if max((len(str(one)) for one in plain), default=0) > LONGEST_TEXT:
                raise BadFileError(
                    N_("A text in the column “{column}” is longer than {most} letters: shorten it."),
                    column=str(label)[:60],
                    most=LONGEST_TEXT,
                )
        columns.append({"name": str(label), "kind": kind, "values": plain})
    return columns


def _kind(values: pd.Series) -> str:
    from pandas.api import types

    if types.is_bool_dtype(values):
        return "bool"
    if types.is_integer_dtype(values):
        return "whole"
    return "number" if types.is_float_dtype(values) else "text"


def _write_shapes(folder: Path, shapes: np.ndarray) -> None:
    import numpy as np
    import shapely

    wkb = shapely.to_wkb(shapely.force_2d(shapes))
    sizes = [0 if one is None else len(one) for one in wkb]
    np.save(folder / "ends.npy", np.cumsum(sizes, dtype=np.int64), allow_pickle=False)
    (folder / "shapes.wkb").write_bytes(b"".join(one for one in wkb if one is not None))


def _title(folder: Path) -> str:
    """Return what people call the kind that a file turned out to be."""
    kind = next((kind for kind in KINDS.values() if (folder / kind.filename).exists()), None)
    return kind.title if kind else "ZIP"


def _reason(error: Exception, title: str) -> BadFileError:
    """Return what a planner can do about a library's fault."""
    if "OGR_GEOJSON_MAX_OBJ_SIZE" in str(error):
        return BadFileError(
            N_("One feature of the file takes more than {most} MB: simplify it or cut it to the study area."),
            most=MOST_OBJECT_MB,
        )
    return too_heavy() if "bad_alloc" in str(error) else _unreadable(title)


def _unreadable(title: str) -> BadFileError:
    return BadFileError(N_("The file cannot be read as {title}: it is damaged or cut short."), title=title)


if __name__ == "__main__":
    limit()
    main(Path(sys.argv[1]))
