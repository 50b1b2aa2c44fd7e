"""Keep a read layer as what its role says: a layer of its own, zones, truck bans, or a layer that analyses look for."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from uuid import uuid4

import geopandas as gpd
import pandas as pd

from geodata.importing.fields import FieldMap, Mapped, map_fields
from geodata.importing.roles import OWN, role
from geodata.importing.sniff import KINDS
from geodata.importing.upload import check_sure, keep
from geodata.importing.zones import add_zones
from geodata.people import own_totals, ward_of_name
from geodata.truckbans import LAYER as BANS
from geodata.truckbans import TITLES as BAN_TITLES
from geodata.truckbans import bans_of
from zoning.errors import InputError
from zoning.reach.bans import COLUMNS as BAN_COLUMNS
from zoning.reach.bans import check_bans
from zoning.result import Note
from zoning.text import N_

if TYPE_CHECKING:
    from geodata.importing.upload import Upload
    from geodata.store import Store

BY_UNIT = ("population", OWN)
"""Roles that a table may have whose rows name a ward or commune and no coordinates."""
_LONGEST_ROWS = 8


@dataclass(frozen=True)
class Kept:
    """What became of a layer: under which name it is found, how many features were kept, and what to say of it."""

    layer: str
    count: int
    notes: tuple[Note, ...]


def mapped(upload: Upload, name: str, mapping: FieldMap) -> Mapped:
    """Return a read layer as its role needs it; `name` is a role, errors as in `map_fields`."""
    first = 2 if upload.report.kind == KINDS["table"].title else 1  # in a table the headers are row 1
    return map_fields(upload.frame, role(name), mapping, rows=[row + first for row in upload.rows])


def layer_of(name: str, given: str) -> str:
    """Return the layer that a role's features go to: the one of that role for zones and bans, else the given name."""
    chosen = role(name)
    return chosen.layer if chosen.name in ("zones", "bans", "population") else given or chosen.layer


@dataclass(frozen=True)
class Wish:
    """How a planner wants a layer kept.

    Parameters
    ----------
    role
        What it is, a name in `roles.ROLES`.
    mapping
        Which column is which field.
    title, date, confirmed, expect
        As in `upload.keep`.
    author
        Who takes it in; zones need it.
    """

    role: str = OWN
    mapping: FieldMap = field(default_factory=FieldMap)
    title: str = ""
    date: str = ""
    author: str = ""
    confirmed: bool = False
    expect: str | None = None


def take_in(upload: Upload, store: Store, name: str, wish: Wish) -> Kept:
    """Keep a read layer as `name`, or where its role has a place of its own, there.

    Raises
    ------
    InputError, ConflictError, StoreError
        As in `map_fields`, `upload.keep` and the functions that keep zones and bans.
    """
    one = role(wish.role)
    if upload.by_unit and one.name not in BY_UNIT:
        raise InputError(
            N_("“{role}” needs a place for each row, and the table names only wards and communes: add coordinates, or "
               "take it in as one of: {roles}."), role=one.name, roles=", ".join(BY_UNIT),
        )  # fmt: skip
    check_sure(upload, confirmed=wish.confirmed)
    if upload.by_unit and one.name == "population":  # the units as they were found, not as the file spells them
        columns = dict(wish.mapping.columns) | {"unit": "unit"}
        wish = replace(wish, mapping=replace(wish.mapping, columns=columns))
    if one.name == OWN and not (wish.mapping.columns or wish.mapping.constants):
        _kept(upload, store, name, wish)
        return Kept(name, len(upload.frame), ())
    done = mapped(upload, wish.role, wish.mapping)
    if one.name == "zones":
        ids, said = add_zones(store, done.frame, author=wish.author, rows=done.rows)
        return Kept("zones", len(ids), (*done.notes, *said))
    if one.name == "bans":
        count, said = _add_bans(store, done)
        return Kept(BANS, count, (*done.notes, *said))
    target = layer_of(wish.role, name)
    notes = [*done.notes]
    if one.name == "population":
        notes.append(_people_note(done, store))
    shown = wish.title or (one.title_vi if target == one.layer else "")
    _kept(replace(upload, frame=done.frame), store, target, replace(wish, title=shown))
    if one.layer and target != one.layer:
        notes.append(Note(N_("Checks and analyses look for this under the name {layer}; as {name} it is a layer of its "
                             "own."), {"layer": one.layer, "name": target}))  # fmt: skip
    return Kept(target, len(done.frame), tuple(notes))


