"""Say which layers are missing, offer their templates, and take filled ones in, row by row."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from geodata.sheets import MOST_BYTES
from geodata.templates import SCHOOL_NORMS, TEMPLATES, Taken, Template, csv_template, missing, save, take, xlsx_template
from layers import results
from pages.ui.data import layer, layer_table, store
from pages.ui.guard import shown_faults
from pages.ui.language import language, n, t
from pages.ui.table import plain_table
from pages.ui.views import reader, region_map
from zoning.text import N_

_HERE = ZoneInfo("Asia/Ho_Chi_Minh")
_MOST_PINS = 300


def missing_note() -> None:
    """Say in a line which layers are not there yet."""
    lacking = missing(store())
    if lacking:
        st.info(
            t(
                N_("Not here yet: {layers}. Their places are not public; fill a template under “Missing layers”.")
            ).format(layers=", ".join(_title(template).lower() for template in lacking)),
            icon=":material/playlist_add:",
        )


def templates_view() -> None:
    """Show each template: its state, the empty table, and the place to give a filled one."""
    st.write(
        t(
            N_(
                "The published facts have no full list of these. Take an empty table, fill one row a "
                "place, and give it back here: each row that cannot be used is named with its reason, "
                "the others become a layer that can be chosen under “Where people go”."
            )
        )
    )
    rows = layer_table().set_index("name")
    state = [
        (_title(template), t(template.unit), _norm(template), _state(template, rows)) for template in TEMPLATES.values()
    ]
    heads = [t(N_("Layer")), t(N_("Capacity in")), t(N_("Planning code")), t(N_("State"))]
    st.dataframe(pd.DataFrame(state, columns=heads), hide_index=True)
    name = st.selectbox(
        t(N_("Template")), list(TEMPLATES), format_func=lambda one: _title(TEMPLATES[one]), key="template"
    )
    template = TEMPLATES[name]
    with st.container(horizontal=True):
        for kind, make, mime in (
            ("xlsx", xlsx_template, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            ("csv", csv_template, "text/csv; charset=utf-8"),
        ):
            st.download_button(
                t(N_("Empty table ({kind})")).format(kind=kind.upper()),
                data=_empty(name, kind, make),
                file_name=f"mau_{name}.{kind}",
                mime=mime,
                on_click="ignore",
                icon=":material/download:",
                key=f"empty-{name}-{kind}",
            )
    st.caption(t(N_("Positions in degrees, or VN-2000 X (north) and Y (east), zone 105°45′ of 3 degrees.")))
    given = st.file_uploader(
        t(N_("Filled table (CSV or XLSX, at most {size} MB)")).format(size=n(MOST_BYTES / 1e6)),
        type=["csv", "xlsx", "txt"],
        max_upload_size=int(MOST_BYTES / 1e6),
        key=f"filled-{name}",
    )
    if given is not None:
        with shown_faults():
            _report(take(given.getvalue(), template))
    elif name in rows.index:
        _kept(name)


def _report(taken: Taken) -> None:
    """Show what was read and what was refused; save on request."""
    name = taken.template.name
    st.success(
        t(
            N_(
                "{count} rows can be used, {refused} refused, {without} without a capacity (they count "
                "for minutes only)."
            )
        ).format(count=len(taken.frame), refused=len(taken.refused), without=taken.without_capacity),
        icon=":material/fact_check:",
    )
    if taken.refused:
        rows = [(number, note.text(t)) for number, note in taken.refused]
        st.dataframe(pd.DataFrame(rows, columns=[t(N_("Row")), t(N_("Refused because"))]), hide_index=True)
    plain_table(taken.frame, ("name_vi", "kind", "capacity", "address"))
    _map(taken)
    known = name in store().names()
    label = t(N_("Replace the layer")) if known else t(N_("Keep as a layer"))
    if st.button(label, type="primary", icon=":material/save:", key=f"save-{name}"):
        before = store().fingerprint(name) if known else ""
        save(taken, store(), date=dt.datetime.now(_HERE).date().isoformat(), expect=before)
        st.success(t(N_("Kept. It can be chosen under “Where people go” now.")))


def _map(taken: Taken) -> None:
    if len(taken.frame) <= _MOST_PINS:
        pins = results.positions(taken.frame.geometry, reader(), title=_title(taken.template))
        region_map(f"filled-{taken.template.name}", {}, look_at=layer("wards_2025").geometry, extra=[pins], height=420)


def _kept(name: str) -> None:
    frame = layer(name)
    st.subheader(t(N_("In the store now")))
    plain_table(frame, [one for one in ("name_vi", "kind", "capacity", "address") if one in frame])


def _state(template: Template, rows: pd.DataFrame) -> str:
    if template.name not in rows.index:
        return t(N_("missing"))
    row = rows.loc[template.name]
    return t(N_("{count} places, taken in on {date}")).format(count=n(row["count"]), date=row["date"])


def _norm(template: Template) -> str:
    if template.name == "schools":
        words = t(N_("{primary} primary, {lower} lower, {upper} upper secondary, for 1,000 people ({clause})"))
        norms = {key.partition("_")[0]: n(norm) for key, norm in SCHOOL_NORMS.items()}
        return words.format(**norms, clause=TEMPLATES["kindergartens"].clause)
    if template.norm_per_1000 is None:
        return "–"
    words = t(N_("{norm} {unit} for 1,000 people ({clause})"))
    return words.format(norm=n(template.norm_per_1000), unit=t(template.unit), clause=template.clause)


def _title(template: Template) -> str:
    return template.title_vi if language() == "vi" else template.title_en


@st.cache_data(show_spinner=False, max_entries=20)
def _empty(name: str, kind: str, _make: object) -> bytes:
    return (xlsx_template if kind == "xlsx" else csv_template)(TEMPLATES[name])
