"""Write a compiled network to a file and read it back, whole or not at all."""

from __future__ import annotations

import contextlib
import io
import json
import os
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pyproj import CRS

from zoning.errors import NetworkError, StoreError
from zoning.reach.costs import Costs
from zoning.reach.layout import Arcs, Junctions, Layout, whole_edges
from zoning.reach.snap import NodeIndex, StreetIndex
from zoning.reach.streets import Streets
from zoning.reach.table import checked_seconds, label_array
from zoning.text import N_

if TYPE_CHECKING:
    from numpy.typing import NDArray

FORMAT = "travel-network"
VERSION = 2  # raise it whenever the arrays or their meaning change: old caches are then built again
_STREET_ARRAYS = ("xy", "offsets", "length_m", "street_of_edge", "reversed_edge")
_ARC_ARRAYS = ("start", "end", "edge", "start_share", "span")
_JUNCTION_ARRAYS = ("street", "share", "node")
_EPOCH = (1980, 1, 1, 0, 0, 0)  # a zip archive needs a date: always the same, for the same bytes


def save_network(
    costs: Costs, mode: str, snap_limit_m: float, speed_source: pd.Categorical | None, path: str | Path
) -> None:
    """Write a network as a zip archive of .npy arrays (an .npz without pickles): same network, same bytes.

    Raises
    ------
    StoreError
        If the file cannot be written; what was there before is then untouched.
    """
    path = Path(path)
    arrays, about = _taken_apart(costs, speed_source)
    about |= {"format": FORMAT, "version": VERSION, "mode": mode, "snap_limit_m": snap_limit_m}
    text = json.dumps(about, ensure_ascii=False, sort_keys=True).encode()
    arrays = {"about": np.frombuffer(text, dtype=np.uint8), **arrays}
    temporary = None
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name, suffix=".tmp", delete=False) as file:
            temporary = Path(file.name)
            with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
                for name, array in arrays.items():
                    info = zipfile.ZipInfo(f"{name}.npy", date_time=_EPOCH)
                    info.create_system = 3  # else Windows would write other bytes
                    with archive.open(info, "w", force_zip64=True) as member:
                        np.lib.format.write_array(member, np.ascontiguousarray(array), (1, 0), allow_pickle=False)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink()
        raise StoreError(
            N_("The network file {name} cannot be written: {reason}."), name=path.name, reason=error.strerror
        ) from error


def load_network(path: str | Path) -> tuple[Costs, str, float, pd.Categorical | None]:
    """Read what `save_network` wrote: costs, mode, snap limit and speed sources.

    Raises
    ------
    NetworkError
        If there is no such file, or it is damaged, cut short or of another version.
    """
    path = Path(path)
    try:
        with zipfile.ZipFile(path) as archive:
            arrays = {info.filename.removesuffix(".npy"): _array(archive, info) for info in archive.infolist()}
        about = json.loads(arrays["about"].tobytes())
        found = (about["format"], about["version"])
        if found == (FORMAT, VERSION):
            return *_put_together(arrays, about), *_speed_source(arrays, about)
    except FileNotFoundError as error:
        raise NetworkError(N_("There is no network file {name}."), name=path.name) from error
    except (OSError, zipfile.BadZipFile, ValueError, LookupError, TypeError, EOFError, NotImplementedError) as error:
        raise NetworkError(
            N_("The network file {name} is damaged or cut short; build it again."), name=path.name
        ) from error
    raise NetworkError(
        N_("The network file {name} was written by another version of this program; build it again."), name=path.name
    )


