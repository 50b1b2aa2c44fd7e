"""Load, list and remove timetables from the command line: `python -m geodata gtfs`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoning.errors import BadFileError, InputError
from zoning.text import N_

if TYPE_CHECKING:
    import argparse

    from zoning.text import Translate

MOST_BYTES = 100_000_000


def add_verb(verbs: Any, t: Translate) -> argparse.ArgumentParser:  # noqa: ANN401 - argparse's own
    """Add the verb to `python -m geodata` and return its parser."""
    verb: argparse.ArgumentParser = verbs.add_parser("gtfs", help=t(N_("load a timetable of public transport (GTFS)")))
    verb.add_argument("file", nargs="?", metavar="FEED.zip", help=t(N_("the feed; without it, list those in use")))
    verb.add_argument("--as", dest="name", default="timetable", metavar="NAME", help=t(N_("its name in the store")))
    verb.add_argument("--title", default="", metavar="TEXT", help=t(N_("what results call it; else its agency")))
    verb.add_argument("--date", default="", metavar="2026-05-13", help=t(N_("the day that is taken for every day")))
    verb.add_argument("--remove", action="store_true", help=t(N_("take the timetable NAME out of use")))
    verb.set_defaults(action=lambda args: _gtfs(args, t))
    return verb


def _gtfs(args: argparse.Namespace, t: Translate) -> int:
    from geodata.feeds import add_feed, listed, remove_feed  # geopandas is slow to import; --help is not
    from geodata.store import open_store

    if args.file and args.remove:
        raise InputError(N_("Either load a timetable or remove one, not both."))
    store = open_store(args.store)
    lines: list[str] = []
    if args.file:
        notes = add_feed(store, _content(Path(args.file)), args.name, title=args.title, date=args.date)
        lines += [note.text(t) for note in notes]
    elif args.remove:
        remove_feed(store, args.name)
        lines.append(t(N_("The timetable {name} is no longer in use.")).format(name=args.name))
    else:
        rows = listed(store).to_dict("records")
        lines += [f"{row['id']}: {row['title']}, {row['valid_from']} – {row['valid_to']}" for row in rows]
        lines = lines or [t(N_("No timetable is loaded: public transport runs by headway."))]
    for line in lines:
        print(line)  # noqa: T201 - the command line speaks
    return 0


def _content(file: Path) -> bytes:
    try:
        if not file.is_file():
            raise BadFileError(N_("There is no file {path}."), path=file)
        if file.stat().st_size > MOST_BYTES:
            raise BadFileError(N_("The timetable has {size} MB; {most} MB are the most."),
                               size=f"{file.stat().st_size / 1e6:.0f}", most=f"{MOST_BYTES / 1e6:.0f}")  # fmt: skip
        return file.read_bytes()
    except OSError as error:
        if isinstance(error, BadFileError):
            raise
        raise BadFileError(N_("The file {path} cannot be read."), path=file) from error
