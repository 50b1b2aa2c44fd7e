"""Weigh travel times: decay functions from one minute near to beyond reach."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zoning.errors import InputError
from zoning.text import N_

__all__ = [
    "Decay",
    "DecayFunction",
    "binary",
    "exponential",
    "gaussian",
    "linear",
    "logistic",
    "parse",
    "power",
    "stepped",
]

FloatArray: TypeAlias = NDArray[np.float64]
DecayFunction: TypeAlias = Callable[[Any], Any]
"""Takes an array of minutes and returns weights (>= 0) of the same shape; a `Decay` or any function of yours."""


@dataclass(frozen=True)
class Decay:
    """A decay function that knows its name and parameters, so that a run record can keep it and a page can show it.

    Parameters
    ----------
    name
        One of binary, linear, exponential, power, gaussian, logistic, stepped.
    parameters
        The numbers it was made with, in the order of its maker's arguments; stepped: all bounds, then all weights.
    """

    name: str
    parameters: tuple[float, ...]

    def __call__(self, minutes: ArrayLike) -> FloatArray:
        """Return the weight of each travel time, same shape: 0 where it is infinite, NaN where it is NaN."""
        times = np.asarray(minutes, dtype=np.float64)
        weights = np.zeros(times.shape)
        # the formulas see finite times only: 0 * inf, inf ** 0 and inf / inf would give NaN or a weight out of nowhere
        reached = np.isfinite(times)
        with np.errstate(over="ignore"):  # a time too long to square weighs 0, as it should
            weights[reached] = _FORMULAS[self.name](times[reached], self.parameters)
        weights[np.isnan(times)] = np.nan
        return weights

    @property
    def formula(self) -> str:
        """The formula with its numbers, for reports: `exp(-t²/(2·10²))`."""
        return _SHOWN[self.name](*(f"{value:g}" for value in self.parameters))

    def __str__(self) -> str:
        """Return the text that `parse` reads: `gaussian:10`, `stepped:10,20/0.68,0.22`."""
        if self.name == "stepped":
            half = len(self.parameters) // 2
            return "stepped:" + "/".join(
                ",".join(map(_exact, part)) for part in (self.parameters[:half], self.parameters[half:])
            )
        return f"{self.name}:{','.join(map(_exact, self.parameters))}"


def binary(limit: float) -> Decay:
    """Return f(t) = 1 up to and at `limit` minutes, 0 beyond: the weight behind cumulative opportunities.

    Raises
    ------
    InputError
        `limit` is negative or not a finite number.
    """
    return Decay("binary", (_number("limit", limit, positive=False),))


def linear(limit: float) -> Decay:
    """Return f(t) = max(0, 1 - t / limit), `limit` in minutes, above 0.

    Raises
    ------
    InputError
        `limit` is not a finite number above 0.
    """
    return Decay("linear", (_number("limit", limit),))


def exponential(rate: float) -> Decay:
    """Return f(t) = exp(-rate t), `rate` per minute, 0 (no decay) or more: Hansen (1959), Wilson (1971).

    Raises
    ------
    InputError
        `rate` is negative or not a finite number.
    """
    return Decay("exponential", (_number("rate", rate, positive=False),))


def power(beta: float) -> Decay:
    """Return f(t) = t ** -beta, and 1 below one minute, where the power would grow without end.

    `beta` is 0 (no decay) or more. The rule below one minute is that of the R package accessibility (`decay_power`).

    Raises
    ------
    InputError
        `beta` is negative or not a finite number.
    """
    return Decay("power", (_number("beta", beta, positive=False),))


def gaussian(sigma: float) -> Decay:
    """Return f(t) = exp(-t² / (2 sigma²)), `sigma` in minutes, above 0.

    Dai (2010), Health & Place 16(6), 1038-1052. Not cut: multiply by `binary` to end the catchment.

    Raises
    ------
    InputError
        `sigma` is not a finite number above 0.
    """
    return Decay("gaussian", (_number("sigma", sigma),))


def logistic(centre: float, sd: float) -> Decay:
    """Return f(t) = 1 / (1 + exp((t - centre) π / (sd √3))): ½ at `centre`, falling over some `sd` minutes.

    One minus the cumulative logistic distribution with mean `centre` (minutes, 0 or more) and standard deviation `sd`
    (minutes, above 0): Bauer and Groneberg (2016), PLOS ONE 11(7), e0159148, doi 10.1371/journal.pone.0159148. The R
    package accessibility (`decay_logistic(cutoff, sd)`) divides this by its value at t = 0, so that a trip of no time
    weighs exactly 1; here the weight at the centre is exactly ½ instead.

    Raises
    ------
    InputError
        `centre` is negative, `sd` is not above 0, or one of them is not a finite number.
    """
    return Decay("logistic", (_number("centre", centre, positive=False), _number("sd", sd)))


def stepped(bounds: Sequence[float], weights: Sequence[float]) -> Decay:
    """Return f(t) = 1 before `bounds[0]`, `weights[i]` from `bounds[i]` on (the bound itself included).

    Luo and Qi (2009), Health & Place 15(4), 1100-1107 (enhanced 2SFCA). Unless the last weight is 0 every reachable
    place weighs something; an unreachable one weighs 0 all the same.

    Parameters
    ----------
    bounds
        Minutes at which the weight changes, rising, 0 or more; at least one.
    weights
        Weight from each bound on, 0 to 1; as many as bounds.

    Raises
    ------
    InputError
        Lengths differ or are 0, the bounds do not rise, a weight is outside 0 to 1, or a number is not finite.
    """
    starts = [_number("bounds", value, positive=False) for value in bounds]
    levels = [_number("weights", value, positive=False) for value in weights]
    if not starts or len(starts) != len(levels):
        raise InputError(
            N_(
                "A stepped decay needs as many weights as bounds, at least one of each: there are {bounds}"
                " bounds and {weights} weights."
            ),
            bounds=len(starts),
            weights=len(levels),
        )
    if any(later <= earlier for earlier, later in itertools.pairwise(starts)):
        raise InputError(N_("The bounds of a stepped decay must rise: {bounds}."), bounds=_listed(starts))
    if max(levels) > 1:
        raise InputError(N_("The weights of a stepped decay lie between 0 and 1: {weights}."), weights=_listed(levels))
    return Decay("stepped", (*starts, *levels))


def parse(text: str) -> Decay:
    """Read a decay as people type it: `binary:15`, `logistic:20,5`, `stepped:10,20/0.68,0.22`.

    Raises
    ------
    InputError
        The name or the numbers are not those of a decay.
    """
    name, _, numbers = text.strip().partition(":")
    name = name.strip().lower()
    try:
        if name == "stepped":
            bounds, weights = ([float(number) for number in part.split(",")] for part in numbers.split("/"))
            return stepped(bounds, weights)
        return _MAKERS[name](*(float(number) for number in numbers.split(",")))
    except InputError:
        raise
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            N_(
                "“{text}” is not a decay. Write its name, a colon and its numbers, for example binary:15,"
                " gaussian:10, logistic:20,5 or stepped:10,20/0.68,0.22."
            ),
            text=text,
        ) from error


def _number(name: str, value: float, *, positive: bool = True) -> float:
    """Return `value` as a float if it is finite and in its range."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number) or number < 0 or (positive and number == 0):
        template = (
            N_("The decay parameter {name} must be a number above 0, not {value}.")
            if positive
            else N_("The decay parameter {name} must be a number of 0 or more, not {value}.")
        )
        raise InputError(template, name=name, value=value)
    return number


