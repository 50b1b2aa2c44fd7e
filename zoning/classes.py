"""Put figures into classes for a shaded map: equal numbers of units, or where the figures themselves leave gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zoning.errors import InputError
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FloatArray: TypeAlias = NDArray[np.float64]

CLASSES = 5
_MOST_VALUES = 1_500  # natural breaks of more are found on that many quantiles of them


def quantiles(values: ArrayLike, classes: int = CLASSES) -> FloatArray:
    """Return the upper bounds of all classes but the last, so that each has about as many units.

    Parameters
    ----------
    values
        Figures; NaN is no data.
    classes
        How many classes, 2 or more. Figures that occur often can make it fewer: equal figures are never parted.
    """
    known = _known(values)
    if not known.size:
        return np.empty(0)
    edges = np.unique(np.quantile(known, np.arange(1, classes) / classes, method="inverted_cdf"))
    return np.asarray(edges[edges < known[-1]], dtype=np.float64)


def natural(values: ArrayLike, classes: int = CLASSES) -> FloatArray:
    """Return the upper bounds of all classes but the last, so that the figures of a class are as alike as can be.

    The sum of squared deviations from the class means is least: Fisher (1958), Journal of the American Statistical
    Association 53, 789-798; in maps Jenks (1967). Parameters as for `quantiles`.
    """
    known = _known(values)
    if known.size > _MOST_VALUES:
        known = np.quantile(known, np.linspace(0, 1, _MOST_VALUES), method="inverted_cdf")
    level, count = np.unique(known, return_counts=True)
    classes = min(classes, level.size)
    if classes < 2:
        return np.empty(0)
    weight = np.concatenate([[0.0], np.cumsum(count)])
    first = np.concatenate([[0.0], np.cumsum(count * level)])
    second = np.concatenate([[0.0], np.cumsum(count * level**2)])
    start, end = np.ogrid[: level.size, 1 : level.size + 1]
    size = np.where(end > start, weight[end] - weight[start], 1.0)
    spread = second[end] - second[start] - (first[end] - first[start]) ** 2 / size
    spread = np.where(end > start, spread, np.inf)  # of the levels from `start` to before `end` in one class
    best = spread[0]
    cuts = []
    for _ in range(classes - 1):
        # the last class begins at `start`, what lies before is classed as well as it can be
        total = np.concatenate([[np.inf], best[:-1]])[:, np.newaxis] + spread
        cuts.append(np.argmin(total, axis=0))
        best = np.min(total, axis=0)
    edges, at = [], level.size - 1
    for cut in reversed(cuts):
        at = int(cut[at]) - 1
        edges.append(level[at])
    return np.array(edges[::-1])


METHODS: Mapping[str, tuple[str, Callable[[ArrayLike], FloatArray]]] = {
    "quantiles": (N_("as many units in each class"), quantiles),
    "natural": (N_("natural breaks (Fisher-Jenks)"), natural),
}


def bounds(values: ArrayLike, method: str) -> FloatArray:
    """Return the class bounds by a method of `METHODS`; InputError if there is none of that name."""
    if method not in METHODS:
        raise InputError(N_("There is no way to class called {method}."), method=method)
    return METHODS[method][1](values)


def _known(values: ArrayLike) -> FloatArray:
    array = np.asarray(values, dtype=np.float64)
    return np.sort(array[np.isfinite(array)])
