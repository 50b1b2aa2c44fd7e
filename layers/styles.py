"""Choose colours, dashes and signs by kind, status and quality.

Colours follow Okabe and Ito's set, readable for every kind of colour vision (https://jfly.uni-koeln.de/color/), and
never stand alone: status is also in the dash, a guessed place in a dashed ring, the kind of a point in its sign, and
all are in words in the tooltip and the legend.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

INK, PAPER, WATER = "#1d2b36", "#ffffff", "#9cc3dd"

ZONE_COLOURS = {
    "industrial_park": "#7d5ba6",
    "science_technology_park": "#0072b2",
    "urban_area": "#e08f00",
    "new_town": "#d55e00",
    "complex": "#b0598c",
    "city": "#4a4a4a",
    "town": "#6b6b6b",
    "university_campus": "#008a63",
    "health_campus": "#c0392b",
    "leisure": "#6a8f2a",
    "innovation_region": "#1d2b36",
}
MODE_COLOURS = {
    "expressway": "#c2410c",
    "road": "#b8860b",
    "metro": "#0072b2",
    "rail": "#3a3a3a",
    "brt": "#008a63",
    "bus": "#3aa57c",
    "waterway": "#2f7fb5",
}
MODE_WEIGHTS_PX = {"expressway": 4.5, "road": 2.8, "metro": 4.0, "rail": 3.0, "brt": 3.5, "bus": 2.5, "waterway": 4.0}
# read from solid (there) over long dashes (coming) to dots (on paper)
STATUS_DASHES = {"operating": "", "under_construction": "10 6", "planned": "2 7", "removed": "1 10"}
STATUS_FILLS = {"operating": 0.30, "under_construction": 0.16, "planned": 0.08, "removed": 0.02}
SIGNS = {
    "icd": "box",
    "logistics_centre": "box",
    "river_port": "anchor",
    "seaport": "anchor",
    "rail_station": "train",
    "metro_station": "train",
    "metro_depot": "train",
    "depot": "train",
    "airport": "plane",
    "administration": "columns",
    "bus_station": "bus",
    "clinic": "cross",
    "hospital": "cross",
    "college": "cap",
    "university": "cap",
    "commerce": "shop",
    "market": "shop",
    "culture": "star",
    "exhibition": "flag",
    "housing": "house",
    "innovation": "bulb",
    "park": "tree",
    "sport": "ring",
}
FACILITY_COLOURS = {
    "cap": "#008a63",
    "cross": "#c0392b",
    "bus": "#0072b2",
    "tree": "#5f8a1f",
    "bulb": "#b36b00",
    "columns": "#4a4a4a",
}
RING_COLOURS = ("#08519c", "#3182bd", "#6baed6", "#9ecae1", "#c6dbef", "#deebf7")
SHADE_COLOURS = ("#ffffd4", "#fed98e", "#fe9929", "#d95f0e", "#993404")  # ColorBrewer YlOrBr, colour-blind safe


@dataclass(frozen=True)
class Style:
    """How one class of features is drawn; widths, radii and sizes in screen pixels.

    `sign` makes a point a badge with that sign, `mark` stands in a pin, `shape` its outline (round, square, diamond,
    near, halo, pin), `aside` moves it right of its place, so that badges of several layers at one place are all seen;
    `casing` is a line of that colour under the line, `halo` px wider on both sides; `css` a class name for tests and
    style sheets.
    """

    color: str
    weight: float = 1.0
    opacity: float = 1.0
    dash: str = ""
    fill: str = ""
    fill_opacity: float = 0.0
    radius: float = 0.0
    sign: str = ""
    mark: str = ""
    shape: str = ""
    hollow: bool = False
    aside: float = 0.0
    casing: str = ""
    halo: float = 1.5
    css: str = ""

    def options(self) -> dict[str, object]:
        """Return the fields that differ from their defaults: what the browser's script is sent."""
        unset = asdict(Style(color=""))
        return {key: value for key, value in asdict(self).items() if value != unset[key]}


def zone_area(kind: str, status: str, quality: str) -> Style:
    """Return the style of a zone's outline: dashed when schematic, fuller the further it is built."""
    colour = ZONE_COLOURS.get(kind, INK)
    fill = STATUS_FILLS.get(status, 0.08)
    if kind in {
        "city",
        "town",
        "complex",
        "new_town",
        "innovation_region",
    }:  # they hold other zones: keep those readable
        fill = min(fill, 0.07)
    return Style(
        color=colour,
        weight=1.6 if quality == "schematic" else 2.0,
        dash="6 5" if quality == "schematic" else "",
        fill=colour,
        fill_opacity=fill,
        css="zone",
    )


def zone_point(kind: str, status: str) -> Style:
    """Return the badge of a zone whose place is known but not its shape."""
    return Style(color=ZONE_COLOURS.get(kind, INK), shape="diamond", radius=8, hollow=status != "operating", css="zone")


NEAR_COLOURS = {"zones": INK, "logistics": "#35507a", "facilities": "#6b4c8a"}
_ASIDE_PX = {"zones": 0.0, "logistics": 20.0, "facilities": -20.0}


