"""Ask an analysis of the region before and after a scenario, in the server's queue, and keep the last answers."""

from __future__ import annotations

import threading
from collections import OrderedDict
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from pages.ui.data import region, store
from pages.ui.language import t
from pages.ui.text import literal
from pages.ui.waiting import heavy
from zoning.difference import compare
from zoning.scenarios.content import hash_of, text_of
from zoning.scenarios.region import ScenarioRegion, usable
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Hashable
    from types import ModuleType

    from zoning.difference import Comparison
    from zoning.region import Region
    from zoning.result import Result
    from zoning.scenarios.model import Scenario

MOST_BASES = 12
_BASES: OrderedDict[Hashable, Result] = OrderedDict()
_GUARD = threading.Lock()


def usable_part(scenario: Scenario | None) -> Scenario | None:
    """Return what of a scenario the region can take; tell of each modification that it refuses, and why."""
    if scenario is None:
        return None
    kept, faults = _usable(text_of(scenario), _data(), scenario)
    for fault in faults:
        st.error(literal(fault.text(t)), icon=":material/error:")
    return kept


@st.cache_resource(show_spinner=False, max_entries=24, ttl=3600)
def _usable(text: str, data: str, _scenario: Scenario):  # noqa: ANN202, ARG001 - the cache's key
    return usable(_scenario, region())


def _data() -> str:
    return "|".join(store().fingerprint(name) for name in store().names())


def compared(job: ModuleType, request: Hashable, versus: Scenario | None, chosen: Scenario) -> Comparison:
    """Ask the question of both regions, or take the answer from the last runs.

    What holds without the scenario is asked once for all scenarios that are compared with it.
    """
    before: Region = _paper(versus) if versus else region()
    after = _paper(chosen)
    marks = hash_of(versus) if versus else "", hash_of(chosen)
    base = job.__name__, request, marks[0], _data()
    work = partial(_compared, job, request, before, after, base)
    return heavy("scenario", (job.__name__, request, marks), work, t(N_("Comparing …")))


def _compared(job: ModuleType, request: Hashable, before: Region, after: Region, key: Hashable) -> Comparison:
    with _GUARD:
        known = _BASES.get(key)
    found = compare(job, request, before, after, known=known)
    with _GUARD:
        _BASES[key] = found.before
        _BASES.move_to_end(key)
        while len(_BASES) > MOST_BASES:
            _BASES.popitem(last=False)
    return found


def _paper(scenario: Scenario) -> ScenarioRegion:
    return _region(text_of(scenario), scenario)


@st.cache_resource(show_spinner=False, max_entries=6, ttl=3600)
def _region(text: str, _scenario: Scenario) -> ScenarioRegion:  # noqa: ARG001 - the cache's key
    return ScenarioRegion(region(), _scenario)
