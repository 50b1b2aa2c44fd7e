"""Name every fault that a planner can meet, in words that translate."""

from __future__ import annotations

from zoning.text import Translate, english, filled


class ZoningError(Exception):
    """Base of all faults that are shown to a planner.

    Parameters
    ----------
    template
        English sentence with `{named}` places, marked with `N_` where it is written: the key of its translation.
    **values
        What stands in the places; kept as `values` for logs and tests.
    """

    def __init__(self, template: str, **values: object) -> None:
        self.template = template
        self.values = values
        super().__init__(template, values)

    def text(self, translate: Translate = english) -> str:
        """Return the sentence in the language of `translate`, its places filled, also those that hold a sentence."""
        return filled(self.template, self.values, translate)

    def __str__(self) -> str:
        """Return the English sentence."""
        return self.text()

    def __reduce__(self) -> tuple[object, ...]:
        """Travel between processes whole: the default would lose the keyword values."""
        return _rebuild, (type(self), self.template, self.values)


def _rebuild(kind: type[ZoningError], template: str, values: dict[str, object]) -> ZoningError:
    return kind(template, **values)


class InputError(ZoningError, ValueError):
    """A value given by the user is not usable: minutes, mode, coordinates, options."""


class OffNetworkError(ZoningError, ValueError):
    """A point lies farther from the network than its mode may be snapped."""


class UnreachableError(ZoningError, ValueError):
    """No open way leads from one place to another."""


class NetworkError(ZoningError, ValueError):
    """A network cannot be built, read or used: no projected CRS, no streets, damaged file."""


class UnknownLayerError(ZoningError, LookupError):
    """No layer, or no feature in a layer, has the name that was asked for."""


class StoreError(ZoningError, OSError):
    """The store is missing, damaged, locked or cannot be written."""

    # OSError would fill errno and strerror from two positional arguments; the sentence is all we show
    def __str__(self) -> str:
        """Return the English sentence."""
        return self.text()


class BadFileError(ZoningError, ValueError):
    """A file given by the user is not what it claims to be, or cannot be read safely."""


class ExportError(ZoningError, ValueError):
    """An export did not survive its own check, or has nothing in it."""


class ConflictError(StoreError):
    """Someone else has saved the same layer since it was read."""
