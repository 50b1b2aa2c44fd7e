"""Read the answer of an Overpass service, and refuse it unless it is whole."""

from __future__ import annotations

import json
import math
from array import array
from typing import Any

import numpy as np

from geodata.osmfile import OsmStreets, Way, clean_tags
from geodata.overpass_http import OverpassError, cut_answer
from zoning.text import N_

_REMARK_LENGTH = 200
_LARGEST_ID = 2**62


def streets_of_answer(body: bytes, host: str) -> OsmStreets:
    """Return the streets in an answer in JSON.

    Parameters
    ----------
    body
        The answer as it came.
    host
        Who gave it, for the report.

    Raises
    ------
    OverpassError
        Not JSON (a login page, half an answer), a `remark` (the server gave up in the middle and sent what it had), no
        streets, or ways whose nodes are missing.
    """
    answer = _parsed(body)
    if remark := answer.get("remark"):
        raise OverpassError(
            N_("The Overpass service gave up before its answer was complete: {remark}. Ask for a smaller box."),
            remark="".join(sign for sign in str(remark)[:_REMARK_LENGTH] if sign.isprintable()),
        )
    elements = answer.get("elements")
    if not isinstance(elements, list):
        raise _strange()
    try:
        places = {_whole(e["id"]): _place(e) for e in elements if e["type"] == "node"}
        ways = tuple(_way(e) for e in elements if e["type"] == "way" and "highway" in e.get("tags", {}))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as fault:
        raise _strange() from fault
    if not ways:
        raise OverpassError(N_("The Overpass service knows no streets in this box."))
    if any(node not in places for way in ways for node in way.nodes):
        raise cut_answer()
    ids = np.array(sorted(places), dtype=np.int64)
    lonlat = np.array([places[node] for node in ids.tolist()], dtype=np.float64).reshape(-1, 2)
    return OsmStreets(ways, ids, lonlat[:, 0].copy(), lonlat[:, 1].copy(), 0, _date(answer), host)


def _parsed(body: bytes) -> dict[str, Any]:
    if body.lstrip()[:1] == b"<":
        raise OverpassError(
            N_("A web page came instead of map data: perhaps a login page of the network. Nothing was kept.")
        )
    if not body.strip():
        raise OverpassError(N_("The Overpass service gave an empty answer. Try again later, or use a file."))
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as fault:
        raise cut_answer() from fault
    if not isinstance(answer, dict):
        raise _strange()
    return answer


def _place(element: dict[str, Any]) -> tuple[float, float]:
    lon, lat = float(element["lon"]), float(element["lat"])
    if not (math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90):
        raise ValueError(element["id"])
    return lon, lat


def _way(element: dict[str, Any]) -> Way:
    nodes = array("q", (_whole(node) for node in element["nodes"]))
    return Way(_whole(element["id"]), nodes, clean_tags((str(k), str(v)) for k, v in element["tags"].items()))


def _whole(number: object) -> int:
    if isinstance(number, bool) or not isinstance(number, int) or not 0 < number < _LARGEST_ID:
        raise ValueError(number)
    return number


def _date(answer: dict[str, Any]) -> str:
    """Return the day up to which the server's data go (YYYY-MM-DD), empty where it does not say."""
    head = answer.get("osm3s")
    text = str(head.get("timestamp_osm_base", ""))[:10] if isinstance(head, dict) else ""
    return text if len(text) == 10 and text.replace("-", "").isdigit() else ""


def _strange() -> OverpassError:
    return OverpassError(N_("The answer of the Overpass service is not map data as it should be. Nothing was kept."))
