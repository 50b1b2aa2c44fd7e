"""A page for test_heavy_runs: analyses that last as long as the address says, and who is at work on them."""

from __future__ import annotations

import time
from functools import partial

import streamlit as st

from pages.ui.guard import shown_faults
from pages.ui.language import read_language
from pages.ui.waiting import heavy, queue
from zoning.pace import checkpoint


@st.cache_resource
def at_work() -> dict[str, int]:
    """Count, for the whole server, the runs that go on now."""
    return {"now": 0}


def work(seconds: float, counts: dict[str, int]) -> str:
    """Take `seconds`, in steps of 50 ms."""
    counts["now"] += 1
    try:
        for _ in range(int(seconds * 20)):
            time.sleep(0.05)
            checkpoint()
    finally:
        counts["now"] -= 1
    return "the answer"


seconds = float(st.query_params.get("seconds", "60"))
name = st.query_params.get("name", "")
read_language()
with shown_faults():
    st.text(heavy("slow", (name, seconds), partial(work, seconds, at_work()), "Computing"))
st.text(f"{at_work()['now']} at work, {queue().busy().waiting} waiting")
st.button("Look again")
