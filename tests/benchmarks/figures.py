"""Hold measured figures against their budgets and print them as one table."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

SLACK = 1.25
"""A budget counts as missed when it is passed by more than 25 %: these machines are shared and noisy."""


@dataclass(frozen=True)
class Figure:
    """One measured figure: what, how much, in which unit, at most (or, for ratios, at least) how much."""

    what: str
    value: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None
    peer: str = ""

    @property
    def missed(self) -> bool:
        """Say whether the budget is missed by more than the slack."""
        if self.at_most is not None and self.value > self.at_most * SLACK:
            return True
        return self.at_least is not None and self.value < self.at_least / SLACK

    def row(self) -> str:
        """Return the figure as a line of the table."""
        budget = f"<= {self.at_most:g}" if self.at_most is not None else ""
        budget = f">= {self.at_least:g}" if self.at_least is not None else budget
        verdict = "MISSED" if self.missed else "ok" if budget else ""
        return f"{self.what:<66} {self.value:>10.3f} {self.unit:<4} {budget:>9} {verdict:<6} {self.peer}".rstrip()


def median_seconds(run: Callable[[], object], *, runs: int = 5, warm: int = 1) -> float:
    """Return the median wall time of `run`, after `warm` uncounted runs."""
    for _ in range(warm):
        run()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return statistics.median(times)
