"""Pause Python's garbage collector while millions of small objects are made that hold no cycles."""

from __future__ import annotations

import contextlib
import gc
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_guard = threading.Lock()
_pausing = 0


@contextlib.contextmanager
def without_collector() -> Iterator[None]:
    """Hold the collector still: it would look through a growing graph again and again, a third of the time.

    Several threads may pause it; the last one to end starts it again. It stays off where it was off before.
    """
    global _pausing  # noqa: PLW0603 - the collector is one for the process, and so is its pause
    with _guard:
        if not _pausing and not gc.isenabled():
            pause = 0
        else:
            pause = 1
            _pausing += 1
            gc.disable()
    try:
        yield
    finally:
        with _guard:
            _pausing -= pause
            if pause and not _pausing:
                gc.enable()
