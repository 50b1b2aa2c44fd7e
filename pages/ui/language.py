"""Choose the language of a session and translate its texts."""

from __future__ import annotations

import streamlit as st

from pages.ui.text import DEFAULT_LANGUAGE, LANGUAGES, number, translator

_KEY = "lang"
_CHOSEN = "_language"  # outlives the widget, whose state Streamlit drops when a page switch interrupts a run


def read_language() -> None:
    """Take the language from the address (`?lang=vi|en`) where it names one; first thing in each run."""
    asked = st.query_params.get(_KEY)
    if asked in LANGUAGES:
        st.session_state[_CHOSEN] = asked
    elif language() != DEFAULT_LANGUAGE:
        st.query_params[_KEY] = language()  # so that the address of every page can be shared as it reads


def choose_language() -> None:
    """Draw the language switch, where the caller stands."""
    st.session_state[_KEY] = language()
    st.segmented_control(
        "Ngôn ngữ / Language",
        list(LANGUAGES),
        required=True,
        format_func=LANGUAGES.__getitem__,
        key=_KEY,
        label_visibility="collapsed",
        on_change=_switch,
    )


def tell_language() -> None:
    """Tell browsers and screen readers the language of the page."""
    # Streamlit writes lang="en" into the page; screen readers need the true one. The text is fixed, no data in it.
    st.html(f"<script>document.documentElement.lang='{language()}'</script>", unsafe_allow_javascript=True)


def _switch() -> None:
    st.session_state[_CHOSEN] = st.query_params[_KEY] = st.session_state[_KEY]


def language() -> str:
    """Return the session's language."""
    chosen = st.session_state.get(_CHOSEN)
    return chosen if chosen in LANGUAGES else DEFAULT_LANGUAGE


def t(text: str) -> str:
    """Return an English text in the session's language."""
    return translator(language())(text)


def n(value: float | None, digits: int = 0) -> str:
    """Return a number as the session's language writes it, a dash where it is unknown."""
    return number(value, language(), digits)


def name_column() -> str:
    """Return the column that holds names in the session's language."""
    return f"name_{language()}"
