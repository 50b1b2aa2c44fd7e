"""Ask what a planner's layer is, which of its columns is which field, and what its values mean; all is proposed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from geodata.importing.cells import cell_text
from geodata.importing.fields import FieldMap
from geodata.importing.guess import columns_of, propose_fields, propose_role, propose_values
from geodata.importing.roles import OWN, ROLES
from layers.labels import value_label
from pages.ui.language import language, n, t
from zoning.errors import InputError
from zoning.land_use import category
from zoning.standards.words import kind_text
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geodata.importing.roles import Field, Role
    from geodata.importing.upload import Upload

_MOST_VALUES = 24
_SHOWN_VALUES = 60
_EXAMPLES = 3


def role_input(upload: Upload, mark: str) -> str:
    """Return what the layer is: proposed by its columns, chosen by the planner."""
    names = list(ROLES)
    proposed = propose_role(upload.frame, upload.report.layer, upload.name_hint) if upload.proposal.code else OWN
    chosen = st.selectbox(
        t(N_("What the layer is")), names, index=names.index(proposed), key=f"import_role_{mark}",
        format_func=lambda one: t(ROLES[one].title),
    )  # fmt: skip
    st.caption(t(ROLES[chosen].use))
    return chosen


def fields_input(upload: Upload, chosen: str, mark: str) -> FieldMap:
    """Return which column is which field of the role; a table of the proposals that can be changed."""
    role = ROLES[chosen]
    if chosen == OWN:
        return FieldMap()
    key = f"{mark}_{chosen}"
    columns, constants = _columns(upload, role, key)
    meanings = {}
    for one in role.fields:
        if one.kind in ("choice", "flag") and one.name in columns:
            given = _meanings(upload, columns[one.name], one, key)
            if given:
                meanings[one.name] = given
    rest = [
        name for name in columns_of(upload.frame) if name not in (*columns.values(), "name_vi", "name_en", "sources")
    ]
    if rest:
        st.caption(t(N_("Kept as further columns: {columns}")).format(columns=", ".join(rest[:30])))
    return FieldMap(columns, constants, meanings)


def _columns(upload: Upload, role: Role, key: str) -> tuple[dict[str, str], dict[str, str]]:
    """Draw a row a field: what it is, which column it is, the first values; return columns and constants."""
    frame = upload.frame
    proposed = propose_fields(frame, role)
    options = ["", *columns_of(frame)]
    columns: dict[str, str] = {}
    constants: dict[str, str] = {}
    with st.container(border=True):
        for head, side in zip((N_("Field"), N_("Column of the file"), N_("First values")), _row(), strict=True):
            side.markdown(f"**{t(head)}**")
        for one in role.fields:
            what, which, values = _row()
            what.markdown(t(one.title) + (" \\*" if one.required else ""))
            column = which.selectbox(
                t(one.title), options, index=options.index(proposed.get(one.name, "")), label_visibility="collapsed",
                format_func=lambda name: name or "–", key=f"import_field_{key}_{one.name}",
            )  # fmt: skip
            if column:
                columns[one.name] = column
                values.text(_first(frame[column]))
            elif one.kind == "choice" and one.required:
                picked = values.selectbox(
                    t(N_("one for all")), ["", *_sorted(one)], format_func=lambda key_, f=one: _title(f, key_) or "–",
                    key=f"import_all_{key}_{one.name}", label_visibility="collapsed",
                )  # fmt: skip
                if picked:
                    constants[one.name] = picked
        if any(one.required for one in role.fields):
            st.caption("\\" + t(N_("* is needed: a column, or where it is offered one value for all.")))
    return columns, constants


def _row() -> list[st.delta_generator.DeltaGenerator]:
    return st.columns([3, 3, 4], vertical_alignment="center")


def _meanings(upload: Upload, column: str, one: Field, key: str) -> dict[str, str]:
    """Show what the values of a column mean, ask for those that nobody knows; return what the planner says."""
    proposed = propose_values(upload.frame, column, one)
    if len(proposed) > _SHOWN_VALUES and not any(proposed.values()):
        return {}
    known = {value: key_ for value, key_ in proposed.items() if key_}
    unknown = [value for value, key_ in proposed.items() if not key_]
    label = t(N_("{field}: {known} of {total} values are understood")).format(
        field=t(one.title), known=n(len(known)), total=n(len(proposed))
    )
    said: dict[str, str] = {}
    with st.expander(label, expanded=bool(unknown), icon=":material/translate:"):
        for value in unknown[:_MOST_VALUES]:
            left, right = st.columns([1, 2], vertical_alignment="center")
            left.text(value[:60])
            picked = right.selectbox(
                value[:60], ["", *_sorted(one)], format_func=lambda key_: _title(one, key_) or t(N_("keep as it is")),
                key=f"import_value_{key}_{one.name}_{value}", label_visibility="collapsed",
            )  # fmt: skip
            if picked:
                said[value] = picked
        if len(unknown) > _MOST_VALUES:
            st.caption(t(N_("… and {count} more that nobody here knows.")).format(count=n(len(unknown) - _MOST_VALUES)))
        if known:
            rows = [(value, _title(one, key_)) for value, key_ in list(known.items())[:_SHOWN_VALUES]]
            st.dataframe(pd.DataFrame(rows, columns=[t(N_("In the file")), t(N_("Means"))]), hide_index=True)
    return said


def _sorted(one: Field) -> list[str]:
    return sorted(one.choices, key=lambda key: _title(one, key)) if len(one.choices) < 60 else list(one.choices)


def _title(one: Field, key: str) -> str:
    """Return a choice in words: the code and name of a land use, else the kind as labels have it."""
    if not key:
        return ""
    if one.name == "code":
        try:
            found = category(key)
        except InputError:
            return key
        return f"{found.code} – {found.name_vi if language() == 'vi' else found.name_en or found.name_vi}"
    if one.kind == "flag":
        return t(FLAGS[key])
    label = str(value_label(one.name, key, t))
    return label if label != key else kind_text(key, t)


FLAGS: Mapping[str, str] = {"true": N_("yes"), "false": N_("no")}


def _first(values: pd.Series) -> str:
    texts = [text for text in dict.fromkeys(values.head(200).map(cell_text)) if text]
    more = " …" if len(texts) > _EXAMPLES else ""
    return " · ".join(text[:28] for text in texts[:_EXAMPLES]) + more
