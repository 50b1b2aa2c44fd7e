"""Take in a planner's own layer on the Data page: look at it first, choose its name and system, then keep it."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from geodata.importing.encodings import ENCODINGS
from geodata.importing.roles import ROLES
from geodata.importing.sniff import ENDINGS, MOST_BYTES
from geodata.importing.systems import CANDIDATES, title
from geodata.importing.take import Wish, layer_of, needs_author, take_in
from geodata.importing.units import units_of
from geodata.importing.upload import Upload, read_upload
from layers import own
from pages.ui.author import author_input
from pages.ui.data import layer, store
from pages.ui.explorer import explorer
from pages.ui.guard import shown_faults
from pages.ui.import_fields import fields_input, role_input
from pages.ui.language import language, n, t
from pages.ui.selection import remember_kept
from pages.ui.views import reader, region_map
from zoning.names import fold
from zoning.text import N_

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

_HERE = ZoneInfo("Asia/Ho_Chi_Minh")
_MOST_ROWS = 200


def import_section() -> None:
    """Let a planner look at a file's layer and keep it; nothing is kept before the button."""
    with st.expander(t(N_("Take in your own layer")), icon=":material/upload_file:"):
        st.write(
            t(
                N_(
                    "GeoPackage, GeoJSON, KML, GeoParquet, DXF, DGN, Shapefile or MapInfo in one zip, or CSV or XLSX "
                    "with coordinates or, for figures of people, with names of wards and communes. Look at it on the "
                    "map first; nothing is kept before you say so."
                )
            )
        )
        given = st.file_uploader(
            t(N_("File of a layer (at most {size} MB)")).format(size=n(MOST_BYTES / 1e6)),
            type=list(ENDINGS), max_upload_size=int(MOST_BYTES / 1e6), key="import_file",
        )  # fmt: skip
        if given is not None:
            with shown_faults():
                _look(given)


def _look(given: UploadedFile) -> None:
    """Show what was read, with the choices that change it, and the button that keeps it."""
    content = given.getvalue()
    mark = hashlib.sha256(content).hexdigest()[:16]
    with st.spinner(t(N_("Reading the file"))):
        first = _read(given.name, mark, content)
    left, right = st.columns(2)
    options = list(dict.fromkeys([first.proposal.code, *first.proposal.others, *CANDIDATES]))
    crs = left.selectbox(
        t(N_("Coordinate system")), [code for code in options if code], format_func=title, key=f"import_crs_{mark}",
        index=0 if first.proposal.sure else None, placeholder=t(N_("Choose a coordinate system")),
    )  # fmt: skip
    encoding = right.selectbox(
        t(N_("Encoding of the letters")), [None, *ENCODINGS], key=f"import_encoding_{mark}",
        format_func=lambda one: ENCODINGS[one] if one else t(N_("found out")),
    )  # fmt: skip
    which = None
    if len(first.report.layers) > 1:
        which = left.selectbox(t(N_("Layer of the file")), first.report.layers, key=f"import_layer_{mark}")
    chosen = None if first.proposal.sure and crs == first.proposal.code else crs
    upload = _read(given.name, mark, content, crs=chosen, layer=which, encoding=encoding)
    (st.success if upload.proposal.sure else st.warning)(upload.proposal.reason.text(t), icon=":material/public:")
    _report(upload)
    if upload.proposal.code:
        drawing = own.draw("preview", upload.frame, reader(), title=t(N_("Not kept yet")))
        region_map(
            "import",
            {},
            look_at=upload.frame.geometry,
            look_token=mark + upload.proposal.code,
            extra=[drawing],
            choosing=False,
            height=420,
        )
    _keeping(upload, mark, given.name)


