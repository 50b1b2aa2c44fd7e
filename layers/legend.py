"""Describe what a map shows: the legend as data, drawn by the map and readable as text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from layers.safe import shown

if TYPE_CHECKING:
    from layers.styles import Style


@dataclass(frozen=True)
class LegendEntry:
    """One line of a legend: its words (translated) and the style that they explain; `form` is area, line or point."""

    label: str
    style: Style
    form: str

    def payload(self) -> dict[str, object]:
        """Return the entry for the browser's script, its words escaped."""
        return {"label": shown(self.label), "style": self.style.options(), "form": self.form}


def in_words(entries: tuple[LegendEntry, ...]) -> list[str]:
    """Return the labels of a legend, each once, in order: for readers who do not see the map."""
    return list(dict.fromkeys(entry.label for entry in entries))
