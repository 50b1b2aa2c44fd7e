"""Show what a zone's land is used for in the official colours, what it holds and what it needs, and its lots."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from pages.ui import check_words as words
from pages.ui.language import language, n, t
from zoning.land_use import USES
from zoning.standards.terms import unit
from zoning.text import N_

if TYPE_CHECKING:
    from zoning.result import Result

NEEDS = {
    "water_m3_day": (N_("Water demand"), "m3/day"),
    "power_kw": (N_("Power demand"), "kW"),
    "waste_t_day": (N_("Waste to collect"), "t/day"),
}
LOT_KINDS = {
    "detached": N_("detached, row house, villa"),
    "apartment": N_("apartments"),
    "mixed": N_("mixed use, trade"),
    "public": N_("public services"),
    "factory": N_("factory"),
}
_MOST_LOTS = 500


def holdings(result: Result, zone: str) -> list[tuple[str, str]]:
    """Return what a zone holds and needs, as label and value; what is not known is left out."""
    row = _row(result, zone)
    if row is None:
        return []
    found: list[tuple[str, str]] = []

    def add(label: str, name: str, digits: int = 0, sign: str = "") -> None:
        if pd.notna(row[name]):
            found.append((t(label), f"{n(row[name], digits)} {sign}".strip()))

    add(N_("Residents a hectare"), "people_ha", 1)
    if pd.notna(row["people_low"]):
        text = f"{n(row['people_low'])}–{n(row['people_high'])}"
        found.append((t(N_("Residents, if all were one residential unit")), text))
    add(N_("Jobs, if built like planned parks"), "jobs")
    add(N_("Jobs a hectare"), "jobs_ha", 1)
    at_least = f" {t(N_('(at least: not all lots say)'))}" if row["built_whole"] is False else ""
    if pd.notna(row["density_pct"]):
        found.append((t(N_("Gross building density")), f"{n(row['density_pct'], 1)} %{at_least}"))
    if pd.notna(row["gfa_m2"]):
        found.append((t(N_("Floor area of the lots (GFA)")), f"{n(row['gfa_m2'])} m²{at_least}"))
        found.append((t(N_("Gross floor area ratio")), f"{n(row['far'], 2)}{at_least}"))
    for name, (label, of) in NEEDS.items():
        if pd.isna(row[name]):
            continue
        text = f"{n(row[name], 1 if row[name] < 100 else 0)} {unit(of, language())}"
        if pd.notna(row[f"{name}_ha"]):
            text += f"; {n(row[f'{name}_ha'], 2)} {unit(of, language())}/ha"
        found.append((t(label), text))
    if row["rules"]:
        found.append((t(N_("By the rules")), ", ".join(str(row["rules"]).split())))
    return found


def land(result: Result, zone: str) -> pd.DataFrame:
    """Return the land of a zone by official code, as people read it; `colour` is the official one, empty if unknown."""
    table = result.frames["land"]
    mine = table[table["zone_id"].eq(zone)]
    name = "name_vi" if language() == "vi" else "name_en"
    unknown = t(N_("no official code"))
    return pd.DataFrame(
        {
            t(N_("Code of land use")): [one or "–" for one in mine["code"]],
            t(N_("Land use")): [
                one or (unknown if code else t(N_("without known land use")))
                for one, code in zip(mine[name], mine["code"], strict=True)
            ],
            t(N_("Group")): [t(USES[one]) if one else "" for one in mine["use"]],
            t(N_("Area (ha)")): [n(one, 2) for one in mine["area_ha"]],
            t(N_("Share (%)")): [n(one, 1) for one in mine["share_pct"]],
            "colour": mine["colour"].to_numpy(),
        }
    )


def land_view(result: Result, zone: str) -> None:
    """Show land, capacity and needs of a zone."""
    st.markdown(f"**{t(N_('Land and capacity'))}**")
    rows = holdings(result, zone)
    if rows:
        st.table(pd.DataFrame(rows, columns=[t(N_("What")), t(N_("Figure"))]).set_index(t(N_("What"))))
        st.caption(t(N_("By the figures of QCVN 01:2021/BXD; jobs by planned parks of the region, 50 a hectare.")))
    else:
        st.caption(t(N_("No area or number of residents is known to work from.")))
    table = land(result, zone)
    if table.empty:
        st.caption(t(N_("No land use is known of this zone: take a layer land_use in on the Data page.")))
        return
    colours = table.pop("colour").tolist()
    code = str(table.columns[0])

    def swatch(column: pd.Series) -> list[str]:
        return [f"background-color: {one}; color: {_ink(one)}" if one else "" for one in colours[: len(column)]]

    st.dataframe(table.style.apply(swatch, subset=[code]), hide_index=True)
    st.caption(t(N_("Colours of the official land-use map; a code without a published colour has none.")))


def lots_view(result: Result, zone: str, rule_id: str = "") -> None:
    """Show the lots of a zone as a rule judges them, those that fail first; of all rules where none is given."""
    table = lots(result, zone, rule_id)
    if table.empty:
        return
    st.dataframe(words.coloured(table.head(_MOST_LOTS), [t(words.VERDICT)]), hide_index=True)
    if len(table) > _MOST_LOTS:
        st.caption(
            t(N_("The first {most} of {total} rows; the workbook has all.")).format(
                most=n(_MOST_LOTS), total=n(len(table))
            )
        )


def lots(result: Result, zone: str, rule_id: str = "", *, only: str = "") -> pd.DataFrame:
    """Return the lots of a zone as people read them: verdict, lot, kind, size, rule, limit and what was found."""
    table = result.frames["lots"]
    mine = table[table["zone_id"].eq(zone)]
    mine = mine[mine["rule_id"].eq(rule_id)] if rule_id else mine
    mine = mine[mine["verdict"].eq(only)] if only else mine
    # of a rule that was relieved, the last word counts
    mine = mine.drop_duplicates(["lot_id", "rule_id"], keep="last")
    order = mine["verdict"].map({"fail": 0, "no_data": 1, "pass": 2})
    mine = mine.assign(_order=order).sort_values(["_order", "rule_id", "lot_id"]).drop(columns="_order")
    return pd.DataFrame(
        {
            t(words.VERDICT): [words.verdict(one) for one in mine["verdict"]],
            t(N_("Lot")): mine["lot_id"].to_numpy(),
            t(N_("Kind of lot")): [t(LOT_KINDS[one]) if one in LOT_KINDS else one for one in mine["kind"]],
            t(N_("Area (m²)")): [n(one, 1) for one in mine["area_m2"]],
            t(N_("Height (m)")): [n(one, 1) for one in mine["height_m"]],
            t(words.RULE): [words.metric(one) for one in mine["rule_id"]],
            t(N_("Limit")): [_figure(one, of) for one, of in zip(mine["limit"], mine["unit"], strict=True)],
            t(words.FOUND): [_figure(one, of) for one, of in zip(mine["found"], mine["unit"], strict=True)],
        }
    )


def _figure(value: float, of: str) -> str:
    return f"{n(value, 2 if of == 'times' else 1)} {unit(of, language())}" if pd.notna(value) else "–"


def _row(result: Result, zone: str) -> pd.Series | None:
    table = result.frames["holdings"]
    mine = table[table["zone_id"].eq(zone)]
    return None if mine.empty else mine.iloc[0]


def _ink(colour: str) -> str:
    """Return black or white, whichever is read better on a colour."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#000000" if 0.299 * red + 0.587 * green + 0.114 * blue > 128 else "#ffffff"
