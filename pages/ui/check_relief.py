"""Let planners say which reliefs of the code a zone may use: kept with author and date, named by the verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from geodata.reliefs import keep_relief, relief_history, relief_of
from pages.ui import check_words as words
from pages.ui.author import author_input
from pages.ui.data import layer, store
from pages.ui.edit_history import moment
from pages.ui.folded import folded
from pages.ui.guard import shown_faults
from pages.ui.language import t
from zoning.standards.relief import FLAGS, known_reliefs
from zoning.text import N_

if TYPE_CHECKING:
    import geopandas as gpd

    from zoning.jobs.check import CheckRequest


def relief_view(request: CheckRequest, row: gpd.GeoSeries) -> None:
    """Show what is set for a zone, let it be changed, and list what each relief allows."""
    zone, now = str(row["id"]), str(row["relief"]).split()
    label = t(N_("Reliefs of this zone: {names}")).format(names=flag_names(now) or t(N_("none")))
    with folded(label, f"relief-{request.zones}-{zone}", ":material/tune:") as opened:
        if not opened:
            return
        st.caption(
            t(N_("Where land is short, in mountains and on islands the code asks for less. Nothing of this is guessed: "
                 "say what holds for this zone. A verdict that needs a relief names it."))
        )  # fmt: skip
        frame = layer(request.zones)
        if "id" not in frame or zone not in set(frame["id"].astype(str)):
            st.info(t(N_("This zone is one of a scenario: set its reliefs once it is a zone of the region.")))
        else:
            _set(request.zones, zone)
        _list()


def flag_names(flags: list[str]) -> str:
    """Return flags in words."""
    return "; ".join(t(FLAGS[one]) for one in flags)


def _set(zones: str, zone: str) -> None:
    seen = relief_of(store(), zones, zone)
    key = f"relief-{zones}-{zone}-{'+'.join(seen)}"
    names = {one: t(text) for one, text in FLAGS.items()}
    flags = st.multiselect(t(N_("What holds for this zone")), list(FLAGS), default=list(seen), key=key,
                           format_func=names.get, placeholder=t(N_("Choose")))  # fmt: skip
    author = author_input()
    if st.button(t(N_("Keep the reliefs")), type="primary", icon=":material/save:", key=f"keep-{key}"):
        with shown_faults():
            keep_relief(store(), zones, zone, flags, author=author, seen=seen)
            st.rerun()
    history = relief_history(store(), zones, zone)
    if len(history):
        shown = {
            t(N_("Date")): [moment(one) for one in history["date"]],
            t(N_("Author")): history["author"],
            t(N_("Reliefs")): [flag_names(one.split()) or t(N_("none")) for one in history["flags"]],
        }
        st.dataframe(pd.DataFrame(shown), hide_index=True)


def _list() -> None:
    found = [
        (words.metric(one.id), words.required(one.required, one.unit), f"{one.clause} · {one.id}", words.notes(one.id))
        for one in known_reliefs()
    ]
    heads = [words.RULE, words.REQUIRED, words.CLAUSE, words.NOTES]
    st.dataframe(pd.DataFrame(found, columns=[t(head) for head in heads]), hide_index=True)
