"""Tell units of different dates apart, and carry figures between old communes and the wards of today."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st

from geodata.sheets import read_rows
from layers import results
from layers.labels import field_label, value_label
from pages.ui.data import layer, region, store
from pages.ui.guard import shown_faults
from pages.ui.language import n, name_column, t
from pages.ui.views import reader, region_map
from zoning.classes import quantiles
from zoning.errors import BadFileError
from zoning.names import fold
from zoning.overlap import Carried, Overlap, back, carry, overlap, people_in_both
from zoning.text import N_
from zoning.units import find

if TYPE_CHECKING:
    import geopandas as gpd

OLD, NEW, DISTRICTS = "communes_until_2025", "wards_2025", "districts_until_2025"
WAYS = {
    "back": N_("36 wards → 91 old communes"),
    "there": N_("91 old communes → 36 wards"),
}
BY = {"people": N_("where people live"), "area": N_("by area")}
_TDM = "Thủ Dầu Một"


def time_view() -> None:
    """Show what a name means at which date, then carry figures."""
    st.write(
        t(
            N_(
                "“Thu Dau Mot” is two things: a city of 14 wards until 30 June 2025, and one ward of Ho "
                "Chi Minh City since 1 July 2025. Figures of the one are not figures of the other. Type "
                "any name, of today or of before, also of a district, to see what it means and which "
                "wards have its land now."
            )
        )
    )
    _search()
    st.subheader(t(N_("Carry figures from one set of units to the other")))
    _carry()


def _search() -> None:
    query = st.text_input(t(N_("Name of a unit")), _TDM, key="unit_query")
    if not query.strip():
        return
    found = find(query, layer(NEW), layer(OLD), layer(DISTRICTS), limit=12)
    if not found:
        st.warning(t(N_("No ward, commune or district is called that, today or before.")))
        return
    names = dict(zip(layer(NEW)["id"], layer(NEW)[name_column()], strict=True))
    rows = [
        (
            getattr(unit, name_column()),
            str(value_label("level", unit.level, t)),
            unit.valid_from or "–",
            unit.valid_to or t(N_("today")),
            unit.decree or "–",
            ", ".join(names[one] + ("*" if one in unit.shared else "") for one in unit.wards),
        )
        for unit in found
    ]
    heads = [
        field_label("name_vi" if name_column() == "name_vi" else "name_en", t),
        field_label("level", t),
        field_label("valid_from", t),
        field_label("valid_to", t),
        field_label("decree", t),
        t(N_("Wards that have its land today")),
    ]
    st.table(pd.DataFrame(rows, columns=heads).set_index(heads[0]))
    st.caption(t(N_("An asterisk: the ward also has land of other units of that date.")))


def _carry() -> None:
    sides = st.columns(3)
    with sides[0]:
        way = st.selectbox(
            t(N_("From which to which")), list(WAYS), format_func=lambda one: t(WAYS[one]), key="carry_way"
        )
    source, target = (OLD, NEW) if way == "there" else (NEW, OLD)
    columns = {"population": field_label("population", t), "file": t(N_("figures from a file"))}
    with sides[1]:
        which = st.selectbox(t(N_("Figure")), list(columns), format_func=columns.get, key="carry_figure")
    with sides[2]:
        by = st.selectbox(t(N_("Divided")), list(BY), format_func=lambda one: t(BY[one]), key="carry_by")
    with shown_faults():
        figures = _from_file(source) if which == "file" else _population(source)
        if figures is None:
            return
        there, both = _ways(store().fingerprint(OLD), store().fingerprint(NEW), store().fingerprint("population"))
        if way == "there":
            carried = carry(figures, there, both if by == "people" else None)
        else:
            carried = carry(figures, back(there, layer(NEW)), both.T if by == "people" else None)
        _result(carried, figures, target, by)


def _result(carried: Carried, figures: pd.Series, target: str, by: str) -> None:
    units = carried.units
    frame: gpd.GeoDataFrame = layer(target)
    about = frame.set_index("id").loc[units.index]
    heads = {
        name_column(): t(N_("Unit")),
        "figure": t(N_("Figure")),
        "known": t(N_("Known part")),
        "unknown_units": t(N_("Parts not known")),
        "parent": field_label("parent", t),
        "valid_from": field_label("valid_from", t),
        "valid_to": field_label("valid_to", t),
        "decree": field_label("decree", t),
    }
    table = pd.concat([about[[name_column(), "parent", "valid_from", "valid_to", "decree"]], units], axis=1)
    number = st.column_config.NumberColumn(format="localized")
    table = table[list(heads)].rename(columns=heads)
    for column in (heads["figure"], heads["known"]):
        table[column] = table[column].astype(float).round(1)
    st.dataframe(table, hide_index=True, column_config={heads["figure"]: number, heads["known"]: number})
    before, after = float(figures.sum()), float(units["known"].sum())
    st.caption(
        t(
            N_(
                "Known before: {before}; carried: {after}; difference {difference}. {count} units have "
                "parts of which nothing is known: their figure is left empty."
            )
        ).format(
            before=n(before),
            after=n(after),
            difference=f"{abs(after - before):.0e}" if after != before else "0",
            count=int(units["figure"].isna().sum()),
        )
    )
    if by == "people" and carried.by_area:
        st.caption(
            t(N_("{count} units were divided by area: where their people live is not known.")).format(
                count=len(carried.by_area)
            )
        )
    drawn = frame.merge(units["figure"], left_on="id", right_index=True)
    shade = results.shaded(drawn, "figure", reader(), title=heads["figure"], bounds=tuple(quantiles(drawn["figure"])))
    region_map("time", {target: frame}, look_at=frame.geometry, look_token=target, extra=[shade], height=480)
    st.caption(
        t(
            N_(
                "Only counts can be carried (people, jobs, places), not rates: carry both parts of a "
                "rate. Weights: common area of the drawn outlines, only for pairs that the decree names "
                "(Goodchild and Lam 1980), or the people who live in both."
            )
        )
    )


def _population(source: str) -> pd.Series:
    frame = layer(source)
    years = (
        sorted(int(year) for year in frame["population_year"].dropna().unique()) if "population_year" in frame else []
    )
    known = int(frame["population"].notna().sum())
    st.caption(
        t(N_("Population is published for {known} of {total} units{years}.")).format(
            known=known, total=len(frame), years=f" ({', '.join(map(str, years))})" if years else ""
        )
    )
    return frame.set_index("id")["population"].astype("Float64").astype(float)


def _from_file(source: str) -> pd.Series | None:
    given = st.file_uploader(
        t(N_("Two columns, CSV or XLSX: name or id of the unit, and its figure")),
        type=["csv", "xlsx"],
        key=f"carry-{source}",
    )
    if given is None:
        return None
    frame = layer(source)
    by_name = frame.groupby(frame["name_vi"].map(fold))["id"].agg(list).to_dict()
    figures: dict[str, float] = {}
    refused = []
    for number, cells in enumerate(read_rows(given.getvalue())[1:], start=2):
        name, text = (*cells, "", "")[:2]
        ids = [name] if name in set(frame["id"]) else by_name.get(fold(name), [])
        try:
            value = float(text.replace(" ", "").replace(",", "."))
        except ValueError:
            value = float("nan")
        if len(ids) == 1 and np.isfinite(value) and value >= 0 and ids[0] not in figures:
            figures[ids[0]] = value
        elif any(cells):
            refused.append(str(number))
    if refused:
        st.warning(
            t(N_("Rows that name no single unit, or no number of 0 or more: {rows}.")).format(
                rows=", ".join(refused[:30])
            )
        )
    if not figures:
        raise BadFileError(N_("No row of the file could be used."))
    return pd.Series(figures)


@st.cache_resource(show_spinner=False, max_entries=2)
def _ways(old: str, new: str, people: str) -> tuple[Overlap, np.ndarray]:  # noqa: ARG001 - the cache's key
    communes, wards = layer(OLD), layer(NEW)
    return overlap(communes, wards), people_in_both(region().demand("strategic"), communes, wards)
