"""Find out how a file writes Vietnamese letters: UTF-8, Windows CP1258, or TCVN3 (ABC fonts)."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

ENCODINGS = {"utf-8": "UTF-8", "cp1258": "Windows 1258", "tcvn3": "TCVN3 (ABC)", "cp1252": "Windows 1252"}
"""Encodings that can be chosen, with what people call them."""

# TCVN 5712:1993 VN3, the letters of the fonts .VnTime and its kin: byte -> letter
_TCVN3_LETTERS = (
    (0xA1, "ĂÂÊÔƠƯĐăâêôơưđ"),
    (0xB5, "àảãáạ"),
    (0xBB, "ằẳẵắ"),
    (0xC6, "ặầẩẫấậè"),
    (0xCE, "ẻẽéẹềểễếệìỉ"),
    (0xDC, "ĩíịò"),
    (0xE1, "ỏõóọồổỗốộờởỡớợù"),
    (0xF1, "ủũúụừửữứựỳỷỹýỵ"),
)

_TCVN3 = {start + at: letter for start, letters in _TCVN3_LETTERS for at, letter in enumerate(letters)}

_RHYMES = frozenset(
    """a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây e ec em en eng eo ep et
    ê êch êm ên ênh êp êt êu i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu o oa oac oach oai oam oan oang
    oanh oao oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong ooc oong op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi
    ơm ơn ơp ơt u ua uân uâng uât uây uc uê uêch uênh ui um un ung uơ uôc uôi uôm uôn uông uôt up ut uy uya uych uyên
    uyêt uynh uyt uyu ư ưa ưc ưi ưm ưn ưng ươc ươi ươm ươn ương ươp ươt ươu ưu ưt y yêm yên yêng yêt yêu""".split()  # noqa: SIM905 - a word list reads as one
)
_ONSET = re.compile(r"ngh|ng|nh|gh|gi|ch|kh|ph|qu|th|tr|[bcdđghklmnpqrstvx]")
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_WORD = re.compile(r"[^\W\d_]+")
_SAMPLE = 4_000


def decode(raw: bytes, encoding: str) -> str:
    """Return text in NFC; bytes that the encoding does not know become �."""
    if encoding == "tcvn3":
        text = "".join(chr(byte) if byte < 0x80 else _TCVN3.get(byte, "\ufffd") for byte in raw)
    else:
        text = raw.decode(encoding, "replace")
    return unicodedata.normalize("NFC", text)


def redecode(text: str, encoding: str) -> str:
    """Return text that was read as Latin 1 or Windows 1252, one letter a byte, in its true encoding."""
    return text if text.isascii() else decode(_bytes(text), encoding)


def detect(raw: Iterable[bytes]) -> str | None:
    """Return the encoding in which the texts are most likely Vietnamese; None where no letter beyond ASCII says it."""
    sample = [one for one in raw if not one.isascii()][:_SAMPLE]
    if not sample:
        return None
    try:
        for one in sample:
            one.decode("utf-8")
    except UnicodeDecodeError:
        joined = b" ".join(sample)[: 40 * _SAMPLE]
        return max(("cp1258", "tcvn3", "cp1252"), key=lambda name: _plausible(decode(joined, name)))
    return "utf-8"


def better_reading(texts: Iterable[str]) -> str | None:
    """Return the encoding in which texts that are letters already make far better Vietnamese; None where none does."""
    joined = " ".join(one for one, _ in zip((one for one in texts if not one.isascii()), range(_SAMPLE), strict=False))
    if not joined:
        return None
    now = _plausible(joined)
    score, name = max((_plausible(redecode(joined, name)), name) for name in ("tcvn3", "cp1258"))
    return name if score > 0.5 and score > 2 * now else None


def _bytes(text: str) -> bytes:
    out = bytearray()
    for letter in text:
        if ord(letter) < 256:
            out.append(ord(letter))
        else:
            out += letter.encode("cp1252", "replace")
    return bytes(out)


def _plausible(text: str) -> float:
    """Return the share of words with letters beyond ASCII that can be Vietnamese syllables."""
    words = [word for word in re.split(r"[\s,.;:()/\-–\"']+", text) if not word.isascii()]
    return sum(_syllable(word) for word in words) / max(len(words), 1)


@lru_cache(maxsize=50_000)
def _syllable(word: str) -> bool:
    if not _WORD.fullmatch(word) or (not word.islower() and not word.isupper() and not word[1:].islower()):
        return False
    parts = unicodedata.normalize("NFD", word.lower())
    if sum(part in _TONES for part in parts) > 1:
        return False
    plain = unicodedata.normalize("NFC", "".join(part for part in parts if part not in _TONES))
    onset = _ONSET.match(plain)
    rests = [plain] + ([plain[onset.end() :]] if onset else [])
    if plain.startswith(("gi", "qu")):  # gì, quốc: the second letter belongs to the rhyme as well
        rests.append(plain[1:])
    return any(rest in _RHYMES for rest in rests)
