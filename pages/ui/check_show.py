"""Show checks: figures, map, zones x topics at a glance, both codes side by side, what is missing, and files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from geodata.checks_export import CHECK_FORMATS, export_checks
from geodata.dossier import DATASETS, dossier_export
from layers.verdicts import SIGNS, verdicts
from pages.ui import check_words as words
from pages.ui.check_form import joined, names
from pages.ui.data import layer, store
from pages.ui.figures import figures
from pages.ui.language import language, n, t
from pages.ui.selection import Chosen, choose, chosen
from pages.ui.views import reader, region_map
from zoning.jobs.check import MISSING
from zoning.standards import regulations
from zoning.standards.verdicts import VERDICTS
from zoning.standards.words import missing_text
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geodata.export import Export
    from zoning.jobs.check import CheckRequest
    from zoning.result import Result

_ROW_PX = 35


def key_figures(answers: Mapping[str, Result]) -> None:
    """Show how many rules pass, fail, are unsure or have no data, by the code of the day beside the other one."""
    (code, first), (other, second) = answers.items()
    basis = t(N_("by {code}; {count} by {other}"))
    labels = {
        "fail": N_("Fails"),
        "unsure": N_("Unsure"),
        "pass": N_("Passes"),
        "no_data": N_("Without data"),
    }
    figures(
        *(
            (
                f"{SIGNS[one]} {t(labels[one])}",
                n(first.figures[one]),
                basis.format(
                    code=regulations()[code].name, count=n(second.figures[one]), other=regulations()[other].name
                ),
            )
            for one in VERDICTS
        )
    )


def verdict_map(request: CheckRequest, result: Result) -> None:
    """Show the zones by their worst verdict; a click chooses one."""
    drawing = verdicts(result.frames["zones"], reader(), title=regulations()[result.figures["code"]].name)
    click = region_map(
        f"checks-{request.zones}",
        {"stops": layer("stops"), "logistics": layer("logistics"), "facilities": layer("facilities")},
        look_at=layer("wards_2025").geometry,
        extra=[drawing],
        choosing=False,
        height=520,
    )
    if click is not None and click.layer == "verdicts" and click.ids:
        choose(Chosen(request.zones, click.ids[0]))
        st.rerun()


def glance(request: CheckRequest, result: Result) -> None:
    """Show zones x topics: how many rules of each fail, are unsure or pass; a row chooses its zone."""
    checks = pd.DataFrame(result.frames["checks"].drop(columns="geometry"))
    seen = checks[checks["verdict"].ne("no_data")].copy()
    seen["topic"] = [words.topic(one) for one in seen["rule_id"]]
    counts = seen.groupby(["zone_id", "topic", "verdict"]).size()
    topics = list(dict.fromkeys(seen["topic"]))
    known = names(result)
    table = []
    for zone in result.frames["zones"].to_dict("records"):
        row = {"_id": zone["id"], t(N_("Zone")): known[str(zone["id"])]}
        for one in topics:
            row[one] = "  ".join(
                f"{SIGNS[v]}{counts.get((zone['id'], one, v), 0)}"
                for v in ("fail", "unsure", "pass")
                if counts.get((zone["id"], one, v), 0)
            )
        row[t(N_("No data"))] = int(zone["no_data"])
        row["_order"] = (-zone["fail"], -zone["unsure"], -zone["pass"], known[str(zone["id"])])
        table.append(row)
    frame = pd.DataFrame(sorted(table, key=lambda row: row["_order"])).drop(columns="_order")
    ids = frame.pop("_id").tolist()
    event = st.dataframe(
        words.coloured(frame, topics) if topics else frame,
        hide_index=True,
        height=_ROW_PX * (min(len(frame), 14) + 1) + 3,
        on_select="rerun",
        selection_mode="single-row",
        key=f"glance-{request.zones}-{result.figures['code']}",
    )
    st.caption(
        t(
            N_("{fail} fails, {unsure} unsure, {passed} passes; a number counts rules. Choose a row to see its zone.")
        ).format(fail=SIGNS["fail"], unsure=SIGNS["unsure"], passed=SIGNS["pass"])
    )
    if event.selection.rows:
        picked = Chosen(request.zones, str(ids[event.selection.rows[0]]))
        key = f"glance-seen-{request.zones}"
        if st.session_state.get(key) != picked:
            st.session_state[key] = picked
            if chosen() != picked:
                choose(picked)
                st.rerun()


def both(answers: Mapping[str, Result], zone: str | None = None) -> None:
    """Show what both codes ask for, side by side, and in words what changes with the code."""
    table = joined(dict(answers))
    old, new = sorted(answers)
    if zone is not None:
        table = table[table["zone_id"].eq(zone)]
    if table.empty:
        st.info(t(N_("Nothing that both codes ask for concerns this.")))
        return
    known = names(next(iter(answers.values())))
    shown = pd.DataFrame(
        {
            t(N_("Zone")): [known.get(one, one) for one in table["zone_id"]],
            t(words.RULE): [words.metric(one) for one in table[f"rule_id|{old}"]],
            **{
                f"{regulations()[code].name} · {t(label)}": make(table, code)
                for label, make in ((words.VERDICT, _verdict), (words.REQUIRED, _required), (words.FOUND, _found))
                for code in (old, new)
            },
        }
    )
    changed = table[f"verdict|{old}"].ne(table[f"verdict|{new}"])
    passes_fails = table[f"verdict|{old}"].eq("pass") & table[f"verdict|{new}"].eq("fail")
    st.caption(
        t(N_("{count} of {total} verdicts change with the code; {worse} pass {old} and fail {new}.")).format(
            count=n(int(changed.sum())),
            total=n(len(table)),
            worse=n(int(passes_fails.sum())),
            old=regulations()[old].name,
            new=regulations()[new].name,
        )
    )
    if zone is None:
        only = st.toggle(t(N_("Only where the verdict changes")), value=bool(changed.any()), key="check_changed")
        shown = shown[changed] if only else shown
    else:
        shown = shown.drop(columns=t(N_("Zone")))
    st.dataframe(
        words.coloured(shown, [name for name in shown.columns if name.endswith(t(words.VERDICT))]), hide_index=True
    )


def _verdict(table: pd.DataFrame, code: str) -> list[str]:
    return [words.verdict(one) for one in table[f"verdict|{code}"]]


def _required(table: pd.DataFrame, code: str) -> list[str]:
    return [words.required(a, b) for a, b in zip(table[f"required|{code}"], table[f"unit|{code}"], strict=True)]


def _found(table: pd.DataFrame, code: str) -> list[str]:
    return [words.found(a, b) for a, b in zip(table[f"found|{code}"], table[f"unit|{code}"], strict=True)]


def lacking(result: Result) -> None:
    """Show which layers are missing, for how many zones and rules: what to bring in first."""
    checks = result.frames["checks"]
    part = checks[checks["verdict"].eq("no_data")]
    what = part["found"].str.removeprefix(MISSING)
    table = part.assign(what=what).groupby("what").agg(
        rules=("rule_id", "nunique"), zones=("zone_id", "nunique"), rows=("rule_id", "size")
    )  # fmt: skip
    table = table.sort_values("rows", ascending=False).reset_index()
    examples = part.assign(what=what).groupby("what")["rule_id"].first()
    shown = pd.DataFrame(
        {
            t(N_("Missing")): [missing_text(one, t) for one in table["what"]],
            t(N_("Rules")): table["rules"],
            t(N_("Zones")): table["zones"],
            t(N_("For example")): [words.metric(examples[one]) for one in table["what"]],
        }
    )
    st.dataframe(shown, hide_index=True, height=_ROW_PX * (min(len(shown), 14) + 1) + 3)
    st.caption(
        t(
            N_(
                "Bring a layer in under these names on the Data page (land_use, lots, utilities, power_lines …), or "
                "fill a template on the Accessibility page (schools, kindergartens, green space, beds); the checks "
                "follow."
            )
        )
    )


def take_home(result: Result, key: str) -> None:
    """Offer the checks as CSV, XLSX and GeoJSON."""
    with st.container(horizontal=True):
        kind = st.segmented_control(
            t(N_("Format")), list(CHECK_FORMATS), default="csv", required=True, format_func=CHECK_FORMATS.get,
            key=f"check-format-{key}", label_visibility="collapsed",
        )  # fmt: skip
        export = _checks_export(result, result.run["id"], kind, language())
        st.download_button(
            t(N_("Download {file} ({size} kB)")).format(file=export.filename, size=n(len(export.data) / 1000)),
            export.data,
            file_name=export.filename,
            mime=export.mime,
            on_click="ignore",
            icon=":material/download:",
            key=f"check-download-{key}",
        )


def dossier() -> None:
    """Offer the region's layers in the scheme of the planning dossier (Circular 16/2025/TT-BXD)."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        part = st.segmented_control(
            t(N_("Part of the dossier")), list(DATASETS), default="HienTrang", required=True, key="dossier_part",
            format_func=lambda one: t(DATASETS[one]),
        )  # fmt: skip
        export = _dossier(part, "|".join(store().fingerprint(name) for name in store().names()))
        st.download_button(
            t(N_("Download {file} ({size} kB)")).format(file=export.filename, size=n(len(export.data) / 1000)),
            export.data, file_name=export.filename, mime=export.mime, on_click="ignore",
            icon=":material/download:", key=f"dossier-{part}",
        )  # fmt: skip
    st.caption(
        t(N_("{count} features in the classes and fields of Circular 16/2025/TT-BXD, VN-2000.")).format(
            count=n(export.count)
        )
    )


@st.cache_data(show_spinner=False, max_entries=4)
def _dossier(part: str, marks: str) -> Export:  # noqa: ARG001 - the cache's key
    return dossier_export(store(), part)


@st.cache_data(show_spinner=False, max_entries=12)
def _checks_export(_result: Result, run_id: str, kind: str, lang: str) -> Export:  # noqa: ARG001 - the cache's key
    return export_checks(_result, store(), kind, translate=t)
