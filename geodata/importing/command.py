"""Take in a file from the command line: nothing is kept that the file or the planner does not say."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from geodata.author import who_saves
from geodata.importing.fields import FieldMap
from geodata.importing.guess import propose_fields
from geodata.importing.roles import OWN, role
from geodata.importing.sniff import MOST_BYTES
from geodata.importing.systems import title
from geodata.importing.take import Wish, layer_of, take_in
from geodata.importing.units import units_of
from geodata.importing.upload import check_free, read_upload
from geodata.store import check_name
from zoning.errors import BadFileError, InputError
from zoning.text import N_, Translate, english

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from geodata.importing.roles import Role
    from geodata.importing.upload import Upload
    from geodata.store import Store

_MOST_LINES = 60


@dataclass(frozen=True)
class Said:
    """What the command line says of a file beside its name: each as in `read_upload` and `take.Wish`.

    `pairs`, `constants` and `meanings` are texts such as kind=Loai: field and column, field and value, value of the
    file and what it means.
    """

    crs: str | None = None
    layer: str | None = None
    encoding: str | None = None
    confirmed: bool = False
    role: str = OWN
    pairs: Sequence[str] = ()
    constants: Sequence[str] = ()
    meanings: Sequence[str] = ()
    author: str = ""


def import_file(store: Store, file: Path, name: str, said: Said, *, translate: Translate = english) -> list[str]:
    """Keep a file as the layer `name` and return the report's sentences.

    Columns that nobody names are proposed by their headers, and the report says which became what.

    Raises
    ------
    BadFileError, InputError, StoreError
        As in `read_upload` and `take_in`; also where the file has several layers and none is named, its coordinate
        system is only a guess, or the role has a layer of another name.
    """
    one = role(said.role)
    check_name(name)
    if (fixed := layer_of(one.name, "")) and fixed != name and layer_of(one.name, name) != name:
        raise InputError(N_("“{role}” goes to {layer}: write --as {layer}."), role=one.name, layer=fixed)
    if layer_of(one.name, "-") == "-":
        check_free(name)
    upload = read_upload(_content(file), name_hint=file.name, crs=said.crs, layer=said.layer, encoding=said.encoding,
                         units=units_of(store))  # fmt: skip
    report, proposal = upload.report, upload.proposal
    if said.layer is None and len(report.layers) > 1:
        raise InputError(N_("The file has several layers: name one with --layer. It has: {names}"),
                         names=", ".join(one[:40] for one in report.layers[:10]))  # fmt: skip
    if proposal.code and not proposal.sure:
        raise InputError(
            N_("{file} does not say for sure in which coordinate system it is; it fits {title}. If that is right, add "
               "--crs {crs}."),
            file=upload.name_hint, title=title(proposal.code), crs=_short(proposal.code),
        )  # fmt: skip
    mapping = _mapping(upload, one, said)
    today = dt.datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date().isoformat()
    wish = Wish(one.name, mapping, date=today, author=said.author or who_saves(), confirmed=said.confirmed)
    kept = take_in(upload, store, name, wish)
    head = translate(N_("Kept as {name}: {kind}, {crs}, features: {count} (in the file: {total})"))
    lines = [head.format(name=kept.layer, kind=report.kind, crs=title(proposal.code), count=kept.count,
                         total=report.features_in_file)]  # fmt: skip
    if mapping.columns and one.name != OWN:
        which = ", ".join(f"{field} = {column}" for field, column in mapping.columns.items())
        lines.append("  " + translate(N_("Fields of “{role}”: {which}")).format(role=one.name, which=which))
    lines += [f"  {note.text(translate)}" for note in kept.notes]
    return lines + [f"  {line}" for line in report.sentences(translate)[:_MOST_LINES]]


def _mapping(upload: Upload, one: Role, said: Said) -> FieldMap:
    """Return what was said of the fields, the rest as proposed; a field that was said to be nothing is left out."""
    given = dict(_pair(text, "--map", "kind=Loai") for text in said.pairs)
    constants = dict(_pair(text, "--set", "kind=hospital") for text in said.constants)
    meanings = dict(_pair(text, "--value", "MN=kindergarten") for text in said.meanings)
    if one.name == OWN:
        return FieldMap(given, constants)
    taken = set(given.values())
    proposed = {field: column for field, column in propose_fields(upload.frame, one).items()
                if field not in (*given, *constants) and column not in taken}  # fmt: skip
    columns = {field: column for field, column in (proposed | given).items() if column}
    coded = [field.name for field in one.fields if field.kind in ("choice", "flag")]
    return FieldMap(columns, constants, dict.fromkeys(coded, meanings) if meanings else {})


def _pair(text: str, option: str, example: str) -> tuple[str, str]:
    left, mark, right = text.partition("=")
    if not mark or not left.strip():
        raise InputError(N_("{option} needs two names with = between them, such as {example}; not “{text}”."),
                         option=option, example=example, text=text[:40])  # fmt: skip
    return left.strip(), right.strip()


def _content(file: Path) -> bytes:
    try:
        if not file.is_file():
            raise BadFileError(N_("There is no file {path}."), path=file)
        if file.stat().st_size > MOST_BYTES:
            raise BadFileError(
                N_("The file has {size} MB; a layer may have {most} MB at most: cut it to the study area."),
                size=f"{file.stat().st_size / 1e6:.1f}",
                most=f"{MOST_BYTES / 1e6:.0f}",
            )
        return file.read_bytes()
    except (OSError, ValueError) as error:
        if isinstance(error, BadFileError):
            raise
        raise BadFileError(N_("The file {path} cannot be read."), path=str(file).replace("\x00", "?")) from error


def _short(code: str) -> str:
    return code if len(code) < 40 else "EPSG:9210"
