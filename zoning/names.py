"""Find places by name as planners type them: without diacritics, short, old or new."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# Short forms in use on Vietnamese plans and road signs, folded; the long form is what names are stored with.
# Longest first matters only between forms of one word, so the order here is by subject.
SHORT_FORMS: dict[str, str] = {
    "kcn": "khu cong nghiep", "kdt": "khu do thi", "klh": "khu lien hop", "ccn": "cum cong nghiep",
    "kcnc": "khu cong nghe cao", "tpm": "thanh pho moi", "tp": "thanh pho", "tx": "thi xa", "tt": "thi tran",
    "p": "phuong", "x": "xa", "h": "huyen", "q": "quan", "ql": "quoc lo", "dt": "duong tinh", "tl": "tinh lo",
    "dh": "duong huyen", "vd": "vanh dai", "ct": "cao toc", "bv": "benh vien", "dhqg": "dai hoc quoc gia",
    "bx": "ben xe", "ubnd": "uy ban nhan dan", "hcm": "ho chi minh", "tphcm": "thanh pho ho chi minh",
    "ip": "industrial park", "nr": "national route",
}  # fmt: skip

GENERIC = {"thanh", "pho", "phuong", "xa", "huyen", "thi", "tran", "khu", "cong", "nghiep", "do", "tinh", "duong"}
"""Words that say what a thing is, not which one: initials are taken without the leading ones."""


def fold(text: str) -> str:
    """Return `text` in lower case without diacritics, đ as d, punctuation as single spaces."""
    plain = unicodedata.normalize("NFD", text.casefold()).replace("đ", "d")
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(re.findall(r"[a-z0-9]+", plain))


def expand(folded: str) -> str:
    """Return a folded text with its short forms written out: "kcn bau bang" -> "khu cong nghiep bau bang".

    A short form may be joined to a number, as on road signs: "ql13" -> "quoc lo 13".
    """
    words: list[str] = []
    for word in folded.split():
        joined = re.fullmatch(r"([a-z]+)(\d+[a-z]?)", word)
        if joined and joined[1] in SHORT_FORMS:
            words += [SHORT_FORMS[joined[1]], joined[2]]
        else:
            words.append(SHORT_FORMS.get(word, word))
    return " ".join(words)


@dataclass(frozen=True)
class Entry:
    """A thing that can be found: its layer and id, and every name it goes by."""

    layer: str
    id: str
    names: tuple[str, ...]

    @cached_property
    def forms(self) -> tuple[str, ...]:
        """Return the names folded and written out, each once."""
        return tuple(dict.fromkeys(expand(fold(name)) for name in self.names if name))

    @cached_property
    def initials(self) -> frozenset[str]:
        """Return the first letters of each name, with and without the words that say what it is."""
        found = set()
        for form in self.forms:
            words = form.split()
            own = list(words)
            while own and own[0] in GENERIC:
                own.pop(0)
            found |= {"".join(w[0] for w in chosen) for chosen in (words, own) if len(chosen) > 1}
        return frozenset(found)


def search(entries: Iterable[Entry], query: str, *, limit: int = 20) -> list[Entry]:
    """Return the entries that `query` names, best first.

    Parameters
    ----------
    entries
        What can be found; equal matches keep this order, so put the weightier layers first.
    query
        As typed: any case, with or without diacritics, short forms, initials of two letters or more.
    limit
        At most this many are returned.
    """
    folded = fold(query)
    if not folded:
        return []
    wanted = expand(folded)
    scored = ((_score(entry, folded, wanted), place, entry) for place, entry in enumerate(entries))
    return [entry for score, _, entry in sorted((s for s in scored if s[0] < _NO_MATCH), key=lambda s: s[:2])][:limit]


_NO_MATCH = 9


def _score(entry: Entry, folded: str, wanted: str) -> int:
    words = wanted.split()
    best = _NO_MATCH
    for form in entry.forms:
        if form == wanted:
            return 0
        if _without_kind(form) == _without_kind(wanted):
            best = min(best, 1)
        elif form.startswith(wanted):
            best = min(best, 3)
        elif f" {wanted}" in f" {form}":
            best = min(best, 4)
        elif _all_begin(words, form.split()):
            best = min(best, 5)
    joined = folded.replace(" ", "")
    if len(joined) > 1 and joined in entry.initials:
        best = min(best, 2)
    return best


def _without_kind(form: str) -> Sequence[str]:
    words = form.split()
    while len(words) > 1 and words[0] in GENERIC:
        words.pop(0)
    return words


def _all_begin(wanted: Sequence[str], words: Sequence[str]) -> bool:
    """Say whether each wanted word begins a word of its own, in any order."""
    free = list(words)
    for want in wanted:
        hit = next((word for word in free if word.startswith(want)), None)
        if hit is None:
            return False
        free.remove(hit)
    return True
