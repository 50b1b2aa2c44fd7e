"""Let long work say how far it is and be stopped between two steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zoning.pace import StoppedError, checkpoint
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Callable


__all__ = ["StoppedError", "Watch"]


def _silent(step: str, share: float) -> None:
    """Take progress and show it nowhere."""


def _never() -> bool:
    """Answer that nobody wants to stop."""
    return False


@dataclass(frozen=True)
class Watch:
    """What long work calls as it goes.

    Parameters
    ----------
    progress
        Called with the English name of the step (marked for translation where it is written) and the share of the
        whole that is done, 0 to 1.
    cancelled
        Asked between steps; once it says True the work ends with StoppedError and leaves nothing half done.
    start, end
        The part of the whole, 0 to 1, that the work watched here fills.
    """

    progress: Callable[[str, float], None] = field(default=_silent)
    cancelled: Callable[[], bool] = field(default=_never)
    start: float = 0.0
    end: float = 1.0

    def part(self, start: float, end: float) -> Watch:
        """Return a watch for the part from `start` to `end` (shares of this one's part)."""
        width = self.end - self.start
        return Watch(self.progress, self.cancelled, self.start + start * width, self.start + end * width)

    def at(self, step: str, share: float = 0.0) -> None:
        """Say that `step` has come to `share` of this part; StoppedError if the planner wants to stop."""
        self.check()
        self.progress(step, self.start + min(max(share, 0.0), 1.0) * (self.end - self.start))

    def check(self) -> None:
        """Raise StoppedError if the planner wants to stop, here or on the page that runs the work."""
        if self.cancelled():
            raise StoppedError(N_("Stopped. Nothing was changed."))
        checkpoint()
