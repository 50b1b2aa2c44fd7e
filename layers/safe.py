"""Make text harmless in every place of a map: HTML, quoted attributes, JavaScript strings and template literals."""

from __future__ import annotations

import re

_ENTITIES = str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        '"': "&quot;",
        "'": "&#39;",
        "`": "&#96;",  # folium puts popup text into a template literal ...
        "$": "&#36;",  # ... where ${...} runs even after html.escape
        "{": "&#123;",
        "\\": "&#92;",
    }
)
# control characters, line separators that end a JavaScript string, and marks that turn the reading direction around
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


def js_html(text: object) -> str:
    """Return `text` with the characters that HTML or JavaScript could act on as HTML entities.

    A browser shows the result as the original text. Every string of a map goes through here: names, tooltips, labels,
    layer names, ids and keys (`html.escape` is not enough: it leaves backquotes and `${`).
    """
    return str(text).translate(_ENTITIES)


def plain(text: object, *, limit: int = 200) -> str:
    """Return `text` on one line, without control and direction marks, shortened to `limit` characters.

    Parameters
    ----------
    text
        What to show; None becomes the empty string.
    limit
        Longest result in characters, the closing ellipsis included.
    """
    if text is None:
        return ""
    line = " ".join(_UNSEEN.sub(" ", str(text)).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def shown(text: object, *, limit: int = 200) -> str:
    """Return `text` ready for the map: one line, not too long, escaped."""
    return js_html(plain(text, limit=limit))
