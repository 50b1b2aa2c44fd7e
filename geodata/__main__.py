"""Build the store, fill it with streets and own layers, list them and take them home: the command line of the data."""

from __future__ import annotations

import json
import sys
import time
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

from geodata import feed_command
from geodata.journal import JournalHandler
from geodata.upkeep import add_verbs
from pages.ui.text import command_line_language, translator
from zoning.cli import OneLineParser, run
from zoning.errors import InputError
from zoning.text import N_

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from geodata.osmreport import Bbox
    from geodata.watch import Watch

t = translator(command_line_language())

FORMATS = ("geojson", "gpkg", "csv", "kml", "dxf")
"""As in `geodata.export`, which is too slow to import for --help; a test holds them together."""
LISTED = ("name", "count", "geometry", "crs", "source", "licence", "date")
_WIDEST = 40  # letters of a cell in the table; --json has them whole


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the arguments, do what the verb says, return the exit status."""
    args = parser().parse_args(arguments)
    return int(args.action(args))


def parser() -> argparse.ArgumentParser:
    """Return the parser of `python -m geodata`."""
    root = OneLineParser(
        prog="python -m geodata",
        description=t(N_("The data of the Binh Duong Innovation Region: build the store, list and export its layers.")),
        translate=t,
    )
    verbs = root.add_subparsers(dest="verb", required=True, metavar="VERB", title=t(N_("verbs")))
    build = verbs.add_parser("build", help=t(N_("make the store from the region that comes with the application")))
    build.set_defaults(action=_build)
    layers = verbs.add_parser("layers", help=t(N_("list the layers of the store")))
    layers.set_defaults(action=_layers)
    layers.add_argument("--json", action="store_true", help=t(N_("as JSON, nothing shortened")))
    export = verbs.add_parser("export", help=t(N_("write features of a layer to a file")))
    export.set_defaults(action=_export)
    export.add_argument("layer", metavar="LAYER", help=t(N_("name of the layer, as the verb layers lists it")))
    export.add_argument("--out", required=True, metavar="F", help=t(N_("file to write")))
    export.add_argument("--format", choices=FORMATS, help=t(N_("else the ending of the file says it, else geojson")))
    export.add_argument(
        "--where-id", action="append", metavar="ID", help=t(N_("only this feature; may be given several times"))
    )
    take = verbs.add_parser("import", help=t(N_("take a planner's own layer into the store")))
    take.set_defaults(action=_import)
    take.add_argument("file", metavar="FILE", help=t(N_("GeoPackage, GeoJSON, Shapefile or MapInfo in a zip, KML, "
                      "GeoParquet, DXF, DGN, or CSV or XLSX with coordinates")))  # fmt: skip
    take.add_argument("--as", dest="name", required=True, metavar="NAME", help=t(N_("name of the layer in the store")))
    take.add_argument("--crs", metavar="EPSG:9210", help=t(N_("coordinate system, where the file does not say it")))
    take.add_argument("--layer", metavar="L", help=t(N_("which layer of the file, where it has several")))
    take.add_argument("--encoding", metavar="E", help=t(N_("utf-8, cp1258, tcvn3 or cp1252; else it is found out")))
    take.add_argument(
        "--confirm",
        action="store_true",
        help=t(N_("keep repairs that change an area by over 1 %%, and leave out rows that name no ward or commune")),
    )
    take.add_argument("--role", default="own", metavar="R", help=t(N_("what it is: zones, land_use, facilities, "
                      "population, bans, lots, utilities, power_lines, schools …; else its own layer")))  # fmt: skip
    take.add_argument("--map", action="append", default=[], metavar="FIELD=COLUMN", help=t(N_("which column is which "
                      "field of the role, such as capacity=SoGiuong; else proposed by the headers")))  # fmt: skip
    take.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE",
                      help=t(N_("one value of a field for the whole layer, such as kind=hospital")))  # fmt: skip
    take.add_argument("--value", action="append", default=[], metavar="VALUE=MEANING",
                      help=t(N_("what a value of the file means, such as MN=kindergarten")))  # fmt: skip
    take.add_argument("--author", default="", metavar="NAME", help=t(N_("who brings zones in; else the user's name")))
    streets = verbs.add_parser("streets", help=t(N_("put the streets of OpenStreetMap into the store")))
    streets.set_defaults(action=_streets)
    streets.add_argument("file", nargs="?", metavar="FILE", help=t(N_("an extract: .osm, .osm.gz, .osm.bz2, .osm.pbf")))
    streets.add_argument("--overpass", action="store_true", help=t(N_("ask an Overpass service instead of a file")))
    streets.add_argument("--bbox", metavar="W,S,E,N", help=t(N_("study area: west, south, east, north in degrees")))
    streets.add_argument("--url", metavar="URL", help=t(N_("address of the Overpass service")))
    condition = verbs.add_parser("health", help=t(N_("say how the installation is; ends with 1 if a check fails")))
    condition.set_defaults(action=_health)
    condition.add_argument("--json", action="store_true", help=t(N_("as JSON, nothing shortened")))
    more = (*add_verbs(verbs, t), feed_command.add_verb(verbs, t))
    for verb in (build, layers, export, take, streets, *more, condition):
        verb.add_argument("--store", metavar="S", help=t(N_("GeoPackage of the region")))
    return root


def _build(args: argparse.Namespace) -> int:
    from geodata.store import open_store  # geopandas is slow to import; --help is not

    start = time.perf_counter()
    store = open_store(args.store)
    table = store.layers()
    sentence = t(N_("{path}: {layers} layers, {features} features, {seconds:.1f} s"))
    seconds = time.perf_counter() - start
    print(sentence.format(path=store.label, layers=len(table), features=table["count"].sum(), seconds=seconds))
    for name, count in zip(table["name"], table["count"], strict=True):
        print(f"  {name}: {count}")
    return 0


def _layers(args: argparse.Namespace) -> int:
    from geodata.store import open_store

    table = open_store(args.store).layers()
    rows = [{column: row[column] for column in LISTED} for row in table.to_dict("records")]
    if args.json:
        rows = [{**row, "count": int(row["count"])} for row in rows]
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return 0
    heads = [t(text) for text in (N_("name"), N_("count"), N_("geometry"), N_("CRS"), N_("source"), N_("licence"),
                                  N_("date"))]  # fmt: skip
    lines = [heads, *([_short(str(row[column])) for column in LISTED] for row in rows)]
    widths = [max(_width(line[column]) for line in lines) for column in range(len(LISTED))]
    for line in lines:
        cells = (cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True))
        print("  ".join(cells).rstrip())
    return 0


def _health(args: argparse.Namespace) -> int:
    from geodata.health import health
    from geodata.store import open_store
    from layers import assets

    found = health(lambda: open_store(args.store), more={N_("The files of the map are there"): assets.check})
    if args.json:
        print(json.dumps(found.content(t), ensure_ascii=False, indent=1))
        return 0 if found.healthy else 1
    for check in found.checks:
        mark = t(N_("ok")) if check.ok else t(N_("FAILED"))
        print(f"{mark}: {t(check.name)}: {check.said.text(t)}")
    for name, version in found.versions.items():
        print(f"  {name} {version}")
    return 0 if found.healthy else 1


def _export(args: argparse.Namespace) -> int:
    from geodata.export import FORMATS as NAMES
    from geodata.export import export_layer
    from geodata.store import open_store

    out = Path(args.out)
    kind = args.format or _format_of(out)
    export = export_layer(open_store(args.store), args.layer, kind, ids=args.where_id, translate=t)
    export.write(out)
    sentence = t(N_("Written to {file}: {layer}, {format}, features: {count}, {size} kB"))
    size = f"{len(export.data) / 1000:.0f}"
    print(sentence.format(count=export.count, layer=args.layer, file=out, format=NAMES[kind], size=size))
    return 0


def _import(args: argparse.Namespace) -> int:
    from geodata.importing.command import Said, import_file
    from geodata.store import open_store

    said = Said(
        crs=args.crs, layer=args.layer, encoding=args.encoding, confirmed=args.confirm, role=args.role,
        pairs=args.map, constants=args.set, meanings=args.value, author=args.author,
    )  # fmt: skip
    for line in import_file(open_store(args.store), Path(args.file), args.name, said, translate=t):
        print(line)
    return 0


def _streets(args: argparse.Namespace) -> int:
    from geodata.overpass import OverpassSettings
    from geodata.store import open_store

    if args.url and not args.overpass:
        raise InputError(N_("--url names an Overpass service: add --overpass."))
    settings = OverpassSettings(**({"url": args.url} if args.url else {})) if args.overpass else None
    file = Path(args.file) if args.file is not None else None
    store, box = open_store(args.store), _box(args.bbox)
    if file is None or settings is not None:  # both or neither are refused there
        from geodata.streets import load_streets

        for sentence in load_streets(store, file, overpass=settings, bbox=box, watch=_watch()).sentences(t):
            print(sentence)
        return 0
    from geodata.extract import load_extract

    report, matches = load_extract(store, file, bbox=box, watch=_watch())
    for sentence in report.sentences(t):
        print(sentence)
    found, total = int(matches["status"].eq("matched").sum()), len(matches)
    print(t(N_("{found} of {total} zones and facilities found their outline.")).format(found=found, total=total))
    return 0


def _box(text: str | None) -> Bbox | None:
    """Return W,S,E,N as four numbers; whether they make a box is checked where it is used."""
    if text is None:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise InputError(
            N_("--bbox: “{text}” is not a box; write W,S,E,N in degrees, such as 106.55,10.85,106.85,11.35."),
            text=text[:60],
        ) from None
    return west, south, east, north


def _watch() -> Watch:
    """Return a watch that tells a person at a terminal what is being done; a script's output has only the result."""
    from geodata.watch import Watch

    told: set[str] = set()

    def progress(step: str, share: float) -> None:  # noqa: ARG001 - of the steps only the names are told
        if step not in told and sys.stdout.isatty():
            told.add(step)
            print(f"{t(step)} …", flush=True)

    return Watch(progress)


def _format_of(out: Path) -> str:
    """Return the format that a file's ending says; GeoJSON where it has none."""
    ending = out.suffix.lower().removeprefix(".")
    if ending in FORMATS:
        return ending
    if ending in ("", "json"):
        return "geojson"
    raise InputError(
        N_("The ending .{ending} is of no known format: name one with --format ({formats})."),
        ending=ending[:20],
        formats=", ".join(FORMATS),
    )


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _WIDEST else line[: _WIDEST - 1] + "…"


def _width(text: str) -> int:
    """Return how many places of a terminal a text takes: marks that combine take none."""
    return sum(not unicodedata.combining(letter) for letter in text)


if __name__ == "__main__":
    sys.exit(run(main, t, JournalHandler()))
