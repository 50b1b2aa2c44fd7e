"""Say how a result was computed: network, settings, formulas, data and their dates, run record."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from geodata.strategic import SETTING_REASONS, StrategicSettings
from pages.ui.data import layer_table
from pages.ui.folded import folded
from pages.ui.language import language, n, t
from pages.ui.text import literal
from zoning.text import N_

if TYPE_CHECKING:
    from zoning.result import Result

NETWORK_TITLES = {"strategic": N_("strategic network"), "streets": N_("OpenStreetMap streets")}


def explained(result: Result) -> None:
    """Show the notes of a result, and on request everything that it stands on."""
    for note in result.notes:
        st.caption(literal(note.text(t)))
    title, key = t(N_("How this was computed")), f"how-{result.run['id']}"
    with folded(title, key, ":material/function:") as is_open:
        if is_open:
            _method(result)
            network_settings(result)
            stands_on(result)


def _method(result: Result) -> None:
    network = result.figures["network"]
    st.markdown(
        t(
            N_(
                "Network: {network}. The ring is the street reached in time, computed along every street from both "
                "ends and cut where the limit falls, widened by a walk-off of {walk_off} m. “Missed” and “false” "
                "say how much of that exact area the drawn ring leaves out and adds, in % of it. People and places "
                "are counted by network time, not by the drawn shape. The way to the street is not timed; the "
                "origin lies {snap} m from it."
            )
        ).format(
            network=t(NETWORK_TITLES[network]),
            walk_off=n(result.figures["walk_off_m"]),
            snap=n(result.figures["snap_m"]),
        )
    )


def network_settings(result: Result) -> None:
    """Show what the strategic network was made with, where a result stands on it."""
    if result.figures["network"] == "strategic":
        rows = [(key, value, t(SETTING_REASONS[key])) for key, value in asdict(StrategicSettings()).items()]
        columns = [t(N_("Setting")), t(N_("Value")), t(N_("Reason"))]
        st.dataframe(pd.DataFrame(rows, columns=columns), hide_index=True)


def stands_on(result: Result) -> None:
    """Show the layers that a result stands on, with dates and sources, and its run record."""
    layers = layer_table()
    used = layers[layers["name"].isin(result.run["data"])][[f"title_{language()}", "date", "licence", "source"]]
    used = used.assign(licence=used["licence"].map(t), source=used["source"].map(t))
    used.columns = [t(N_("Layer")), t(N_("Date")), t(N_("Licence")), t(N_("Source"))]
    st.dataframe(used, hide_index=True)
    st.caption(t(N_("Run {id}: the same question on the same data has the same number.")).format(id=result.run["id"]))
    st.code(json.dumps(dict(result.run), ensure_ascii=False, indent=1), language="json")
