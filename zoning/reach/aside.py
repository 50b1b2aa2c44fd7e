"""Do two things at once: compiled loops hold no lock of the interpreter, and a server has more than one processor."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    One = TypeVar("One")
    Other = TypeVar("Other")


def both(one: Callable[[], One], other: Callable[[], Other]) -> tuple[One, Other]:
    """Return what two functions return, the second called in a thread of its own meanwhile.

    The second runs in a copy of this context: it stops at its checkpoints as the first does. Neither goes on when this
    returns; if both fail, the error is that of the first. The thread ends with the call: none is kept that a process
    which forks would miss.
    """
    with ThreadPoolExecutor(1, "aside") as pool:
        later = pool.submit(copy_context().run, other)
        return one(), later.result()
