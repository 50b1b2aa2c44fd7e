"""Keep the chosen feature, the same on map, table and facts, and in the address so that a view can be shared."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

_KEY = "select"
_KEPT = "_kept_layers"


class Chosen(NamedTuple):
    """A feature by its layer and id."""

    layer: str
    id: str


def chosen() -> Chosen | None:
    """Return the chosen feature, from this session or from the address (`?select=layer/id`)."""
    text = st.query_params.get(_KEY) or ""
    name, _, feature_id = text.partition("/")
    return Chosen(name, feature_id) if feature_id else None


def choose(feature: Chosen | None) -> None:
    """Make `feature` the chosen one, None for none."""
    if feature is None:
        st.query_params.pop(_KEY, None)
    else:
        st.query_params[_KEY] = f"{feature.layer}/{feature.id}"


def remember_kept(layer: str) -> None:
    """Note that this session has just taken a layer in: maps show it at once."""
    st.session_state[_KEPT] = (*(one for one in kept_layers() if one != layer), layer)


def kept_layers() -> tuple[str, ...]:
    """Return the layers that this session has taken in, the last one last."""
    return st.session_state.get(_KEPT, ())
