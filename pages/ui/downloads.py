"""Offer a layer or a result to take home, checked before it is offered."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import shapely
import streamlit as st

from geodata.export import FORMATS, Export, export_layer, export_result
from pages.ui.data import store
from pages.ui.folded import folded
from pages.ui.language import language, n, t
from pages.ui.text import translator
from pages.ui.waiting import heavy
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    import pandas as pd

    from zoning.result import Result

BIG_ROWS, BIG_VERTICES = 2_000, 50_000
"""From here on an export takes seconds: it waits for its turn, can be stopped, and has a deadline."""


def layer_downloads(layer: str, ids: Sequence[str] | None = None) -> None:
    """Offer the features `ids` of a layer, all of them for None, in each format."""
    kind = _format(layer)
    key = tuple(ids) if ids is not None else None
    frame = store().layer(layer)
    if _is_big(frame, None if ids is None else len(ids)):
        export = _queued((layer, kind, key), partial(export_layer, store(), layer, kind, ids=key))
    else:
        export = _layer_export(layer, kind, key, store().fingerprint(layer))
    _offer(export, f"{layer}-{kind}")


def result_downloads(result: Result, frame: str) -> None:
    """Offer a frame of a job's result with its run record inside."""
    run = f"{frame}-{result.run['id']}"
    kind = _format(run)
    work = partial(export_result, result, frame, store(), kind, translate=translator(language()))
    big = _is_big(result.frames[frame])
    _offer(_queued((run, kind, language()), work) if big else work(), f"{run}-{kind}")


def folded_downloads(result: Result, frame: str, title: str) -> None:
    """Offer a frame of a result in a folded section, so that nothing is written until it is wanted."""
    with folded(title, f"take-{frame}-{result.run['id']}", ":material/download:") as is_open:
        if is_open:
            result_downloads(result, frame)


def _is_big(frame: pd.DataFrame, rows: int | None = None) -> bool:
    """Say whether writing `rows` features of a frame, all for None, takes seconds."""
    share = 1.0 if rows is None else rows / max(len(frame), 1)
    shapes = getattr(frame, "geometry", None)
    vertices = 0 if shapes is None else int(shapely.get_num_coordinates(shapes.to_numpy()).sum())
    return len(frame) * share > BIG_ROWS or vertices * share > BIG_VERTICES


def _queued(question: Hashable, work: Callable[[], Export]) -> Export:
    return heavy("export", question, work, t(N_("Writing the file …")))


def _format(name: str) -> str:
    return st.segmented_control(
        t(N_("Format")), list(FORMATS), default="geojson", required=True, format_func=FORMATS.get, key=f"format-{name}"
    )


@st.cache_data(show_spinner=False, max_entries=40)
def _layer_export(layer: str, kind: str, ids: tuple[str, ...] | None, fingerprint: str) -> Export:  # noqa: ARG001
    return export_layer(store(), layer, kind, ids=ids)


def _offer(export: Export, key: str) -> None:
    st.download_button(
        t(N_("Download {file} ({size} kB)")).format(file=export.filename, size=n(len(export.data) / 1000)),
        data=export.data,
        file_name=export.filename,
        mime=export.mime,
        on_click="ignore",
        icon=":material/download:",
        key=f"download-{key}",
    )
