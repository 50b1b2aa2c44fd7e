"""Show any analysis before and after a scenario: figures, map in one diverging scale, tables, chart, to take home."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from layers.changes import diverging, steps_for
from pages.ui.check_words import found as figure
from pages.ui.check_words import metric
from pages.ui.data import region
from pages.ui.downloads import folded_downloads
from pages.ui.figures import figures
from pages.ui.language import n, name_column, t
from pages.ui.table import plain_table
from pages.ui.text import MISSING, literal
from pages.ui.views import reader
from zoning.gains import by_unit, by_zone
from zoning.jobs.workers import NEEDS
from zoning.reach.menu import EQUITY, MEASURES
from zoning.standards.words import VERDICT_WORDS
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import geopandas as gpd

    from layers.drawing import Drawing
    from zoning.difference import Comparison

MOST_ROWS = 12
BARS = 12
VALUES = ("before", "after", "change")


@dataclass(frozen=True)
class View:
    """What is shown of a comparison; `frame` is the frame of the later answer that can be taken home."""

    figures: tuple[tuple[str, str, str], ...]
    shades: Drawing | None
    tables: tuple[tuple[str, pd.DataFrame, tuple[str, ...]], ...]
    bars: pd.DataFrame | None
    unit: str
    frame: str
    look_at: gpd.GeoSeries | None = None


def view_of(what: str, found: Comparison) -> View:
    """Return what to show of an analysis before and after."""
    return _VIEWS[what](found)


def show_tables(view: View, found: Comparison) -> None:
    """Show tables, chart, notes and the export."""
    for title, frame, columns in view.tables:
        st.subheader(title)
        if len(frame):
            plain_table(frame, columns, rows=MOST_ROWS)
        else:
            st.caption(t(N_("Nothing changes here.")))
    if view.bars is not None and len(view.bars):
        _chart(view.bars, view.unit)
    for note in found.after.notes:
        st.caption(literal(note.text(t)))
    folded_downloads(found.after, view.frame, t(N_("Take home: the answer with the scenario, run record inside")))


def show_figures(view: View) -> None:
    """Show the key figures."""
    figures(*view.figures)


def _access(found: Comparison) -> View:
    request = found.after.run["request"]
    measure = MEASURES[str(request["measure"])]
    unit = t(measure.unit).format(what="")
    minutes = measure.less_is_better
    units = found.tables["units"].rename(columns={f"value_{side}": side for side in VALUES})
    people = by_unit(found.before.frames["points"], found.after.frames["points"], in_minutes=minutes)
    units = units.merge(people, on="id", how="left").fillna({"gain": 0.0, "lose": 0.0})
    reached = [side.figures["people_reached"] for side in (found.before, found.after)]
    lines = _equity(found)
    shown = [row for row in lines.to_dict("records") if row["key"] in ("gini", "palma")]
    return View(
        figures=(
            (t(N_("People who gain")), n(people["gain"].sum()), t(N_("half a minute, or one hundredth, and more"))),
            (t(N_("People who lose")), n(people["lose"].sum()), t(N_("half a minute, or one hundredth, and more"))),
            (t(N_("People who reach one")), n(reached[1]),
             t(N_("change {change}")).format(change=_signed(reached[1] - reached[0]))),
            *((str(row["what"]), n(row["after"], 3), t(N_("before {before}")).format(before=n(row["before"], 3)))
              for row in shown),
        ),
        shades=_shades(units, "change", t(N_("Difference")), unit, less_is_better=minutes, digits=measure.digits),
        tables=(
            (t(N_("By unit: who gains and who loses")), _largest(units), (name_column(), "people_after", "gain", "lose",
                                                                           *VALUES)),
            (t(N_("By zone, at the nearest point where people live")),
             by_zone(region(), found.before.frames["points"], found.after.frames["points"]),
             (name_column(), "kind", *VALUES)),
            (t(N_("How evenly it is spread")), lines, ("what", *VALUES)),
        ),
        bars=_bars(units, name_column()),
        unit=unit,
        frame="units",
        look_at=units.geometry,
    )  # fmt: skip


def _equity(found: Comparison) -> pd.DataFrame:
    old, new = (side.figures["equity"] for side in (found.before, found.after))
    rows = [
        {"key": key, "what": t(EQUITY[key].title), "before": old[key], "after": new[key], "change": new[key] - old[key]}
        for key in EQUITY
        if isinstance(old.get(key), float) and isinstance(new.get(key), float)
    ]
    # a ratio to people who have nothing at all is no number
    return pd.DataFrame(rows, columns=["key", "what", *VALUES]).replace([np.inf, -np.inf], np.nan)


def _workers(found: Comparison) -> View:
    shifts = found.tables["shifts"]
    places = found.tables["places"] if "places" in found.tables else pd.DataFrame({"id": []})
    items = []
    for need, words in NEEDS.items():
        old, new = (side.figures[need]["assigned"] for side in (found.before, found.after))
        if new is not None:
            items.append((t(words), n(new), t(N_("before {before}")).format(before=n(old))))
    rows = shifts.assign(
        what=[t(NEEDS[need]) for need in shifts["need"]],
        **{side: shifts[f"assigned_{side}"] for side in VALUES},
    )
    columns: tuple[str, ...] = ()
    if len(places):
        places = places.assign(**{side: places[f"assigned_{side}"] for side in VALUES})
        columns = (name_column(), "kind", *VALUES)
    return View(
        figures=tuple(items),
        shades=_shades(places, "change", t(N_("Change (people)")), "", digits=0) if columns else None,
        tables=(
            (t(N_("Places found, shift by shift")), rows, ("what", "hour", *VALUES)),
            *(((t(N_("Places by facility")), _largest(places), columns),) if columns else ()),
        ),
        bars=_bars(places, name_column()) if columns else None,
        unit=t(N_("People")),
        frame="places" if columns else "park",
        look_at=places.geometry if columns else None,
    )


def _check(found: Comparison) -> View:
    zones = found.tables["zones"]
    name = name_column()
    zones = zones.assign(**{side: zones[f"pass_{side}"] - zones[f"fail_{side}"] for side in ("before", "after")})
    zones["change"] = zones["after"] - zones["before"]
    moved = changed_checks(found.tables["checks"], zones.set_index("id")[name])
    return View(
        figures=tuple(
            (t(VERDICT_WORDS[one]), n(found.after.figures[one]),
             t(N_("before {before}")).format(before=n(found.before.figures[one])))
            for one in ("pass", "fail", "unsure", "no_data")
        ),
        shades=_shades(zones, "change", t(N_("Rules passed less rules failed: change")), "", digits=0),
        tables=(
            (t(N_("Checks whose verdict or figure changes")), moved, (
                name, "rule", "verdict_before", "verdict_after", "found_before", "found_after")),
            (t(N_("By zone: rules passed less rules failed")), _largest(zones[zones["change"] != 0]), (name, *VALUES)),
        ),
        bars=_bars(zones[zones["change"] != 0], name),
        unit=t(N_("Rules")),
        frame="checks",
        look_at=zones.geometry,
    )  # fmt: skip


def changed_checks(checks: pd.DataFrame, names: pd.Series) -> pd.DataFrame:
    """Return the checks whose verdict or figure changes, in the reader's words.

    Parameters
    ----------
    checks
        The checks before and after, as `zoning.difference` lays them side by side.
    names
        Names of the zones by id; the column of names is called as the series is.
    """
    moved = [
        np.asarray(checks[f"{column}_before"].astype(str) != checks[f"{column}_after"].astype(str))
        for column in ("verdict", "found")
    ]
    rows = checks[moved[0] | moved[1]]
    words: dict[str, list[str]] = {"rule": [metric(one) for one in rows["rule_id"]]}
    for side in VALUES[:2]:
        words[f"verdict_{side}"] = [
            MISSING if pd.isna(one) else t(VERDICT_WORDS[one]) for one in rows[f"verdict_{side}"]
        ]
        words[f"found_{side}"] = [
            MISSING if pd.isna(value) else figure(value, str(unit))
            for value, unit in zip(rows[f"found_{side}"], rows["unit"], strict=True)
        ]
    return rows.assign(**{str(names.name): rows["zone_id"].map(names)}, **words)


def _strips(found: Comparison, frame: str) -> View:
    """Show areas round stations or along corridors: a line that is not there before has nobody along it."""
    table = found.tables[frame].copy()
    for column in ("people", "jobs", "zones"):
        for side in VALUES[:2]:
            table[f"{column}_{side}"] = table[f"{column}_{side}"].fillna(0.0)
        table[f"{column}_change"] = table[f"{column}_after"] - table[f"{column}_before"]
    widest = table["radius_m_after"].fillna(table["radius_m_before"])
    table["radius_m"] = widest
    later = {one: table[f"{one}_after"] for one in ("jobs", "zones")}
    table = table.assign(**{side: table[f"people_{side}"] for side in VALUES}, **later)
    far = table[widest == widest.max()]
    sums = {one: [float(far[f"{one}_{side}"].sum()) for side in VALUES[:2]] for one in ("people", "jobs")}
    moved = far[far["change"] != 0]
    shown = moved if len(moved) else far
    return View(
        figures=tuple(
            (title, _signed(after - before), t(N_("before {before}")).format(before=n(before)))
            for title, (before, after) in (
                (t(N_("Change of people within {radius} m, line by line")).format(radius=n(widest.max())),
                 sums["people"]),
                (t(N_("Change of jobs in parks there")), sums["jobs"]),
            )
        ),
        shades=_shades(shown, "change", t(N_("Change (people)")), "", digits=0),
        tables=(
            (t(N_("By line and distance")), _largest(table),
             (name_column(), "mode", "radius_m", "people_before", "people_after", "people_change", "jobs", "zones")),
        ),
        bars=_bars(shown, name_column()),
        unit=t(N_("People")),
        frame=frame,
        look_at=shown.geometry,
    )  # fmt: skip


_VIEWS: dict[str, Callable[[Comparison], View]] = {
    "access": _access,
    "workers": _workers,
    "check": _check,
    "stations": lambda found: _strips(found, "areas"),
    "along": lambda found: _strips(found, "along"),
}


def _largest(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with the largest change first."""
    order = frame["change"].abs().sort_values(ascending=False, kind="stable", na_position="last").index
    return frame.loc[order]


