"""Run what is heavy a few at a time for the whole server, each question once for everybody who asks it.

Free of Streamlit. A run begins in a thread of its own as soon as one of the `slots` is free, in the order of asking; it
ends at its next checkpoint (zoning.pace) once nobody waits for it any more or its time is up. Answers are kept, the
last used ones, up to a number of bytes; faults are not.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pages.ui.weight import weight_of
from zoning.pace import Pace, StoppedError, paced
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

SLOTS = 2
KEPT_BYTES = 150_000_000
KEPT_S = 3600.0
LOST_S = 15.0
"""Who has not looked at a run for so long has gone: a closed tab, a page left, a thread that ended."""
LEAVE_S = 2.0
"""A page that runs again comes back to its question within this time, else it asks another."""

log = logging.getLogger("innovation_region.runs")


@dataclass
class Run:
    """One question being answered, and who waits for it."""

    job: str
    key: Hashable
    work: Callable[[], Any]
    limit_s: float
    done: threading.Event = field(default_factory=threading.Event)
    asked_s: float = 0.0
    started_s: float | None = None
    ended_s: float | None = None
    value: Any = None
    fault: BaseException | None = None
    bytes: int = 0
    askers: dict[str, float] = field(default_factory=dict)
    """When each was last seen waiting."""
    given_up: bool = False


@dataclass(frozen=True)
class Busy:
    """What the queue is doing: how many run and wait now, and since its start how many came to which end."""

    running: int
    waiting: int
    kept: int
    kept_bytes: int
    answered: int
    stopped: int
    failed: int


class Queue:
    """The runs of one server.

    Parameters
    ----------
    slots
        How many run at once.
    kept_bytes, kept_s
        Answers are kept until they are older, or until newer ones need the room.
    lost_s
        A run ends when nobody who waits for it has been seen for so long.
    clock
        Seconds that only grow; tests give their own.
    """

    def __init__(
        self,
        slots: int = SLOTS,
        *,
        kept_bytes: int = KEPT_BYTES,
        kept_s: float = KEPT_S,
        lost_s: float = LOST_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.slots, self.kept_bytes, self.kept_s, self.lost_s = slots, kept_bytes, kept_s, lost_s
        self._clock = clock
        self._guard = threading.RLock()
        self._waiting: list[Run] = []
        self._running: list[Run] = []
        self._kept: OrderedDict[Hashable, Run] = OrderedDict()
        self._ends = {"answered": 0, "stopped": 0, "failed": 0}

    def ask(self, job: str, key: Hashable, work: Callable[[], Any], asker: str, limit_s: float) -> Run:
        """Return the run that answers a question: kept, under way, waiting, or a new one at the end of the line.

        `asker` tells one who waits from another; `seen` and `leave` take it again. `limit_s` is the deadline in
        seconds from the moment when the run begins.
        """
        with self._guard:
            self._forget_old()
            run = self._kept.get(key)
            if run is not None:
                self._kept.move_to_end(key)
                return run
            run = next((one for one in (*self._running, *self._waiting) if one.key == key and self._wanted(one)), None)
            if run is None:
                run = Run(job, key, work, limit_s, asked_s=self._clock())
                self._waiting.append(run)
            run.askers[asker] = self._clock()
            self._start_next()
            return run

    def seen(self, run: Run, asker: str) -> int:
        """Note that somebody still waits for a run; return its place in the line, 0 once it is running."""
        with self._guard:
            run.askers[asker] = self._clock()
            self._start_next()
            return self._waiting.index(run) + 1 if run in self._waiting else 0

    def leave(self, run: Run, asker: str, *, at_once: bool = True) -> None:
        """Note that somebody waits no more: at once, or unless they come back in a moment as a page's rerun does."""
        with self._guard:
            if at_once:
                run.askers.pop(asker, None)
            elif asker in run.askers:
                run.askers[asker] = self._clock() - self.lost_s + LEAVE_S
            self._start_next()

    def stop(self, key: Hashable, asker: str) -> None:
        """Note that somebody wants the answer to a question no more."""
        with self._guard:
            for run in [one for one in (*self._running, *self._waiting) if one.key == key]:
                self.leave(run, asker)

    def give_up(self, run: Run) -> None:
        """End a run at its next checkpoint, whoever is seen waiting for it until then."""
        with self._guard:
            run.given_up = True
            self._start_next()

    def busy(self) -> Busy:
        """Return what the queue is doing."""
        with self._guard:
            self._forget_old()
            kept = self._kept.values()
            return Busy(len(self._running), len(self._waiting), len(kept), sum(one.bytes for one in kept), **self._ends)

    def _wanted(self, run: Run) -> bool:
        now = self._clock()
        return not run.given_up and any(now - seen < self.lost_s for seen in list(run.askers.values()))

    def _start_next(self) -> None:
        gone = [run for run in self._waiting if not self._wanted(run)]
        for run in gone:
            self._waiting.remove(run)
            self._end(run, StoppedError(N_("Stopped. Nothing was changed.")))
        while self._waiting and len(self._running) < self.slots:
            run = self._waiting.pop(0)
            run.started_s = self._clock()
            self._running.append(run)
            threading.Thread(target=self._work, args=[run], name=f"run-{run.job}", daemon=True).start()

    def _work(self, run: Run) -> None:
        fault: BaseException | None = None
        try:
            with paced(Pace(run.limit_s, lambda: not self._wanted(run))):
                run.value = run.work()
            run.bytes = weight_of(run.value)
        except BaseException as error:  # noqa: BLE001 - whoever waits for it gets it, on a thread of their own
            fault = error
        with self._guard:
            self._running.remove(run)
            self._end(run, fault)
            self._start_next()

    def _end(self, run: Run, fault: BaseException | None) -> None:
        run.fault, run.ended_s = fault, self._clock()
        run.work = _nothing  # it holds what it was asked on
        end = "answered" if fault is None else "stopped" if isinstance(fault, StoppedError) else "failed"
        self._ends[end] += 1
        if fault is None:
            self._kept[run.key] = run
            self._forget_old()
        started = run.asked_s if run.started_s is None else run.started_s
        event = {
            "event": "run",
            "job": run.job,
            "end": end,
            "kind": type(fault).__name__ if fault else "",
            "run": _run_id(run.value),
            "waited_s": round(started - run.asked_s, 3),
            "duration_s": round(run.ended_s - started, 3),
        }
        log.info("run", extra=event)
        run.done.set()

    def _forget_old(self) -> None:
        now = self._clock()
        for key in [key for key, run in self._kept.items() if run.ended_s is None or now - run.ended_s > self.kept_s]:
            del self._kept[key]
        room = self.kept_bytes
        for key, run in reversed(list(self._kept.items())):  # the last used first
            room -= run.bytes
            if room < 0 and len(self._kept) > 1:
                del self._kept[key]


def _nothing() -> None:
    return None


def _run_id(value: object) -> str:
    record = getattr(value, "run", None)
    return str(record["id"]) if isinstance(record, dict) and "id" in record else ""
