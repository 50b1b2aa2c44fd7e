"""Show one zone: its checks with clauses, who is near to services, land and capacity, and a sheet to print."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from pages.ui import check_words as words
from pages.ui.check_facts import checks_of, facts, services_table, zone_row
from pages.ui.check_land import land_view, lots, lots_view
from pages.ui.check_relief import relief_view
from pages.ui.check_sheet import zone_sheet
from pages.ui.check_show import both
from pages.ui.folded import folded
from pages.ui.language import language, n, t
from pages.ui.text import literal
from zoning.standards import regulations, rule
from zoning.standards.words import fault_text
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from zoning.jobs.check import CheckRequest
    from zoning.result import Result

_ROW_PX = 35


def zone_view(request: CheckRequest, answers: Mapping[str, Result], zone: str) -> None:
    """Show everything of one zone."""
    code, result = next(iter(answers.items()))
    row = zone_row(result, zone)
    _warn(row)
    relief_view(request, row)
    title = t(N_("Checks by {code}")).format(code=regulations()[code].name)
    st.markdown(f"**{title}**")
    checks = checks_of(result, zone)
    with_all = st.toggle(t(N_("With rules that lack data")), key="check_all_rules")
    part = checks if with_all else checks[checks["verdict"].ne("no_data")]
    if part.empty:
        st.info(t(N_("Nothing could be checked here: switch on rules that lack data to see which layers are missing.")))
    else:
        table = words.rows(part, result.frames["reasons"])
        event = st.dataframe(
            words.coloured(table, [t(words.VERDICT)]),
            hide_index=True,
            height=_ROW_PX * (min(len(table), 12) + 1) + 3,
            on_select="rerun",
            selection_mode="single-row",
            key=f"zone-checks-{zone}-{code}-{with_all}",
        )
        if event.selection.rows:
            clause(result, zone, str(part["rule_id"].iloc[event.selection.rows[0]]))
        else:
            st.caption(t(N_("Choose a row to see its clause, source and how it was found.")))
    st.markdown(f"**{t(N_('Both codes side by side'))}**")
    both(answers, zone)
    left, right = st.columns(2)
    with left:
        _outline(row)
    with right:
        land_view(result, zone)
    if (failing := lots(result, zone)).shape[0]:
        with folded(t(N_("Lots, one by one ({count} rows)")).format(count=n(len(failing))), f"lots-{zone}") as opened:
            if opened:
                lots_view(result, zone)
    html = zone_sheet(answers, zone)
    st.download_button(
        t(N_("Zone sheet to print (HTML)")), html.encode(), file_name=f"zone_{zone}.html", mime="text/html",
        on_click="ignore", icon=":material/print:", key=f"sheet-{zone}",
    )  # fmt: skip


def clause(result: Result, zone: str, rule_id: str) -> None:
    """Show a rule in full: text it comes from, clause, validity, notes, source, and who is inside its radius."""
    one = rule(rule_id)
    text = regulations()[one.regulation]
    with st.container(border=True):
        st.markdown(f"**{words.metric(rule_id)}** · {words.required(one.required, one.unit)}")
        title = text.vietnamese if language() == "vi" else text.english
        until = text.valid_to or t(N_("further notice"))
        st.write(
            t(N_("{name} ({title}), clause {clause}, rule {id}; {start} to {end}; confidence: {sure}.")).format(
                name=text.name, title=title, clause=one.clause, id=one.id, start=text.valid_from, end=until,
                sure=words.confidence(one.confidence),
            )
        )  # fmt: skip
        reasons = result.frames["reasons"]
        mine = reasons[reasons["zone_id"].eq(zone) & reasons["rule_id"].eq(rule_id)]
        doubt, by = (str(mine[name].iloc[0]) if len(mine) else "" for name in ("doubt", "relief"))
        if said := words.why(doubt, rule_id, by):
            st.write(literal(said))
        st.markdown(f"<{one.source}>")
        services(result, zone, rule_id)
        lots_view(result, zone, rule_id)


def services(result: Result, zone: str, rule_id: str) -> None:
    """Show who is inside and outside the radius of a service, by straight line and along the network."""
    table = services_table(result, zone, rule_id)
    if not table.empty:
        st.dataframe(table, hide_index=True)


def _warn(row: gpd.GeoSeries) -> None:
    for fault in str(row["faults"]).split():
        st.warning(fault_text(fault, t), icon=":material/report:")


def _outline(row: gpd.GeoSeries) -> None:
    st.markdown(f"**{t(N_('Facts and measures'))}**")
    st.table(pd.DataFrame(facts(row), columns=[t(N_("Fact")), t(N_("Value"))]).set_index(t(N_("Fact"))))
