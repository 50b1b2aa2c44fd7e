"""Run analyses from the command line: catchment, access, check, scenario, replay."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from geodata.journal import JournalHandler
from pages.ui.text import command_line_language, translator
from zoning.cli import OneLineParser, run
from zoning.commands import access, check, scenario
from zoning.commands.access import MODE_HELP, TRANSIT_HELP
from zoning.commands.outs import OUT_HELP, format_of
from zoning.errors import InputError
from zoning.text import N_

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

t = translator(command_line_language())


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the arguments, run the job, write its result; return the exit status."""
    args = parser().parse_args(arguments)
    return int(args.action(args))


def parser() -> argparse.ArgumentParser:
    """Return the parser of `python -m zoning`."""
    root = OneLineParser(
        prog="python -m zoning", description=t(N_("Analyses of the Binh Duong Innovation Region.")), translate=t
    )
    verbs = root.add_subparsers(dest="verb", required=True, metavar="VERB")
    verb = verbs.add_parser("catchment", help=t(N_("what can be reached within minutes")))
    verb.set_defaults(action=_catchment)
    verb.add_argument("--at", action="append", required=True, metavar="LON,LAT", help=t(N_("origin in degrees")))
    verb.add_argument("--minutes", default="5,10,15", metavar="M,M,…", help=t(N_("limits of the rings")))
    verb.add_argument("--mode", default="motorbike", help=t(MODE_HELP))
    verb.add_argument("--transit", default="", metavar="NAME=VALUE,…", help=t(TRANSIT_HELP))
    verb.add_argument("--arrive", action="store_true", help=t(N_("from where the point can be reached")))
    verb.add_argument("--split", action="store_true", help=t(N_("several origins: each place to the nearest")))
    verb.add_argument("--hour", metavar="H", help=t(N_("hour of travel, 0 to 24, for the congestion factors")))
    verb.add_argument("--day", metavar="DAY", help=t(N_("day of travel: mon, tue, wed, thu, fri, sat or sun")))
    verb.add_argument("--network", choices=("strategic", "streets"), help=t(N_("network to travel on")))
    scenario.option(verb, t)
    verb.add_argument("--store", metavar="S", help=t(N_("GeoPackage of the region")))
    verb.add_argument("--out", required=True, metavar="F", help=t(OUT_HELP))
    access.add(verbs, t)
    check.add(verbs, t)
    scenario.add(verbs, t)
    verb = verbs.add_parser("replay", help=t(N_("run the record inside an export again")))
    verb.set_defaults(action=_replay)
    verb.add_argument("record", metavar="RUN.json|EXPORT", help=t(N_("run record, or a GeoJSON export that holds one")))
    verb.add_argument("--scenario", metavar="F.json", help=t(N_("with this scenario in place of the record's own")))
    verb.add_argument("--store", metavar="S", help=t(N_("GeoPackage of the region")))
    verb.add_argument("--out", required=True, metavar="F", help=t(OUT_HELP))
    return root


def _replay(args: argparse.Namespace) -> int:
    from geodata.export import export_result
    from geodata.records import read_record
    from geodata.region import StoreRegion
    from geodata.store import open_store
    from zoning.replay import differences, question, replay

    kind = format_of(Path(args.out))
    record = read_record(Path(args.record))
    store = open_store(args.store)
    if args.scenario is None:
        result, frame = replay(record, StoreRegion(store))
        changed = differences(record, result)
    else:
        job, request, frame = question(record)
        result = scenario.answer(job, request, StoreRegion(store), args.scenario)
        changed = []  # what differs is what the scenario lays over the data
    export_result(result, frame, store, kind, translate=t).write(Path(args.out))
    print(t(N_("Run {id} written to {file}")).format(id=result.run["id"], file=args.out))
    if changed:
        print(t(N_("These data have changed since: {names}")).format(names=", ".join(changed)))
    return 0


def _catchment(args: argparse.Namespace) -> int:
    from geodata.export import export_result  # geopandas is slow to import; --help is not
    from geodata.region import StoreRegion
    from geodata.store import open_store
    from zoning.jobs import catchment

    kind = format_of(Path(args.out))
    request = catchment.CatchmentRequest(
        at=tuple(_pair(text) for text in args.at),
        minutes=tuple(_number(text, "--minutes") for text in args.minutes.split(",")),
        mode=args.mode,
        transit=args.transit,
        arrive=args.arrive,
        hour=None if args.hour is None else _number(args.hour, "--hour"),
        day=args.day,
        network=args.network,
        split=args.split,
    )
    store = open_store(args.store)
    result = scenario.answer(catchment, request, StoreRegion(store), args.scenario)
    export_result(result, "rings", store, kind, translate=t).write(Path(args.out))
    rings = result.frames["rings"]
    summary = t(N_("{count} rings on the {network} network written to {file}"))
    print(summary.format(count=len(rings), network=result.figures["network"], file=args.out))
    for note in result.notes:
        print(note.text(t))
    return 0


def _pair(text: str) -> tuple[float, float]:
    parts = text.split(",")
    if len(parts) != 2:
        raise InputError(N_("“{text}” is not a position; write LON,LAT in degrees, such as 106.65,10.98."), text=text)
    return _number(parts[0], "--at"), _number(parts[1], "--at")


def _number(text: str, option: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError(N_("{option}: “{text}” is not a number."), option=option, text=text) from None


if __name__ == "__main__":
    sys.exit(run(main, t, JournalHandler()))
