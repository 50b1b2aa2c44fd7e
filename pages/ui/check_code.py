"""Browse the planning code itself: every rule, searched and filtered, and lots read from its tables."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.ui import check_words as words
from pages.ui.language import language, n, t
from zoning.names import fold
from zoning.standards import regulations, rules
from zoning.standards.lookup import limit_at
from zoning.standards.terms import note
from zoning.text import N_

_TABLES = {
    "density-detached": (N_("Detached, row house or villa: density (%)"), "%"),
    "density-apartment": (N_("Apartments: density (%)"), "%"),
    "density-mixed": (N_("Commercial and mixed use: density (%)"), "%"),
    "far-existing": (N_("Existing area, apartments and mixed use: floor area ratio (times)"), ""),
}


def code_view() -> None:
    """Show the rules as a table that can be searched, and a reader of the lot tables."""
    st.markdown(f"**{t(N_('Read a lot from the tables'))}**")
    _lot()
    st.markdown(f"**{t(N_('All rules'))}**")
    left, right = st.columns([2, 3])
    texts = {None: t(N_("all texts"))} | {one.id: one.name for one in regulations().values()}
    with left:
        of = st.selectbox(t(N_("Text")), list(texts), format_func=texts.get, key="rules_text")
    with right:
        asked = st.text_input(
            t(N_("Search the rules")), key="rules_query", placeholder=t(N_("school, 500, Table 2.8 …"))
        )
    table = pd.DataFrame(_all(language()))
    if of is not None:
        table = table[table[t(N_("Text"))].eq(texts[of])]
    for word in fold(asked).split():
        table = table[[word in text for text in table["_search"]]]
    st.caption(t(N_("{count} of {total} rules")).format(count=n(len(table)), total=n(len(rules()))))
    source = t(N_("Source"))
    st.dataframe(
        table.drop(columns="_search"), hide_index=True, height=440,
        column_config={source: st.column_config.LinkColumn(source, display_text=t(N_("open")))},
    )  # fmt: skip


@st.cache_data(show_spinner=False, max_entries=2)
def _all(lang: str) -> list[dict[str, str]]:
    found = []
    for one in rules():
        row = {
            t(N_("Text")): regulations()[one.regulation].name,
            t(words.CLAUSE): one.clause,
            t(words.TOPIC): words.topic(one.id),
            t(words.RULE): words.metric(one.id),
            t(words.REQUIRED): words.required(one.required, one.unit),
            t(N_("For")): " · ".join(part for part in (", ".join(one.classes), _place(one.key, one.key_2)) if part),
            t(words.CONFIDENCE): words.confidence(one.confidence),
            t(N_("Notes")): " ".join(note(key, lang) for key in one.notes),
            "ID": one.id,
            t(N_("Source")): one.source,
        }
        found.append({**row, "_search": fold(" ".join(row.values()))})
    return found


def _place(key: str, key_2: str) -> str:
    return " × ".join(part for part in (key, key_2) if part)


def _lot() -> None:
    one, two, three, four = st.columns(4)
    with one:
        table = st.selectbox(
            t(N_("Table")), list(_TABLES), format_func=lambda name: t(_TABLES[name][0]), key="lot_table"
        )
    with two:
        size = st.number_input(t(N_("Area of the lot (m²)")), 1.0, 1e6, 150.0, 10.0, key="lot_size")
    with three:
        height = st.number_input(
            t(N_("Height of the building (m)")), 1.0, 500.0, 25.0, 1.0, key="lot_height",
            disabled=table == "density-detached",
        )  # fmt: skip
    limit = limit_at(table, size, height)
    with four:
        st.metric(t(N_("At most")), f"{n(limit, 2 if table == 'far-existing' else 1)} {_TABLES[table][1]}".strip())
