"""Ask which zones to check by which day, and run the check once for all sessions."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import geopandas as gpd
import pandas as pd
import streamlit as st

from layers.verdicts import SIGNS, worst
from pages.ui.data import layer_table, own_layers, region
from pages.ui.language import language, t
from pages.ui.scenario_pick import known, title
from pages.ui.selection import Chosen, choose, chosen
from pages.ui.waiting import heavy
from zoning.difference import compare
from zoning.errors import InputError
from zoning.jobs import check
from zoning.jobs.check import CheckRequest, run
from zoning.scenarios.content import hash_of
from zoning.scenarios.region import ScenarioRegion
from zoning.standards import codes, regulations
from zoning.standards.rules import URBAN_CLASSES, code_as_of
from zoning.standards.verdicts import VERDICTS
from zoning.text import N_

if TYPE_CHECKING:
    from zoning.difference import Comparison
    from zoning.result import Result
    from zoning.scenarios.model import Scenario

_HERE = ZoneInfo("Asia/Ho_Chi_Minh")
_ZONES = ("zones", "wards_2025")
_NOT_ZONES = ("communes_until_2025", "districts_until_2025", "population", "streets", "land_use", "utilities")
BOTH_FROM, BOTH_TO = dt.date(2021, 7, 5), dt.date(2040, 12, 31)

ON_FOOT = N_("No mode is asked: the code measures ways to schools, parks and stops on foot along the streets.")
"""Why checks do not travel by public transport."""


def check_form() -> CheckRequest:
    """Draw the form in the sidebar and return the question; the day chooses the code."""
    with st.sidebar:
        layers = zone_layers()
        asked = st.query_params.get("zones")
        layer = st.selectbox(
            t(N_("Check")), list(layers), index=list(layers).index(asked) if asked in layers else 0,
            format_func=layers.get, key="check_zones",
        )  # fmt: skip
        day = st.date_input(
            t(N_("On the day")), _day(), min_value=BOTH_FROM, max_value=BOTH_TO, format="DD/MM/YYYY", key="check_day",
            help=t(N_("QCVN 01:2021/BXD applies to the end of 2026, QCVN 01:2026/BXD from 1 January 2027.")),
        )  # fmt: skip
        day = day if isinstance(day, dt.date) else dt.datetime.now(_HERE).date()
        st.query_params["zones"], st.query_params["day"] = layer, day.isoformat()
        st.caption(t(N_("Code of this day: {code}")).format(code=regulations()[code_as_of(day.isoformat())].name))
        st.caption(t(ON_FOOT))
        urban_class = st.selectbox(
            t(N_("Class of the town")), URBAN_CLASSES, key="check_class",
            format_func=lambda one: t(N_("special")) if one == "special" else one,
            help=t(N_("Since July 2025 the wards belong to Ho Chi Minh City, a city of special class.")),
        )  # fmt: skip
        _project()
    return CheckRequest(as_of=day.isoformat(), zones=layer, urban_class=urban_class)


def _project() -> None:
    """Let a scenario be chosen that the zones are checked with."""
    every = known()
    titles = {"": t(N_("the region as it is"))} | {one: title(scenario) for one, scenario in every.items()}
    asked = st.query_params.get("project", "")
    picked = st.selectbox(t(N_("With a project")), list(titles), format_func=titles.get, key="check_project",
                          index=list(titles).index(asked) if asked in titles else 0)  # fmt: skip
    if picked:
        st.query_params["project"] = picked
    else:
        st.query_params.pop("project", None)


def project() -> Scenario | None:
    """Return the scenario that the zones are checked with; None for the region as it is."""
    return known().get(st.session_state.get("check_project", ""))


def _day() -> dt.date:
    try:
        day = dt.date.fromisoformat(st.query_params.get("day", ""))
    except ValueError:
        return dt.datetime.now(_HERE).date()
    return min(max(day, BOTH_FROM), BOTH_TO)


def zone_layers() -> dict[str, str]:
    """Return the layers that can be checked, with their titles: zones, wards, and areas that planners brought in."""
    rows = layer_table().set_index("name")
    own = [
        name
        for name in own_layers()
        if re.search("olygon|Mixed", rows.loc[name, "geometry"]) and name not in _NOT_ZONES
    ]
    return {name: rows.loc[name, f"title_{language()}"] or name for name in (*_ZONES, *own)}


def answers(request: CheckRequest) -> dict[str, Result]:
    """Return the check by each planning code, that of the day first; with a project, as it would be then."""
    if (scenario := project()) is not None:
        return {code: one.after for code, one in comparisons(request, scenario).items()}
    words = t(N_("Checking the zones …"))
    return {code: heavy("check", one, partial(run, one, region()), words) for code, one in _asked(request).items()}


def comparisons(request: CheckRequest, scenario: Scenario) -> dict[str, Comparison]:
    """Return the check by each planning code before and after a scenario, held against the laws of travel."""
    words, mark = t(N_("Checking the zones …")), hash_of(scenario)
    return {
        code: heavy("check", (one, mark), partial(_compared, one, scenario), words)
        for code, one in _asked(request).items()
    }


def _compared(request: CheckRequest, scenario: Scenario) -> Comparison:
    return compare(check, request, region(), ScenarioRegion(region(), scenario))


def _asked(request: CheckRequest) -> dict[str, CheckRequest]:
    first = code_as_of(request.as_of)
    order = (first, *(one for one in codes() if one != first))
    return {code: replace(request, code=code) for code in order}


def names(result: Result) -> dict[str, str]:
    """Return the names of the zones in the session's language, by id."""
    frame = result.frames["zones"]
    first, second = ("name_vi", "name_en") if language() == "vi" else ("name_en", "name_vi")
    return {
        str(i): str(a if isinstance(a, str) and a else b if isinstance(b, str) and b else i)
        for i, a, b in zip(frame["id"], frame[first], frame[second], strict=True)
    }


