"""Fetch streets from an Overpass service: one deadline for all, whole answers only, a cache that is never half written.

osmnx fetches too, but its loop waits for ever on a busy server, takes half an answer for a whole one and replaces
`socket.getaddrinfo` for the process; so we ask ourselves and hand over the elements.
"""

from __future__ import annotations

import hashlib
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import numpy as np

from geodata.osmapart import read_answer_apart
from geodata.overpass_answer import streets_of_answer
from geodata.overpass_cache import cached, drop, keep
from geodata.overpass_http import Answer, OverpassError, ask, unreachable
from geodata.watch import Watch
from zoning.errors import InputError
from zoning.text import N_

if TYPE_CHECKING:
    from pathlib import Path

    from geodata.osmfile import OsmStreets
    from geodata.osmreport import Bbox

URL = "https://overpass-api.de/api/interpreter"
_ASKING = N_("Asking the Overpass service")
_WAITING = N_("The Overpass service is busy: waiting to ask again")
_KM_PER_DEGREE = 111.195
_BUSY = frozenset({429, 502, 503, 504})
_POLL_S = 0.05
LONG_BYTES = 1_000_000
"""Ten times as much memory is the most that an answer of this length takes when it is read."""


@dataclass(frozen=True)
class OverpassSettings:
    """How to ask an Overpass service, and when to give up."""

    url: str = URL
    deadline_s: float = 120.0
    """For everything together: all tries, all waiting, the whole answer."""
    connect_s: float = 10.0
    read_s: float = 60.0
    """Longest silence of the server."""
    max_bytes: int = 100_000_000
    max_area_km2: float = 10_000.0
    """The former province in its box has 4,700 km²; a larger question is not sent at all."""
    first_wait_s: float = 5.0
    """Before the second try, where a busy server does not say how long; doubled each time."""
    max_age_s: float = 30 * 86_400.0
    """A kept answer older than this is fetched again."""
    user_agent: str = "binh-duong-innovation-region/0.1 (planning application; osmnx street networks)"


def fetch_streets(
    bbox: Bbox, *, settings: OverpassSettings | None = None, cache_dir: Path | None = None, watch: Watch | None = None
) -> OsmStreets:
    """Return all highway ways that touch a box, with all their nodes.

    Parameters
    ----------
    bbox
        West, south, east, north in degrees.
    settings
        Address, times and sizes.
    cache_dir
        Folder of kept answers; a damaged one is deleted and fetched again. None keeps nothing.
    watch
        Told how far the work is, and asked whether to stop, also while waiting.

    Raises
    ------
    InputError
        The box is none, or larger than allowed; nothing was sent.
    OverpassError
        No answer, none in time, a refusal, or an answer that is not whole; nothing was kept.
    StoppedError
        The watch said stop.
    """
    settings, watch = settings or OverpassSettings(), watch or Watch()
    _check_url(settings.url)
    _check_area(bbox, settings.max_area_km2)
    query = street_query(bbox, settings)
    key = hashlib.sha256(f"{settings.url}\n{query}".encode()).hexdigest()[:16]
    host = urlsplit(settings.url).hostname or settings.url
    if cache_dir is not None and (kept := cached(cache_dir, key, settings.max_age_s)) is not None:
        try:
            return _read(kept, host, watch)
        except OverpassError:  # whole, but of an earlier version's mind
            drop(cache_dir, key)
    body = _patient_answer(query, settings, watch)
    streets = _read(body, host, watch)
    if cache_dir is not None:
        keep(cache_dir, key, body)
    return streets


def _read(body: bytes, host: str, watch: Watch) -> OsmStreets:
    """Return the streets in an answer; a long one is unpacked by another process, in which it may take its memory."""
    return streets_of_answer(body, host) if len(body) < LONG_BYTES else read_answer_apart(body, host, watch=watch)


def street_query(bbox: Bbox, settings: OverpassSettings) -> str:
    """Return the question in Overpass QL; a box is written south, west, north, east there."""
    west, south, east, north = bbox
    return (
        f"[out:json][timeout:{round(settings.deadline_s)}][maxsize:{settings.max_bytes * 8}];"
        f'way["highway"]({south:.7f},{west:.7f},{north:.7f},{east:.7f});(._;>;);out body;'
    )


def _patient_answer(query: str, settings: OverpassSettings, watch: Watch) -> bytes:
    """Return the body of the first answer that is neither a refusal nor a request to come back later."""
    end = time.monotonic() + settings.deadline_s
    wait_s = settings.first_wait_s
    while True:
        answer = _answer(query, settings, end, watch)
        if answer.status == 200:
            return answer.body
        if answer.status not in _BUSY:
            raise OverpassError(
                N_("The Overpass service refused the question (HTTP {status}). Nothing was changed."),
                status=answer.status,
            )
        pause = wait_s if answer.retry_after_s is None else answer.retry_after_s
        if time.monotonic() + pause >= end:
            raise OverpassError(
                N_("The Overpass service is busy (HTTP {status}) and asks for more time than the {deadline:g} s "
                   "allowed. Try again later, or use a file."),
                status=answer.status,
                deadline=settings.deadline_s,
            )  # fmt: skip
        again = time.monotonic() + pause
        while time.monotonic() < again:
            watch.at(_WAITING)
            time.sleep(min(_POLL_S, pause))
        wait_s *= 2


def _answer(query: str, settings: OverpassSettings, end: float, watch: Watch) -> Answer:
    """Ask once, on a thread that is left behind when time is up: a dripping server can hold a read for ever."""
    stop = threading.Event()
    results: list[Answer | OverpassError] = []

    def work() -> None:
        try:
            results.append(
                ask(
                    settings.url,
                    query,
                    timeouts_s=(settings.connect_s, settings.read_s),
                    max_bytes=settings.max_bytes,
                    user_agent=settings.user_agent,
                    stop=stop,
                )
            )
        except OverpassError as fault:
            results.append(fault)

    thread = threading.Thread(target=work, name="overpass", daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            left = end - time.monotonic()
            if left <= 0:
                raise OverpassError(
                    N_("The Overpass service did not answer within {deadline:g} s. Try again later, or use a file."),
                    deadline=settings.deadline_s,
                )
            watch.at(_ASKING, 1 - left / settings.deadline_s)
            thread.join(min(_POLL_S, left))
    finally:
        stop.set()
    result = results[0] if results else unreachable()
    if isinstance(result, OverpassError):
        raise result
    return result


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise InputError(
            N_("The address of an Overpass service begins with https:// or http://, unlike {url}."), url=url
        )


def _check_area(bbox: Bbox, limit_km2: float) -> None:
    west, south, east, north = bbox
    if not (np.isfinite(bbox).all() and -180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise InputError(
            N_("The box must be west, south, east, north in degrees, for example 106.5,10.8,106.8,11.2, not {box}."),
            box=",".join(f"{value:g}" for value in bbox),
        )
    area = (east - west) * (north - south) * _KM_PER_DEGREE**2 * np.cos(np.radians((south + north) / 2))
    if area > limit_km2:
        raise InputError(
            N_(
                "The box has {area:,.0f} km², more than the {limit:,.0f} km² that may be asked for. Use a file instead."
            ),
            area=float(area),
            limit=limit_km2,
        )
