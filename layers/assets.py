"""Serve the map's scripts and styles from the application itself: a map needs no other host.

Leaflet comes from its XStatic package, our own script from `layers/browser`. Each folder is declared as a Streamlit
component: that route exists under every base path, and needs no folder `static/` beside `app.py`. folium asks for
jQuery too, for its popups; these maps have none (`layers.safe`), so no reader waits for it.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import folium
from streamlit.components.v1 import declare_component
from xstatic.pkg import leaflet

from zoning.errors import StoreError
from zoning.text import N_


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
    return f"../{__name__}.{asset.component}/{asset.file}?v={digest}"


def serve() -> None:
    """Check the files and register the folders with the running server; call it before each map.

    Streamlit forgets a component that is declared outside a page's run, so declaring once at import is not enough.
    """
    check()
    for name, folder in FOLDERS.items():
        declare_component(name, path=folder)


def _use_own_files() -> None:
    """Point folium at our files, once, for the whole process: its own lists name five outside hosts.

    Bootstrap, glyphicons and awesome markers serve `folium.Icon` only, which this application does not use.
    """
    folium.Map.default_js = [(f"{asset.component}_js", url(asset)) for asset in SCRIPTS]
    folium.Map.default_css = [(f"{asset.component}_css", url(asset)) for asset in STYLES]


check()
_use_own_files()
