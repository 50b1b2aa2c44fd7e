"""Compile, once for a network and walk-off, what catchments need to become polygons in milliseconds."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from zoning.reach.cells import Cells
from zoning.reach.pieces import Pieces, Segments, cut, vertex_places
from zoning.reach.samples import Samples

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from zoning.reach.streets import Streets

STEPS_PER_WALK_OFF = (
    2.5  # lattice of large reaches: 20 m for a walk-off of 50 m, false area 0.7 % in dense streets (25 m: 1 %)
)
SAMPLES_PER_WALK_OFF = 0.75  # certificate points of large reaches: one a square of 67 m for a walk-off of 50 m

MOST_OPENED = 5  # kept for as many sets of open streets: one a mode, 8 bytes a lattice point each


@dataclass(frozen=True)
class Surface:
    """The ground round the streets of a network: which street is near, and how near.

    Attributes
    ----------
    streets
        The streets, shared with the network.
    walk_off_m
        How far from a reached street the ground counts as reached, metres.
    places
        Where each vertex lies, see `pieces.vertex_places`.
    bounds
        West, south, east, north of each street, (4, streets), metres.
    cells, samples
        The lattice for rings, and the scattered points for their certificates. They share nothing.
    compiled
        How many streets, from the first on, cells and samples know; later ones are reckoned at every request.
    """

    streets: Streets
    walk_off_m: float
    places: NDArray[np.float64]
    bounds: NDArray[np.float64]
    cells: Cells
    samples: Samples
    compiled: int
    _opened: dict[bytes, Surface] = field(default_factory=dict, repr=False, compare=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    @classmethod
    def build(cls, streets: Streets, walk_off_m: float) -> Surface:
        """Compile the surface of some streets for a walk-off in metres: seconds for a city, no region assumed.

        The kernels that draw on it are compiled with it, once a machine: no reader waits for them at a first catchment.
        """
        from zoning.reach.kernels import load

        load()
        places = vertex_places(streets)
        segments = whole_segments(streets, places)
        count = len(streets.length_m)
        return cls(
            streets, walk_off_m, places, _bounds(streets),
            Cells.build(segments, count, walk_off_m, walk_off_m / STEPS_PER_WALK_OFF),
            Samples.build(segments, count, walk_off_m, walk_off_m / SAMPLES_PER_WALK_OFF),
            count,
        )  # fmt: skip

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return plain arrays to be saved beside the network; `from_arrays` takes them back."""
        return {
            "walk_off_m": np.asarray(self.walk_off_m),
            "compiled": np.asarray(self.compiled),
            **{f"cells_{name}": value for name, value in self.cells.arrays().items()},
            **{f"samples_{name}": value for name, value in self.samples.arrays().items()},
        }

    @classmethod
    def from_arrays(cls, streets: Streets, arrays: Mapping[str, NDArray[np.generic]]) -> Surface:
        """Return the surface that gave `arrays`, on the same streets."""

        def part(prefix: str) -> dict[str, NDArray[np.generic]]:
            return {name.removeprefix(prefix): arrays[name] for name in arrays if name.startswith(prefix)}

        return cls(
            streets, arrays["walk_off_m"].item(), vertex_places(streets), _bounds(streets),
            Cells.from_arrays(part("cells_")), Samples.from_arrays(part("samples_")), int(arrays["compiled"].item()),
        )  # fmt: skip

    def opened(self, is_open: NDArray[np.bool_]) -> Surface:
        """Return the surface for trips that can use some streets only, (streets,): rings from it are the same, sooner.

        The last few are kept: modes and hours share one as long as they can use the same streets.
        """
        compiled = is_open[: self.compiled]
        key = np.packbits(compiled).tobytes()
        with self._lock:
            made = self._opened.pop(key, None) or replace(self, cells=self.cells.opened(compiled))
            self._opened[key] = made
            if len(self._opened) > MOST_OPENED:
                self._opened.pop(next(iter(self._opened)))
        return replace(made, streets=self.streets, places=self.places, bounds=self.bounds)

    def extended(self, streets: Streets) -> Surface:
        """Return the surface of the same streets and some more behind them, nothing compiled anew.

        Meant for a scenario's few new roads: each costs every request about what an unfinished street costs.
        """
        return replace(self, streets=streets, places=vertex_places(streets), bounds=_bounds(streets))


def whole_segments(streets: Streets, places: NDArray[np.float64]) -> Segments:
    """Return every straight segment of every street, in order."""
    count = len(streets.offsets) - 1
    return cut(streets, places, Pieces(np.arange(count), np.zeros(count), np.ones(count)))


def _bounds(streets: Streets) -> NDArray[np.float64]:
    first = streets.offsets[:-1]
    x, y = np.ascontiguousarray(streets.xy[:, 0]), np.ascontiguousarray(streets.xy[:, 1])
    return np.vstack((
        np.minimum.reduceat(x, first), np.minimum.reduceat(y, first),
        np.maximum.reduceat(x, first), np.maximum.reduceat(y, first),
    ))  # fmt: skip
