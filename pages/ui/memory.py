"""Give memory back to the system once sessions have ended: Python's allocator keeps freed pages for itself.

A closed tab's state is dropped when Streamlit forgets the session (`server.disconnectedSessionTTL`). Some seconds later
one thread collects what refers to itself, and asks the C library, where it can, to return the pages that are free.
"""

from __future__ import annotations

import ctypes
import gc
import sys
import threading
from contextlib import suppress

import pyarrow as pa
import streamlit as st

AFTER_S = 5.0
ARENAS = 2
_M_ARENA_MAX = -8  # malloc.h of the GNU C library
_guard = threading.Lock()
_planned: list[threading.Timer] = []


def note_visit() -> None:
    """Remember that this session is here, so that its end is noticed; called in each run of a page."""
    _visit()


def give_back() -> None:
    """Collect garbage and return free pages to the system."""
    gc.collect()
    pa.default_memory_pool().release_unused()
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # musl has no malloc_trim, and needs none
            ctypes.CDLL(None).malloc_trim(0)


def share_arenas() -> None:
    """Let the threads of all sessions share two arenas of the C library; for the server's start.

    Else each of up to eight a processor keeps what its threads have freed: after twenty windows at once the server kept
    25 % more than before them, with two arenas 9 %.
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # musl has one
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, ARENAS)


def _later(_: object) -> None:
    """Plan to give memory back when Streamlit has forgotten the session that ends now; several ends, one plan."""
    wait_s = float(st.get_option("server.disconnectedSessionTTL") or 0) + AFTER_S
    with _guard:
        for timer in _planned:
            timer.cancel()
        timer = threading.Timer(wait_s, _now)
        timer.daemon = True
        _planned[:] = [timer]
        timer.start()


def _now() -> None:
    with _guard:
        _planned.clear()
    give_back()


@st.cache_resource(show_spinner=False, scope="session", on_release=_later)
def _visit() -> object:
    return object()
