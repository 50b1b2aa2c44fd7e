"""Ask from the command line which zones meet the planning code: `python -m zoning check`."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoning.commands import scenario
from zoning.commands.outs import format_of
from zoning.errors import InputError
from zoning.text import N_

if TYPE_CHECKING:
    import argparse

    from zoning.result import Result
    from zoning.text import Translate

FORMATS = {
    ".csv": "csv",
    ".geojson": "geojson",
    ".json": "geojson",
    ".xlsx": "xlsx",
    ".gpkg": "gpkg",
    ".dxf": "dxf",
}
OUT_HELP = N_("file to write: .csv, .xlsx, .geojson, .gpkg or .dxf")


def add(verbs: Any, t: Translate) -> None:  # noqa: ANN401 - argparse has no public name for its verbs
    """Add the verb to `python -m zoning`."""
    verb = verbs.add_parser("check", help=t(N_("which zones meet the planning code, one row a zone and rule")))
    verb.set_defaults(action=lambda args: _run(args, t))
    verb.add_argument("--as-of", metavar="DATE", help=t(N_("day whose code applies, such as 2026-12-31; today")))
    verb.add_argument(
        "--code", default="", metavar="CODE", help=t(N_("a code whatever the day: qcvn-01-2021 or qcvn-01-2026"))
    )
    verb.add_argument("--zones", default="zones", metavar="LAYER", help=t(N_("layer of the zones, such as wards_2025")))
    verb.add_argument(
        "--where-id", action="append", default=[], metavar="ID", help=t(N_("only this zone; may be given again"))
    )
    verb.add_argument("--urban-class", default="special", metavar="NAME", help=t(N_("special, I, II, III, IV or V")))
    verb.add_argument(
        "--relief", action="append", default=[], metavar="ID=FLAGS",
        help=t(N_("reliefs of a zone in place of what is kept for it, such as vsip-1=existing,redevelopment")),
    )  # fmt: skip
    verb.add_argument("--network", choices=("strategic", "streets"), help=t(N_("network to travel on")))
    scenario.option(verb, t)
    verb.add_argument("--store", metavar="S", help=t(N_("GeoPackage of the region")))
    verb.add_argument("--out", required=True, metavar="F", help=t(OUT_HELP))


def _run(args: argparse.Namespace, t: Translate) -> int:
    from geodata.checks_export import export_checks  # geopandas is slow to import; --help is not
    from geodata.region import StoreRegion
    from geodata.store import open_store
    from zoning.jobs import check

    out = Path(args.out)
    kind = format_of(out, FORMATS)
    # the clock is read here, at the border: the request and its record name the day
    as_of = args.as_of
    if as_of is None:
        as_of = "" if args.code else dt.date.today().isoformat()  # noqa: DTZ011 - a planner's own day
    request = check.CheckRequest(
        as_of=as_of,
        code=args.code,
        zones=args.zones,
        ids=tuple(args.where_id),
        urban_class=args.urban_class,
        network=args.network,
        reliefs=tuple(_relief(one) for one in args.relief),
    )
    store = open_store(args.store)
    result = scenario.answer(check, request, StoreRegion(store), args.scenario)
    export_checks(result, store, kind, translate=t).write(out)
    summary = t(
        N_(
            "{zones} zones checked by {code} and written to {file}: {passed} pass, {failed} fail, {unsure} unsure, "
            "{no_data} without data"
        )
    )
    figures = result.figures
    print(  # noqa: T201 - the command line speaks here
        summary.format(
            zones=figures["zones"],
            code=figures["code"],
            file=args.out,
            passed=figures["pass"],
            failed=figures["fail"],
            unsure=figures["unsure"],
            no_data=figures["no_data"],
        )
    )
    for note in result.notes:
        print(note.text(t))  # noqa: T201
    for line in _faults(result, t):
        print(line)  # noqa: T201
    return 0


def _relief(text: str) -> tuple[str, str]:
    zone_id, sign, flags = text.partition("=")
    if not zone_id or not sign:
        raise InputError(N_("“{text}” is no relief: write the zone's id, =, and flags with commas."), text=text[:60])
    return zone_id, flags.replace(",", " ")


def _faults(result: Result, t: Translate) -> list[str]:
    """Return what is wrong with the data of zones, each fault once with the zones that have it."""
    from zoning.standards.words import fault_text

    zones = result.frames["zones"]
    found: dict[str, list[str]] = {}
    for zone_id, faults in zip(zones["id"].astype(str), zones["faults"].astype(str), strict=True):
        for fault in faults.split():
            found.setdefault(fault_text(fault, t), []).append(zone_id)
    return [f"{', '.join(ids)}: {text}" for text, ids in found.items()]
