"""Take in a file from the command line: nothing is kept that the file or the planner does not say."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from geodata.importing.sniff import MOST_BYTES
from geodata.importing.systems import title
from geodata.importing.upload import check_free, keep, read_upload
from geodata.store import check_name
from zoning.errors import BadFileError, InputError
from zoning.text import N_, Translate, english

if TYPE_CHECKING:
    from pathlib import Path

    from geodata.store import Store

_MOST_LINES = 60


def import_file(
    store: Store, file: Path, name: str, *, crs: str | None = None, layer: str | None = None,
    encoding: str | None = None, confirmed: bool = False, translate: Translate = english,
) -> list[str]:  # fmt: skip
    """Keep a file as the layer `name` and return the report's sentences; `confirmed` accepts grave repairs.

    Raises
    ------
    BadFileError, InputError, StoreError
        As in `read_upload` and `keep`; also where the file has several layers and none is named, or its coordinate
        system is only a guess.
    """
    check_name(name)
    check_free(name)
    upload = read_upload(_content(file), name_hint=file.name, crs=crs, layer=layer, encoding=encoding)
    report, proposal = upload.report, upload.proposal
    if layer is None and len(report.layers) > 1:
        raise InputError(N_("The file has several layers: name one with --layer. It has: {names}"),
                         names=", ".join(one[:40] for one in report.layers[:10]))  # fmt: skip
    if proposal.code and not proposal.sure:
        raise InputError(
            N_("{file} does not say for sure in which coordinate system it is; it fits {title}. If that is right, add "
               "--crs {crs}."),
            file=upload.name_hint, title=title(proposal.code), crs=_short(proposal.code),
        )  # fmt: skip
    today = dt.datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date().isoformat()
    keep(upload, store, name, date=today, confirmed=confirmed)
    head = translate(N_("Kept as {name}: {kind}, {crs}, features: {count} (in the file: {total})"))
    lines = [head.format(name=name, kind=report.kind, crs=title(proposal.code), count=len(upload.frame),
                         total=report.features_in_file)]  # fmt: skip
    return lines + [f"  {line}" for line in report.sentences(translate)[:_MOST_LINES]]


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
