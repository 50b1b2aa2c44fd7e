"""Let an analysis be stopped between two steps: by whoever asked for it, or by its deadline.

Work runs inside `paced(Pace(...))` and calls `checkpoint()` wherever a step ends: often enough that a second never
passes between two calls, and never inside what must not be left half done. Outside of `paced` (the command line, tests)
a checkpoint does nothing. The pace is a context variable: no function between the page and the inner loop passes it on.
"""

from __future__ import annotations

import math
import time
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from zoning.errors import ZoningError
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LOOK_S = 0.2
"""How often one who waits for a lock looks whether to go on waiting."""


# not InterruptedError and TimeoutError, which are OSErrors: work that goes on without a file that it could not write
# must not go on when it is stopped
class StoppedError(ZoningError, RuntimeError):
    """Whoever asked for a long piece of work wants it no more; nothing of it was kept."""


class DeadlineError(ZoningError, RuntimeError):
    """A piece of work took longer than it may; nothing of it was kept."""


class Lock(Protocol):
    """What `held` needs of a lock of `threading`."""

    def acquire(self, blocking: bool = ..., timeout: float = ...) -> bool: ...  # noqa: D102, FBT001 - threading's own
    def release(self) -> None: ...  # noqa: D102 - threading's own


def _never() -> bool:
    return False


@dataclass
class Pace:
    """How long a piece of work may go on.

    Parameters
    ----------
    limit_s
        Seconds from now until its deadline; infinite for none.
    cancelled
        Asked at each checkpoint; once it says True the work ends.
    clock
        Seconds that only grow; tests give their own.
    """

    limit_s: float = math.inf
    cancelled: Callable[[], bool] = _never
    clock: Callable[[], float] = time.monotonic
    _start: float = field(init=False, repr=False)
    _free_s: float = field(default=0.0, init=False, repr=False)
    _timed: bool = field(default=True, init=False, repr=False)

    def __post_init__(self) -> None:
        """Start the clock."""
        self._start = self.clock()

    @property
    def spent_s(self) -> float:
        """Seconds that count so far."""
        return self.clock() - self._start - self._free_s

    def check(self) -> None:
        """Raise StoppedError if the work is not wanted any more, DeadlineError if its time is up."""
        if self.cancelled():
            raise StoppedError(N_("Stopped. Nothing was changed."))
        if self._timed and self.spent_s > self.limit_s:
            raise DeadlineError(
                N_("The analysis was ended after {limit:.0f} seconds, the most that one may take on this server. "
                   "Nothing was changed. Ask for less at once: fewer minutes, origins or places, larger cells."),
                limit=self.limit_s,
            )  # fmt: skip

    @contextmanager
    def untimed(self) -> Iterator[None]:
        """Leave the deadline out of account for a while: what is made once for everybody, and kept."""
        if not self._timed:
            yield
            return
        start, self._timed = self.clock(), False
        try:
            yield
        finally:
            self._timed = True
            self._free_s += self.clock() - start


_PACE: ContextVar[Pace | None] = ContextVar("pace", default=None)


@contextmanager
def paced(pace: Pace) -> Iterator[Pace]:
    """Run the block at a pace: its checkpoints, however deep, ask it."""
    token = _PACE.set(pace)
    try:
        yield pace
    finally:
        _PACE.reset(token)


def checkpoint() -> None:
    """End the work here if it is not wanted any more or its time is up; does nothing where nobody set a pace."""
    pace = _PACE.get()
    if pace is not None:
        pace.check()


@contextmanager
def untimed() -> Iterator[None]:
    """Leave the deadline of the work around out of account, as `Pace.untimed`; its stop button still works."""
    pace = _PACE.get()
    if pace is None:
        yield
        return
    with pace.untimed():
        yield


@contextmanager
def held(lock: Lock) -> Iterator[None]:
    """Hold a lock for the block, with checkpoints while another holds it; waiting for it is not timed."""
    pace = _PACE.get()
    if pace is None:
        lock.acquire()
    else:
        with pace.untimed():
            while not lock.acquire(timeout=LOOK_S):
                pace.check()
    try:
        yield
    finally:
        lock.release()
