"""Speak from the command line: one clear line for a fault, in the reader's language, and its exit status."""

from __future__ import annotations

import argparse
import functools
import io
import logging
import os
import re
import secrets
import sys
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from zoning.errors import InputError, ZoningError
from zoning.text import N_, Translate, english

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

FAULT, BAD_INPUT, INTERRUPTED, BROKEN_PIPE = 1, 2, 130, 141
"""Exit statuses: a fault of ours, something the user can put right, Ctrl-C, the reader of our output has gone."""

# what argparse says (Python 3.11 and 3.12), and how we say it; the first that fits
_USAGE = (
    (r"the following arguments are required: (?P<names>.+)", N_("Missing: {names}. Add --help to see what is needed.")),
    (r"unrecognized arguments: (?P<names>.+)", N_("Unknown argument: {names}. Add --help to see what there is.")),
    (r"argument (?P<name>.+?): expected one argument", N_("{name} needs a value behind it.")),
    (r"argument (?P<name>.+?): expected .*argument.*", N_("{name} needs more values behind it.")),
    (
        r"argument (?P<name>.+?): invalid choice: (?P<value>.+) \(choose from (?P<choices>.+)\)",
        N_("{name}: {value} is not known. There are: {choices}."),
    ),
    (r"argument (?P<name>.+?): invalid .+ value: (?P<value>.+)", N_("{name}: {value} is not a value it can have.")),
    (r"argument (?P<name>.+?): ignored explicit argument (?P<value>.+)", N_("{name} takes no value, but got {value}.")),
    (r"argument (?P<name>.+?): not allowed with argument (?P<other>.+)", N_("{name} and {other} exclude each other.")),
    (r"one of the arguments (?P<names>.+) is required", N_("One of these is needed: {names}.")),
)


class OneLineParser(argparse.ArgumentParser):
    """Parser whose faults are an `InputError`, and whose help is in the language of `translate`; so are its verbs'."""

    def __init__(self, *args: Any, translate: Translate = english, **kwargs: Any) -> None:  # noqa: ANN401 - argparse's own
        kwargs.setdefault("allow_abbrev", False)  # a new option must not change what old scripts mean
        kwargs.setdefault("formatter_class", functools.partial(_Formatter, translate=translate))
        super().__init__(*args, **{**kwargs, "add_help": False})
        self._translate = translate
        self._positionals.title = translate(N_("arguments"))
        self._optionals.title = translate(N_("options"))
        self.add_argument("-h", "--help", action="help", help=translate(N_("show this help and stop")))

    def add_subparsers(self, **kwargs: Any) -> Any:  # noqa: ANN401 - argparse's own
        """Return the place for verbs, whose parsers are like this one."""
        kwargs.setdefault("parser_class", functools.partial(type(self), translate=self._translate))
        return super().add_subparsers(**kwargs)

    def error(self, message: str) -> NoReturn:
        """Raise what argparse found wrong as an `InputError`; `run` prints it."""
        text = " ".join(message.split())
        for pattern, template in _USAGE:
            found = re.fullmatch(pattern, text)
            if found:
                values = found.groupdict()
                if "choices" in values:  # argparse quotes each, some versions do not
                    values["choices"] = values["choices"].replace("'", "")
                raise InputError(template, **values)
        raise InputError(N_("The command cannot be understood: {message}."), message=text)


class _Formatter(argparse.HelpFormatter):
    def __init__(self, prog: str, *, translate: Translate = english) -> None:
        super().__init__(prog)
        self._usage = translate(N_("usage")) + ": "

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[Any],
        prefix: str | None = None,
    ) -> None:
        super().add_usage(usage, actions, groups, self._usage if prefix is None else prefix)


class Log(Protocol):
    """What `run` asks of a log beyond being a `logging.Handler`; `geodata.journal` has one."""

    @property
    def path(self) -> Path | None:
        """The file of the log; None where it is off."""

    @property
    def written(self) -> bool:
        """Whether the last event could be written."""


def run(main: Callable[[], int], translate: Translate = english, log: logging.Handler | None = None) -> int:
    """Return the exit status of `main`, its faults told in one line on standard error.

    Parameters
    ----------
    main
        Parses the arguments and does the work.
    translate
        Turns a sentence into the reader's language.
    log
        Takes warnings and the details of unexpected faults, a `Log`; None for none.

    Returns
    -------
    int
        What `main` returned; 2 for a `ZoningError`; 1 for an unexpected fault; 130 after Ctrl-C; 141 when nobody reads
        the output any more.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # Vietnamese also where the terminal says it knows ASCII only
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    handler = log or logging.NullHandler()
    root = logging.getLogger()
    root.addHandler(handler)  # else warnings of libraries would be further lines on standard error
    logging.captureWarnings(capture=True)
    try:
        status = main()
        sys.stdout.flush()
    except ZoningError as error:
        return _say(error.text(translate), BAD_INPUT)
    except KeyboardInterrupt:
        return _say(translate(N_("Stopped.")), INTERRUPTED)
    except BrokenPipeError:
        # Python flushes once more at exit: give it somewhere to write to
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except Exception as error:  # the roof of the command line: nothing may end in a traceback
        number = secrets.token_hex(4)
        logging.getLogger(__name__).exception("unexpected fault", extra={"event": "fault", "fault": number})
        path: Path | None = getattr(log, "path", None)
        sentence = N_("An unexpected fault ({kind}). The details are in {log} under {number}.")
        if path is None:
            sentence = N_("An unexpected fault ({kind}). The log with its details is switched off.")
        elif not getattr(log, "written", False):
            sentence = N_("An unexpected fault ({kind}). The details could not be written to {log}.")
        return _say(translate(sentence).format(kind=type(error).__name__, log=path, number=number), FAULT)
    finally:
        logging.captureWarnings(capture=False)
        root.removeHandler(handler)
        handler.close()
    return status


def _say(sentence: str, status: int) -> int:
    print(" ".join(sentence.split()), file=sys.stderr)  # noqa: T201 - the one place that speaks
    return status
