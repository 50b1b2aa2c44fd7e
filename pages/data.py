"""Show what data there are: layers with sources and dates, how well places are known, exports."""

import streamlit as st

from layers.catalogue import CATALOGUE
from layers.labels import value_label
from pages.ui.bans import bans_section
from pages.ui.data import layer, layer_table, own_layers
from pages.ui.explorer import COLUMNS, explorer
from pages.ui.facts import plain
from pages.ui.figures import figures
from pages.ui.guard import page
from pages.ui.import_templates import templates_section
from pages.ui.importing import import_section, own_layer_view
from pages.ui.language import language, n, t
from pages.ui.layer_history import place_words, store_sections
from pages.ui.streets import outlines_section, streets_section
from pages.ui.table import plain_table
from pages.ui.transit import transit_section
from zoning.text import N_

PROVENANCE = (
    (N_("Source"), "source"), (N_("Licence"), "licence"), (N_("Attribution"), "attribution"), (N_("Date"), "date"),
    (N_("Method"), "method"), (N_("Coordinate system"), "crs"),
)  # fmt: skip
MOST_ROWS = 1000


@page("data")
def show() -> None:
    """Draw the page."""
    st.title(t(N_("Data")))
    layers = layer_table()
    drawn = {info.name for info in CATALOGUE}
    figures(
        (t(N_("Layers")), n(len(layers)), place_words()),
        (t(N_("Features")), n(layers["count"].sum()), t(N_("each with its source"))),
        (t(N_("Coordinate system")), "EPSG:9210", t(N_("VN-2000 / TM-3 105-45; operation EPSG:6960"))),
    )
    st.dataframe(
        layers[[f"title_{language()}", "name", "count", "geometry", "date", "licence"]].assign(
            licence=layers["licence"].map(t)
        ),
        column_config={
            f"title_{language()}": t(N_("Layer")), "name": t(N_("Name in the store")), "count": t(N_("Features")),
            "geometry": t(N_("Geometry")), "date": t(N_("Date")), "licence": t(N_("Licence")),
        },
        hide_index=True,
    )  # fmt: skip
    import_section()
    templates_section()
    streets_section()
    outlines_section()
    bans_section()
    transit_section()
    titles = dict(zip(layers["name"], layers[f"title_{language()}"], strict=True))
    store_sections(titles)
    name = st.selectbox(t(N_("Look into a layer")), list(titles), format_func=titles.get, key="layer")
    info = layers.set_index("name").loc[name]
    for label, field in PROVENANCE:
        if isinstance(info[field], str) and info[field]:
            st.markdown(f"**{t(label)}**: {plain(t(info[field]))}")
    frame = layer(name)
    if "geometry_quality" in frame:
        st.caption(
            "; ".join(
                f"{count} {value_label('geometry_quality', quality, t)}"
                for quality, count in frame["geometry_quality"].value_counts().items()
            )
        )
    if name in drawn:
        explorer(f"data-{name}", {name: frame}, shown=(name,), look_at=layer("wards_2025").geometry)
    elif name in own_layers():
        own_layer_view(name)
    else:
        plain_table(frame.head(MOST_ROWS), COLUMNS.get(name, [c for c in frame.columns if c != "geometry"]))
        if len(frame) > MOST_ROWS:
            st.caption(t(N_("The first {rows} of {total} rows.")).format(rows=n(MOST_ROWS), total=n(len(frame))))
    st.page_link("pages/health.py", label=t(N_("Health of the server")), icon=":material/monitor_heart:")
