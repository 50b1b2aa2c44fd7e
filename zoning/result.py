"""Carry a job's answer together with the record that lets it be run again."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from zoning.text import Translate, english, filled

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from _typeshed import DataclassInstance

    from zoning.region import Region

CODE_VERSION = "0.3.0"
"""Version of this application, as in pyproject.toml; part of each run record."""


@dataclass(frozen=True)
class Note:
    """A sentence that belongs to a result: what was assumed, left out, or is not known."""

    template: str
    values: Mapping[str, object] = field(default_factory=dict)

    def text(self, translate: Translate = english) -> str:
        """Return the sentence in the language of `translate`."""
        return filled(self.template, self.values, translate)


@dataclass(frozen=True)
class Result:
    """What a job returns: frames by name, single figures, notes, and the run record."""

    frames: Mapping[str, gpd.GeoDataFrame]
    figures: Mapping[str, Any]
    notes: tuple[Note, ...]
    run: Mapping[str, Any]
    broken: tuple[Note, ...] = ()
    """Laws of travel that the result breaks (see `zoning.laws`): it is a draft then, and cannot be exported."""


def run_record(
    job: str, request: DataclassInstance, region: Region, used: tuple[str, ...], method: str = ""
) -> dict[str, Any]:
    """Return what a run stands on: the request, a hash of each layer or network used, the code's versions.

    The id is a hash of all that, so the same question on the same data has the same id; no clock is in it.
    """
    record: dict[str, Any] = {
        "job": job,
        "request": asdict(request),
        "data": {name: region.fingerprint(name) for name in used},
        "code": {"application": CODE_VERSION} | {name: _version(name) for name in ("numpy", "scipy", "shapely")},
    }
    if method:  # how it was measured, where the request does not say it
        record["method"] = method
    # a region on paper says which scenario it stands for (zoning.scenarios.region); an empty one says nothing
    if (scenario := getattr(region, "record", None)) is not None:
        record["scenario"] = scenario
    text = json.dumps(_canonical(record), sort_keys=True, ensure_ascii=False, default=str)
    return {"id": hashlib.sha256(text.encode()).hexdigest()[:16]} | record


def _canonical(value: object) -> object:
    """Return a value whose numbers are written one way: 10 and 10.0 ask the same, and files do not tell them apart."""
    if isinstance(value, dict):
        return {str(key): _canonical(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


@cache
def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"
