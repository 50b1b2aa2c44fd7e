"""Let a page run only inside the router, and turn faults into sentences.

Streamlit runs `pages/x.py` alone on a deep link until someone has opened `/` once in the life of the server: without
page settings, language or session defaults. A page that finds itself alone goes through `app.py` and comes back.
"""

from __future__ import annotations

import functools
import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui.language import t
from zoning.errors import ZoningError
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

log = logging.getLogger("innovation_region.pages")
_ROUTED = "_routed"
_GO_TO = "_go_to"


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
        with shown_faults():
            show()

    return run


@contextmanager
def shown_faults() -> Iterator[None]:
    """Show a ZoningError as its sentence; log anything else and say so without details."""
    try:
        yield
    except ZoningError as fault:
        log.warning("%s: %s", type(fault).__name__, fault)
        st.error(fault.text(t), icon=":material/error:")
    except Exception as fault:
        if type(fault).__module__.startswith("streamlit.runtime.scriptrunner"):  # how it reruns, stops, switches page
            raise
        log.exception("unexpected fault on a page")
        st.error(t(N_("Something unexpected went wrong; nothing was changed. The server's log has the details.")))


def fault_free(function: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a callback so that its faults are shown, not raised."""

    @functools.wraps(function)
    def wrapped(*args: object, **kwargs: object) -> object:
        with shown_faults():
            return function(*args, **kwargs)
        return None

    return wrapped
