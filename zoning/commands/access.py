"""Ask from the command line who reaches what: `python -m zoning access`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoning.commands import scenario
from zoning.commands.outs import OUT_HELP, format_of
from zoning.errors import InputError
from zoning.text import N_

if TYPE_CHECKING:
    import argparse

    from zoning.text import Translate

MODE_HELP = N_("walk, bicycle, motorbike, car, truck, transit or motorbike_ride")
TRANSIT_HELP = N_(
    "settings of public transport: wait_share, change_min, transfer_m, boardings, window_min, every_min, percentile"
)


def add(verbs: Any, t: Translate) -> None:  # noqa: ANN401 - argparse has no public name for its verbs
    """Add the verb to `python -m zoning`."""
    verb = verbs.add_parser("access", help=t(N_("who reaches what, by ward, old commune or grid cell")))
    verb.set_defaults(action=lambda args: _run(args, t))
    verb.add_argument(
        "--to", required=True, metavar="LAYER[:KIND]", help=t(N_("where people go: a layer, or a kind in it"))
    )
    verb.add_argument(
        "--measure",
        required=True,
        metavar="NAME",
        help=t(N_("nearest, cumulative, gravity, 2sfca, e2sfca, 3sfca, balanced or spatial_availability")),
    )
    verb.add_argument("--minutes", metavar="M", help=t(N_("longest trip that counts, itself included")))
    verb.add_argument("--decay", default="", metavar="NAME:N,…", help=t(N_("weight of minutes, such as gaussian:10")))
    verb.add_argument(
        "--capacity", default="", metavar="FIELD", help=t(N_("column that says how much each place offers"))
    )
    verb.add_argument("--k", default="1", metavar="K", help=t(N_("which nearest place, counted from 1")))
    verb.add_argument("--mode", default="motorbike", help=t(MODE_HELP))
    verb.add_argument("--transit", default="", metavar="NAME=VALUE,…", help=t(TRANSIT_HELP))
    verb.add_argument("--by", default="wards", metavar="UNITS", help=t(N_("wards, communes (until June 2025) or grid")))
    verb.add_argument("--cell", default="1000", metavar="M", help=t(N_("size of a grid cell in metres")))
    verb.add_argument("--shape", default="hexagon", help=t(N_("shape of a grid cell: hexagon or square")))
    verb.add_argument("--line", metavar="X", help=t(N_("the least that people should have, for the equity figures")))
    verb.add_argument("--planned", action="store_true", help=t(N_("count places that are not in operation yet, too")))
    verb.add_argument("--arrive", action="store_true", help=t(N_("time trips from the places to the people")))
    verb.add_argument("--hour", metavar="H", help=t(N_("hour of travel, 0 to 24, for the congestion factors")))
    verb.add_argument("--day", metavar="DAY", help=t(N_("day of travel: mon, tue, wed, thu, fri, sat or sun")))
    verb.add_argument("--network", choices=("strategic", "streets"), help=t(N_("network to travel on")))
    scenario.option(verb, t)
    verb.add_argument("--store", metavar="S", help=t(N_("GeoPackage of the region")))
    verb.add_argument("--out", required=True, metavar="F", help=t(OUT_HELP))


def _run(args: argparse.Namespace, t: Translate) -> int:
    from geodata.export import export_result  # geopandas is slow to import; --help is not
    from geodata.region import StoreRegion
    from geodata.store import open_store
    from zoning.jobs import access

    out = Path(args.out)
    kind = format_of(out)
    request = access.AccessRequest(
        to=args.to,
        measure=args.measure,
        minutes=_number(args.minutes, "--minutes"),
        decay=args.decay,
        capacity=args.capacity,
        k=_whole(args.k, "--k"),
        mode=args.mode,
        transit=args.transit,
        hour=_number(args.hour, "--hour"),
        day=args.day,
        arrive=args.arrive,
        network=args.network,
        by=args.by,
        cell_m=_number(args.cell, "--cell") or 0.0,
        shape=args.shape,
        line=_number(args.line, "--line"),
        planned=args.planned,
    )
    store = open_store(args.store)
    result = scenario.answer(access, request, StoreRegion(store), args.scenario)
    export_result(result, "units", store, kind, translate=t).write(out)
    summary = t(N_("{units} units on the {network} network written to {file}; {used} of {places} places counted"))
    figures = result.figures
    print(  # noqa: T201 - the command line speaks here
        summary.format(
            units=figures["units"],
            network=figures["network"],
            file=args.out,
            used=figures["places_used"],
            places=figures["places"],
        )
    )
    for note in result.notes:
        print(note.text(t))  # noqa: T201
    return 0


def _number(text: str | None, option: str) -> float | None:
    if text is None:
        return None
    try:
        return float(text)
    except ValueError:
        raise InputError(N_("{option}: “{text}” is not a number."), option=option, text=text) from None


def _whole(text: str, option: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise InputError(N_("{option}: “{text}” is not a whole number."), option=option, text=text) from None