def _taken_apart(costs: Costs, speed_source: pd.Categorical | None) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Return a network as arrays of numbers and what else there is to say, ready for JSON."""
    layout = costs.layout
    about: dict[str, Any] = {
        "crs": layout.crs.to_wkt(),
        "name": layout.name,
        "walk_off_m": layout.walk_off_m,
        "street_layers": [[layer.first, layer.last] for layer in layout.street_layers],
        "node_layers": [[layer.first, layer.last] for layer in layout.node_layers],
        "texts": {},
        "columns": list(layout.attributes.columns),
        "surfaces": {},
    }
    arrays: dict[str, NDArray[Any]] = {"u": layout.u.astype(np.int32), "v": layout.v.astype(np.int32)}
    for name, labels in (("node_ids", layout.node_ids), ("key", layout.key)):
        if labels.dtype == object:
            about[name] = _plain_labels(labels)
        else:
            arrays[name] = labels
    arrays |= {"node_xy": layout.node_xy, "length_m": layout.length_m, "seconds": costs.edge_seconds}
    arrays |= {f"streets/{name}": getattr(layout.streets, name) for name in _STREET_ARRAYS}
    if layout.arcs.edge.size > layout.u.size:
        arrays |= {f"arcs/{name}": getattr(layout.arcs, name) for name in _ARC_ARRAYS}
        arrays |= {f"junctions/{name}": getattr(layout.junctions, name) for name in _JUNCTION_ARRAYS}
    if costs.kept_open is not None:
        arrays["kept_open"] = costs.kept_open
    columns = {f"attributes/{name}": layout.attributes[name].array for name in layout.attributes}
    if speed_source is not None:
        columns["speed_source"] = speed_source
    for name, values in columns.items():
        if isinstance(values, pd.Categorical):
            arrays[name] = values.codes.astype(np.int32)
            about["texts"][name] = [str(text) for text in values.categories]
        else:
            arrays[name] = np.asarray(values)
    with layout.lock:  # another session may be building one
        surfaces = sorted(layout.surfaces.items())
    for number, (walk_off_m, surface) in enumerate(surfaces):
        about["surfaces"][str(number)] = walk_off_m
        arrays |= {f"surface/{number}/{name}": array for name, array in surface.arrays().items()}
    return arrays, about


def _put_together(arrays: dict[str, NDArray[Any]], about: dict[str, Any]) -> tuple[Costs, str, float]:
    """Return the network of a file; ValueError or LookupError where its parts do not fit together."""
    u, v = arrays["u"].astype(np.intp), arrays["v"].astype(np.intp)
    node_xy = arrays["node_xy"]
    streets = Streets(
        xy=arrays["streets/xy"],
        offsets=arrays["streets/offsets"].astype(np.intp),
        length_m=arrays["streets/length_m"],
        street_of_edge=arrays["streets/street_of_edge"].astype(np.intp),
        reversed_edge=arrays["streets/reversed_edge"].astype(bool),
    )
    arcs, junctions = whole_edges(u, v), Junctions.none()
    if "arcs/start" in arrays:
        arcs = Arcs(*(arrays[f"arcs/{name}"] for name in _ARC_ARRAYS))
        junctions = Junctions(*(arrays[f"junctions/{name}"] for name in _JUNCTION_ARRAYS))
    _check(node_xy, u, v, streets, arcs, junctions)
    attributes = pd.DataFrame(
        {name: _column(arrays, about, f"attributes/{name}") for name in about["columns"]},
        index=pd.RangeIndex(u.size),
    )
    layout = Layout(
        crs=CRS.from_wkt(about["crs"]),
        name=about["name"],
        walk_off_m=float(about["walk_off_m"]),
        node_ids=_labels(arrays, about, "node_ids", len(node_xy)),
        node_xy=node_xy,
        u=u,
        v=v,
        key=_labels(arrays, about, "key", u.size),
        length_m=arrays["length_m"],
        streets=streets,
        attribute_parts=(attributes,),
        arcs=arcs,
        junctions=junctions,
        street_layers=tuple(StreetIndex(streets, first, last) for first, last in about["street_layers"]),
        node_layers=tuple(NodeIndex(node_xy, first, last) for first, last in about["node_layers"]),
    )
    if about["surfaces"]:
        from zoning.reach.surface import Surface

        for number, walk_off_m in about["surfaces"].items():
            prefix = f"surface/{number}/"
            held = {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
            layout.surfaces[float(walk_off_m)] = Surface.from_arrays(streets, held)
    costs = Costs(layout, checked_seconds(arrays["seconds"], u.size), arrays.get("kept_open"))
    return costs, str(about["mode"]), float(about["snap_limit_m"])


def _check(
    node_xy: NDArray[Any],
    u: NDArray[np.intp],
    v: NDArray[np.intp],
    streets: Streets,
    arcs: Arcs,
    junctions: Junctions,
) -> None:
    """Raise ValueError where an index points outside its array: a search would read foreign memory."""
    nodes, edges, count = len(node_xy), u.size, streets.length_m.size
    offsets = streets.offsets
    fits = (
        node_xy.shape == (nodes, 2)
        and edges > 0
        and v.size == streets.street_of_edge.size == streets.reversed_edge.size == edges
        and offsets.size == count + 1
        and offsets[0] == 0
        and offsets[-1] == len(streets.xy)
        and bool(np.all(np.diff(offsets) >= 2))
    )
    indexes = (
        (u, nodes),
        (v, nodes),
        (streets.street_of_edge, count),
        (arcs.start, nodes),
        (arcs.end, nodes),
        (arcs.edge, edges),
        (junctions.street, count),
        (junctions.node, nodes),
    )
    if not fits or any(index.size and (index.min() < 0 or index.max() >= size) for index, size in indexes):
        raise ValueError("parts of the network do not fit together")


def _array(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> NDArray[Any]:
    """Return one stored array, read only; its claims are checked against its bytes before memory is taken."""
    if info.compress_type != zipfile.ZIP_STORED:
        raise ValueError("compressed member")
    raw = archive.read(info)
    stream = io.BytesIO(raw)
    if np.lib.format.read_magic(stream) != (1, 0):
        raise ValueError("unknown array format")
    shape, fortran, dtype = np.lib.format.read_array_header_1_0(stream)
    if fortran or dtype.hasobject:
        raise ValueError("unknown array layout")
    return np.frombuffer(raw, dtype, offset=stream.tell()).reshape(shape)


def _column(arrays: dict[str, NDArray[Any]], about: dict[str, Any], name: str) -> pd.Categorical | NDArray[Any]:
    if name in about["texts"]:
        return pd.Categorical.from_codes(arrays[name], categories=pd.Index(about["texts"][name], dtype=object))
    return arrays[name]


def _speed_source(arrays: dict[str, NDArray[Any]], about: dict[str, Any]) -> tuple[pd.Categorical | None]:
    found = _column(arrays, about, "speed_source") if "speed_source" in arrays else None
    return (found if isinstance(found, pd.Categorical) else None,)


def _plain_labels(labels: NDArray[Any]) -> list[Any]:
    """Return labels for JSON, tuples marked as such: they would come back as lists."""
    return [{"tuple": list(label)} if isinstance(label, tuple) else label for label in labels.tolist()]


def _labels(arrays: dict[str, NDArray[Any]], about: dict[str, Any], name: str, count: int) -> NDArray[Any]:
    if name in arrays:
        labels = arrays[name]
    else:
        plain = [tuple(item["tuple"]) if isinstance(item, dict) else item for item in about[name]]
        labels = label_array(plain)
    if len(labels) != count:
        raise ValueError("labels missing")
    return labels
