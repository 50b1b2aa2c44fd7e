"""Show key figures in a row, each with what it stands on."""

from __future__ import annotations

import streamlit as st


def figures(*items: tuple[str, str, str]) -> None:
    """Show (label, value, basis) triples; the basis says in a few words where the figure comes from."""
    with st.container(horizontal=True, gap="medium"):
        for label, value, basis in items:
            with st.container(width="stretch", gap=None):
                st.metric(label, value)
                st.caption(basis)