def _report(upload: Upload) -> None:
    report = upload.report
    st.markdown(
        t(N_("{kind}: {count} features, {total} in the file")).format(
            kind=report.kind, count=n(len(upload.frame)), total=n(report.features_in_file)
        )
    )
    for note in report.notes[:12]:
        st.text(note.text(t))
    if report.left_out:
        heads = [t(N_("Row")), t(N_("In the file")), t(N_("Why it is left out"))]
        lost = [(one.feature + 1, one.name, one.what.text(t)) for one in report.left_out]
        st.dataframe(pd.DataFrame(lost, columns=heads), hide_index=True)
    if report.changes:
        heads = [t(N_("Feature")), t(N_("Name")), t(N_("What was done")), t(N_("Area changed by (%)"))]
        rows = [(one.feature, one.name, one.what.text(t), round(one.change_pct, 2)) for one in report.changes]
        st.dataframe(pd.DataFrame(rows, columns=heads), hide_index=True)
    st.dataframe(pd.DataFrame(upload.frame.drop(columns="geometry").head(_MOST_ROWS)), hide_index=True, height=215)


def own_layer_view(name: str) -> None:
    """Show a layer that a planner took in: map, facts, table and downloads."""
    frame = layer(name)
    explorer(f"own-{name}", {name: frame}, shown=(name,), look_at=frame.geometry)


def _keeping(upload: Upload, mark: str, file_name: str) -> None:
    """Ask what the layer is and what it is called, and keep it on request."""
    chosen = role_input(upload, mark)
    mapping = fields_input(upload, chosen, mark)
    stem = file_name.rpartition(".")[0] or file_name
    words, name = "", layer_of(chosen, "")
    if chosen not in ("zones", "bans", "population"):
        name_side, title_side = st.columns(2)
        usual = (ROLES[chosen].layer, _role_title(chosen)) if ROLES[chosen].layer else (_slug(stem), stem[:60])
        words = title_side.text_input(t(N_("Title")), usual[1], key=f"import_title_{mark}_{chosen}")
        name = name_side.text_input(t(N_("Name in the store")), usual[0], key=f"import_name_{mark}_{chosen}")
    confirmed = False
    if upload.report.grave:
        confirmed = st.checkbox(
            t(N_("Keep the repairs that change an area by more than 1 % ({count})")).format(
                count=n(len(upload.report.grave))
            ),
            key=f"import_confirm_{mark}",
        )
    if upload.report.left_out:
        confirmed = st.checkbox(
            t(N_("Keep the others without the rows that name no unit ({count})")).format(
                count=n(len(upload.report.left_out))
            ),
            key=f"import_leave_{mark}",
        )
    author = author_input() if needs_author(chosen) else ""
    added = chosen in ("zones", "bans")
    known = not added and name in store().names()
    label = t(N_("Replace the layer")) if known else t(N_("Add to {layer}")) if added else t(N_("Keep as a layer"))
    label = label.format(layer=t(ROLES[chosen].title).lower())
    if st.button(label, type="primary", icon=":material/save:", disabled=not upload.proposal.sure, key="import_keep"):
        before = store().fingerprint(name) if known else None if added else ""
        today = dt.datetime.now(_HERE).date().isoformat()
        wish = Wish(chosen, mapping, words, today, author, confirmed, before)
        kept = take_in(upload, store(), name, wish)
        remember_kept(kept.layer)
        done = t(N_("Kept as {layer}: {count} features, on the Overview map, in search, Accessibility and exports."))
        st.success(done.format(layer=kept.layer, count=n(kept.count)), icon=":material/check_circle:")
        for note in kept.notes:
            st.text(note.text(t))


def _role_title(chosen: str) -> str:
    return ROLES[chosen].title_vi if language() == "vi" else t(ROLES[chosen].title)


def _slug(text: str) -> str:
    """Return a name that the store takes, made of a file's."""
    plain = fold(text).replace(" ", "_")[:50].strip("_")
    return plain if plain[:1].isalpha() else f"layer_{plain}".strip("_")


@st.cache_data(show_spinner=False, max_entries=4, ttl=1800, scope="session")
def _read(
    name: str,
    mark: str,  # noqa: ARG001 - the cache's key, since the content is not
    _content: bytes,
    *,
    crs: str | None = None,
    layer: str | None = None,
    encoding: str | None = None,
) -> Upload:
    units = units_of(store())
    return read_upload(_content, name_hint=name, crs=crs, layer=layer, encoding=encoding, units=units)
