"""Hold the streets of a network once, and what of them was reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Streets:
    """The lines of a network, each once, whichever directions its edges run.

    `xy` holds the vertices of all streets end to end, (p, 2) metres in the network's CRS; street i has the vertices
    `offsets[i]:offsets[i + 1]`. `length_m` is the length its edges state, which may differ a little from the length of
    the line: places on a street are therefore shares of it, 0 at its first vertex and 1 at its last.
    """

    xy: NDArray[np.float64]
    offsets: NDArray[np.intp]
    length_m: NDArray[np.float64]
    street_of_edge: NDArray[np.intp]
    reversed_edge: NDArray[np.bool_]
    """True where an edge runs from the street's last vertex to its first."""


@dataclass(frozen=True)
class StreetReach:
    """What of each street is reached within a limit, as shares of its length.

    `head[i]` is reached from the first vertex on, `tail[i]` from the last vertex back; both lie in 0..1 and may
    overlap. `middles` are further pieces (street, from, to), from origins that lie inside a street.
    """

    head: NDArray[np.float64]
    tail: NDArray[np.float64]
    middles: tuple[tuple[int, float, float], ...] = ()
