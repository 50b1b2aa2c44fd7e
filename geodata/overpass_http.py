"""Put one question to an Overpass service: no redirect, no endless body, no retry."""

from __future__ import annotations

import datetime as dt
import email.utils
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import requests
import urllib3

from zoning.errors import ZoningError
from zoning.text import N_

if TYPE_CHECKING:
    import threading

_CHUNK_BYTES = 1 << 16


class OverpassError(ZoningError, RuntimeError):
    """An Overpass service did not answer, or not with the whole of what it was asked for."""


@dataclass(frozen=True)
class Answer:
    """What the service said: HTTP status, body (only of 200) and how long a busy server wants to be left alone."""

    status: int
    body: bytes = b""
    retry_after_s: float | None = None


def ask(
    url: str,
    query: str,
    *,
    timeouts_s: tuple[float, float],
    max_bytes: int,
    user_agent: str,
    stop: threading.Event,
) -> Answer:
    """Post one question and read the answer piece by piece.

    Parameters
    ----------
    url, query
        The address, and the question in Overpass QL.
    timeouts_s
        For the connection, and for each silence of the server, in seconds.
    max_bytes
        Longest body, unpacked.
    user_agent
        Names the application, as the services ask for.
    stop
        Once set, reading ends at the next piece: nobody waits for it any more.

    Raises
    ------
    OverpassError
        No connection, silence, a body cut short or too long.
    """
    try:
        with requests.post(
            url,
            data={"data": query},
            headers={"User-Agent": user_agent, "Accept": "application/json"},
            timeout=timeouts_s,
            stream=True,
            allow_redirects=False,
        ) as response:
            if response.status_code != 200:
                return Answer(response.status_code, retry_after_s=_retry_after_s(response.headers.get("Retry-After")))
            return Answer(200, _body(response, max_bytes, stop))
    except OverpassError:
        raise
    except requests.exceptions.ConnectTimeout as fault:
        raise unreachable() from fault
    except (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError) as fault:
        raise OverpassError(
            N_("The Overpass service was silent for {seconds:g} s. Try again later, or use a file."),
            seconds=timeouts_s[1],
        ) from fault
    except urllib3.exceptions.HTTPError as fault:  # while reading the body: the connection broke in the middle
        raise cut_answer() from fault
    except (requests.exceptions.RequestException, OSError, ValueError) as fault:
        raise unreachable() from fault


def _body(response: requests.Response, max_bytes: int, stop: threading.Event) -> bytes:
    pieces: list[bytes] = []
    size = 0
    # read1 gives what has arrived; read would wait for a full piece, however slowly it drips
    while piece := response.raw.read1(_CHUNK_BYTES, decode_content=True):
        size += len(piece)
        if size > max_bytes:
            raise OverpassError(
                N_("The answer of the Overpass service is longer than {limit_mb:g} MB. Ask for a smaller box."),
                limit_mb=max_bytes / 1e6,
            )
        if stop.is_set():
            raise cut_answer()
        pieces.append(piece)
    return b"".join(pieces)


def cut_answer() -> OverpassError:
    """Return the fault of an answer that ends too early."""
    return OverpassError(N_("The answer of the Overpass service is cut short. Nothing was kept; try again."))


def unreachable() -> OverpassError:
    """Return the fault of a service to which there is no way."""
    return OverpassError(
        N_("The Overpass service cannot be reached. Check the connection, or use a file of OpenStreetMap data.")
    )


def _retry_after_s(text: str | None) -> float | None:
    """Return the pause that a Retry-After header asks for: seconds, or a date; None where it says neither."""
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            when = email.utils.parsedate_to_datetime(text)
        except ValueError:
            return None
        if when.tzinfo is None:
            when = when.replace(tzinfo=dt.UTC)
        seconds = (when - dt.datetime.now(dt.UTC)).total_seconds()
    return max(seconds, 0.0) if math.isfinite(seconds) else None
