"""Show an administrator how the server is: checks, figures, versions and the last faults, without private words."""

from __future__ import annotations

import datetime as dt
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st
from streamlit import runtime

from geodata.health import health
from layers import assets
from pages.ui.data import store
from pages.ui.figures import figures
from pages.ui.language import n, t
from pages.ui.text import MISSING
from pages.ui.waiting import deadline_s, queue
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geodata.health import Health

MAP_FILES = N_("The files of the map are there")
KEPT_S = 20
_HERE = ZoneInfo("Asia/Ho_Chi_Minh")


@st.cache_resource(show_spinner=False, max_entries=1, ttl=KEPT_S)
def look() -> Health:
    """Return how the server is, looked at anew at most every `KEPT_S` seconds however often the page is opened."""
    return health(store, more={MAP_FILES: assets.check}, server=server_facts())


def server_facts() -> dict[str, Any]:
    """Return what only the running server knows: sessions and the queue of analyses."""
    busy = queue().busy()
    return {
        "sessions": _sessions(),
        "running": busy.running,
        "waiting": busy.waiting,
        "slots": queue().slots,
        "deadline_s": deadline_s(),
        "answered": busy.answered,
        "stopped": busy.stopped,
        "failed": busy.failed,
        "answers_kept": busy.kept,
        "answers_kept_bytes": busy.kept_bytes,
    }


def _sessions() -> int | None:
    if runtime.exists():
        # Streamlit publishes the count only to its metrics; where that changes, the page shows a dash
        with suppress(AttributeError):
            return int(runtime.get_instance()._session_mgr.num_active_sessions())  # noqa: SLF001
    return None


def checks(found: Health) -> None:
    """Show whether all is well, and each check."""
    bad = [one for one in found.checks if not one.ok]
    if bad:
        words = t(N_("{count} of {total} checks failed.")).format(count=len(bad), total=len(found.checks))
        st.error(words, icon=":material/heart_broken:")
    else:
        st.success(t(N_("All {total} checks passed.")).format(total=len(found.checks)), icon=":material/favorite:")
    rows = [("✓" if one.ok else "✗", t(one.name), one.said.text(t)) for one in found.checks]
    st.table(pd.DataFrame(rows, columns=["", t(N_("Self-check")), t(N_("Found"))]).set_index(""))


def key_figures(found: Health) -> None:
    """Show memory, sessions, the queue, the store and the disk as figures."""
    server: Mapping[str, Any] = found.server or {}
    stored = found.store
    figures(
        (t(N_("Memory of the server")), _mb(found.memory.get("bytes")),
         t(N_("at most {most} so far")).format(most=_mb(found.memory.get("most_bytes")))),
        (t(N_("Open sessions")), n(server.get("sessions")), t(N_("this one among them"))),
        (t(N_("Analyses running")), f"{n(server.get('running'))} / {n(server.get('slots'))}",
         t(N_("{waiting} waiting; {answered} answered, {stopped} stopped, {failed} failed since the start")).format(
             **{name: n(server.get(name)) for name in ("waiting", "answered", "stopped", "failed")})),
        (t(N_("Store")), _mb(stored.get("bytes")),
         t(N_("{kind}, {layers} layers, last saved {saved}")).format(
             kind=stored.get("kind", MISSING), layers=n(stored.get("layers")), saved=_local(stored.get("saved")))),
        (t(N_("Free on the disk")), _gb(found.disk.get("free_bytes")),
         t(N_("of {total}")).format(total=_gb(found.disk.get("total_bytes")))),
    )  # fmt: skip
    st.caption(t(N_("Store: {place}")).format(place=_code(stored.get("place"))))


def networks(found: Health) -> None:
    """Show the compiled networks and when each was made."""
    st.subheader(t(N_("Compiled networks")))
    heads = [t(N_("Network")), t(N_("Compiled on")), t(N_("On the disk"))]
    rows = [(one["name"], _local(one["compiled"]), _mb(one["bytes"])) for one in found.networks]
    if rows:
        st.dataframe(pd.DataFrame(rows, columns=heads), hide_index=True)
    else:
        st.caption(t(N_("None yet: the first catchment compiles one.")))


def faults(found: Health) -> None:
    """Show the last faults and warnings by the numbers that readers were told."""
    st.subheader(t(N_("Last faults and warnings")))
    heads = [t(N_("Time")), t(N_("Number")), t(N_("Kind")), t(N_("What the log says"))]
    rows = [(_local(one.time), one.fault or MISSING, one.kind, one.message) for one in found.faults]
    if rows:
        st.dataframe(pd.DataFrame(rows, columns=heads), hide_index=True)
    else:
        st.caption(t(N_("None in the log.")))


def versions(found: Health) -> None:
    """Show the versions; where another one is installed than the application asks for, that one in brackets."""
    st.subheader(t(N_("Versions")))
    rows = list(found.versions.items())
    heads = [t(N_("What")), t(N_("Version"))]
    half = (len(rows) + 1) // 2
    for side, part in zip(st.columns(2), (rows[:half], rows[half:]), strict=True):
        side.dataframe(pd.DataFrame(part, columns=heads), hide_index=True)


def for_machines(found: Health) -> None:
    """Offer the same as JSON, and say how a script gets it."""
    st.caption(t(N_("For scripts: `python -m geodata health --json` says the same and ends with 1 if a check failed.")))
    st.download_button(
        t(N_("Download {file}")).format(file="health.json"),
        json.dumps(found.content(t), ensure_ascii=False, indent=1).encode(),
        file_name="health.json",
        mime="application/json",
        on_click="ignore",
        icon=":material/download:",
    )


def _mb(value: int | None) -> str:
    return MISSING if value is None else f"{n(value / 1e6, 1)} MB"


def _gb(value: int | None) -> str:
    return MISSING if value is None else f"{n(value / 1e9, 1)} GB"


def _local(time: object) -> str:
    """Return a time of the log or the store as clocks in the region show it."""
    try:
        moment = dt.datetime.fromisoformat(str(time))
    except ValueError:
        return MISSING
    return f"{moment.astimezone(_HERE):%d/%m/%Y %H:%M:%S}"


def _code(text: object) -> str:
    return MISSING if not text else f"`{str(text).replace('`', '')}`"
