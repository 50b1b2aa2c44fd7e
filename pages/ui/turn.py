"""Give a session's first map its turn before what stands around it, though that may stand above it.

A browser has one thread: what it is sent before the map, or together with it, it draws first. So on the first run of a
session the switches of the sidebar and the like keep their place and wait, and no map's neighbours come at once. What
a page needs to know before its map (a form, a choice) is not to wait.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st
from streamlit import runtime

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streamlit.delta_generator import DeltaGenerator

FIRST_S = 0.8
"""How long the first map of a session has the browser to itself."""
NEXT_S = 0.4
"""How long a map of another page has it: its scripts are there already."""
_STEP_S = 0.05
_FRAME = "_map_frame"  # the first map of the session's last run that had one


@dataclass
class _Run:
    """A run of the application: what waits for its map (None: nothing has to), and whether that was sent."""

    waiting: list[tuple[DeltaGenerator, Callable[[], None]]] | None
    sent: bool = False


_RUN: ContextVar[_Run | None] = ContextVar("run", default=None)


@contextmanager
def map_first() -> Iterator[None]:
    """Hold back, on a session's first run, what is given to `after_map`: until the map is sent, or to the run's end."""
    run = _Run(None if _FRAME in st.session_state else [])
    token = _RUN.set(run)
    try:
        yield
    finally:
        _let_go(run)
        _RUN.reset(token)


def after_map(draw: Callable[[], None], where: DeltaGenerator | None = None) -> None:
    """Draw something here or in `where`: at once, but on a session's first run after its map."""
    place = where.container() if where else st.container()
    run = _RUN.get()
    if run is None or run.waiting is None:
        with place:
            draw()
    else:
        run.waiting.append((place, draw))


def sent(frame: str) -> None:
    """Say that a map has been sent, by the name of its frame; a new one is given a moment for itself.

    Asking the map for its first word instead would run the page again, perhaps in the middle of what a reader has asked
    for. Only the first map of a run has a turn: others stand below it.
    """
    run = _RUN.get()
    if run is None or run.sent:
        return
    run.sent = True
    before = st.session_state.get(_FRAME)
    st.session_state[_FRAME] = frame
    if before != frame and runtime.exists():
        for _ in range(round((FIRST_S if before is None else NEXT_S) / _STEP_S)):
            time.sleep(_STEP_S)
            st.session_state.get(_FRAME)  # Streamlit ends the run here if the reader has asked for something else
    _let_go(run)


def _let_go(run: _Run) -> None:
    waiting, run.waiting = run.waiting or [], None
    for place, draw in waiting:
        with place:
            draw()
