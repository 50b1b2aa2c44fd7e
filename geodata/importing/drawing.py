"""Count what a DXF draws before GDAL does: blocks hold blocks, and a few hundred bytes can draw without end."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

_ENTITY = re.compile(rb"^[ \t]*0[ \t]*\r?\n[ \t]*([A-Z][A-Z0-9_]*)[ \t]*\r?$", re.MULTILINE)
_PAIR = re.compile(rb"^[ \t]*(2|70|71)[ \t]*\r?\n([^\r\n]*)", re.MULTILINE)
_DRAWING_BLOCKS = (b"INSERT", b"DIMENSION")
_NO_OBJECTS = frozenset((b"SECTION", b"ENDSEC", b"BLOCK", b"ENDBLK", b"EOF", b"VERTEX", b"SEQEND", b"ATTRIB"))
_MOST_COPIES = 10**9


@dataclass
class _Part:
    """What a block, or the drawing itself, holds: objects of its own, and how often which other block."""

    own: int = 0
    blocks: Counter[bytes] = field(default_factory=Counter)


def objects_drawn(text: bytes, most: int) -> float:
    """Return how many objects a drawing shows once every block stands wherever it is inserted; inf beyond all count.

    A block that holds itself counts once: GDAL does not follow it either. Of more than `most` insertions no more are
    counted.
    """
    blocks, drawing = _parts(text, most)
    return _total(drawing, _totals(blocks))


def _parts(text: bytes, most: int) -> tuple[dict[bytes, _Part], _Part]:
    blocks: dict[bytes, _Part] = {}
    drawing = _Part()
    now, inserted = drawing, 0
    found = _ENTITY.finditer(text)
    one = next(found, None)
    while one is not None:
        after = next(found, None)
        kind = one[1]
        if kind == b"BLOCK":
            said = _said(text, one.end(), after.start() if after else len(text))
            now = blocks.setdefault(said.get(b"2", b""), _Part())
        elif kind == b"ENDBLK":
            now = drawing
        elif kind == b"SECTION":
            said = _said(text, one.end(), after.start() if after else len(text))
            now = drawing if said.get(b"2") == b"ENTITIES" else _Part()
        elif kind in _DRAWING_BLOCKS:
            said = _said(text, one.end(), after.start() if after else len(text))
            copies = _number(said.get(b"70")) * _number(said.get(b"71")) if kind == b"INSERT" else 1
            now.blocks[said.get(b"2", b"")] += copies
            inserted += 1
            if inserted > most:
                return {}, _Part(own=inserted)
        elif kind not in _NO_OBJECTS:
            now.own += 1
        one = after
    return blocks, drawing


def _said(text: bytes, start: int, end: int) -> dict[bytes, bytes]:
    """Return the first value of each code that matters in one entity: its block, its columns and rows."""
    said: dict[bytes, bytes] = {}
    for pair in _PAIR.finditer(text, start, min(end, start + 4096)):
        said.setdefault(pair[1], pair[2].strip().upper())
    return said


def _number(value: bytes | None) -> int:
    return max(1, min(int(value), _MOST_COPIES)) if value and value.isdigit() else 1


def _totals(blocks: dict[bytes, _Part]) -> dict[bytes, float]:
    """Return what each block draws with the blocks in it, the innermost first; no recursion, however deep they go."""
    totals: dict[bytes, float] = {}
    for name in blocks:
        pending, path = [name], set()
        while pending:
            now = pending[-1]
            if now in totals:
                pending.pop()
                continue
            inner = [one for one in blocks[now].blocks if one in blocks and one not in totals and one not in path]
            path.add(now)
            if inner := [one for one in inner if one != now]:
                pending += inner
                continue
            totals[now] = _total(blocks[now], totals)
            path.discard(now)
            pending.pop()
    return totals


def _total(part: _Part, totals: dict[bytes, float]) -> float:
    return part.own + sum(float(copies) * (1 + totals.get(name, 0.0)) for name, copies in part.blocks.items())
