"""Show one zone: its checks with clauses, who is near to services, land and capacity, and a sheet to print."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from geodata.crs import planning_to_lonlat
from layers.labels import value_label
from layers.verdicts import worst
from layers.zone_sheet import Section, outline_map, sheet
from pages.ui import check_words as words
from pages.ui.check_form import names
from pages.ui.check_show import both
from pages.ui.data import layer, layer_table, store
from pages.ui.language import language, n, t
from zoning.capacity import industrial_needs, jobs, people_range, residential_needs
from zoning.land_use import USES, balance, balance_table
from zoning.shapes import metrics
from zoning.standards import regulations, rule
from zoning.standards.terms import unit
from zoning.standards.words import FAULTS, kind_text
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from zoning.capacity import Need
    from zoning.result import Result

_ROW_PX = 35
_NEEDS = {"water": N_("Water demand"), "power": N_("Power demand"), "waste": N_("Waste to collect")}


def zone_view(answers: Mapping[str, Result], zone: str) -> None:
    """Show everything of one zone."""
    code, result = next(iter(answers.items()))
    row = _row(result, zone)
    _faults(row)
    title = t(N_("Checks by {code}")).format(code=regulations()[code].name)
    st.markdown(f"**{title}**")
    checks = _checks(result, zone)
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
        _capacity(row)
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
        if said := words.why(str(mine["doubt"].iloc[0]) if len(mine) else "", rule_id):
            st.write(said)
        st.markdown(f"<{one.source}>")
        services(result, zone, rule_id)


def services(result: Result, zone: str, rule_id: str) -> None:
    """Show who is inside and outside the radius of a service, by straight line and along the network."""
    table = result.frames["services"]
    if not len(table):
        return
    part = table[table["zone_id"].eq(zone) & table["rule_id"].eq(rule_id)]
    if part.empty:
        return
    counted = {
        "people": N_("people"),
        "ground": N_("points of ground, 200 m apart"),
        "point": N_("the zone's one known point"),
    }
    st.dataframe(
        pd.DataFrame(
            {
                t(N_("Service")): [kind_text(one, t) for one in part["service"]],
                t(N_("Radius (m)")): [n(one) for one in part["radius_m"]],
                t(N_("Counted")): [t(counted[one]) for one in part["counted"]],
                t(N_("All")): [n(one) for one in part["total"]],
                t(N_("Inside, straight line")): [n(one) for one in part["inside_straight"]],
                t(N_("Inside, along the network")): [n(one) for one in part["inside_network"]],
                t(N_("Outside, along the network")): [n(one) for one in part["outside_network"]],
            }
        ),
        hide_index=True,
    )


def _row(result: Result, zone: str) -> gpd.GeoSeries:
    frame = result.frames["zones"]
    return frame[frame["id"].eq(zone)].iloc[0]


def _checks(result: Result, zone: str) -> pd.DataFrame:
    checks = result.frames["checks"]
    return pd.DataFrame(checks[checks["zone_id"].eq(zone)].drop(columns="geometry"))


def _faults(row: gpd.GeoSeries) -> None:
    for fault in str(row["faults"]).split():
        st.warning(t(FAULTS[fault]), icon=":material/report:")


def _facts(row: gpd.GeoSeries) -> list[tuple[str, str]]:
    """Return what is known and measured of a zone, as label and value."""
    facts = [
        (t(N_("Kind")), str(value_label("kind", row["kind"], t))) if isinstance(row["kind"], str) else None,
        (t(N_("Status")), str(value_label("status", row["status"], t))) if isinstance(row["status"], str) else None,
        (t(N_("Area")), f"{n(row['area_ha'], 1)} ha"),
        (t(N_("Residents")), n(row["people"])),
        (
            t(N_("Quality of the drawing")),
            str(value_label("geometry_quality", row["geometry_quality"], t)),
        ),
    ]
    facts += _measured(row)
    shape = row["geometry"]
    if shape is not None and not shape.is_empty:
        lon, lat = planning_to_lonlat(shape.centroid.x, shape.centroid.y)
        facts.append((t(N_("VN-2000 (X north, Y east)")), f"{shape.centroid.y:.1f}, {shape.centroid.x:.1f}"))
        facts.append((t(N_("Longitude, latitude")), f"{float(lon):.6f}, {float(lat):.6f}"))
    return [fact for fact in facts if fact is not None]


def _measured(row: gpd.GeoSeries) -> list[tuple[str, str]]:
    shape = row["geometry"]
    if shape is None or not shape.geom_type.endswith("Polygon"):
        return []
    one = metrics(_frame(row)).iloc[0]
    facts = [
        (t(N_("Area of the outline, VN-2000")), f"{n(one['area_measured_ha'], 2)} ha"),
        (t(N_("Perimeter")), f"{n(one['perimeter_km'], 2)} km"),
        (t(N_("Compactness (1 = circle)")), n(one["compactness"], 2)),
    ]
    if not one["valid"]:
        facts.append((t(N_("Repaired")), f"{one['reason']}: {n(one['repair_ha'], 2)} ha"))
    return facts


def _frame(row: gpd.GeoSeries) -> gpd.GeoDataFrame:
    import geopandas

    return geopandas.GeoDataFrame({"id": [row["id"]]}, geometry=[row["geometry"]], crs=layer("wards_2025").crs)


def _outline(row: gpd.GeoSeries) -> None:
    st.markdown(f"**{t(N_('Facts and measures'))}**")
    st.table(pd.DataFrame(_facts(row), columns=[t(N_("Fact")), t(N_("Value"))]).set_index(t(N_("Fact"))))


def _capacity(row: gpd.GeoSeries) -> None:
    """Show land balance, what the zone can hold, and what it needs by the code."""
    st.markdown(f"**{t(N_('Land and capacity'))}**")
    rows = _needs(row)
    if rows:
        st.table(pd.DataFrame(rows, columns=[t(N_("What")), t(N_("Figure"))]).set_index(t(N_("What"))))
        st.caption(t(N_("By the figures of QCVN 01:2021/BXD; jobs by planned parks of the region, 50 a hectare.")))
    else:
        st.caption(t(N_("No area or number of residents is known to work from.")))
    table = _balance(row)
    if table is not None:
        st.dataframe(table, hide_index=True)


def _needs(row: gpd.GeoSeries) -> list[tuple[str, str]]:
    area, people = row["area_ha"], row["people"]
    rows: list[tuple[str, str]] = []
    needs: tuple[Need, ...] = ()
    if pd.notna(people) and pd.notna(area):
        rows.append((t(N_("Residents a hectare")), n(people / area, 1)))
    if row["kind"] in ("industrial_park", "science_technology_park") and pd.notna(area):
        rows.append((t(N_("Jobs, if built like planned parks")), n(jobs(area))))
        needs = industrial_needs(area)
    elif row["kind"] in ("urban_area", "new_town") and pd.notna(area):
        low, high = people_range(area)
        rows.append((t(N_("Residents, if all were one residential unit")), f"{n(low)}–{n(high)}"))
    if not needs and pd.notna(people):
        needs = residential_needs(people)
    rows += [
        (t(_NEEDS[one.what]), f"{n(one.amount)} {unit(one.unit, language())} ({', '.join(one.rules)})") for one in needs
    ]
    return rows


def _balance(row: gpd.GeoSeries) -> pd.DataFrame | None:
    shape = row["geometry"]
    if "land_use" not in store().names() or shape is None or not shape.geom_type.endswith("Polygon"):
        return None
    table = balance_table(balance(shape, layer("land_use")))
    return pd.DataFrame(
        {
            t(N_("Land use")): [t(USES[one]) if one else t(N_("without known land use")) for one in table["use"]],
            t(N_("Area (ha)")): [n(one, 2) for one in table["area_ha"]],
            t(N_("Share (%)")): [n(one, 1) for one in table["share_pct"]],
        }
    )


def _attributions(result: Result) -> list[str]:
    """Return the words that the licences of the layers behind a result ask for."""
    rows = layer_table()
    texts = rows[rows["name"].isin([*result.run["data"], "corridors"])]["attribution"].fillna("")
    return [part for part in dict.fromkeys(one.strip() for text in texts for one in text.split("|")) if part]


def zone_sheet(answers: Mapping[str, Result], zone: str) -> str:
    """Return a zone's sheet as one HTML file: map, facts, checks by both codes, sources."""
    result = next(iter(answers.values()))
    row = _row(result, zone)
    sections = [Section(t(N_("Facts and measures")), [t(N_("Fact")), t(N_("Value"))], _facts(row))]
    if needs := _needs(row):
        sections.append(Section(t(N_("Land and capacity")), [t(N_("What")), t(N_("Figure"))], needs))
    missing: list[str] = []
    sources: list[str] = []
    for code, one in answers.items():
        checks = _checks(one, zone)
        table = words.rows(checks[checks["verdict"].ne("no_data")], one.frames["reasons"])
        lines = [
            [(str(cell), verdict) if at == 0 else str(cell) for at, cell in enumerate(line)]
            for verdict, line in zip(checks["verdict"][checks["verdict"].ne("no_data")], table.to_numpy(), strict=True)
        ]
        title = t(N_("Checks by {code}")).format(code=regulations()[code].name)
        sections.append(Section(title, [str(name) for name in table.columns], lines))
        lacks = checks[checks["verdict"].eq("no_data")]
        missing += [words.found(found, "") for found in dict.fromkeys(lacks["found"])]
        sources += list(checks["source"])
    wards, roads = layer("wards_2025").geometry, layer("corridors")
    drawing = outline_map(
        row["geometry"],
        wards,
        roads[roads["mode"].isin(["road", "expressway"])].geometry.dropna(),
        verdict=worst(row.to_dict()),
    )
    notes = {
        t(N_("Not checked for lack of data")): list(dict.fromkeys(missing)),
        t(N_("Notes")): [note.text(t) for note in result.notes],
        t(N_("Sources")): [*dict.fromkeys(sources), *_attributions(result)],
    }
    title = names(result)[zone]
    subtitle = t(N_("Planning code as of {day}; run {id}")).format(day=result.figures["as_of"], id=result.run["id"])
    return sheet(title, subtitle, drawing, sections, notes, lang=language())