def near_here(count: int, layer: str = "zones") -> Style:
    """Return the dashed ring round a place near which `count` features of a layer lie, larger for more of them."""
    colour = NEAR_COLOURS.get(layer, INK)
    return Style(color=colour, shape="near", radius=11 + min(count, 9), aside=_ASIDE_PX.get(layer, 0.0), css="near")


def corridor(mode: str, status: str, quality: str) -> Style:
    """Return the style of a corridor: colour and width by mode, dash by status, paler when schematic."""
    return Style(
        color=MODE_COLOURS.get(mode, INK),
        weight=MODE_WEIGHTS_PX.get(mode, 2.5),
        dash=STATUS_DASHES.get(status, "2 7"),
        opacity=0.6 if quality in {"schematic", "approximate"} else 0.95,
        casing=PAPER,
        css="corridor",
    )


def logistics_point(kind: str, status: str) -> Style:
    """Return the square badge of a logistics site, hollow until it works."""
    return Style(
        color="#35507a",
        sign=SIGNS.get(kind, "box"),
        shape="square",
        radius=9,
        hollow=status != "operating",
        css="logistics",
    )


def facility_point(kind: str, status: str) -> Style:
    """Return the round badge of a facility, hollow until it works."""
    sign = SIGNS.get(kind, "dot")
    return Style(
        color=FACILITY_COLOURS.get(sign, "#6b4c8a"),
        sign=sign,
        shape="round",
        radius=9,
        hollow=status != "operating",
        css="facility",
    )


STOP = Style(color="#0b6e8a", weight=1.2, fill=PAPER, fill_opacity=1.0, radius=3.2, css="stop")
WARD = Style(color="#8a97a3", weight=1.0, fill="#f4f3ee", fill_opacity=0.01, css="ward")
COMMUNE = Style(color="#7a5c2e", weight=1.0, dash="3 3", fill="#7a5c2e", fill_opacity=0.01, css="commune")
DISTRICT = Style(color="#5b3f16", weight=2.2, dash="9 4 2 4", fill="#5b3f16", fill_opacity=0.02, css="district")
PROVINCE = Style(
    color="#5d6b78", weight=1.8, fill="#f7f6f1", fill_opacity=1.0, casing="#d5dbe1", halo=2.5, css="province"
)
RIVER = Style(color=WATER, weight=5.0, opacity=0.9, css="river")
BASE_ROAD = Style(color="#ffffff", weight=2.2, casing="#c9c4b4", halo=0.9, css="base-road")
BASE_EXPRESSWAY = replace(BASE_ROAD, color="#f6e3b5", casing="#bfae7a", weight=2.8)
SELECTED = Style(
    color="#e6007e",
    weight=3.0,
    casing=PAPER,
    halo=2.5,
    fill="#e6007e",
    fill_opacity=0.10,
    radius=13,
    shape="halo",
    css="selected",
)
ROUTE = Style(color="#d6006c", weight=4.5, casing=PAPER, halo=2.0, css="route")
POSITION = Style(color="#d6006c", shape="pin", radius=13, css="position")
# eight hues that stay apart for every kind of colour vision; the ninth origin has the first again, and its own number
ORIGIN_COLOURS = ("#0072b2", "#d55e00", "#008a63", "#a8327d", "#b8860b", "#3d9bd1", "#5f3c99", "#4a4a4a")


def numbered_pin(number: int, *, apart: bool) -> Style:
    """Return the pin of the `number`-th of several origins, in its own hue where each has its own rings."""
    return replace(POSITION, color=origin_colour(number) if apart else POSITION.color, mark=str(number))


def origin_colour(number: int) -> str:
    """Return the hue of the `number`-th origin, from 1."""
    return ORIGIN_COLOURS[(number - 1) % len(ORIGIN_COLOURS)]


def origin_ring(number: int, rank: int) -> Style:
    """Return the style of a ring of the `number`-th origin; `rank` 0 is the smallest and fullest."""
    colour = origin_colour(number)
    return replace(ring(rank), color=colour, fill=colour, fill_opacity=max(0.5 - 0.16 * rank, 0.1))


def ring(rank: int) -> Style:
    """Return the style of the `rank`-th catchment ring, 0 the smallest and darkest."""
    colour = RING_COLOURS[min(rank, len(RING_COLOURS) - 1)]
    return Style(
        color="#08306b",
        weight=1.6,
        opacity=0.85,
        dash=("", "8 4", "3 4", "1 4")[min(rank, 3)],
        fill=colour,
        fill_opacity=0.42,
        css="ring",
    )


def shade(rank: int) -> Style:
    """Return the style of the `rank`-th class of a shaded map, 0 the palest."""
    colour = SHADE_COLOURS[max(0, min(rank, len(SHADE_COLOURS) - 1))]
    return Style(color="#6b5b3e", weight=0.8, fill=colour, fill_opacity=0.72, css="shade")


NO_DATA = Style(color="#9a9a9a", weight=0.8, dash="2 3", fill="#e9e9e9", fill_opacity=0.5, css="shade")
