"""Show the smart-city programme: what is published, tied to places, and the list of actions that planners write."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from geodata.programme import ACTIONS, CATEGORIES, KNOWN_ACTIONS, actions, checked_actions, read_actions, save_actions
from pages.ui.author import author_input
from pages.ui.data import layer, store
from pages.ui.guard import shown_faults
from pages.ui.language import language, n, t
from pages.ui.selection import Chosen, choose
from pages.ui.views import region_map
from zoning.standards.words import CONFIDENCE_WORDS
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Sequence

_HERE = ZoneInfo("Asia/Ho_Chi_Minh")
_ROW_PX = 35
KINDS = {
    "milestone": N_("milestone"),
    "programme": N_("programme"),
    "category": N_("category"),
    "theme": N_("theme"),
    "mechanism": N_("mechanism"),
    "document": N_("document"),
    "plan": N_("plan"),
    "cluster": N_("project cluster"),
    "project": N_("project"),
    "lab": N_("laboratory"),
    "membership": N_("network or award"),
    "advice": N_("advice"),
    "icf_indicator": N_("ICF indicator"),
    "icf_benchmark": N_("ICF benchmark"),
    "follow_up": N_("what followed"),
}
STATUSES = {
    "done": N_("done"),
    "approved": N_("approved"),
    "in use": N_("in use"),
    "planned": N_("planned"),
    "running": N_("running"),
    "opened": N_("opened"),
    "listed": N_("listed"),
    "decided": N_("decided"),
    "member": N_("member"),
    "won": N_("won"),
    "presented": N_("presented"),
    "scheme": N_("scheme"),
    "announced": N_("announced"),
}


def name(row: pd.Series) -> str:
    """Return the name of a row in the reader's language."""
    first, second = (row["name_vi"], row["name_en"]) if language() == "vi" else (row["name_en"], row["name_vi"])
    return str(first or second)


def readable(part: pd.DataFrame, columns: Sequence[str] = ()) -> pd.DataFrame:
    """Return rows of the programme as people read them."""
    made = {
        t(N_("Date")): part["date"],
        t(N_("What")): [name(row) for _, row in part.iterrows()],
        t(N_("Kind")): [t(KINDS[one]) for one in part["kind"]],
        t(N_("Category")): [t(CATEGORIES[one]) if one else "" for one in part["category"]],
        t(N_("Status")): [t(STATUSES[one]) if one in STATUSES else one for one in part["status"]],
        t(N_("Figure")): part[f"figure_{language()}"],
        t(N_("Place")): [_place(row) for _, row in part.iterrows()],
        t(N_("Confidence")): [
            t(CONFIDENCE_WORDS[one]) if one in CONFIDENCE_WORDS else "–" for one in part["confidence"]
        ],
        t(N_("Notes")): part[f"note_{language()}"],
        t(N_("Source")): part["sources"],
    }
    table = pd.DataFrame(made)
    keep = [t(one) for one in columns] if columns else list(table.columns)
    return table[[one for one in keep if table[one].astype(str).ne("").any()]]


def _place(row: pd.Series) -> str:
    if row["layer"] and row["feature_id"]:
        frame = layer(row["layer"])
        found = frame[frame["id"].eq(row["feature_id"])]
        if len(found):
            return str(found[f"name_{language()}"].iloc[0])
    return str(row[f"place_{language()}"])


def table_of(part: pd.DataFrame, key: str) -> None:
    """Show rows with their sources as links; a chosen row is shown on the map where its place is known."""
    source = t(N_("Source"))
    event = st.dataframe(
        readable(part), hide_index=True, on_select="rerun", selection_mode="single-row", key=f"programme-{key}",
        height=_ROW_PX * (min(len(part), 14) + 1) + 3,
        column_config={source: st.column_config.LinkColumn(source, display_text=t(N_("open")))},
    )  # fmt: skip
    if event.selection.rows:
        row = part.iloc[event.selection.rows[0]]
        picked = Chosen(row["layer"], row["feature_id"]) if row["layer"] else None
        if picked is not None and st.session_state.get("programme-seen") != picked:
            st.session_state["programme-seen"] = picked
            choose(picked)
            st.rerun()


def places_map(table: pd.DataFrame) -> None:
    """Show the places that the programme is tied to."""
    tied = table[table["layer"].ne("")]
    frames = {}
    for one, part in tied.groupby("layer"):
        frame = layer(str(one))
        frames[str(one)] = frame[frame["id"].isin(part["feature_id"])]
    region_map("programme", frames, shown=tuple(frames), look_at=layer("wards_2025").geometry, height=460)
    st.caption(
        t(N_("{count} of {total} entries are tied to a place on the map.")).format(
            count=n(len(tied)), total=n(len(table))
        )
    )


def actions_view() -> None:
    """Let planners write or import the list of actions; nothing is filled in for them."""
    kept = actions(store())
    st.info(
        t(
            N_(
                "The published scheme counts {count} actions in 14 programmes; their names were not found, and none is "
                "guessed here. Type or import the list from your office; each row names its source."
            )
        ).format(count=KNOWN_ACTIONS),
        icon=":material/edit_note:",
    )
    given = st.file_uploader(t(N_("Import a table (CSV or XLSX)")), type=["csv", "xlsx"], key="actions_file")
    start = kept
    if given is not None:
        with shown_faults():
            start = read_actions(given.getvalue())
    labels = {
        "category": N_("Category"), "programme": N_("Programme"), "name_vi": N_("Name (Vietnamese)"),
        "name_en": N_("Name (English)"), "status": N_("Status"), "source": N_("Source"),
    }  # fmt: skip
    config = {key: st.column_config.TextColumn(t(label), max_chars=300) for key, label in labels.items()}
    config["category"] = st.column_config.SelectboxColumn(t(N_("Category")), options=["", *CATEGORIES])
    edited = st.data_editor(
        start, num_rows="dynamic", hide_index=True, column_config=config, width="stretch",
        key=f"actions-{store().fingerprint(ACTIONS) if ACTIONS in store().names() else 'none'}-{given is not None}",
    )  # fmt: skip
    st.caption(t(N_("{count} of {all} actions are written down.")).format(count=n(len(kept)), all=KNOWN_ACTIONS))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        author = author_input()
        if st.button(t(N_("Keep the list")), type="primary", icon=":material/save:", key="actions_save"):
            with shown_faults():
                _save(edited, author)


def _save(edited: pd.DataFrame, author: str) -> None:
    known = ACTIONS in store().names()
    rows = checked_actions(edited)
    today = dt.datetime.now(_HERE).date().isoformat()
    save_actions(store(), rows, author=author, date=today, expect=store().fingerprint(ACTIONS) if known else "")
    st.success(t(N_("{count} actions are kept.")).format(count=n(len(rows))))
