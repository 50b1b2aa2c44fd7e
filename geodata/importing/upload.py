"""Take in a planner's layer: read in a process of its own, proposed with a report, kept on request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.crs import to_planning
from geodata.embedded import layer_infos
from geodata.importing.apart import read_apart, too_heavy
from geodata.importing.clean import MOST_CHANGE_PCT, Change, as_frame, clean_columns, with_basics
from geodata.importing.encodings import ENCODINGS
from geodata.importing.points import no_coordinates
from geodata.importing.reader import RAW_TEXT
from geodata.importing.sniff import KINDS, check_size
from geodata.importing.systems import Proposal, placed, propose
from geodata.importing.texts import decoded
from geodata.importing.units import NEW, place_rows
from geodata.values import printable_text
from zoning.errors import InputError
from zoning.result import Note
from zoning.text import N_, Translate, english

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from geodata.importing.units import Placed, Units
    from geodata.store import Store

OWN_LAYERS = (
    "streets",
    "bans",
    "outlines",
    "outline_matches",
    "scenario",
    "scenarios",
    "programme_actions",
    "zone_edits",
    "zone_reliefs",
    "strategic",
)
"""Layers that other parts of the application write."""
_MOST_NAMED = 8
_KML_OWN = {"timestamp", "begin", "end", "altitudeMode", "tessellate", "extrude", "visibility", "drawOrder", "icon"}
"""Columns that GDAL adds to every KML."""


@dataclass(frozen=True)
class Report:
    """What was found in a file and what was done to it."""

    kind: str
    layers: tuple[str, ...]
    layer: str
    encoding: str | None
    features_in_file: int
    changes: tuple[Change, ...]
    notes: tuple[Note, ...]
    left_out: tuple[Change, ...] = ()
    """Rows of a table without coordinates that name no unit, each with its reason."""

    def sentences(self, translate: Translate = english) -> list[str]:
        """Return the notes, then what was done to each feature."""
        row = translate(N_("Feature {feature} ({name}): {what}; area changed by {change} %"))
        changed = [
            row.format(feature=one.feature, name=one.name or "–", what=one.what.text(translate),
                       change=f"{one.change_pct:.2f}")
            for one in self.changes
        ]  # fmt: skip
        row = translate(N_("Row {row} (“{name}”): {what}"))
        lost = [row.format(row=one.feature + 1, name=one.name, what=one.what.text(translate)) for one in self.left_out]
        return [note.text(translate) for note in self.notes] + lost + changed

    @property
    def grave(self) -> tuple[Change, ...]:
        """The changes that need a planner's confirmation."""
        return tuple(change for change in self.changes if change.change_pct > MOST_CHANGE_PCT)


@dataclass(frozen=True)
class Upload:
    """A layer that has been read but not kept.

    `frame` is in the planning CRS under the proposal; its geometry is None where no coordinate system fits. `rows` is
    the place of each of its rows in the file, from 0.
    """

    frame: gpd.GeoDataFrame
    proposal: Proposal
    report: Report
    name_hint: str
    rows: tuple[int, ...] = ()
    by_unit: str = ""
    """The column that names the unit of each row, where the file says no coordinates."""


def read_upload(
    content: bytes, *, name_hint: str, crs: str | None = None, layer: str | None = None, encoding: str | None = None,
    units: Units | None = None,
) -> Upload:  # fmt: skip
    """Read a planner's file.

    Parameters
    ----------
    content
        The file: GeoPackage, GeoJSON, KML, GeoParquet, DXF, DGN, CSV or XLSX with coordinates; or a zip with a
        Shapefile, a MapInfo layer or one of the others. Its bytes tell which.
    name_hint
        What the file was called; only shown, never a path.
    crs
        EPSG:9210, or EPSG:9210+swapped; None takes what the file says, or proposes.
    layer
        Which of its layers; None takes the first, and the report names all.
    encoding
        A key of `encodings.ENCODINGS`; None finds it out.
    units
        Wards and communes that a table without coordinates may name; None refuses such a table.

    Raises
    ------
    BadFileError
        It cannot be read safely, or holds nothing to take in.
    InputError
        No such coordinate system or encoding, or the layer does not lie in the study area with the one given.
    """
    if encoding is not None and encoding not in ENCODINGS:
        raise InputError(N_("Unknown encoding “{encoding}”. There are: {names}."), encoding=encoding[:30],
                         names=", ".join(ENCODINGS))  # fmt: skip
    check_size(content)
    with read_apart(content, {"task": "layer", "layer": layer, "encoding": encoding}) as (said, folder):
        shapes = _shapes(folder)
    return proposed(said, shapes, name_hint=name_hint, crs=crs, encoding=encoding, units=units)


