"""Tell a planner what was read from OpenStreetMap, what was left out and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd

from geodata.osmtags import REASONS, Reason
from zoning.text import N_, Translate, english

if TYPE_CHECKING:
    from collections.abc import Iterator

Bbox: TypeAlias = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

_KEPT = N_("{kept} of {ways} ways were kept: {km} km of streets, {alley_km} km of them alleys.")
_DROPPED = N_("Left out, {ways} ways, {km} km: {reason}.")
_DROPPED_WAYS = N_("In {ways} ways: {reason}.")
_AREA = N_("Study area {box} with a margin of {margin_km} km.")
_NETWORK = N_("The network has {nodes} junctions and {edges} directed streets.")
_ISLANDS = N_("{islands} islands with {nodes} junctions are not joined to the main network; they were kept.")
_WHOLE = N_("All of it is one connected network.")
_DATE = N_("The newest street in {source} is of {newest}.")
_NO_DATE = N_("{source} does not say how old its streets are.")


@dataclass(frozen=True)
class Dropped:
    """Ways left out for one reason; `km` is None where their length is not known."""

    reason: Reason
    ways: int
    km: float | None


@dataclass(frozen=True)
class StreetReport:
    """What became of the ways of one source.

    Lengths count each street once, whichever directions it is open. `km_by_class` and `kept_km` are of the streets
    kept, longest class first. `islands` are the connected parts besides the largest one.
    """

    source: str
    newest: str
    bbox: Bbox
    margin_m: float
    ways: int
    other_ways: int
    kept_ways: int
    kept_km: float
    alley_km: float
    km_by_class: tuple[tuple[str, float], ...]
    dropped: tuple[Dropped, ...]
    nodes: int
    edges: int
    islands: int
    island_nodes: int

    def sentences(self, translate: Translate = english) -> list[str]:
        """Return the report as sentences in the reader's language."""
        return [translate(template).format(**values) for template, values in self._said(translate)]

    def table(self, translate: Translate = english) -> pd.DataFrame:
        """Return what was left out: reason (a text), ways, km (NaN where unknown), one row a reason."""
        rows = [(translate(REASONS[drop.reason]), drop.ways, drop.km) for drop in self.dropped]
        return pd.DataFrame(rows, columns=["reason", "ways", "km"]).astype({"ways": int, "km": float})

    def _said(self, translate: Translate) -> Iterator[tuple[str, dict[str, Any]]]:
        yield (
            _KEPT,
            {
                "kept": f"{self.kept_ways:,}",
                "ways": f"{self.ways:,}",
                "km": f"{self.kept_km:,.0f}",
                "alley_km": f"{self.alley_km:,.0f}",
            },
        )
        box = ", ".join(f"{value:g}" for value in self.bbox)
        yield _AREA, {"box": box, "margin_km": f"{self.margin_m / 1000:g}"}
        for drop in self.dropped:
            values = {"ways": f"{drop.ways:,}", "reason": translate(REASONS[drop.reason])}
            if drop.km is None:
                yield _DROPPED_WAYS, values
            else:
                yield _DROPPED, {**values, "km": f"{drop.km:,.1f}"}
        yield _NETWORK, {"nodes": f"{self.nodes:,}", "edges": f"{self.edges:,}"}
        if self.islands:
            yield _ISLANDS, {"islands": f"{self.islands:,}", "nodes": f"{self.island_nodes:,}"}
        else:
            yield _WHOLE, {}
        yield (
            (_DATE, {"source": self.source, "newest": self.newest})
            if self.newest
            else (
                _NO_DATE,
                {"source": self.source},
            )
        )
