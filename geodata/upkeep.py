"""Do and tell what the command line asks of the store as a whole: history of layers, backups, and the way back."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

from zoning.errors import InputError
from zoning.text import N_

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any

    from zoning.text import Translate

# geopandas is slow to import; --help is not: what reads the store is imported when it is needed


def add_verbs(verbs: Any, t: Translate) -> list[argparse.ArgumentParser]:  # noqa: ANN401 - argparse's own
    """Add the verbs to the parser; the action of each returns the exit status. Return their parsers."""
    history = verbs.add_parser("history", help=t(N_("list the versions of a layer: when, by whom, how many rows")))
    history.add_argument("layer", nargs="?", metavar="LAYER", help=t(N_("name of the layer; without it, all layers")))
    restore = verbs.add_parser("restore", help=t(N_("make a former version of a layer its newest one")))
    restore.add_argument("layer", metavar="LAYER", help=t(N_("name of the layer, as the verb layers lists it")))
    restore.add_argument("version", metavar="VERSION", help=t(N_("its number, as the verb history lists it")))
    backup = verbs.add_parser("backup", help=t(N_("write the whole store and its history into one file")))
    backup.add_argument("--out", required=True, metavar="F.zip", help=t(N_("file to write")))
    back = verbs.add_parser("restore-backup", help=t(N_("put a backup in place of the store")))
    back.add_argument("file", metavar="F.zip", help=t(N_("backup to restore")))
    back.add_argument("--confirm", action="store_true", help=t(N_("replace the store that is there; it is kept beside "
                      "the new one")))  # fmt: skip
    for verb, action in ((history, _history), (restore, _restore), (backup, _backup), (back, _restore_backup)):
        verb.set_defaults(action=_printing(action, t))
    return [history, restore, backup, back]


def aligned(lines: Sequence[Sequence[str]]) -> list[str]:
    """Return rows of cells as lines whose columns stand below each other."""
    widths = [max(_width(line[column]) for line in lines) for column in range(len(lines[0]))]
    return [
        "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]


def _printing(
    action: Callable[[argparse.Namespace, Translate], Iterator[str]], t: Translate
) -> Callable[[argparse.Namespace], int]:
    def run(args: argparse.Namespace) -> int:
        for line in action(args, t):
            print(line)  # noqa: T201 - the command line speaks
        return 0

    return run


def _history(args: argparse.Namespace, t: Translate) -> Iterator[str]:
    from geodata.history import ACTIONS
    from geodata.store import open_store

    table = open_store(args.store).history(args.layer)
    if table.empty:
        yield t(N_("Nobody has saved it yet: there is one version only."))
        return
    heads = (N_("layer"), N_("version"), N_("date (UTC)"), N_("author"), N_("what"), N_("rows"), N_("state"))
    lines = [[t(head) for head in heads]]
    for row in table.to_dict("records"):
        state = N_("now") if row["now"] else N_("kept") if row["kept"] else N_("not kept any more")
        lines.append(
            [
                str(row["layer"]), str(row["version"]), str(row["date"])[:19].replace("T", " "), str(row["author"]),
                t(ACTIONS.get(str(row["action"]), str(row["action"]))), _rows(row),
                t(state),
            ]
        )  # fmt: skip
    yield from aligned(lines)


def _restore(args: argparse.Namespace, t: Translate) -> Iterator[str]:
    from geodata.store import open_store

    if not args.version.isdecimal():
        raise InputError(N_("VERSION must be a whole number such as 2; it is “{text}”."), text=args.version[:20])
    store = open_store(args.store)
    store.restore_version(args.layer, int(args.version))
    newest = store.history(args.layer).iloc[-1]
    yield t(N_("{layer}: version {version} is the newest again, as version {new}; rows: {rows}")).format(
        layer=args.layer, version=int(args.version), new=newest["version"], rows=newest["rows_after"]
    )


def _backup(args: argparse.Namespace, t: Translate) -> Iterator[str]:
    from geodata.backup import make_backup
    from geodata.store import open_store

    made = make_backup(open_store(args.store).backend, Path(args.out).expanduser().absolute())
    yield t(N_("Written to {file}: {layers} layers, {rows} rows, {states} former versions, {size} kB; read again and "
               "whole")).format(
        file=args.out, layers=len(made.layers), rows=sum(made.layers.values()), states=made.states,
        size=f"{made.size_bytes / 1000:.0f}",
    )  # fmt: skip


def _restore_backup(args: argparse.Namespace, t: Translate) -> Iterator[str]:
    from geodata.backup import restore_backup
    from geodata.place import backend_of
    from geodata.store import open_store

    backend = backend_of(args.store)
    kept = restore_backup(backend, Path(args.file).expanduser().absolute(), confirmed=args.confirm)
    store = open_store(args.store)
    yield t(N_("{path} is as the backup {file} has it: {layers} layers.")).format(
        path=store.label, file=args.file, layers=len(store.names())
    )
    if kept is not None:
        yield t(N_("As it was before, it is kept in {file}.")).format(file=kept)


def _rows(row: Mapping[Any, Any]) -> str:
    # a layer that was new has no number before
    return f"{row['rows_before']} → {row['rows_after']}".removeprefix("<NA> → ")


def _width(text: str) -> int:
    """Return how many places of a terminal a text takes: marks that combine take none."""
    return sum(not unicodedata.combining(letter) for letter in text)
