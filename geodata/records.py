"""Read the run record inside an export."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from zoning.errors import BadFileError
from zoning.text import N_

if TYPE_CHECKING:
    from pathlib import Path

MOST_BYTES = 200_000_000


def read_record(path: Path) -> dict[str, Any]:
    """Return the JSON object in `path`: a run record, or a GeoJSON export with one as its member `run`.

    Raises
    ------
    BadFileError
        The file is missing, too large, or not a JSON object.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise BadFileError(N_("{name} is too large to be a run record."), name=path.name)
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as fault:
        raise BadFileError(N_("{name} cannot be read."), name=path.name) from fault
    except (ValueError, RecursionError) as fault:
        raise BadFileError(N_("{name} is not a JSON file."), name=path.name) from fault
    if not isinstance(record, dict):
        raise BadFileError(N_("{name} is not a JSON file."), name=path.name)
    return record
