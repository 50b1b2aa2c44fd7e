"""Serve the map's scripts and styles from the application itself: a map needs no other host.

Leaflet comes from its XStatic package, our own script from `layers/browser`. Each folder is declared as a Streamlit
component: that route exists under every base path, and needs no folder `static/` beside `app.py`. folium asks for
jQuery too, for its popups; these maps have none (`layers.safe`), so no reader waits for it.
"""

from __future__ import annotations

import folium
from streamlit.components.v1 import declare_component

from layers.mapfiles import FOLDERS, SCRIPTS, STYLES, check, url

__all__ = ["FOLDERS", "SCRIPTS", "STYLES", "check", "serve", "url"]


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