def proposed(
    said: dict[str, Any], shapes: NDArray[np.object_], *, name_hint: str, crs: str | None, encoding: str | None,
    units: Units | None = None,
) -> Upload:  # fmt: skip
    """Return the upload that a reader's answer and its geometries make; parameters and errors as in `read_upload`."""
    kind = said["kind"]
    raw = kind in RAW_TEXT
    columns, used, text_notes = decoded(said["columns"], encoding or said["facts"].get("encoding"), raw=raw)
    source = printable_text(name_hint).rpartition("/")[2].rpartition("\\")[2][-80:] or KINDS[kind].title
    if kind == "kml":
        columns = [column for column in columns if column["name"] not in _KML_OWN]
    table, column_notes = clean_columns(_table(columns, len(shapes)))
    if (heads := said["facts"].get("placeless")) is not None:
        where = place_rows(table, units) if units is not None else None
        if where is None:
            raise no_coordinates(heads)
        return _of_units(table, where, column_notes, source=source, encoding=used)
    table, id_notes = with_basics(table, source)
    proposal = propose(shapes, said["crs"], crs, table=kind == "table")
    if proposal.code:
        geometry = to_planning(placed(shapes, proposal.code))
    else:
        geometry = gpd.GeoSeries([None] * len(shapes), crs="EPSG:9210")
    names = table["name_vi"].tolist()
    first_of: dict[int, str] = {}
    for place, row in enumerate(said["rows"]):
        first_of.setdefault(row, names[place])
    changes = tuple(
        Change(feature, first_of.get(feature - 1, ""), Note(template, values), float(change))
        for feature, template, values, change in said["changes"]
    )
    notes = [Note(template, values) for template, values in said["notes"]]
    if refused := said["facts"].get("refused"):
        notes.append(Note(N_("In {count} rows no position could be read."), {"count": refused}))
    if kind == "dxf":
        notes.append(Note(N_("Closed lines of the drawing are areas here.")))
    report = Report(
        kind=KINDS[kind].title, layers=tuple(said["layers"]), layer=said["layer"], encoding=used,
        features_in_file=int(said["total"]), changes=changes,
        notes=(*notes, *text_notes, *column_notes, *id_notes),
    )  # fmt: skip
    return Upload(as_frame(table, geometry), proposal, report, source, tuple(said["rows"]))


def _of_units(
    table: pd.DataFrame, where: Placed, notes: Sequence[Note], *, source: str, encoding: str | None
) -> Upload:
    """Return the upload of a table whose rows lie where the units do that they name."""
    if not where.rows:
        raise InputError(N_("No row of the column “{column}” names a ward or commune."), column=where.column)
    new = where.units["layer"].eq(NEW).to_numpy()
    mine = table.iloc[list(where.rows)].reset_index(drop=True)
    mine = mine[[name for name in mine if str(name).casefold() not in ("unit", "unit_id")]]
    names = where.units["name_vi"].astype(str).reset_index(drop=True)
    if "name_vi" not in mine:
        mine["name_vi"] = names
        mine["name_en"] = where.units["name_en"].astype(str).reset_index(drop=True)
    # a unit of today is counted whole; a former one counts by the places that it had
    mine["unit"] = names.where(new, "")
    mine["unit_id"] = where.units["id"].astype(str).reset_index(drop=True)
    mine, id_notes = with_basics(mine, source)
    mine["geometry_quality"] = where.units["geometry_quality"].to_numpy()
    reason = Note(N_("The file has no coordinates: each row lies where the unit in its column “{column}” does (wards "
                     "and communes since July 2025: {new}, until then: {old})."),
                  {"column": where.column, "new": int(new.sum()), "old": int((~new).sum())})  # fmt: skip
    counted = Note(N_("{count} of {total} rows name a ward or commune."),
                   {"count": len(where.rows), "total": len(table)})  # fmt: skip
    report = Report(
        kind=KINDS["table"].title, layers=("",), layer="", encoding=encoding, features_in_file=len(table), changes=(),
        notes=(counted, *notes, *id_notes), left_out=where.left_out,
    )  # fmt: skip
    frame = as_frame(mine, gpd.GeoSeries(where.units.geometry.reset_index(drop=True)))
    return Upload(frame, Proposal("EPSG:9210", sure=True, reason=reason), report, source, where.rows, where.column)


