"""Show what was edited of a zone, by whom and when, and undo the last edit."""

from __future__ import annotations

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from geodata.edits import edits_of, last_edit, undo_edit
from layers.labels import field_label, value_label
from pages.ui.data import layer, store
from pages.ui.guard import shown_faults
from pages.ui.language import n, name_column, t
from zoning.text import N_

WHATS = {"attributes": N_("attributes"), "outline": N_("outline"), "new": N_("new zone")}
_HERE = ZoneInfo("Asia/Ho_Chi_Minh")


def history(zone_id: str, author: str) -> None:
    """Show the edits of a zone, newest first, or those of all zones where none is chosen; offer to undo the last."""
    table = edits_of(store(), zone_id or None)
    st.markdown(f"**{t(N_('What was edited'))}**")
    if table.empty:
        st.caption(t(N_("Nothing yet.")))
        return
    zones = layer("zones")
    names = dict(zip(zones["id"], zones[name_column()], strict=True))
    shown = table.iloc[::-1]
    st.dataframe(
        pd.DataFrame(
            {
                t(N_("Date")): [moment(one) for one in shown["date"]],
                t(N_("Author")): shown["author"],
                t(N_("Zone")): [names.get(one, one) for one in shown["zone_id"]],
                t(N_("What")): [t(WHATS[one]) if one in WHATS else one for one in shown["what"]],
                t(N_("Changed to")): [_content(row) for row in shown.to_dict("records")],
                t(N_("Undone")): [
                    f"{moment(date)}, {by}" if date else ""
                    for date, by in zip(shown["undone_date"], shown["undone_by"], strict=True)
                ],
            }
        ),
        hide_index=True,
    )
    last = last_edit(table, zone_id) if zone_id else ""
    if last and st.button(t(N_("Undo the last edit of this zone")), icon=":material/undo:"):
        with shown_faults():
            undo_edit(store(), last, author=author)
            st.rerun()


def _content(row: dict[str, object]) -> str:
    values = json.loads(str(row["content"]))
    parts = [f"{field_label(name, t)}: {value_label(name, value, t)}" for name, value in values.items() if value]
    shape = row["geometry"]
    if shape is not None:
        parts.append(t(N_("outline of {area} ha")).format(area=n(shape.area / 1e4, 2)))  # type: ignore[attr-defined]
    return "; ".join(parts) or t(N_("left empty"))


def moment(text: str) -> str:
    """Return a moment as the clocks of the region show it; anything else as it is."""
    try:
        return datetime.fromisoformat(text).astimezone(_HERE).strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return text
