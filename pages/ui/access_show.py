"""Show who reaches what: key figures, shaded map with its table twin, best and worst served, spread, equity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from layers import results
from pages.ui.access_places import destinations
from pages.ui.data import layer
from pages.ui.downloads import result_downloads
from pages.ui.explained import NETWORK_TITLES, network_settings, stands_on
from pages.ui.figures import figures
from pages.ui.language import n, name_column, t
from pages.ui.selection import Chosen, choose
from pages.ui.table import plain_table, twin
from pages.ui.text import literal
from pages.ui.views import reader, region_map
from zoning.classes import METHODS, bounds
from zoning.gather import UNIT_LAYERS
from zoning.reach.menu import EQUITY, MEASURES
from zoning.supply import REASONS
from zoning.text import N_

if TYPE_CHECKING:
    import geopandas as gpd

    from layers.drawing import Drawing
    from zoning.jobs.access import AccessRequest
    from zoning.result import Result

_MOST_PINS = 60
_BARS = 24
_ENDS = 5  # so many best and worst served units
COLUMNS = ("access_value", "people", "people_reached", "reached_pct")


def key_figures(question: AccessRequest, result: Result) -> None:
    """Show the few figures that answer the question, each with what it stands on."""
    found = result.figures
    share = 100 * found["people_reached"] / max(found["people"], 1)
    points = result.frames["points"].dropna(subset=["value"])
    people = points["people"].fillna(0).astype(float)
    mean = float((points["value"] * people).sum() / people.sum()) if people.sum() else None
    digits = MEASURES[question.measure].digits
    figures(
        (
            t(N_("People who reach one")),
            n(found["people_reached"]),
            t(N_("{share} % of those known, within {minutes} minutes")).format(
                share=n(share, 1), minutes=n(found["minutes"], int(found["minutes"] % 1 > 0))
            ),
        ),
        (t(N_("Mean of the people")), n(mean, digits), t(found["unit"])),
        (t(N_("Places counted")), n(found["places_used"]), t(N_("of {count}")).format(count=n(found["places"]))),
        (
            t(N_("Units of unknown population")),
            n(found["units_without_people"]),
            t(N_("of {count}: a value, no people")).format(count=n(found["units"])),
        ),
    )


def shaded_map(question: AccessRequest, result: Result) -> None:
    """Show the units shaded by their value, the places counted, and classes that can be chosen; then the table."""
    kind = MEASURES[question.measure]
    units = result.frames["units"].rename(columns={"value": "access_value"})
    method = st.segmented_control(
        t(N_("Classes")),
        list(METHODS),
        default="quantiles",
        required=True,
        format_func=lambda one: t(METHODS[one][0]),
        key="access_classes",
    )
    edges = bounds(units["access_value"].to_numpy(dtype=float), method)
    title = destinations().get(question.to, question.to)
    drawing = results.shaded(
        units,
        "access_value",
        reader(),
        title=f"{title}: {t(kind.title)}",
        bounds=tuple(edges),
        unit=t(kind.unit),
        digits=kind.digits,
    )
    click = region_map(
        "accessibility",
        _drawn_layers(question),
        look_at=layer("wards_2025").geometry,
        extra=[drawing, *_pins(result)],
        height=620,
    )
    unit_layer = UNIT_LAYERS.get(question.by)
    if click is not None and click.layer == "shaded" and click.ids and unit_layer:
        choose(Chosen(unit_layer, click.ids[0]))
        st.rerun()
    st.caption(
        t(N_("Grey and dashed: no data. Classes: {classes}.")).format(
            classes=_classes_in_words(units, edges, kind.digits)
        )
    )
    st.subheader(t(N_("Table")))
    rounded = units.assign(access_value=units["access_value"].round(kind.digits))
    st.caption(f"{t(N_('Access'))}: {t(kind.title)} ({t(kind.unit)})")
    if unit_layer:
        twin(unit_layer, rounded, (name_column(), *COLUMNS))
    else:
        plain_table(rounded.sort_values("access_value"), (name_column(), *COLUMNS))


def ends(question: AccessRequest, result: Result) -> None:
    """Show the best and the worst served units with their people."""
    kind = MEASURES[question.measure]
    units = result.frames["units"].rename(columns={"value": "access_value"})
    units["access_value"] = units["access_value"].round(kind.digits)
    order = units.dropna(subset=["access_value"]).sort_values("access_value", kind="stable")
    if kind.less_is_better:
        order = order[::-1]
    worst, best = order.head(_ENDS), order[::-1].head(_ENDS)
    columns = (name_column(), "access_value", "people")
    sides = st.columns(2)
    with sides[0]:
        st.subheader(t(N_("Best served")))
        plain_table(best, columns)
    with sides[1]:
        st.subheader(t(N_("Worst served")))
        nobody = units[units["access_value"].isna()]
        plain_table(pd.concat([nobody.head(_ENDS), worst]).head(_ENDS) if len(nobody) else worst, columns)
        if len(nobody):
            st.caption(t(N_("{count} units reach nothing at all and stand first.")).format(count=len(nobody)))


def spread_chart(question: AccessRequest, result: Result) -> None:
    """Show how many people have how much."""
    kind = MEASURES[question.measure]
    points = result.frames["points"]
    people = points["people"].astype(float).fillna(0).to_numpy()
    value = points["value"].to_numpy(dtype=float)
    known = ~np.isnan(value) & (people > 0)
    st.subheader(t(N_("How people are spread over it")))
    if not known.any():
        st.caption(t(N_("Nobody whose number is known has a value.")))
        return
    heights, edges = np.histogram(value[known], bins=_BARS, weights=people[known])
    unit = t(kind.unit)
    table = pd.DataFrame({"from": edges[:-1], "to": edges[1:], "people": heights.round()})
    chart = (
        alt.Chart(table)
        .mark_bar(color="#b35a00")
        .encode(
            x=alt.X("from:Q", bin="binned", title=unit),
            x2="to:Q",
            y=alt.Y("people:Q", title=t(N_("People"))),
            tooltip=[
                alt.Tooltip("from:Q", title=t(N_("From")), format=f",.{kind.digits}f"),
                alt.Tooltip("to:Q", title=t(N_("To")), format=f",.{kind.digits}f"),
                alt.Tooltip("people:Q", title=t(N_("People")), format=",.0f"),
            ],
        )
        .properties(height=220)
    )
    st.altair_chart(chart, width="stretch")
    outside = float(people[np.isnan(value)].sum())
    if outside:
        st.caption(t(N_("Not in the chart: {people} people who have no value.")).format(people=n(outside)))


def equity(question: AccessRequest, result: Result) -> None:
    """Show the equity figures with formulas, and whom they do not speak of."""
    found = result.figures["equity"]
    st.subheader(t(N_("How evenly it is shared")))
    rows = [
        (t(about.title), n(found[key], 3), about.formula, t(about.meaning))
        for key, about in EQUITY.items()
        if key in found
    ]
    heads = [t(N_("Figure")), t(N_("Value")), t(N_("Formula")), t(N_("What it says"))]
    st.dataframe(pd.DataFrame(rows, columns=heads), hide_index=True, height="content")
    if "beyond_people" in found:
        st.markdown(
            t(N_("**{people} people ({share} %)** have a longer way than the line of {line} minutes.")).format(
                people=n(found["beyond_people"]), share=n(found["beyond_pct"], 1), line=n(found["line"], 1)
            )
        )
    elif found["line"] is not None:
        st.caption(
            t(N_("Line z: {line} {unit}.")).format(line=n(found["line"], 2), unit=t(MEASURES[question.measure].unit))
        )
    st.caption(
        t(
            N_(
                "x: what people have at each point of the network; p: their share of all people; μ: mean "
                "of x; R: rank from 0 to 1. Left out: {people} people without a value. A dash: not "
                "defined, because a tenth of the people or more share the same value."
            )
        ).format(people=n(found["left_out_people"]))
    )


def left_out(result: Result) -> None:
    """Show what was dropped and why, in sentences and as a table."""
    for note in result.notes:
        st.caption(literal(note.text(t)))
    facilities = result.frames["facilities"]
    dropped = facilities[~facilities["used"]]
    with st.expander(
        t(N_("Places: {used} counted, {dropped} left out")).format(
            used=int(facilities["used"].sum()), dropped=len(dropped)
        ),
        icon=":material/rule:",
    ):
        reason = t(N_("Left out because"))
        table = facilities.assign(**{reason: [t(REASONS[one]) if one else "" for one in facilities["reason"]]})
        columns = [name_column(), "capacity", "people_reached", reason]
        shown = table.sort_values("used")[columns]
        plain_table(shown, columns[:-1] if not len(dropped) else columns)


def take_home(result: Result) -> None:
    """Offer the units and the places, each with the run record inside."""
    with st.expander(t(N_("Take home: units and places, with the run record inside")), icon=":material/download:"):
        titles = {"units": t(N_("Units")), "facilities": t(N_("Places"))}
        which = st.radio(t(N_("Table")), list(titles), format_func=titles.get, horizontal=True, key="access_export")
        result_downloads(result, which)


def computed(question: AccessRequest, result: Result) -> None:
    """Say how it was computed: formula, paper, decay, network, data, run record."""
    kind = MEASURES[question.measure]
    with st.expander(t(N_("How this was computed")), icon=":material/function:"):
        st.markdown(f"**{t(kind.title)}.** {t(kind.question)}")
        st.code(
            kind.formula + (f"\nf(t) = {result.figures['decay']}" if result.figures["decay"] else ""), language=None
        )
        st.caption(
            t(
                N_(
                    "t: travel minutes; P: people; S: what a place offers; i: homes; j: places; T: {minutes} "
                    "minutes, where every catchment ends. Paper: {paper}. Computed at the points of the "
                    "network where people stand, then gathered by unit, weighed by people. Network: "
                    "{network}."
                )
            ).format(
                minutes=n(result.figures["minutes"]),
                paper=kind.paper,
                network=t(NETWORK_TITLES[result.figures["network"]]),
            )
        )
        network_settings(result)
        stands_on(result)


def _drawn_layers(question: AccessRequest) -> dict[str, gpd.GeoDataFrame]:
    name, _, kind = question.to.partition(":")
    if name not in ("facilities", "zones"):
        return {}
    frame = layer(name)
    return {name: frame[frame["kind"] == kind] if kind else frame}


def _pins(result: Result) -> list[Drawing]:
    used = result.frames["facilities"]
    used = used[used["used"]]
    if not 0 < len(used) <= _MOST_PINS:
        return []
    return [results.positions(used.geometry, reader(), title=t(N_("Places counted")))]


def _classes_in_words(units: gpd.GeoDataFrame, edges: np.ndarray, digits: int) -> str:
    value = units["access_value"].to_numpy(dtype=float)
    known = value[np.isfinite(value)]
    if not known.size:
        return "–"
    counts = np.bincount(np.searchsorted(edges, known, side="left"), minlength=len(edges) + 1)
    lows = [known.min(), *edges]
    highs = [*edges, known.max()]
    words = [
        t(N_("{range}: {count} units")).format(range=_range(n(low, digits), n(high, digits)), count=count)
        for low, high, count in zip(lows, highs, counts, strict=True)
    ]
    return "; ".join(words)


def _range(low: str, high: str) -> str:
    return low if low == high else f"{low} – {high}"
