"""Let a page run only inside the router, and turn faults into sentences.

Streamlit runs `pages/x.py` alone on a deep link until someone has opened `/` once in the life of the server: without
page settings, language or session defaults. A page that finds itself alone goes through `app.py` and comes back.
"""

from __future__ import annotations

import functools
import logging
import time
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import streamlit as st

from geodata import journal
from pages.ui.language import t
from pages.ui.memory import note_visit
from pages.ui.text import literal
from zoning.errors import ZoningError
from zoning.pace import DeadlineError, StoppedError
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

log = logging.getLogger("innovation_region.pages")
_ROUTED = "_routed"
_GO_TO = "_go_to"
_PAGE: ContextVar[str] = ContextVar("page", default="")

journal.install()


def follow_deep_link(pages: Mapping[str, Any]) -> None:
    """Go on to the page whose deep link sent us here; before any widget is bound to the address."""
    if go_to := st.session_state.pop(_GO_TO, None):
        name, query = go_to
        st.switch_page(pages[name], query_params=query)


@contextmanager
def routed() -> Iterator[None]:
    """Mark the run as the router's, so that the page knows it does not run alone."""
    st.session_state[_ROUTED] = True
    try:
        yield
    finally:
        st.session_state[_ROUTED] = False


def page(name: str) -> Callable[[Callable[[], None]], None]:
    """Run the decorated function as the page `name`: guarded, its faults shown as sentences."""

    def run(show: Callable[[], None]) -> None:
        if not st.session_state.get(_ROUTED):
            st.session_state[_GO_TO] = (name, st.query_params.to_dict())
            st.switch_page("app.py")
        note_visit()
        token, start = _PAGE.set(name), time.perf_counter()
        try:
            with shown_faults():
                show()
        finally:
            _PAGE.reset(token)
        log.info("page", extra={"event": "page", "page": name, "duration_s": round(time.perf_counter() - start, 3)})

    return run


@contextmanager
def shown_faults() -> Iterator[None]:
    """Show a ZoningError as its sentence; log anything else and say the number that the log has it under."""
    try:
        yield
    except (StoppedError, DeadlineError) as fault:
        log.info("stopped", extra={"event": "stopped", "page": _PAGE.get(), "kind": type(fault).__name__})
        st.warning(literal(fault.text(t)), icon=":material/timer_off:")
    except ZoningError as fault:
        log.info("refused", extra={"event": "refused", "page": _PAGE.get(), "kind": type(fault).__name__})
        st.error(literal(fault.text(t)), icon=":material/error:")
    except Exception as fault:
        if type(fault).__module__.startswith("streamlit.runtime.scriptrunner"):  # how it reruns, stops, switches page
            raise
        number = journal.fault_number()
        log.exception("unexpected fault", extra={"event": "fault", "page": _PAGE.get(), "fault": number})
        words = N_("Something unexpected went wrong; nothing was changed. The log has the details under {number}.")
        st.error(t(words).format(number=number), icon=":material/error:")


def fault_free(function: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a callback so that its faults are shown, not raised."""

    @functools.wraps(function)
    def wrapped(*args: object, **kwargs: object) -> object:
        with shown_faults():
            return function(*args, **kwargs)
        return None

    return wrapped
