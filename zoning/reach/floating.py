"""Measure accessibility where places compete: floating catchments and spatial availability.

Every measure takes `minutes`, a (demand places, supply places) table in which infinity means "out of reach", the
supply (beds, school places, jobs) of its columns, the demand (people) of its rows, and a decay f. A pair is within
reach if its weight f(t) is above 0. In all of them:

- supply that nobody is within reach of is given to nobody: its ratio is 0, although the formula would divide by 0;
- a place with no people still has a value, what a newcomer would find; it takes nothing from the others;
- a place that reaches nothing has 0, as has every place if there is no supply;
- times are weighed a block of rows at a time, twice, so that memory does not grow with the table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zoning.reach.pairs import DEMAND, OPPORTUNITIES, SUPPLY, Counted, checked_amounts, checked_minutes, weighed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from zoning.reach.decay import DecayFunction

FloatArray: TypeAlias = NDArray[np.float64]


def two_step_floating_catchment(
    minutes: ArrayLike, supply: ArrayLike, demand: ArrayLike, decay: DecayFunction
) -> FloatArray:
    """Share supply among the people within reach: R_j = S_j / Σ_i P_i f(t_ij), A_i = Σ_j R_j f(t_ij).

    Luo and Wang (2003), Environment and Planning B 30(6), 865-884, with `binary`; the enhanced form (E2SFCA) of Luo
    and Qi (2009), Health & Place 15(4), 1100-1107, with `stepped`; with a smooth decay the measure of Shen (1998),
    Environment and Planning B 25(3), 345-365. Supply is kept: Σ_i P_i A_i is the supply within anyone's reach.

    Parameters
    ----------
    minutes
        (n, m) travel minutes from n demand places to m supply places, infinite where out of reach.
    supply
        (m,) what is offered at each supply place: 0 or more.
    demand
        (n,) people at each demand place: 0 or more.
    decay
        f: a function of an array of minutes, with weights of 0 or more.

    Returns
    -------
    (n,) float array: supply a person.

    Raises
    ------
    InputError
        Shapes do not fit, numbers are negative or missing, or the decay gives something that is not a weight.
    """
    matrix, offered, people = _checked(minutes, supply, demand)
    return _shared(lambda: weighed(matrix, decay), offered, people)


def three_step_floating_catchment(
    minutes: ArrayLike, supply: ArrayLike, demand: ArrayLike, decay: DecayFunction
) -> FloatArray:
    """Share supply among people who choose between the places they reach.

    G_ij = f(t_ij) / Σ_k f(t_ik), R_j = S_j / Σ_i P_i G_ij f(t_ij), A_i = Σ_j R_j G_ij f(t_ij): Wan, Zou and Sternberg
    (2012), International Journal of Geographical Information Science 26(6), 1073-1089. The selection weight G lets a
    place with many choices press less on each of them. Supply is kept as in two steps.

    Parameters
    ----------
    minutes
        (n, m) travel minutes from n demand places to m supply places, infinite where out of reach.
    supply
        (m,) what is offered at each supply place: 0 or more.
    demand
        (n,) people at each demand place: 0 or more.
    decay
        f: a function of an array of minutes, with weights of 0 or more.

    Returns
    -------
    (n,) float array: supply a person.

    Raises
    ------
    InputError
        Shapes do not fit, numbers are negative or missing, or the decay gives something that is not a weight.
    """
    matrix, offered, people = _checked(minutes, supply, demand)

    def chosen() -> Iterator[tuple[slice, FloatArray]]:
        for rows, weights in weighed(matrix, decay):
            yield rows, weights * _ratio(weights, weights.sum(axis=1, keepdims=True))

    return _shared(chosen, offered, people)


def balanced_floating_catchment(
    minutes: ArrayLike, supply: ArrayLike, demand: ArrayLike, decay: DecayFunction
) -> FloatArray:
    """Share people among places and the level of service among people, neither counted twice.

    D_j = Σ_i P_i f(t_ij) / Σ_k f(t_ik), L_j = S_j / D_j, A_i = Σ_j L_j f(t_ij) / Σ_k f(t_kj): Paez, Higgins and Vivona
    (2019), PLOS ONE 14(6), e0218773, doi 10.1371/journal.pone.0218773. Weights standardised by row keep the people
    (Σ_j D_j is everyone who reaches a place), weights standardised by column keep the service (Σ_i A_i = Σ_j L_j).

    Parameters
    ----------
    minutes
        (n, m) travel minutes from n demand places to m supply places, infinite where out of reach.
    supply
        (m,) what is offered at each supply place: 0 or more.
    demand
        (n,) people at each demand place: 0 or more.
    decay
        f: a function of an array of minutes, with weights of 0 or more.

    Returns
    -------
    (n,) float array: the local ratio of supply to people.

    Raises
    ------
    InputError
        Shapes do not fit, numbers are negative or missing, or the decay gives something that is not a weight.
    """
    matrix, offered, people = _checked(minutes, supply, demand)
    weight_of_place = np.zeros(offered.size)
    people_at_place = np.zeros(offered.size)
    for rows, weights in weighed(matrix, decay):
        weight_of_place += weights.sum(axis=0)
        people_at_place += people[rows] @ _ratio(weights, weights.sum(axis=1, keepdims=True))
    service = _ratio(_ratio(offered, people_at_place), weight_of_place)
    return _gathered(weighed(matrix, decay), service, people.size)


def spatial_availability(
    minutes: ArrayLike, opportunities: ArrayLike, demand: ArrayLike, decay: DecayFunction
) -> FloatArray:
    """Divide the opportunities of every place among those who reach it: V_i = Σ_j O_j P_i f(t_ij) / Σ_k P_k f(t_kj).

    Soukhov, Paez, Higgins and Mohamed (2023), PLOS ONE 18(1), e0278468, doi 10.1371/journal.pone.0278468: the balancing
    factors of population, P_i / Σ P, and of travel, f(t_ij) / Σ_k f(t_kj), multiplied and standardised, are this share.
    Totals are kept: Σ_i V_i is what somebody can reach, and V_i / P_i is the two-step measure.

    Parameters
    ----------
    minutes
        (n, m) travel minutes from n demand places to m destinations, infinite where out of reach.
    opportunities
        (m,) how much there is at each destination: 0 or more.
    demand
        (n,) people at each demand place: 0 or more.
    decay
        f: a function of an array of minutes, with weights of 0 or more.

    Returns
    -------
    (n,) float array, in the unit of `opportunities`; 0 where nobody lives.

    Raises
    ------
    InputError
        Shapes do not fit, numbers are negative or missing, or the decay gives something that is not a weight.
    """
    matrix, offered, people = _checked(minutes, opportunities, demand, what=OPPORTUNITIES)
    return people * _shared(lambda: weighed(matrix, decay), offered, people)


def _checked(
    minutes: ArrayLike, supply: ArrayLike, demand: ArrayLike, what: Counted = SUPPLY
) -> tuple[NDArray[np.floating], FloatArray, FloatArray]:
    matrix = checked_minutes(minutes)
    return matrix, checked_amounts(what, supply, matrix.shape[1]), checked_amounts(DEMAND, demand, matrix.shape[0])


def _shared(
    blocks: Callable[[], Iterator[tuple[slice, FloatArray]]], supply: FloatArray, people: FloatArray
) -> FloatArray:
    """Return A_i = Σ_j w_ij S_j / Σ_k P_k w_kj; `blocks` gives the weights anew each time it is called."""
    pressure = np.zeros(supply.size)
    for rows, weights in blocks():
        pressure += people[rows] @ weights
    return _gathered(blocks(), _ratio(supply, pressure), people.size)


def _gathered(blocks: Iterator[tuple[slice, FloatArray]], at_places: FloatArray, count: int) -> FloatArray:
    """Return Σ_j w_ij x_j for each of `count` rows."""
    result = np.zeros(count)
    for rows, weights in blocks:
        result[rows] = weights @ at_places
    return result


def _ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    """Divide, and say 0 where there is nothing to divide by: no one in reach, no choice, no weight."""
    return np.divide(above, below, out=np.zeros(np.broadcast_shapes(above.shape, below.shape)), where=below > 0)
