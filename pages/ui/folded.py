"""Fold away what is not read on every visit: its content is made only once it is opened."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def folded(label: str, key: str, icon: str | None = None) -> Iterator[bool]:
    """Draw a folded section and say whether it is open; closed, nothing in it is computed, sent or drawn."""
    with st.expander(label, key=f"folded-{key}", icon=icon, on_change="rerun") as section:
        yield bool(section.open)