def chosen_zone(request: CheckRequest, result: Result) -> str:
    """Let a zone be chosen, the same as on the map and in the table; return its id."""
    known = names(result)
    marks = {str(row["id"]): SIGNS[worst(row)] for row in result.frames["zones"].to_dict("records")}
    now = chosen()
    mine = now.id if now is not None and now.layer == request.zones and now.id in known else None
    order = sorted(known, key=lambda one: (VERDICTS.index(_verdict(marks[one])), known[one]))
    if not order:
        raise InputError(N_("The layer {layer} has no zones to check."), layer=request.zones)
    key = f"check-zone-{request.zones}"
    if mine is not None and st.session_state.get(f"{key}-seen") != mine:
        st.session_state[key] = mine
    picked = st.selectbox(t(N_("Zone")), order, format_func=lambda one: f"{marks[one]} {known[one]}", key=key)
    st.session_state[f"{key}-seen"] = picked
    if picked != mine and (mine is not None or picked != order[0]):
        choose(Chosen(request.zones, picked))
    return picked


def _verdict(sign: str) -> str:
    return next(verdict for verdict, one in SIGNS.items() if one == sign)


def zones_by_verdict(result: Result) -> gpd.GeoDataFrame:
    """Return the zones of a result for the map."""
    return gpd.GeoDataFrame(result.frames["zones"])


def joined(answers_: dict[str, Result]) -> pd.DataFrame:
    """Return rows that both codes ask for, side by side: zone_id, compare, and each code's verdict and rule."""
    from zoning.standards import rule

    parts = []
    for code, result in answers_.items():
        checks = pd.DataFrame(result.frames["checks"].drop(columns="geometry"))
        checks["compare"] = [rule(one).compare for one in checks["rule_id"]]
        part = checks[checks["compare"].ne("")].drop_duplicates(["zone_id", "compare"])
        part = part[["zone_id", "compare", "rule_id", "required", "found", "unit", "verdict"]]
        parts.append(part.set_index(["zone_id", "compare"]).add_suffix(f"|{code}"))
    return parts[0].join(parts[1], how="inner").reset_index()