def keep(
    upload: Upload, store: Store, name: str, *, title: str = "", date: str = "", confirmed: bool = False,
    expect: str | None = None,
) -> str:  # fmt: skip
    """Save an upload as the layer `name` of the store, and return its fingerprint.

    Parameters
    ----------
    title
        What people call it; the name where empty.
    date
        ISO date of the day it is taken in.
    confirmed
        True accepts repairs that change an area by more than `MOST_CHANGE_PCT`.
    expect
        As in `Store.write_layer`.

    Raises
    ------
    InputError
        The name belongs to the application, the coordinate system is not sure, a repair changes too much, or rows of a
        table without coordinates name no unit.
    """
    check_free(name)
    check_sure(upload, confirmed=confirmed)
    info = {
        "title_en": title or name, "title_vi": title or name, "source": upload.name_hint, "licence": "own data",
        "date": date, "attribution": "", "method": method_of(upload),
    }  # fmt: skip
    return store.write_layer(name, upload.frame, info, expect=expect)


def method_of(upload: Upload) -> str:
    """Return how a layer came in, for its provenance."""
    return f"imported from {upload.report.kind}, {upload.proposal.code[:40]}"


def check_sure(upload: Upload, *, confirmed: bool) -> None:
    """Raise InputError unless the coordinate system is sure and the repairs are small or `confirmed`."""
    if not upload.proposal.code:
        raise InputError(upload.proposal.reason.template, **upload.proposal.reason.values)
    if not upload.proposal.sure:
        raise InputError(
            N_("{file} does not say for sure in which coordinate system it is: choose one."), file=upload.name_hint
        )
    if (lost := upload.report.left_out) and not confirmed:
        shown = "; ".join(f"{one.feature + 1} “{one.name[:30]}”" for one in lost[:_MOST_NAMED])
        raise InputError(
            N_("{count} rows name no ward or commune, or one of several: row {rows}. Correct their names, or confirm "
               "that they are left out."),
            count=len(lost), rows=shown + (" …" if len(lost) > _MOST_NAMED else ""),
        )  # fmt: skip
    if upload.report.grave and not confirmed:
        worst = max(upload.report.grave, key=lambda change: change.change_pct)
        raise InputError(
            N_("The repair of feature {feature} ({name}) changes its area by {change} %: correct it in its own "
               "program, or confirm the repairs. Features with such a change: {count}."),
            feature=worst.feature, name=worst.name[:40] or "–", change=f"{worst.change_pct:.1f}",
            count=len(upload.report.grave),
        )  # fmt: skip


def check_free(name: str) -> None:
    """Raise InputError if a layer of the application itself has the name."""
    if name in layer_infos() or name in OWN_LAYERS:
        raise InputError(N_("“{name}” is a layer of the application itself: keep yours under another name."), name=name)


def _shapes(folder: Path) -> NDArray[np.object_]:
    """Return the geometries that a reader left."""
    try:
        ends = np.load(folder / "ends.npy", allow_pickle=False)
        data = (folder / "shapes.wkb").read_bytes()
    except (OSError, ValueError) as error:
        raise too_heavy() from error
    starts = np.concatenate([[0], ends[:-1]])
    wkb = [data[start:end] or None for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
    return np.asarray(shapely.from_wkb(np.asarray(wkb, dtype=object)))


def _table(columns: list[dict[str, Any]], count: int) -> pd.DataFrame:
    kinds = {"whole": "Int64", "number": "Float64", "bool": "boolean"}
    values = {
        at: pd.Series(column["values"], dtype=kinds.get(column["kind"], object)) for at, column in enumerate(columns)
    }
    table = pd.DataFrame(values, index=pd.RangeIndex(count))
    table.columns = pd.Index([column["name"] for column in columns])
    # plain floats: what the store gives back, and what exports and tables know
    return (
        table.astype({name: float for name, kind in table.dtypes.items() if str(kind) == "Float64"})
        if table.columns.is_unique
        else table
    )