def _listed(numbers: Sequence[float]) -> str:
    return ", ".join(f"{number:g}" for number in numbers)


def _exact(number: float) -> str:
    """Return the shortest text that reads back as the same number."""
    return repr(number).removesuffix(".0")


def _stepped(times: FloatArray, parameters: tuple[float, ...]) -> FloatArray:
    half = len(parameters) // 2
    levels = np.array([1.0, *parameters[half:]])
    # side="right": a time equal to a bound already has the weight of that bound
    return levels[np.searchsorted(np.array(parameters[:half]), times, side="right")]


def _logistic(times: FloatArray, parameters: tuple[float, ...]) -> FloatArray:
    centre, sd = parameters
    # tanh does not overflow far from the centre, where exp would
    return 0.5 - 0.5 * np.tanh((times - centre) * math.pi / (2 * math.sqrt(3) * sd))


_FORMULAS: dict[str, Callable[[FloatArray, tuple[float, ...]], FloatArray]] = {
    "binary": lambda t, p: (t <= p[0]).astype(np.float64),
    "linear": lambda t, p: np.maximum(0.0, 1.0 - t / p[0]),
    "exponential": lambda t, p: np.exp(-p[0] * t),
    "power": lambda t, p: np.maximum(t, 1.0) ** -p[0],
    "gaussian": lambda t, p: np.exp(-((t / p[0]) ** 2) / 2),
    "logistic": _logistic,
    "stepped": _stepped,
}
_SHOWN: dict[str, Callable[..., str]] = {
    "binary": lambda limit: f"1 (t ≤ {limit}), 0 (t > {limit})",
    "linear": lambda limit: f"max(0, 1 − t/{limit})",
    "exponential": lambda rate: f"exp(−{rate}·t)",
    "power": lambda beta: f"max(t, 1)^−{beta}",
    "gaussian": lambda sigma: f"exp(−t²/(2·{sigma}²))",
    "logistic": lambda centre, sd: f"1/(1 + exp((t − {centre})·π/({sd}·√3)))",
    "stepped": lambda *numbers: "; ".join(
        [
            "1",
            *(
                f"{weight} (t ≥ {bound})"
                for bound, weight in zip(numbers[: len(numbers) // 2], numbers[len(numbers) // 2 :], strict=True)
            ),
        ]
    ),
}
_MAKERS: dict[str, Callable[..., Decay]] = {
    "binary": binary,
    "linear": linear,
    "exponential": exponential,
    "power": power,
    "gaussian": gaussian,
    "logistic": logistic,
}
