"""Show who saved a layer and when, and bring a former version back, on the Data page."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from geodata.history import ACTIONS, version_limit
from pages.ui.author import author_input
from pages.ui.backup import backup_section
from pages.ui.data import store
from pages.ui.folded import folded
from pages.ui.guard import shown_faults
from pages.ui.language import n, t
from pages.ui.text import literal
from zoning.errors import ZoningError
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Mapping

_HERE = ZoneInfo("Asia/Ho_Chi_Minh")
_DONE, _FAULT = "_restored_version", "_restoring_fault"
"""What a click has led to, shown in the section by the run that follows."""


def store_sections(titles: Mapping[str, str]) -> None:
    """Show what concerns the store as a whole: the history of its layers, and backups."""
    history_section(titles)
    backup_section()


def place_words() -> str:
    """Return where the layers are kept, in words."""
    return t(N_("in one database")) if store().address else t(N_("in one GeoPackage"))


def history_section(titles: Mapping[str, str]) -> None:
    """Show the versions of a layer, newest first, and offer to restore one; `titles` are those of all layers."""
    with folded(t(N_("History of layers")), "layer-history", ":material/history:") as is_open:
        if is_open:
            with shown_faults():
                _section(titles)


def _section(titles: Mapping[str, str]) -> None:
    if done := st.session_state.pop(_DONE, None):
        st.success(literal(done))
    if fault := st.session_state.pop(_FAULT, None):
        st.error(literal(fault), icon=":material/error:")
    everything = store().history()
    if everything.empty:
        st.caption(t(N_("Nobody has saved a layer yet.")))
        return
    saved = list(dict.fromkeys(everything["layer"][::-1]))
    name = st.selectbox(t(N_("Layer")), saved, format_func=lambda one: titles.get(one, one), key="history_layer")
    seen = store().fingerprint(name) if name in store().names() else ""
    table = store().history(name).iloc[::-1]
    st.dataframe(
        pd.DataFrame(
            {
                t(N_("Version")): table["version"],
                t(N_("Date")): [local_time(one) for one in table["date"]],
                t(N_("Author")): table["author"],
                t(N_("What")): [t(ACTIONS.get(one, one)) for one in table["action"]],
                t(N_("Rows")): [_rows(row) for row in table.to_dict("records")],
                t(N_("State")): [t(_state(row)) for row in table.to_dict("records")],
            }
        ),
        hide_index=True,
    )
    st.caption(
        t(N_("The last {count} former versions of a layer are kept; of older ones only this table tells.")).format(
            count=n(version_limit())
        )
    )
    offered = table[table["kept"] & ~table["now"]]
    if len(offered):
        _restoring(name, titles.get(name, name), [int(one) for one in offered["version"]], seen)


def _restoring(name: str, title: str, versions: list[int], seen: str) -> None:
    version = st.selectbox(
        t(N_("Bring back version")), versions, index=None, key=f"history_version_{name}",
        placeholder=t(N_("Choose a version")),
    )  # fmt: skip
    author = author_input()
    if version is None:
        return
    sure = st.checkbox(
        t(N_("Yes, show everybody “{layer}” as it was in version {version}; the state of now stays in the history"))
        .format(layer=title, version=version),
        key=f"history_sure_{name}_{version}_{seen[:12]}",
    )  # fmt: skip
    # the arguments are those of the page as it was read: who has saved since is not overwritten
    st.button(t(N_("Restore")), icon=":material/settings_backup_restore:", disabled=not (sure and author),
              key="history_restore", on_click=_restore, args=(name, title, version, seen, author))  # fmt: skip
    if not author:
        st.caption(t(N_("Type your name first: it is kept with the version.")))


def _restore(name: str, title: str, version: int, seen: str, author: str) -> None:
    try:
        store().restore_version(name, version, seen, author=author)
    except ZoningError as fault:
        st.session_state[_FAULT] = fault.text(t)
    else:
        sentence = t(N_("“{layer}” is as it was in version {version}. To undo this, restore the version before it."))
        st.session_state[_DONE] = sentence.format(layer=title.replace("`", "'"), version=version)


def local_time(text: str) -> str:
    """Return a moment as the clocks of the region show it; anything else as it is."""
    try:
        return datetime.fromisoformat(text).astimezone(_HERE).strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return text


def _rows(row: Mapping[str, object]) -> str:
    before, after = row["rows_before"], row["rows_after"]
    return n(after) if pd.isna(before) else f"{n(before)} → {n(after)}"


def _state(row: Mapping[str, object]) -> str:
    return N_("now") if row["now"] else N_("kept") if row["kept"] else N_("not kept any more")
