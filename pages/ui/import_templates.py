"""Offer, on the Data page, an empty table or layer for each kind of data that analyses look for."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from geodata.importing.blanks import BLANKS, KINDS, columns, empty, file_name
from geodata.importing.roles import ROLES
from pages.ui.data import store
from pages.ui.folded import folded
from pages.ui.language import language, t
from zoning.text import N_

_MIMES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "gpkg": "application/geopackage+sqlite3",
}


def templates_section() -> None:
    """Show what each empty table asks for, whether its layer is there, and offer it in three formats."""
    with folded(t(N_("Empty tables to fill")), "blank-tables", ":material/table_view:") as is_open:
        if is_open:
            _section()


def _section() -> None:
    st.write(
        t(
            N_(
                "Take an empty table or layer with Vietnamese headers, fill it, and give it back above under “Take in "
                "your own layer”: what it is and which column is which is known then, and one button keeps it."
            )
        )
    )
    known = set(store().names())
    chosen = st.selectbox(t(N_("For")), BLANKS, format_func=_title, key="blank_role")
    role = ROLES[chosen]
    state = t(N_("in the store")) if role.layer and role.layer in known else t(N_("not in the store yet"))
    st.caption(f"{t(role.use)} {t(N_('Layer'))}: {role.layer or '–'} ({state})" if role.layer else t(role.use))
    rows = [(one.header, one.what, one.example) for one in columns(chosen)]
    heads = [t(N_("Column")), t(N_("What stands in it")), t(N_("Example"))]
    st.dataframe(pd.DataFrame(rows, columns=heads), hide_index=True)
    with st.container(horizontal=True):
        for kind, words in KINDS.items():
            st.download_button(
                words, data=_empty(chosen, kind), file_name=file_name(chosen, kind), mime=_MIMES[kind],
                on_click="ignore", icon=":material/download:", key=f"blank-{chosen}-{kind}",
            )  # fmt: skip


def _title(chosen: str) -> str:
    return ROLES[chosen].title_vi if language() == "vi" else t(ROLES[chosen].title)


@st.cache_data(show_spinner=False, max_entries=90)
def _empty(chosen: str, kind: str) -> bytes:
    return empty(chosen, kind)
