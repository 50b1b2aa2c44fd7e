"""Know the files of the map: where they are on disk, and under which address a map's frame finds them.

Without folium and Streamlit, which the server's start cannot wait for.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from xstatic.pkg import leaflet

from zoning.errors import StoreError
from zoning.text import N_

COMPONENTS = "layers.assets"
"""The module that declares them: Streamlit puts its name before theirs."""


class Asset(NamedTuple):
    """One file of the map: the component that serves it and its path in that component's folder."""

    component: str
    file: str


FOLDERS = {
    "leaflet": Path(leaflet.BASE_DIR),
    "region": Path(str(files("layers") / "browser")),
}
SCRIPTS = (Asset("leaflet", "leaflet.js"), Asset("region", "region_map.js"))
STYLES = (Asset("leaflet", "leaflet.css"), Asset("region", "region_map.css"))
IMAGES = (Asset("leaflet", "images/marker-icon.png"), Asset("leaflet", "images/layers.png"))


def check(folders: dict[str, Path] | None = None) -> None:
    """Raise StoreError when a file of the map is missing: a browser would only show an empty frame."""
    for asset in (*SCRIPTS, *STYLES, *IMAGES):
        path = (folders or FOLDERS)[asset.component] / asset.file
        if not path.is_file():
            raise StoreError(
                N_("The map cannot be shown: the file {file} is missing. Install requirements.txt again."),
                file=asset.file,
            )


@lru_cache(maxsize=32)
def url(asset: Asset) -> str:
    """Return the address of an asset, relative to the frame of st_folium, so that any base path works.

    The query is a hash of the file: Streamlit lets browsers keep component files, and an update must reach them.
    """
    digest = hashlib.sha256((FOLDERS[asset.component] / asset.file).read_bytes()).hexdigest()[:10]
    return f"../{COMPONENTS}.{asset.component}/{asset.file}?v={digest}"