def _shades(
    frame: gpd.GeoDataFrame, column: str, title: str, unit: str, *, less_is_better: bool = False, digits: int = 1
) -> Drawing | None:
    frame = frame[frame.geometry.notna()].reset_index(drop=True)
    if not len(frame):
        return None
    bounds = steps_for(frame[column].to_numpy(dtype=float, na_value=np.nan))
    digits = max(digits, _digits(bounds))
    return diverging(frame, column, reader(), title=title, bounds=bounds, unit=unit, digits=digits,
                     less_is_better=less_is_better).switched(on=True)  # fmt: skip


def _digits(bounds: Sequence[float]) -> int:
    least = min(abs(bound) for bound in bounds)
    return 0 if least >= 1 else min(4, int(np.ceil(-np.log10(least))))


def _bars(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the rows that change most as a bar before and one after each."""
    part = _largest(frame[frame["change"].notna()]).head(BARS)
    sides = {"before": t(N_("before")), "after": t(N_("after"))}
    return pd.concat(
        [pd.DataFrame({"name": part[name].astype(str), "value": part[side], "what": words})
         for side, words in sides.items()], ignore_index=True,
    )  # fmt: skip


def _chart(bars: pd.DataFrame, unit: str) -> None:
    st.altair_chart(
        alt.Chart(bars).mark_bar().encode(
            y=alt.Y("name:N", title=None, sort=None, axis=alt.Axis(labelLimit=260)),
            yOffset=alt.YOffset("what:N", sort=None),
            x=alt.X("value:Q", title=unit or None),
            color=alt.Color("what:N", title=None, sort=None, legend=alt.Legend(orient="bottom")),
        )
    )  # fmt: skip


def _signed(value: float) -> str:
    return ("+" if value > 0 else "") + n(value)
