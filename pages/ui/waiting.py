"""Wait on a page for a heavy run: its place in the line, how far it is, and a button that really stops it."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar
from uuid import uuid4

import streamlit as st
from streamlit.errors import StreamlitDuplicateElementKey

from pages.ui.data import store
from pages.ui.language import n, t
from pages.ui.queue import SLOTS, Queue
from zoning.pace import DeadlineError, StoppedError
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from pages.ui.queue import Run
    from zoning.errors import ZoningError

T = TypeVar("T")

DEADLINE_VARIABLE = "INNOVATION_REGION_DEADLINE_S"
DEADLINE_S = 120.0
SLOTS_VARIABLE = "INNOVATION_REGION_RUNS"
QUICK_S = 0.4
"""An answer that comes within this time comes without a word about waiting."""
LOOK_S = 0.2
_ASKER, _ENDED, _ACTS = "_asker", "_ended_runs", "_acts"
_MOST_ENDED = 20


@st.cache_resource(show_spinner=False)
def queue() -> Queue:
    """Return the one queue of the server."""
    return Queue(slots=max(1, int(_setting(SLOTS_VARIABLE, SLOTS))))


def _data_state() -> str:
    return "|".join(store().fingerprint(name) for name in store().names())


def deadline_s() -> float:
    """Return how many seconds an analysis may take on this server."""
    return _setting(DEADLINE_VARIABLE, DEADLINE_S)


def heavy(job: str, question: Hashable, work: Callable[[], T], words: str) -> T:
    """Return what `work` answers, from the last answers or from a run in the server's queue.

    The page stays alive meanwhile: a click elsewhere runs it again, and it comes back to the same run. A run that was
    stopped, or that met its deadline, is not begun again until the planner says so.

    Parameters
    ----------
    job
        Name of the kind of work, for the log.
    question
        The request. The state of all layers is added to it: an answer is kept as long as nobody saves.
    work
        Computes the answer, with checkpoints (zoning.pace), in another thread: it must not touch Streamlit.
    words
        What the page says meanwhile, in the session's language.

    Raises
    ------
    StoppedError, DeadlineError
        The planner has stopped the run; it has met its deadline.
    ZoningError
        As `work` does.
    """
    slot = st.empty()  # one place on the page, whether there is something to say or not: what follows never moves
    key = (job, question, _data_state())
    ended: dict[Hashable, ZoningError] = st.session_state.setdefault(_ENDED, {})
    if key in ended:
        _offer_again(key, slot)
        raise _anew(ended[key])
    asker = st.session_state.setdefault(_ASKER, uuid4().hex)
    while True:
        run = queue().ask(job, key, work, asker, deadline_s())
        if not run.done.wait(QUICK_S):
            _wait(run, asker, words, slot)
        # a server that was too busy to see us wait has given the run up, not the planner
        if not isinstance(run.fault, StoppedError):
            break
    if isinstance(run.fault, DeadlineError):
        _remember(key, _anew(run.fault))
        _offer_again(key, slot)
    if run.fault is not None:
        raise run.fault
    answer: T = run.value
    return answer


class Told:
    """How far a run is: noted by the work in its thread, read by the page that waits."""

    def __init__(self) -> None:
        self._now = ("", 0.0)

    def note(self, step: str, share: float) -> None:
        """Take the name of a step (English, marked for translation where it is written) and the share that is done."""
        self._now = (step, min(max(share, 0.0), 1.0))

    def now(self) -> tuple[str, float]:
        """Return the last step, empty before the first, and the share."""
        return self._now


def act(job: str, token: str, work: Callable[[], T], words: str, *, limit_s: float, told: Told) -> T:
    """Do something once in the server's queue, such as taking streets in, and return what it says of itself.

    As `heavy`, but it changes data: it is begun once for a token, is never begun again unless the planner says so, and
    after a click on Stop the page waits to hear whether the stop came in time. Who leaves the page ends it.

    Parameters
    ----------
    job, work, words
        As for `heavy`.
    token
        Names this one doing, for as long as it may be asked for.
    limit_s
        Seconds that it may take, at least; a server that allows more for an analysis allows as much more for this.
    told
        Where the work notes how far it is.
    """
    slot = st.empty()
    key = (job, token)
    ended: dict[Hashable, ZoningError] = st.session_state.setdefault(_ENDED, {})
    if key in ended:
        _offer_again(key, slot)
        raise _anew(ended[key])
    asker = st.session_state.setdefault(_ASKER, uuid4().hex)
    acts: dict[Hashable, Run] = st.session_state.setdefault(_ACTS, {})
    if key not in acts:
        acts[key] = queue().ask(job, key, work, asker, max(limit_s, deadline_s()))
    run = acts[key]
    if not run.done.wait(QUICK_S):
        _wait(run, asker, words, slot, told)
    del acts[key]
    if isinstance(run.fault, StoppedError | DeadlineError):
        _remember(key, _anew(run.fault))
        _offer_again(key, slot)
    if run.fault is not None:
        raise run.fault
    answer: T = run.value
    return answer


def _wait(run: Run, asker: str, words: str, slot: st.delta_generator.DeltaGenerator, told: Told | None = None) -> None:
    start = time.monotonic()
    try:
        with slot.container(), st.spinner(words):
            line = st.empty()
            stop = t(N_("Stop"))
            st.button(stop, key=f"stop-{hash(run.key)}", on_click=_stop, args=(run.key,), icon=":material/stop_circle:")
            while True:
                place = queue().seen(run, asker)
                text = _line(place, time.monotonic() - start)
                step, share = told.now() if told and not place else ("", 0.0)
                if step:
                    line.progress(share, text=f"{t(step)} · {text}")  # here Streamlit may end the script
                else:
                    line.caption(text)
                if run.done.wait(LOOK_S):
                    break
    except BaseException:  # another click, another page, a closed tab: Streamlit ends the script by such an exception
        queue().leave(run, asker, at_once=False)
        raise
    slot.empty()


def _line(place: int, seconds: float) -> str:
    if place:
        words = N_("{count} analyses are running on this server; yours is number {place} in the line.")
        return t(words).format(count=queue().slots, place=place)
    return t(N_("{seconds} s")).format(seconds=n(int(seconds)))


def _stop(key: Hashable) -> None:
    if run := st.session_state.get(_ACTS, {}).get(key):
        queue().give_up(run)  # whether that came in time, the page will hear
        return
    queue().stop(key, st.session_state.get(_ASKER, ""))
    _remember(key, StoppedError(N_("Stopped. Nothing was changed.")))


def _remember(key: Hashable, fault: ZoningError) -> None:
    ended = st.session_state.setdefault(_ENDED, {})
    ended[key] = fault
    while len(ended) > _MOST_ENDED:
        del ended[next(iter(ended))]


def _anew(fault: ZoningError) -> ZoningError:
    """Return the same fault without where it came from, which would keep all that was computed."""
    return type(fault)(fault.template, **fault.values)


def _offer_again(key: Hashable, slot: st.delta_generator.DeltaGenerator) -> None:
    with suppress(StreamlitDuplicateElementKey):  # one button is enough for a question that a page asks twice
        slot.button(
            t(N_("Run again")), key=f"again-{hash(key)}", on_click=_again, args=(key,), icon=":material/replay:"
        )


def _again(key: Hashable) -> None:
    st.session_state.get(_ENDED, {}).pop(key, None)


def _setting(variable: str, usual: float) -> float:
    try:
        value = float(os.environ.get(variable, ""))
    except ValueError:
        return usual
    return value if value > 0 else usual
