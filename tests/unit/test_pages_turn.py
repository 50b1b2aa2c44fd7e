"""A session's first map comes before what stands around it; nothing else ever waits."""

from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import turn


def two_maps():
    import streamlit as st

    from pages.ui import turn

    with turn.map_first():
        turn.after_map(lambda: st.session_state.order.append("aside"), st.sidebar)
        turn.after_map(lambda: (st.text("above"), st.session_state.order.append("above")))
        if not st.session_state.get("no_map"):
            for frame in st.session_state.frames:
                st.session_state.order.append(frame)
                turn.sent(frame)
        st.text("below")


@pytest.fixture
def app(monkeypatch):
    slept = []
    monkeypatch.setattr(turn, "runtime", SimpleNamespace(exists=lambda: True))
    monkeypatch.setattr(turn, "time", SimpleNamespace(sleep=slept.append))
    at = AppTest.from_function(two_maps)
    at.session_state.order, at.session_state.frames = [], ["a", "b"]
    at.slept = slept
    return at


def test_on_the_first_run_the_map_is_sent_first_and_later_ones_keep_the_order_of_the_page(app):
    app.run()
    assert app.session_state.order == ["a", "aside", "above", "b"]
    assert [one.value for one in app.text] == ["above", "below"]  # each in its place all the same
    app.session_state.order = []
    app.run()
    assert app.session_state.order == ["aside", "above", "a", "b"]


def test_what_waits_comes_where_no_map_does(app):
    app.session_state.no_map = True
    app.run()
    assert app.session_state.order == ["aside", "above"]


def test_only_a_new_first_map_has_the_browser_to_itself(app):
    def waited():
        app.run()
        total, app.slept[:] = sum(app.slept), []
        return total

    assert waited() == pytest.approx(turn.FIRST_S)
    assert waited() == 0  # the same map: what is around it may have changed
    app.session_state.frames = ["c"]
    assert waited() == pytest.approx(turn.NEXT_S)
    app.session_state.frames = ["c", "d"]
    assert waited() == 0
