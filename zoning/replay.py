"""Turn a run record back into its question and answer it again."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from zoning.errors import InputError
from zoning.jobs import access, along, catchment, check, gates, route, stations, workers
from zoning.scenarios.region import with_scenario
from zoning.text import N_

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zoning.region import Region
    from zoning.result import Result

JOBS: Mapping[str, tuple[Any, type, str]] = {
    "catchment": (catchment, catchment.CatchmentRequest, "rings"),
    "route": (route, route.RouteRequest, "legs"),
    "access": (access, access.AccessRequest, "units"),
    "workers": (workers, workers.WorkersRequest, "places"),
    "gates": (gates, gates.GatesRequest, "gates"),
    "check": (check, check.CheckRequest, "checks"),
    "stations": (stations, stations.StationsRequest, "areas"),
    "along": (along, along.AlongRequest, "along"),
}
"""Job name -> its module, its request, and the frame that its export holds."""


def replay(record: Mapping[str, Any], region: Region) -> tuple[Result, str]:
    """Run a record's request again, with its scenario; return the result and the name of the frame to export.

    `record` is a run record, or an export that holds one as its member `run`. Raises as `question` and the job do.
    """
    module, request, frame = question(record)
    run = record.get("run", record)
    return module.run(request, with_scenario(region, run.get("scenario"))), frame


def question(record: Mapping[str, Any]) -> tuple[Any, Any, str]:
    """Return the job of a record, the request it was asked, and the name of the frame that its export holds.

    Raises
    ------
    InputError
        There is no run record in it, or its job or request is not one of this application's.
    """
    run = record.get("run", record)
    job = run.get("job") if isinstance(run, dict) else None
    if not isinstance(job, str) or job not in JOBS or not isinstance(run.get("request"), dict):
        raise InputError(N_("There is no run record in this file: only exports of an analysis can be run again."))
    module, request_type, frame = JOBS[job]
    known = {field.name for field in fields(request_type)}
    foreign = sorted(set(run["request"]) - known)
    if foreign:
        raise InputError(
            N_("The run record holds what this version does not know: {fields}."), fields=", ".join(map(str, foreign))
        )
    try:
        request = request_type(**{key: _frozen(value) for key, value in run["request"].items()})
    except TypeError as fault:
        raise InputError(N_("The run record is incomplete: {fault}."), fault=fault) from fault
    return module, request, frame


def differences(record: Mapping[str, Any], result: Result) -> list[str]:
    """Name the layers and networks whose data are no longer what the record was computed on."""
    before, now = record.get("run", record).get("data", {}), result.run["data"]
    return sorted(name for name in {*before, *now} if before.get(name) != now.get(name))


def _frozen(value: object) -> object:
    """Return JSON lists as the tuples that requests hold."""
    return tuple(_frozen(one) for one in value) if isinstance(value, list) else value
