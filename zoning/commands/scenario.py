"""Check scenarios from the command line, and let every other verb answer with one: `--scenario F.json`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoning.text import N_

if TYPE_CHECKING:
    import argparse

    from zoning.region import Region
    from zoning.result import Result
    from zoning.text import Translate


def add(verbs: Any, t: Translate) -> None:  # noqa: ANN401 - argparse has no public name for its verbs
    """Add the verb to `python -m zoning`."""
    verb = verbs.add_parser("scenario", help=t(N_("check a scenario, and say what it changes")))
    verb.set_defaults(action=lambda args: _run(args, t))
    verb.add_argument("file", metavar="F.json", help=t(N_("scenario, as JSON or GeoPackage")))
    verb.add_argument("--network", choices=("strategic", "streets"), help=t(N_("network to travel on")))
    verb.add_argument("--store", metavar="S", help=t(N_("GeoPackage of the region")))


def option(verb: argparse.ArgumentParser, t: Translate) -> None:
    """Give a verb the option `--scenario`."""
    verb.add_argument(
        "--scenario", metavar="F.json", help=t(N_("answer with this scenario, checked against the laws of travel"))
    )


def answer(job: Any, request: Any, region: Region, file: str | None) -> Result:  # noqa: ANN401 - any job's module
    """Return a job's answer, with the scenario in `file` where there is one.

    Raises as the job does; InputError for the first modification that cannot be used. A result that breaks a law of
    travel bears it in `broken`, and its export is refused.
    """
    if file is None:
        result: Result = job.run(request, region)
        return result
    from geodata.scenarios import read_scenario
    from zoning.difference import compare
    from zoning.scenarios.region import ScenarioRegion

    return compare(job, request, region, ScenarioRegion(region, read_scenario(Path(file)).whole())).after


def _run(args: argparse.Namespace, t: Translate) -> int:
    from geodata.region import StoreRegion
    from geodata.scenarios import read_scenario
    from geodata.store import open_store
    from zoning.scenarios.content import hash_of
    from zoning.scenarios.model import KIND_OF
    from zoning.scenarios.region import ScenarioRegion, check

    reading = read_scenario(Path(args.file))
    scenario = reading.scenario
    region = StoreRegion(open_store(args.store))
    name = scenario.network or args.network or "strategic"
    faults = (*reading.faults, *check(scenario, region, name))
    plan = ScenarioRegion(region, scenario, strict=False).plan(name)
    title = scenario.title_vi if t(N_("Scenario")) != "Scenario" else scenario.title_en
    print(  # noqa: T201 - the command line speaks here
        t(N_("Scenario {id} ({title}): {count} modifications, hash {hash}")).format(
            id=scenario.id, title=title or "–", count=len(scenario.modifications), hash=hash_of(scenario)
        )
    )
    if scenario.open_year:
        words = N_("Open in {year}: {basis}")
        if scenario.year_inferred:
            words = N_("Open in {year}, inferred and not published: {basis}")
        print(t(words).format(year=scenario.open_year, basis=t(scenario.year_basis)))  # noqa: T201
    lost = {fault.values["item"] for fault in faults}
    for one in scenario.modifications:
        if one.id in lost:
            continue
        touched = plan.touched.get(one.id)
        words = t(N_("layers")) if touched is None else t(N_("{count} edges or streets")).format(count=touched)
        if one.id in plan.new.unused:
            words = t(N_("no interchange to enter and leave by: not travelled on"))
        print(f"  {one.id} [{KIND_OF[type(one)]}]: {words}")  # noqa: T201
    if not faults:
        return 0
    for fault in faults[:-1]:
        print(f"  {fault.text(t)}")  # noqa: T201
    raise faults[-1]
