"""Report the outlines of zones: measures in VN-2000, what is not valid, and which zones claim the same ground."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from pages.ui.data import layer
from pages.ui.language import n, name_column, t
from zoning.shapes import metrics, overlaps
from zoning.text import N_

if TYPE_CHECKING:
    from zoning.jobs.check import CheckRequest


def outlines_view(request: CheckRequest) -> None:
    """Show the measures of every outline, and the overlaps."""
    frame = layer(request.zones).reset_index(drop=True)
    found = metrics(frame)
    column = name_column() if name_column() in frame else "id"
    ids = frame["id"].astype(str) if "id" in frame else frame.index.astype(str)
    names = dict(zip(ids, frame.get(column, ids), strict=True))
    known = found["area_measured_ha"].notna()
    bad = int((~found["valid"]).sum())
    st.caption(
        t(N_("{known} of {total} have an outline; {bad} of them had to be repaired to be measured.")).format(
            known=n(int(known.sum())), total=n(len(frame)), bad=n(bad)
        )
    )
    part = found[known]
    published = pd.to_numeric(frame["area_ha"], errors="coerce")[known] if "area_ha" in frame else None
    table = {
        t(N_("Zone")): [names[one] for one in ids[known]],
        t(N_("Area of the outline, VN-2000")): part["area_measured_ha"].round(2),
        **({t(N_("Area, published (ha)")): published.round(2)} if published is not None else {}),
        t(N_("Difference (%)")): part["published_diff_pct"].round(1),
        t(N_("Perimeter (km)")): part["perimeter_km"].round(2),
        t(N_("Compactness (1 = circle)")): part["compactness"].round(2),
        t(N_("Corners")): part["vertices"],
        t(N_("Repaired")): [
            f"{reason}: {n(area, 2)} ha" if reason else ""
            for reason, area in zip(part["reason"], part["repair_ha"], strict=True)
        ],
    }
    st.dataframe(pd.DataFrame(table), hide_index=True)
    st.markdown(f"**{t(N_('Zones that claim the same ground'))}**")
    common = overlaps(frame.assign(id=ids))
    if common.empty:
        st.caption(t(N_("None.")))
        return
    st.dataframe(
        pd.DataFrame(
            {
                t(N_("First")): [names[one] for one in common["first"]],
                t(N_("Second")): [names[one] for one in common["second"]],
                t(N_("Common ground (ha)")): common["area_ha"].round(2),
                t(N_("Share of the smaller (%)")): common["share_pct"].round(1),
            }
        ),
        hide_index=True,
    )
