"""Show what a project changes in the checks: verdicts before and after, and the laws of travel that must hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from pages.ui import check_words as words
from pages.ui.check_form import comparisons, names, project
from pages.ui.language import n, t
from pages.ui.text import literal
from zoning.text import N_

if TYPE_CHECKING:
    from zoning.jobs.check import CheckRequest

_RANK = {"fail": 0, "no_data": 1, "unsure": 1, "pass": 2}
BEFORE, FOUND_BEFORE = N_("Verdict before"), N_("Found before")


def project_view(request: CheckRequest) -> None:
    """Show the verdicts of the day's code that change with the chosen project; nothing where none is chosen."""
    scenario = project()
    if scenario is None:
        return
    found = next(iter(comparisons(request, scenario).values()))
    for broken in found.broken:
        st.error(literal(broken.text(t)), icon=":material/gavel:")
    table = found.tables["checks"]
    changed = table[table["verdict_before"].ne(table["verdict_after"])]
    before, after = (changed[f"verdict_{side}"].map(_RANK).fillna(1) for side in ("before", "after"))
    text = N_("Checked with the project on paper: {count} of {total} verdicts change ({better} better, {worse} worse).")
    counts = {"better": n(int((after > before).sum())), "worse": n(int((after < before).sum()))}
    st.info(t(text).format(count=n(len(changed)), total=n(len(table)), **counts), icon=":material/compare_arrows:")
    if changed.empty:
        return
    known = names(found.after) | names(found.before)
    shown = pd.DataFrame(
        {
            t(N_("Zone")): [known.get(str(one), str(one)) for one in changed["zone_id"]],
            t(words.RULE): [words.metric(one) for one in changed["rule_id"]],
            t(BEFORE): [_verdict(one) for one in changed["verdict_before"]],
            t(words.VERDICT): [_verdict(one) for one in changed["verdict_after"]],
            t(FOUND_BEFORE): [_found(a, b) for a, b in zip(changed["found_before"], changed["unit"], strict=True)],
            t(words.FOUND): [_found(a, b) for a, b in zip(changed["found_after"], changed["unit"], strict=True)],
        }
    )
    with st.expander(t(N_("What the project changes")), expanded=len(changed) <= 12):
        st.dataframe(words.coloured(shown, [t(BEFORE), t(words.VERDICT)]), hide_index=True)


def _verdict(key: object) -> str:
    return words.verdict(key) if isinstance(key, str) else "–"


def _found(value: object, unit: object) -> str:
    return "–" if pd.isna(value) else words.found(value, str(unit))
