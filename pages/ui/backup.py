"""Offer the whole store and its history as one file, on the Data page."""

from __future__ import annotations

import tempfile
from pathlib import Path

import streamlit as st

from geodata.backup import make_backup
from pages.ui.data import store
from pages.ui.folded import folded
from pages.ui.guard import shown_faults
from pages.ui.language import n, t
from zoning.text import N_

MOST_BYTES = 400_000_000
"""A larger backup is made on the command line: the server would hold it in memory."""


def backup_section() -> None:
    """Make a backup when it is asked for, check it, and offer it to take home."""
    with folded(t(N_("Backup of everything")), "backup", ":material/archive:") as is_open:
        if not is_open:
            return
        st.write(
            t(
                N_(
                    "One file with all layers and their former versions. Unpacked, region.gpkg opens in any GIS. The "
                    "administrator brings it back with: python -m geodata restore-backup FILE.zip"
                )
            )
        )
        if not st.button(t(N_("Make a backup")), icon=":material/archive:", key="backup_make"):
            return
        with shown_faults(), st.spinner(t(N_("Writing and checking …"))), tempfile.TemporaryDirectory() as folder:
            made = make_backup(store().backend, Path(folder) / "innovation-region.zip")
            if made.size_bytes > MOST_BYTES:
                st.warning(
                    t(N_("The backup has {size} MB, too much for a browser. On the server: python -m geodata backup "
                         "--out FILE.zip")).format(size=n(made.size_bytes / 1e6))
                )  # fmt: skip
                return
            st.download_button(
                t(N_("Download {file} ({size} kB)")).format(file=made.file.name, size=n(made.size_bytes / 1000)),
                data=made.file.read_bytes(), file_name=made.file.name, mime="application/zip", on_click="ignore",
                icon=":material/download:", key="backup_download",
            )  # fmt: skip
            st.caption(
                t(N_("{layers} layers, {rows} rows, {states} former versions; read again and whole.")).format(
                    layers=n(len(made.layers)), rows=n(sum(made.layers.values())), states=n(made.states)
                )
            )