def _kept(upload: Upload, store: Store, name: str, wish: Wish) -> str:
    return keep(upload, store, name, title=wish.title, date=wish.date, confirmed=wish.confirmed, expect=wish.expect)


def needs_author(chosen: str) -> bool:
    """Say whether somebody must be named to take a layer of that role in."""
    return chosen == "zones"


def _add_bans(store: Store, done: Mapped) -> tuple[int, list[Note]]:
    """Add bans to those of the store, return how many; InputError names the row of one that cannot be applied."""
    frame = done.frame
    table = pd.DataFrame({name: frame.get(name) for name in BAN_COLUMNS}, index=frame.index)
    table["id"] = [f"ban-{uuid4().hex[:8]}" for _ in range(len(frame))]
    table["kind"] = ["area" if kind.endswith("Polygon") else "road" for kind in frame.geom_type]
    table["source"] = frame["source"] if "source" in frame else frame["sources"]
    for name in ("days", "hours"):
        table[name] = [str(cell or "").replace("–", "-").replace("h", "").strip() for cell in table[name].fillna("")]
    made = gpd.GeoDataFrame(table, geometry=frame.geometry, crs=frame.crs)
    for at, number in enumerate(done.rows):
        try:
            check_bans(made.iloc[[at]])
        except InputError as fault:
            raise InputError(
                N_("Row {row} is no truck ban: {reason}"), row=number, reason=Note(fault.template, fault.values)
            ) from fault  # fmt: skip
    known = {_key(row) for row in bans_of(store).to_dict("records")}
    fresh = [_key(row) not in known for row in made.to_dict("records")]
    notes = []
    if (there := len(fresh) - sum(fresh)) > 0:
        notes.append(Note(N_("{count} bans are there already: left out."), {"count": there}))
    if any(fresh):

        def change(now: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
            rows = made[fresh] if now is None or now.empty else pd.concat([now, made[fresh]], ignore_index=True)
            return check_bans(gpd.GeoDataFrame(rows, crs=made.crs))

        store.change_layer(BANS, change, BAN_TITLES)
    return sum(fresh), notes


def _key(row: dict[str, object]) -> tuple[str, ...]:
    shape = row["geometry"]
    about = [str(row[name]) for name in ("name", "days", "hours", "decree")]
    return (*about, "" if shape is None else shape.wkb_hex)  # type: ignore[attr-defined]


def _people_note(done: Mapped, store: Store) -> Note:
    """Say which wards have own figures now; a ward that nobody knows is refused, not passed over."""
    wards, frame = store.layer("wards_2025"), done.frame
    if "unit" in frame:
        lost = [(number, str(unit)) for number, unit in zip(done.rows, frame["unit"], strict=True)
                if unit and not ward_of_name(str(unit), wards)]  # fmt: skip
        if lost:
            raise InputError(
                N_("{count} rows name no ward or commune since July 2025: {rows}. Write their names or ids as in the "
                   "layer wards_2025."),
                count=len(lost), rows=", ".join(f"{row} “{unit[:30]}”" for row, unit in lost[:_LONGEST_ROWS]),
            )  # fmt: skip
    totals, named = own_totals(frame, wards)
    inside = frame[~named]
    hit = wards[wards.geometry.intersects(inside.geometry.representative_point().union_all())] if len(inside) else None
    count = len({*totals.index, *(hit["id"] if hit is not None else ())})
    total = float(frame["people"].sum())
    return Note(N_("{people} people in {count} of {total} wards: there these figures count instead of the published "
                    "ones."), {"people": f"{total:,.0f}", "count": count, "total": len(wards)})  # fmt: skip
